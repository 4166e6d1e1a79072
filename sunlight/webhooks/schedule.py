"""Deliveries that wait."""

SCHEDULE = {
    "webhooks": {"task": "webhooks.send", "schedule": 2.0, "options": {"expires": 5}},
}
