"""The nightly reconciliation; the second entry goes on with an interrupted one and catches up on a missed one."""

from celery.schedules import crontab

SCHEDULE = {
    "nightly reconciliation": {
        "task": "reconciliation.reconcile",
        "schedule": crontab(hour=2, minute=0),
        "options": {"expires": 600},
    },
    "reconciliation": {"task": "reconciliation.reconcile", "schedule": 600.0, "options": {"expires": 600}},
}
