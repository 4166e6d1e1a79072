"""A real PostgreSQL and a real Redis-compatible server for the demo and the tests, from wheels, without root or Docker.

    from tools import embedded
    with embedded.running() as servers:
        servers.database_url, servers.owner_url, servers.redis_url

Production uses its own servers: `DATABASE_URL` and `REDIS_URL` win when they are set. Nothing here needs Django.
"""

from tools.embedded.errors import AlreadyRunning, EmbeddedError
from tools.embedded.pair import Servers, running

__all__ = ["AlreadyRunning", "EmbeddedError", "Servers", "running"]
