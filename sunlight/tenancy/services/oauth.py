"""Machines by OAuth 2 client credentials (RFC 6749, 4.4): clients that an organisation's administrator makes, their secrets,
and the short-lived opaque tokens they fetch."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sunlight import scope
from sunlight.journal.declared import EventType
from sunlight.journal.refusals import Conflict, Forbidden, Invalid
from sunlight.journal.services import record, service
from sunlight.kernel import reading
from sunlight.scope import Actor, Role
from sunlight.scope.roles import ADMINS
from sunlight.tenancy.access import AccessChange
from sunlight.tenancy.changes import Lines, change_kind
from sunlight.tenancy.events import (
    OAUTH_CLIENT_CREATED,
    OAUTH_CLIENT_DISABLED,
    OAUTH_CLIENT_ENABLED,
    OAUTH_CLIENT_ROLE_ADDED,
    OAUTH_SECRET_ROTATED,
)
from sunlight.tenancy.models import Membership, OAuthClient, OAuthSecret, OAuthToken
from sunlight.tenancy.queries.clients import (
    lock_oauth_client,
    oauth_client_by_id,
    oauth_clients_visible_to,
    oauth_secrets_of,
    scopes_of,
)
from sunlight.tenancy.queries.machines import colleagues
from sunlight.tenancy.services.changes import change_ask
from sunlight.tenancy.services.machines import duty_make

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
def oauth_client_create(
    *, actor: Actor, at: datetime, name: str, scopes: Collection[str], answers: Mapping[str, int | str] | None = None
) -> AccessChange:
    """Ask for a client of the actor's organisation on the actor's platform: it is made once a second administrator has
    confirmed it, and has no secret until somebody takes one (`oauth_client_rotate`). `answers` names, for each scope, the
    membership of the person asked to answer for it; until they have confirmed it the client may do nothing in that role.
    Raises Forbidden, Invalid for scopes that no machine of this kind may have, Conflict above twenty."""
    _only_people(actor)
    name = reading.text(name, "name", "名称", most=80)
    asked = _asked(actor, scopes, answers or {})
    if oauth_clients_visible_to(actor).count() >= MOST_CLIENTS:
        raise Conflict("too_many_clients", f"每个单位最多 {MOST_CLIENTS} 个接口客户端。请改用已有的客户端。")
    return change_ask(
        actor=actor,
        at=at,
        kind=CLIENT_MADE,
        title=f"建立接口客户端“{name}”",
        facts={"name": name, "answers": asked},
        told_roles=[*ADMINS, *asked],
    )


def _asked(actor: Actor, scopes: Collection[str], answers: Mapping[str, int | str]) -> dict[str, int]:
    """Each scope with the membership of whoever is asked to answer for it. Raises Invalid, with all faults at once."""
    offered = {str(role) for role in scopes_of(actor.kind)}
    if not scopes or not set(scopes) <= offered:
        raise Invalid(
            "client_scopes",
            "请至少选择一个岗位权限，且只能选择本类机构的业务岗位；管理员岗位不能授予接口。",
            field="scopes",
        )
    people, read = colleagues(actor), reading.Collected()
    found = {}
    for role in sorted(set(scopes)):
        found[role] = read(_answerer, people, role, answers.get(role))
    read.check()
    return found


def _answerer(people: Mapping[int, Membership], role: str, typed: int | str | None) -> int:
    label = Role(role).label
    membership_id = reading.row_id(typed, f"answers_{role}", f"“{label}”的负责人")
    if membership_id not in people or role not in people[membership_id].roles:
        raise reading.Unreadable(
            "machine_duty_person", f"请为“{label}”选择一位担任该岗位的本单位人员负责。", f"answers_{role}"
        )
    return membership_id


def _client_made(*, change: AccessChange, actor: Actor, at: datetime) -> None:
    """Once confirmed: the client, made by whoever asked for it, and the people asked to answer for it."""
    answers = change.facts["answers"]
    with scope.elevated(actor):
        client = OAuthClient.objects.create(
            organisation_id=change.organisation_id,
            platform_id=change.platform_id,
            name=change.facts["name"],
            client_id=f"sc_{secrets.token_urlsafe(18)}",
            scopes=sorted(answers),
            created_at=at,
            **scope.by(change.asked_by, "created"),
        )
        for role, membership_id in answers.items():
            duty_make(client, role, membership_id, actor=actor, at=at)
    _record(OAUTH_CLIENT_CREATED, client, actor, at)


@service
def oauth_client_role_add(
    *, actor: Actor, at: datetime, client_pk: int, role: str, membership_id: int | str
) -> AccessChange:
    """Ask for one more role of a client, and for somebody to answer for it; confirmed by a second administrator. Raises
    Forbidden, NotThere, Invalid, Conflict for a role it has."""
    _only_people(actor)
    client = lock_oauth_client(actor, client_pk)
    asked = _asked(actor, [role], {role: membership_id})
    if role in client.scopes:
        raise Conflict("client_has_role", "该客户端已有这个岗位权限。如需更换负责人，请在职责一栏另行指定。")
    return change_ask(
        actor=actor,
        at=at,
        kind=CLIENT_ROLE,
        title=f"为接口客户端“{client.name}”增加岗位“{Role(role).label}”",
        facts={"client": client.pk, "name": client.name, "answers": asked},
        told_roles=[*ADMINS, role],
    )


def _client_role_added(*, change: AccessChange, actor: Actor, at: datetime) -> None:
    with scope.elevated(actor):
        client = OAuthClient.objects.select_for_update().get(pk=change.facts["client"])
        client.scopes = sorted({*client.scopes, *change.facts["answers"]})
        client.version += 1
        client.save(update_fields=["scopes", "version"])
        for role, membership_id in change.facts["answers"].items():
            duty_make(client, role, membership_id, actor=actor, at=at)
    _record(OAUTH_CLIENT_ROLE_ADDED, client, actor, at)


def _lines(facts: dict) -> Lines:
    with scope.login_scope():
        rows = Membership.objects.filter(pk__in=facts["answers"].values())
        names = dict(rows.values_list("pk", "user__name"))
    return [
        ("名称", facts["name"]),
        *((f"岗位 {Role(role).label}", f"负责人 {names.get(each, '')}") for role, each in facts["answers"].items()),
    ]


CLIENT_MADE = change_kind("oauth_client", "建立接口客户端", apply=_client_made, shown=_lines)
CLIENT_ROLE = change_kind("oauth_client_role", "增加接口客户端的岗位", apply=_client_role_added, shown=_lines)


@service
def oauth_client_rotate(*, actor: Actor, at: datetime, client_pk: int) -> tuple[OAuthClient, str]:
    """A new secret (also the first), shown this once; those before end in seven days. Whoever takes it knows it and is from
    then on the same person as the machine, whoever answers for it. Raises Forbidden, NotThere."""
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
