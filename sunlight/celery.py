"""Celery: the broker is a doorbell, PostgreSQL is the truth. Beat's schedule is code: each app's `schedule` module."""

import os

from celery import Celery
from django.conf import settings

from sunlight.kernel.modules import contributed, load

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sunlight.settings")

app = Celery("sunlight")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(lambda: [module.rpartition(".")[0] for module in contributed(settings.INSTALLED_APPS, "tasks")])


def scheduled() -> dict[str, dict]:
    """What the apps' and their rooms' `schedule` modules hold. Raises ValueError for an entry named twice.

    A task that has not started when it expires is dropped, so that a standstill leaves no queue behind. Busy workers
    must still get round to it: the short ones allow several of their periods."""
    entries: dict[str, dict] = {}
    for module in load(settings.INSTALLED_APPS, "schedule"):
        if twice := entries.keys() & module.SCHEDULE.keys():
            raise ValueError(f"{module.__name__}: {min(twice)} is scheduled twice")
        entries |= module.SCHEDULE
    return entries


app.conf.beat_schedule = scheduled()
