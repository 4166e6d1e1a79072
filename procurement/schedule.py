"""Offers past their day; reminders of orders, before people come to work."""

from celery.schedules import crontab

SCHEDULE = {
    "offers past their day": {"task": "procurement.offers_sweep", "schedule": 60.0, "options": {"expires": 60}},
    "orders late": {"task": "procurement.orders_remind", "schedule": crontab(hour=7, minute=30)},
}
