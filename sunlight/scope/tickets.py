"""The ticket of a scope: who asks, for one transaction, with a mac that nobody makes who has not the process's key.

The database checks it at every statement (`scope/sql/ticket.sql`), so a statement inside a scope can neither widen it nor use
that of another transaction. Keys: the first of `SUNLIGHT_TICKET_KEY` writes tickets, every one of them is accepted once
`manage.py migrate` or `manage.py ticket_keys` has told the database.
"""

import hashlib
import hmac
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connections, transaction

# Of parties: platform and party in one number (`scope/wall.py`, `place`).
PLACES = 2**40
_BLOCK = 64  # bytes, of SHA-256
_INNER, _OUTER = 0x36, 0x5C  # of HMAC


@dataclass(frozen=True, slots=True)
class Claims:
    """What a ticket says: the database role, whom it stands for, who acts for which organisation (`person:9:7`), and the
    people they may act for. Lists are in PostgreSQL's words; numbers are 0 and the parts of `who` empty where there is
    nobody."""

    role: str
    platform: int = 0
    party: int = 0
    platforms: str = "{}"
    regions: str = "{}"
    who: str = "::"
    people: str = "{0}"


def ticket(claims: Claims, transaction: str) -> str:
    """The claims with their mac, for the transaction that the database calls `transaction`. Raises ImproperlyConfigured
    where the process has no key."""
    text = (
        f"{claims.role}|{transaction}|{claims.platform}|{claims.party}|{claims.platforms}|{claims.regions}"
        f"|{claims.platform * PLACES + claims.party}|{claims.who}|{claims.people}"
    )
    return f"{text}|{hmac.digest(_key(), text.encode(), 'sha256').hex()}"


def pads(secret: str) -> tuple[bytes, bytes]:
    """What the database keeps of a key: the inner and the outer block of HMAC."""
    block = _key_of(secret).ljust(_BLOCK, b"\0")
    return bytes(each ^ _INNER for each in block), bytes(each ^ _OUTER for each in block)


def tell_the_database(alias: str) -> int:
    """As the owner: from now on the database accepts tickets by the first two keys and no others; returns how many that
    are. Nothing where the schema is not there (yet)."""
    keys = [pads(secret) for secret in settings.TICKET_KEYS[:2]]
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        cursor.execute("select to_regclass('sun_secret.ticket_key') is not null")
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute("delete from sun_secret.ticket_key")
        cursor.execute(
            "insert into sun_secret.ticket_key values (%s, %s, %s, %s)",
            [each for pair in (*keys, (None, None), (None, None))[:2] for each in pair],
        )
    return len(keys)


def _key() -> bytes:
    if not settings.TICKET_KEYS:
        raise ImproperlyConfigured("SUNLIGHT_TICKET_KEY is not set: no scope can be opened")
    return _key_of(settings.TICKET_KEYS[0])


@cache
def _key_of(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
