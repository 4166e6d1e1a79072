"""Payment runs; changed accounts; ended holds; reminders of what is due, before people come to work."""

from celery.schedules import crontab

SCHEDULE = {
    "changed accounts": {"task": "settlement.start_changed_accounts", "schedule": crontab(hour=0, minute=10)},
    "holds ended": {"task": "settlement.end_holds", "schedule": crontab(hour=0, minute=20)},
    "payments due": {"task": "settlement.remind_payables", "schedule": crontab(hour=7, minute=35)},
    "invoices to verify": {"task": "settlement.verify_invoices", "schedule": 60.0, "options": {"expires": 120}},
    "payment runs": {"task": "settlement.continue_runs", "schedule": 5.0, "options": {"expires": 30}},
}
