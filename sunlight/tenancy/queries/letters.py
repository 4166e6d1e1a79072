"""Links that were sent to the owner of an account."""

import hashlib
import re
from datetime import datetime

from sunlight import scope
from sunlight.journal.refusals import Invalid
from sunlight.scope import Actor, Client
from sunlight.tenancy.access import AccountLetter
from sunlight.tenancy.queries.actors import memberships_of, system_actor

_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def link_open(secret: str, at: datetime, *, lock: bool = False) -> AccountLetter:
    """The link that this secret opens, with its account; it is not used up. Call it in the login scope. Raises Invalid, in
    the same words for one that was never made, was used, was replaced or has ended."""
    found = None
    if _SECRET.fullmatch(secret):
        rows = AccountLetter.objects.select_related("user").exclude(purpose="")
        if lock:
            rows = rows.select_for_update(of=("self",))
        good = rows.filter(digest=digest_of(secret), used_at=None, expires_at__gt=at)
        found = good.filter(user__is_active=True, user__is_demo=False).first()
    if found is None:
        raise Invalid(
            "link_unfit",
            "链接不正确、已使用过或已过期。请联系本单位管理员重新发送，并使用最近收到的一条。",
            field="code",
        )
    return found


def link_behind(secret: str, client: Client, at: datetime) -> tuple[AccountLetter, Actor]:
    """The link, and the system of the platform where its owner works, which acts on behalf of whoever shows it. Raises
    Invalid. Opens the login scope."""
    with scope.login_scope():
        letter = link_open(secret, at)
        mine = memberships_of(letter.user_id)
    if not mine:
        raise Invalid("no_roles", "您的账号目前没有任何岗位，请联系本单位管理员。", field="code")
    return letter, system_actor(mine[0].platform, client)


def links_waiting(user_ids, at: datetime) -> set[int]:
    """Of these accounts, those to whose owner a link is on its way or open. Opens the login scope."""
    with scope.login_scope():
        rows = AccountLetter.objects.filter(user_id__in=list(user_ids), used_at=None).exclude(purpose="")
        rows = rows.filter(expires_at__gt=at) | rows.filter(next_try_at__isnull=False)
        return set(rows.values_list("user_id", flat=True))
