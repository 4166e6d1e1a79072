"""How many calls a client may make: a window of a minute per client in Redis, a profile per kind of client.

The limit protects the platform from a client that runs wild; it decides nothing of the trade. So it fails open: without
Redis every call passes, and `sunlight_api_limiter_away_total` says so.
"""

import time
from dataclasses import dataclass

import redis
from django.conf import settings
from prometheus_client import Counter
from rest_framework.exceptions import APIException

from sunlight.scope import Actor

WINDOW = 60
AWAY = Counter("sunlight_api_limiter_away", "API calls let through unlimited because Redis did not answer")
LIMITED = Counter("sunlight_api_limited", "API calls refused with 429", ["profile"])
# One round trip, and the window begins with its first call: no clock of ours is asked.
_SPEND = """
local used = redis.call('INCRBY', KEYS[1], ARGV[1])
if used == tonumber(ARGV[1]) then redis.call('EXPIRE', KEYS[1], ARGV[2]) end
return {used, redis.call('TTL', KEYS[1])}
"""
# Redis that hangs must not hang us: a short wait, then some seconds without asking.
_PATIENCE, _PAUSE = 0.2, 5.0


@dataclass(frozen=True)
class Window:
    """What a client has of its minute: `limit` calls, `remaining` of them, `reset` seconds until it begins anew."""

    limit: int
    remaining: int
    reset: int

    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
            "RateLimit-Policy": f"{self.limit};w={WINDOW}",
        }


class TooMany(APIException):
    status_code, default_code = 429, "rate_limited"

    def __init__(self, window: Window):
        super().__init__(
            f"每分钟最多调用 {window.limit} 次，已用完。请在 {window.reset} 秒后重试；大批业务请使用批量接口。"
        )
        self.window, self.wait = window, window.reset


def profile_of(actor: Actor) -> str:
    """Whose limit counts: `anonymous`, `person`, or a machine's by the kind of its organisation."""
    if not actor.is_authenticated:
        return "anonymous"
    if actor.principal is not None and actor.principal.is_machine:
        return str(actor.kind).lower()
    return "person"


def client_key(actor: Actor, address: str) -> str:
    """Each machine and each person counts for itself; who has not said who they are counts by address."""
    if not actor.is_authenticated:
        return f"address:{address}"
    return f"{actor.platform_id}:{actor.organisation_id}:{actor.principal}"


class _Meter:
    def __init__(self):
        self.server, self.script, self.url, self.silent_until = None, None, "", 0.0

    def spend(self, key: str, cost: int) -> tuple[int, int] | None:
        """(calls of this window, seconds until it ends), or None where Redis is away."""
        if time.monotonic() < self.silent_until:
            return None
        try:
            if self.url != settings.REDIS_URL:
                self.server = redis.Redis.from_url(
                    settings.REDIS_URL, socket_timeout=_PATIENCE, socket_connect_timeout=_PATIENCE
                )
                self.script, self.url = self.server.register_script(_SPEND), settings.REDIS_URL
            used, reset = self.script(keys=[f"sunlight:rate:{key}"], args=[cost, WINDOW])
        except (redis.RedisError, OSError, ValueError):
            self.silent_until = time.monotonic() + _PAUSE
            return None
        return int(used), max(1, int(reset))


meter = _Meter()


def spend(actor: Actor, address: str, cost: int = 1) -> Window | None:
    """Take `cost` calls of the client's minute; None where there is no limit or Redis is away. Raises TooMany."""
    profile = profile_of(actor)
    limit = settings.API_RATE_LIMITS.get(profile, 0)
    if not limit:
        return None
    answer = meter.spend(f"{profile}:{client_key(actor, address)}", cost)
    if answer is None:
        AWAY.inc()
        return None
    used, reset = answer
    window = Window(limit, max(0, limit - used), reset)
    if used > limit:
        LIMITED.labels(profile).inc()
        raise TooMany(window)
    return window
