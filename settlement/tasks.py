"""Going on with approved payment runs, every few seconds, one worker a platform at a time; reminding of what is due."""

from contextlib import contextmanager

from celery import shared_task
from django.db import connection

from settlement.services.execution import runs_execute
from settlement.services.reminders import payables_remind as remind
from sunlight import scope
from sunlight.tenancy.queries import open_platform_actors

# Payments of one run in one round: a round stays far below the five minutes a task may take.
CHUNK = 200


@contextmanager
def only_one(platform_id: int):
    """Whether this worker alone goes on with the platform's runs. The lock belongs to the connection, so a killed
    worker frees it; should two ever meet, the payments' own row locks still make each payment once."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(hashtext('settlement.runs'), %s)", [platform_id])
        alone = cursor.fetchone()[0]
    try:
        yield alone
    finally:
        if alone:
            with connection.cursor() as cursor:
                cursor.execute("select pg_advisory_unlock(hashtext('settlement.runs'), %s)", [platform_id])


@shared_task(name="settlement.remind_payables")
def payables_remind() -> int:
    """Say once of each payable that its day comes, and that it has passed."""
    told = 0
    for actor in open_platform_actors():
        with scope.opened(actor):
            told += remind(actor=actor, at=scope.now(actor.platform_code))
    return told


@shared_task(name="settlement.continue_runs")
def runs_continue() -> int:
    made = 0
    for actor in open_platform_actors():
        with only_one(actor.platform_id) as alone:
            if alone:
                made += runs_execute(actor=actor, at=scope.now(actor.platform_code), limit=CHUNK)
    return made
