"""Celery: the broker is a doorbell, PostgreSQL is the truth. Beat's schedule is code."""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sunlight.settings")

app = Celery("sunlight")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# What is not begun when it expires is dropped, so that a standstill leaves no queue behind. Busy workers must still get
# round to it: the short ones allow several of their periods.
app.conf.beat_schedule = {
    "deliver events": {"task": "tenancy.deliver_events", "schedule": 1.0, "options": {"expires": 15}},
    "seal events": {"task": "tenancy.seal_events", "schedule": 1.0, "options": {"expires": 15}},
    "code feeds": {"task": "pricing.update_code_feeds", "schedule": 2.0, "options": {"expires": 5}},
    "offers past their day": {"task": "procurement.offers_sweep", "schedule": 60.0, "options": {"expires": 60}},
    "jobs": {"task": "jobs.run", "schedule": 2.0, "options": {"expires": 10}},
    "forgotten jobs": {
        "task": "jobs.clear",
        "schedule": crontab(hour=3, minute=40),
        "options": {"expires": 3600},
    },
    "webhooks": {"task": "webhooks.send", "schedule": 2.0, "options": {"expires": 5}},
    "fetched tokens that ended": {
        "task": "tenancy.clear_fetched_tokens",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "publications past their day": {
        "task": "publicity.end_terms",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "mails that wait": {"task": "messages.send_mails", "schedule": 30.0, "options": {"expires": 30}},
    # Reminders, before people come to work; what was missed is said with the next.
    "orders late": {"task": "procurement.orders_remind", "schedule": crontab(hour=7, minute=30)},
    "payments due": {"task": "settlement.remind_payables", "schedule": crontab(hour=7, minute=35)},
    "certificates that end": {"task": "catalog.remind_certificates", "schedule": crontab(hour=7, minute=40)},
    # CELERY_TIMEZONE is Asia/Shanghai. What does not come tonight is made up for by the next entry.
    "nightly run": {
        "task": "pricing.run_nightly",
        "schedule": crontab(hour=0, minute=30),
        "options": {"expires": 6 * 3600},
    },
    "price information": {
        "task": "pricing.publish_price_information",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "sessions that ended": {
        "task": "tenancy.clear_sessions",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "payment runs": {"task": "settlement.continue_runs", "schedule": 5.0, "options": {"expires": 30}},
}
