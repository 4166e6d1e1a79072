"""Reminders every hour."""

SCHEDULE = {
    "recalls unanswered": {"task": "recalls.remind", "schedule": 3600.0, "options": {"expires": 3600}},
}
