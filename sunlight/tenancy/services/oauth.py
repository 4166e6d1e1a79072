"""Machines by OAuth 2 client credentials (RFC 6749, 4.4): clients that an organisation's administrator makes, their secrets,
and the short-lived opaque tokens they fetch."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from sunlight import scope
from sunlight.journal.declared import EventType
from sunlight.journal.refusals import Conflict, Forbidden, Invalid
from sunlight.journal.services import record, service
from sunlight.kernel import reading
from sunlight.scope import Actor
from sunlight.scope.roles import ADMINS
from sunlight.tenancy.events import (
    OAUTH_CLIENT_CREATED,
    OAUTH_CLIENT_DISABLED,
    OAUTH_CLIENT_ENABLED,
    OAUTH_SECRET_ROTATED,
)
from sunlight.tenancy.models import OAuthClient, OAuthSecret, OAuthToken
from sunlight.tenancy.queries.clients import (
    lock_oauth_client,
    oauth_client_by_id,
    oauth_clients_visible_to,
    oauth_secrets_of,
    scopes_of,
)

TOKEN_LIFE, OVERLAP = timedelta(minutes=30), timedelta(days=7)
MOST_CLIENTS = 20
_CLIENT_ID = re.compile(r"sc_[A-Za-z0-9_-]{16,36}")


class OAuthRefused(Exception):
    """A token request refused, with RFC 6749's error code."""

    def __init__(self, code: str, description: str):
        super().__init__(description)
        self.code, self.description = code, description


def _only_people(actor: Actor) -> None:
    """An administrator in person: a machine that could make machines would widen its own rights."""
    if not actor.has(*ADMINS) or actor.user_id is None:
        raise Forbidden("not_your_duty", "只有本单位管理员本人（不是接口）可以管理接口客户端。请登录后操作。")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@service
def oauth_client_create(*, actor: Actor, at: datetime, name: str, scopes: Collection[str]) -> tuple[OAuthClient, str]:
    """A client of the actor's organisation on the actor's platform; returns it and its secret, which is shown this once.
    Raises Forbidden, Invalid for scopes that are no roles of the organisation's kind, Conflict above twenty."""
    _only_people(actor)
    name = reading.text(name, "name", "名称", most=80)
    offered = {str(role) for role in scopes_of(actor.kind)}
    if not scopes or not set(scopes) <= offered:
        raise Invalid("client_scopes", "请至少选择一个岗位权限，且只能选择本类机构的岗位。", field="scopes")
    if oauth_clients_visible_to(actor).count() >= MOST_CLIENTS:
        raise Conflict("too_many_clients", f"每个单位最多 {MOST_CLIENTS} 个接口客户端。请改用已有的客户端。")
    client = OAuthClient.objects.create(
        organisation_id=actor.organisation_id,
        platform_id=actor.platform_id,
        name=name,
        client_id=f"sc_{secrets.token_urlsafe(18)}",
        scopes=sorted(set(scopes)),
        created_at=at,
        **scope.by(actor, "created"),
    )
    secret = _secret_made(client, actor, at)
    _record(OAUTH_CLIENT_CREATED, client, actor, at)
    return client, secret


@service
def oauth_client_rotate(*, actor: Actor, at: datetime, client_pk: int) -> tuple[OAuthClient, str]:
    """A new secret, shown this once; those before end in seven days. Raises Forbidden, NotThere."""
    _only_people(actor)
    client = lock_oauth_client(actor, client_pk)
    OAuthSecret.objects.filter(client=client, ends_at=None).update(ends_at=at + OVERLAP)
    secret = _secret_made(client, actor, at)
    _record(OAUTH_SECRET_ROTATED, client, actor, at)
    return client, secret


@service
def oauth_client_disable(*, actor: Actor, at: datetime, client_pk: int) -> OAuthClient:
    """From now on neither its secrets nor the tokens it holds open anything. Raises Forbidden, NotThere, Conflict."""
    return _switch(actor, at, client_pk, at, OAUTH_CLIENT_DISABLED)


@service
def oauth_client_enable(*, actor: Actor, at: datetime, client_pk: int) -> OAuthClient:
    """Its secrets fetch tokens again. Raises Forbidden, NotThere, Conflict."""
    return _switch(actor, at, client_pk, None, OAUTH_CLIENT_ENABLED)


def _switch(actor: Actor, at: datetime, client_pk: int, disabled_at: datetime | None, event: EventType) -> OAuthClient:
    _only_people(actor)
    client = lock_oauth_client(actor, client_pk)
    if (client.disabled_at is None) == (disabled_at is None):
        raise Conflict("client_already", "该接口客户端已是所要的状态。请刷新页面查看。")
    client.disabled_at, client.version = disabled_at, client.version + 1
    client.save(update_fields=["disabled_at", "version"])
    _record(event, client, actor, at)
    return client


def _secret_made(client: OAuthClient, actor: Actor, at: datetime) -> str:
    """A new secret, which `actor` has then seen: behind what the machine does stands they too."""
    secret = f"scs_{secrets.token_urlsafe(32)}"
    OAuthSecret.objects.create(client=client, secret_hash=_hash(secret), created_at=at, **scope.by(actor, "created"))
    return secret


def _record(event: EventType, client: OAuthClient, actor: Actor, at: datetime) -> None:
    record(
        event,
        subject=client.id,
        actor=actor,
        at=at,
        version=client.version,
        parties=[client.organisation_id],
        payload={"name": client.name, "client_id": client.client_id, "scopes": list(client.scopes)},
    )


def oauth_token_issue(*, client_id: str, secret: str, wanted: str, at: datetime) -> tuple[str, frozenset[str]]:
    """A token for a client that shows its secret: the token, which is kept nowhere, and its scopes (`wanted` by spaces,
    or all the client has). Call it in the login scope. Raises OAuthRefused. A failed try is no failed login: a system
    with a stale secret must not lock out the people who share its address."""
    found = oauth_client_by_id(client_id) if _CLIENT_ID.fullmatch(client_id) else None
    # Hashed and compared whether there is such a client or not.
    given = _hash(secret)
    known = [row.secret_hash for row in oauth_secrets_of(found, at)] if found else ["0" * 64]
    fits = any(hmac.compare_digest(given, each) for each in known)
    if found is None or not fits:
        raise OAuthRefused("invalid_client", "客户端不存在、已停用或密钥不正确。")
    scopes = frozenset(wanted.split()) or frozenset(found.scopes)
    if not scopes <= frozenset(found.scopes):
        raise OAuthRefused("invalid_scope", "请求的 scope 超出该客户端的权限。")
    token = f"sot_{secrets.token_urlsafe(32)}"
    OAuthToken.objects.create(
        client=found, token_hash=_hash(token), roles=sorted(scopes), issued_at=at, expires_at=at + TOKEN_LIFE
    )
    return token, scopes


def oauth_tokens_clear(*, at: datetime) -> int:
    """Remove tokens that expired a day ago or more; opens the login scope. Returns how many."""
    with scope.login_scope():
        return OAuthToken.objects.filter(expires_at__lt=at - timedelta(days=1)).delete()[0]
