"""Who somebody is: actors made from memberships and tokens; regions, platforms and organisations."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from itertools import takewhile

from django.db import connection

from sunlight import scope
from sunlight.scope import Actor, Client, Role
from sunlight.scope.actor import ANONYMOUS
from sunlight.scope.roles import ROLE_LABELS, OrganisationKind
from sunlight.tenancy import profile
from sunlight.tenancy.models import (
    ApiToken,
    BankAccount,
    HospitalLevel,
    LoginRecord,
    Membership,
    Organisation,
    Ownership,
    Platform,
    Region,
    Registration,
    Session,
    TradingStatus,
    User,
)


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
        user_name="系统",
        roles=frozenset({Role.SYSTEM}),
        platform_ids=(platform.id,),
        region_ids=all_region_ids(),
        region_code=platform.region.code,
        drafts=platform.drafts,
        client=client or Client(agent="system"),
    )


def _actor(organisation: Organisation, platform: Platform, roles, *, user=None, name="", client: Client) -> Actor:
    kind = OrganisationKind(organisation.kind)
    platforms: tuple[int, ...] = (platform.id,)
    regions = all_region_ids()
    if kind is OrganisationKind.REGULATOR:
        regions = regions_under(organisation.region.code)
        platforms = tuple(Platform.objects.filter(region_id__in=regions).values_list("id", flat=True)) or (platform.id,)
    return Actor(
        kind=kind,
        platform_id=platform.id,
        platform_code=platform.code,
        organisation_id=organisation.id,
        organisation_name=organisation.name,
        user_id=user.id if user else None,
        user_name=user.name if user else name,
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
    return _actor(membership.organisation, membership.platform, membership.roles, user=membership.user, client=client)


def actor_of_token(secret: str, client: Client, at: datetime) -> Actor | None:
    """To be called in the login scope: the machine that holds `secret`, or None if unknown, expired or revoked."""
    token = _tokens(at).filter(token_hash=hashlib.sha256(secret.encode()).hexdigest()).first()
    return None if token is None else _actor_of(token, client)


def _tokens(at: datetime):
    """The tokens that hold."""
    rows = ApiToken.objects.select_related("organisation__region", "platform__region")
    return rows.filter(revoked_at=None, expires_at__gt=at, platform__is_open=True)


def _actor_of(token: ApiToken, client: Client) -> Actor:
    # Each machine is somebody of its own: four eyes tell two tokens apart, and a token from every person.
    actor = _actor(token.organisation, token.platform, token.roles, name=f"接口 {token.name}", client=client)
    return replace(actor, user_id=-token.id)


def actor_again(
    *, platform_id: int, organisation_id: int | None, user_id: int | None, client: Client, at: datetime
) -> Actor | None:
    """Who began something earlier, with the roles they have now, or None if they may do nothing here any more; the
    platform itself where nobody did. Opens the login scope."""
    with scope.login_scope():
        if user_id is None:
            platform = Platform.objects.select_related("region").filter(id=platform_id, is_open=True).first()
            return system_actor(platform, client) if platform and organisation_id is None else None
        if user_id < 0:
            token = _tokens(at).filter(id=-user_id).first()
            return _actor_of(token, client) if token is not None else None
        mine = (
            each
            for each in memberships_of(user_id)
            if each.platform_id == platform_id and each.organisation_id == organisation_id
        )
        membership = next(mine, None)
        return actor_of_membership(membership, client) if membership is not None else None


def trading_status(*, platform_id: int, organisation_id: int, on: date) -> str:
    """ACTIVE, NO_SALES, NO_DELIVERY or CLOSED on a day; an organisation that is not registered there is CLOSED."""
    return trading_statuses(platform_id=platform_id, organisation_ids=[organisation_id], on=on)[organisation_id]


def trading_statuses(*, platform_id: int, organisation_ids: Iterable[int], on: date) -> dict[int, str]:
    """As `trading_status` for many organisations, in two queries."""
    ids = list(organisation_ids)
    registered = set(
        Registration.objects.filter(
            platform_id=platform_id, organisation_id__in=ids, approved_at__isnull=False
        ).values_list("organisation_id", flat=True)
    )
    stated = dict(
        TradingStatus.objects.filter(platform_id=platform_id, organisation_id__in=ids, from_date__lte=on)
        .order_by("organisation_id", "-from_date", "-id")
        .distinct("organisation_id")
        .values_list("organisation_id", "status")
    )
    return {each: stated.get(each, "ACTIVE") if each in registered else "CLOSED" for each in ids}


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


def lock_login(username: str) -> None:
    """Tries to log in under one name come one after the other, so that a flood cannot outrun the count. To be called in
    the login scope."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('sunlight.login'), hashtext(%s))", [username])


def login_locked_until(*, username: str, address: str, at: datetime) -> datetime | None:
    """Until when no try under this name or from this address is looked at, or None. A name that nobody has is locked
    like any other. To be called in the login scope."""
    limits = profile.current()
    tries = LoginRecord.objects.filter(at__gt=at - limits.lock_for, at__lte=at, locked=False).order_by("-at", "-id")
    under_name = list(tries.filter(username=username)[: limits.lock_after])
    failures = list(takewhile(lambda one: not one.succeeded, under_name))
    until = [failures[0].at + limits.lock_for] if len(failures) >= limits.lock_after else []
    from_address = list(tries.filter(address=address, succeeded=False)[: limits.lock_address_after]) if address else []
    if len(from_address) >= limits.lock_address_after:
        until.append(from_address[0].at + limits.lock_for)
    return max(until, default=None)


def sessions_of(user_id: int, at: datetime) -> list[Session]:
    """A person's sessions that still hold, the one last seen first. Opens the login scope."""
    limits = profile.current()
    with scope.login_scope():
        return list(
            Session.objects.filter(
                user_id=user_id,
                expire_date__gt=at,
                started_at__gt=at - limits.absolute,
                seen_at__gt=at - limits.idle,
            ).order_by("-seen_at", "session_key")
        )


def password_is_due(user: User, at: datetime) -> bool:
    """Whether the person must choose a new password before anything else: given one by somebody, or too old."""
    age = profile.current().password_max_age
    too_old = bool(age) and user.password_set_at is not None and at - user.password_set_at >= age
    return not user.is_demo and (user.must_change_password or too_old)


def ownership_choices() -> dict[str, list[tuple[str, str]]]:
    """What a hospital may say of its level and of who runs it."""
    return {"level": list(HospitalLevel.choices), "ownership": list(Ownership.choices)}


def username_taken(username: str) -> bool:
    """Whether somebody, on whichever platform, has this login name. Opens the login scope."""
    with scope.login_scope():
        return User.objects.filter(username=username).exists()


def people_with(actor: Actor, roles: Iterable[Role], most: int = 5) -> list[str]:
    """Names of the actor's colleagues at the same organisation and platform who hold one of `roles`, at most `most`; opens
    the login scope by itself."""
    wanted = [str(role) for role in roles]
    if not wanted or actor.organisation_id is None:
        return []
    with scope.login_scope():
        return list(
            Membership.objects.filter(
                organisation_id=actor.organisation_id,
                platform_id=actor.platform_id,
                is_active=True,
                user__is_active=True,
                roles__overlap=wanted,
            )
            .order_by("user_id")
            .values_list("user__name", flat=True)[:most]
        )
