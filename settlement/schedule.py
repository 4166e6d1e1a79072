"""Payment runs; changed accounts; reminders of what is due, before people come to work."""

from celery.schedules import crontab

SCHEDULE = {
    "changed accounts": {"task": "settlement.start_changed_accounts", "schedule": crontab(hour=0, minute=10)},
    "payments due": {"task": "settlement.remind_payables", "schedule": crontab(hour=7, minute=35)},
    "invoices to verify": {"task": "settlement.verify_invoices", "schedule": 60.0, "options": {"expires": 120}},
    "payment runs": {"task": "settlement.continue_runs", "schedule": 5.0, "options": {"expires": 30}},
}
