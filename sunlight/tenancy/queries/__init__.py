"""Who somebody is: actors made from memberships and tokens; regions, platforms and organisations."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from sunlight import scope
from sunlight.journal.refusals import NotThere
from sunlight.scope import Actor, Client, Role
from sunlight.scope.actor import ANONYMOUS
from sunlight.scope.principal import SYSTEM, Acted, Principal, PrincipalKind, person
from sunlight.scope.roles import ROLE_LABELS, OrganisationKind
from sunlight.tenancy.models import (
    ApiToken,
    BankAccount,
    HospitalLevel,
    Membership,
    OAuthClient,
    OAuthSecret,
    OAuthToken,
    Organisation,
    Ownership,
    Platform,
    Region,
    Registration,
)
from sunlight.tenancy.queries.people import (
    Person,
    access_member,
    cared_for,
    factors_of,
    initial_password_lapsed,
    lock_login,
    login_locked_until,
    members_of,
    members_to_look_after,
    password_is_due,
    people_of,
    people_with,
    people_with_factors,
    recovery_codes_left,
    second_factor_required,
    sessions_of,
    username_taken,
)

__all__ = [
    "CLIENT_NUMBERS",
    "Person",
    "access_member",
    "actor_again",
    "actor_of_membership",
    "actor_of_token",
    "all_region_ids",
    "cared_for",
    "default_bank_accounts",
    "demo_accounts",
    "factors_of",
    "hospitals_by_code",
    "hospitals_of",
    "initial_password_lapsed",
    "lock_login",
    "lock_oauth_client",
    "login_locked_until",
    "members_of",
    "members_to_look_after",
    "memberships_of",
    "oauth_client_by_id",
    "oauth_clients_visible_to",
    "oauth_secrets_of",
    "open_platform_actors",
    "open_platforms",
    "owners_of_accounts",
    "ownership_choices",
    "password_is_due",
    "people_of",
    "people_with",
    "people_with_factors",
    "platform_by_code",
    "recovery_codes_left",
    "regions_under",
    "scopes_of",
    "second_factor_required",
    "sessions_of",
    "system_actor",
    "username_taken",
]


def regions_under(code: str) -> tuple[int, ...]:
    """Ids of the region `code` and everything below it."""
    return tuple(
        Region.objects.filter(code=code)
        .union(Region.objects.filter(code__startswith=f"{code}-"))
        .values_list("id", flat=True)
    )


def all_region_ids() -> tuple[int, ...]:
    return tuple(Region.objects.order_by("id").values_list("id", flat=True))


def platform_by_code(code: str) -> Platform:
    """Raises Platform.DoesNotExist for an unknown code."""
    return Platform.objects.select_related("region").get(code=code)


def open_platforms() -> list[Platform]:
    return list(Platform.objects.select_related("region").filter(is_open=True).order_by("code"))


def system_actor(platform: Platform, client: Client | None = None) -> Actor:
    """The platform itself: sweeps, nightly runs, seeds."""
    return Actor(
        kind=None,
        platform_id=platform.id,
        platform_code=platform.code,
        principal=SYSTEM,
        user_name="系统",
        roles=frozenset({Role.SYSTEM}),
        platform_ids=(platform.id,),
        region_ids=all_region_ids(),
        region_code=platform.region.code,
        drafts=platform.drafts,
        client=client or Client(agent="system"),
    )


def _actor(
    organisation: Organisation, platform: Platform, roles, *, principal: Principal, name: str, client: Client
) -> Actor:
    kind = OrganisationKind(organisation.kind)
    platforms: tuple[int, ...] = (platform.id,)
    if kind is OrganisationKind.REGULATOR:
        regions = regions_under(organisation.region.code)
        platforms = tuple(Platform.objects.filter(region_id__in=regions).values_list("id", flat=True)) or (platform.id,)
    else:
        regions = all_region_ids()
    return Actor(
        kind=kind,
        platform_id=platform.id,
        platform_code=platform.code,
        organisation_id=organisation.id,
        organisation_name=organisation.name,
        principal=principal,
        user_name=name,
        roles=frozenset(Role(r) for r in roles),
        platform_ids=platforms,
        region_ids=regions,
        region_code=platform.region.code,
        authority=organisation.authority,
        drafts=platform.drafts,
        client=client,
    )


def memberships_of(user_id: int) -> list[Membership]:
    """To be called in the login scope: the active memberships of a user, for choosing which hat to wear."""
    return list(
        Membership.objects.select_related("organisation__region", "platform__region", "user")
        .filter(user_id=user_id, is_active=True, user__is_active=True, platform__is_open=True)
        .order_by("platform__code", "organisation_id")
    )


def actor_of_membership(membership: Membership, client: Client) -> Actor:
    user = membership.user
    return _actor(
        membership.organisation,
        membership.platform,
        membership.roles,
        principal=person(user.id),
        name=user.name,
        client=client,
    )


def actor_of_token(secret: str, client: Client, at: datetime) -> Actor | None:
    """To be called in the login scope: the machine that holds `secret`, or None if unknown, expired or revoked."""
    digest = hashlib.sha256(secret.encode()).hexdigest()
    if secret.startswith("sot_"):
        fetched = _fetched_tokens(at).filter(token_hash=digest).first()
        return None if fetched is None else _actor_of_client(fetched.client, fetched.roles, client)
    token = _tokens(at).filter(token_hash=digest).first()
    return None if token is None else _actor_of(token, client)


def _fetched_tokens(at: datetime):
    """The tokens fetched by clients that are not disabled."""
    rows = OAuthToken.objects.select_related("client__organisation__region", "client__platform__region")
    return rows.filter(expires_at__gt=at, client__disabled_at=None, client__platform__is_open=True)


def _actor_of_client(found: OAuthClient, roles: Iterable[str], client: Client) -> Actor:
    # One machine however many tokens it fetches: four eyes must not be had by fetching twice.
    held = set(roles) & set(found.scopes)
    principal = Principal(PrincipalKind.CLIENT, found.id)
    return _actor(
        found.organisation, found.platform, held, principal=principal, name=f"接口 {found.name}", client=client
    )


def _tokens(at: datetime):
    """The tokens that hold."""
    rows = ApiToken.objects.select_related("organisation__region", "platform__region")
    return rows.filter(revoked_at=None, expires_at__gt=at, platform__is_open=True)


def _actor_of(token: ApiToken, client: Client) -> Actor:
    # Each machine is somebody of its own: four eyes tell two tokens apart, and a token from every person.
    principal = Principal(PrincipalKind.TOKEN, token.id)
    return _actor(
        token.organisation, token.platform, token.roles, principal=principal, name=f"接口 {token.name}", client=client
    )


def actor_again(
    *, platform_id: int, organisation_id: int | None, who: Acted | None, client: Client, at: datetime
) -> Actor | None:
    """Who began something earlier, with the roles they have now, or None if they may do nothing here any more; the
    platform itself where nobody did. Opens the login scope."""
    principal = who.principal if who else SYSTEM
    with scope.login_scope():
        if principal == SYSTEM:
            platform = Platform.objects.select_related("region").filter(id=platform_id, is_open=True).first()
            return system_actor(platform, client) if platform and organisation_id is None else None
        if principal.kind == PrincipalKind.CLIENT:
            rows = OAuthClient.objects.select_related("organisation__region", "platform__region")
            found = rows.filter(id=principal.id, disabled_at=None, platform__is_open=True).first()
            return _actor_of_client(found, found.scopes, client) if found is not None else None
        if principal.kind == PrincipalKind.TOKEN:
            token = _tokens(at).filter(id=principal.id).first()
            return _actor_of(token, client) if token is not None else None
        mine = (
            each
            for each in memberships_of(principal.id)
            if each.platform_id == platform_id and each.organisation_id == organisation_id
        )
        membership = next(mine, None)
        return actor_of_membership(membership, client) if membership is not None else None


def scopes_of(kind: OrganisationKind | None) -> list[Role]:
    """The roles a machine of this kind of organisation may have."""
    return [role for role in Role if kind is not None and role.kind == kind]


def oauth_clients_visible_to(actor: Actor):
    """The organisation's own clients, newest first."""
    rows = OAuthClient.objects.order_by("-id")
    if not actor.is_party:
        return rows.none()
    return rows.filter(organisation_id=actor.organisation_id, platform_id=actor.platform_id)


