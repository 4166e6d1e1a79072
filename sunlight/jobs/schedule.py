"""Jobs that wait, and those nobody comes back to."""

from celery.schedules import crontab

SCHEDULE = {
    "jobs": {"task": "jobs.run", "schedule": 2.0, "options": {"expires": 10}},
    "forgotten jobs": {"task": "jobs.clear", "schedule": crontab(hour=3, minute=40), "options": {"expires": 3600}},
}
