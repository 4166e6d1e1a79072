"""Publications past their day."""

SCHEDULE = {
    "publications past their day": {"task": "publicity.end_terms", "schedule": 60.0, "options": {"expires": 60}},
}
