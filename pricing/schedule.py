"""Code feeds and price information."""

from celery.schedules import crontab

SCHEDULE = {
    "code feeds": {"task": "pricing.update_code_feeds", "schedule": 2.0, "options": {"expires": 5}},
    # CELERY_TIMEZONE is Asia/Shanghai. The next entry catches up on what did not run tonight.
    "nightly run": {
        "task": "pricing.run_nightly",
        "schedule": crontab(hour=0, minute=30),
        "options": {"expires": 6 * 3600},
    },
    "price information": {"task": "pricing.publish_price_information", "schedule": 600.0, "options": {"expires": 600}},
}
