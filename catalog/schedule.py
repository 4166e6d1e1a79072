"""Reminders of certificates, before people come to work; what was missed is said with the next."""

from celery.schedules import crontab

SCHEDULE = {
    "certificates that end": {"task": "catalog.remind_certificates", "schedule": crontab(hour=7, minute=40)},
}
