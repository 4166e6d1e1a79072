"""Steps past their day."""

SCHEDULE = {
    "steps past their day": {"task": "deadlines.pass", "schedule": 60.0, "options": {"expires": 60}},
}
