"""Letters that wait for somebody to be there, or past their last day."""

SCHEDULE = {
    "letters undelivered or silent": {"task": "letters.sweep", "schedule": 300.0, "options": {"expires": 300}},
}
