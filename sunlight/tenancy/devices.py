"""Known devices: browsers in which somebody has logged in entirely. Strangers who fail under their name do not lock them out.

The browser keeps a signed cookie with a random number of its own and a mark of each person known there. A mark is made with the
stored password, so that a new password makes all devices unknown. It opens nothing: password and second factor are asked for
as everywhere.
"""

import secrets

from django.core import signing
from django.utils.crypto import constant_time_compare, salted_hmac

from sunlight.tenancy import profile
from sunlight.tenancy.models import User

COOKIE = "sunlight_device"
# A ward's computer is everybody's; who logged in longest ago is forgotten.
MOST_PEOPLE = 8
_SALT = "sunlight.tenancy.devices"


def _mark(user: User) -> str:
    return salted_hmac(_SALT, f"{user.pk}:{user.password}", algorithm="sha256").hexdigest()[:32]


def _read(cookie: str) -> tuple[str, list[str]]:
    """(number of the device, marks of the people known there); ("", []) for what is no cookie of ours."""
    try:
        number, *marks = signing.loads(cookie, salt=_SALT, max_age=profile.current().device_for)
    except (signing.BadSignature, ValueError, TypeError):
        return "", []
    return number, marks


def device_of(user: User | None, cookie: str) -> str:
    """The number of the device where this person is known, "" where they are not."""
    if user is None or not cookie:
        return ""
    number, marks = _read(cookie)
    known = any(constant_time_compare(mark, _mark(user)) for mark in marks)
    return number if known else ""


def remembered(user: User, cookie: str) -> str:
    """The cookie of a browser in which this person has just logged in."""
    number, marks = _read(cookie)
    others = [mark for mark in marks if mark != _mark(user)][: MOST_PEOPLE - 1]
    return signing.dumps([number or secrets.token_hex(8), _mark(user), *others], salt=_SALT)
