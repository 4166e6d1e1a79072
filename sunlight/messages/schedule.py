"""Mails that wait."""

SCHEDULE = {
    "mails that wait": {"task": "messages.send_mails", "schedule": 30.0, "options": {"expires": 30}},
}