def lock_oauth_client(actor: Actor, client_pk: int) -> OAuthClient:
    """One of the organisation's clients, locked. Raises NotThere."""
    found = oauth_clients_visible_to(actor).filter(id=client_pk).select_for_update(of=("self",)).first()
    if found is None:
        raise NotThere("这个接口客户端")
    return found


def oauth_client_by_id(client_id: str) -> OAuthClient | None:
    """In the login scope: the client, if it may fetch tokens."""
    return OAuthClient.objects.filter(client_id=client_id, disabled_at=None, platform__is_open=True).first()


def oauth_secrets_of(found: OAuthClient, at: datetime) -> list[OAuthSecret]:
    """In the login scope: the secrets that hold."""
    return list(OAuthSecret.objects.filter(Q(ends_at=None) | Q(ends_at__gt=at), client=found))


def open_platform_actors() -> list[Actor]:
    """The system actor of every open platform, for sweeps; opens a scope of its own."""
    with scope.opened(ANONYMOUS):
        return [system_actor(platform) for platform in open_platforms()]


def demo_accounts() -> list[dict]:
    """The demonstration's people by organisation, for its login page; empty in production, where none is marked so."""
    with scope.login_scope():
        rows = (
            Membership.objects.select_related("user", "organisation", "platform")
            .filter(user__is_demo=True, is_active=True, platform__is_open=True)
            .order_by("platform_id", "organisation_id", "id")
        )
        return [
            {
                "username": m.user.username,
                "name": m.user.name,
                "organisation": m.organisation.name,
                "kind": m.organisation.kind,
                "platform": m.platform.name,
                "roles": [ROLE_LABELS[Role(r)] for r in m.roles],
            }
            for m in rows
        ]


