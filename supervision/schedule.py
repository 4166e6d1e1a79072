"""The checkpoint of the day: asked for every hour, told once a day; an hour in which no mail server answered loses nothing."""

from celery.schedules import crontab

SCHEDULE = {
    "checkpoint of the day": {
        "task": "supervision.send_checkpoints",
        "schedule": crontab(minute=20),
        "options": {"expires": 3000},
    },
}
