"""Events on their way, sessions and tokens that ended."""

SCHEDULE = {
    "deliver events": {"task": "tenancy.deliver_events", "schedule": 1.0, "options": {"expires": 15}},
    "seal events": {"task": "tenancy.seal_events", "schedule": 1.0, "options": {"expires": 15}},
    "fetched tokens that ended": {
        "task": "tenancy.clear_fetched_tokens",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "changes of rights nobody decided": {
        "task": "tenancy.expire_changes",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "letters to owners of accounts": {"task": "tenancy.send_letters", "schedule": 5.0, "options": {"expires": 30}},
    "sessions that ended": {"task": "tenancy.clear_sessions", "schedule": 3600.0, "options": {"expires": 3600}},
}