def default_bank_accounts(*, platform_id: int, organisation_ids) -> dict[int, BankAccount]:
    """Where organisations are paid, as they registered on the platform, by organisation; to be called in a scope that
    may see it."""
    rows = BankAccount.objects.filter(platform_id=platform_id, organisation_id__in=organisation_ids, is_default=True)
    return {row.organisation_id: row for row in rows}


def owners_of_accounts(*, platform_id: int, numbers, kind: OrganisationKind) -> dict[str, set[int]]:
    """Bank account number → ids of the organisations of a kind that registered it on the platform."""
    owners: dict[str, set[int]] = {}
    for number, owner in BankAccount.objects.filter(
        platform_id=platform_id, account_number__in=set(numbers), organisation__kind=kind
    ).values_list("account_number", "organisation_id"):
        owners.setdefault(number, set()).add(owner)
    return owners


def hospitals_by_code(*, platform_id: int, codes) -> dict[str, int]:
    """Hospital code (`H…`) → id of the hospital of that code registered on the platform."""
    registered = Registration.objects.filter(platform_id=platform_id).values("organisation_id")
    return dict(
        Organisation.objects.filter(
            kind=OrganisationKind.HOSPITAL, hospital_code__in=set(codes) - {""}, id__in=registered
        ).values_list("hospital_code", "id")
    )


def hospitals_of(platform_id: int) -> list[Organisation]:
    """The hospitals registered on the platform, by name."""
    registered = Registration.objects.filter(platform_id=platform_id).values("organisation_id")
    return list(Organisation.objects.filter(kind=OrganisationKind.HOSPITAL, id__in=registered).order_by("name"))


def ownership_choices() -> dict[str, list[tuple[str, str]]]:
    """What a hospital may say of its level and of who runs it."""
    return {"level": list(HospitalLevel.choices), "ownership": list(Ownership.choices)}
