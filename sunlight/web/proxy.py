"""Noticing a proxy that nobody told us of: then every visitor has its address, and one who fails locks all of them.

Anybody can write the header, so it changes nothing: it is told once a process, `/readyz` hints at it, and `manage.py doctor`,
another process, learns of it through Redis.
"""

import logging
from contextlib import suppress

import redis
from django.conf import settings

log = logging.getLogger("sunlight.proxy")

KEY, SECONDS = "sunlight:proxy-unnamed", 24 * 3600
_told: list[bool] = []


def _server() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)


def came_through_one() -> None:
    """A request carries `X-Forwarded-For`, and the number of our proxies is 0."""
    if _told:
        return
    _told.append(True)
    log.warning(
        "X-Forwarded-For arrives, but SUNLIGHT_PROXY_COUNT is 0: every visitor is counted under the proxy's address"
    )
    with suppress(redis.RedisError, OSError, ValueError), _server() as server:
        server.set(KEY, "1", ex=SECONDS)


def seen_here() -> bool:
    """Whether such a request came to this process."""
    return bool(_told) and not settings.PROXY_COUNT


def seen_lately() -> bool:
    """Whether such a request came to any process of ours within a day."""
    if settings.PROXY_COUNT:
        return False
    with suppress(redis.RedisError, OSError, ValueError), _server() as server:
        return bool(_told) or server.get(KEY) is not None
    return bool(_told)
