"""People: their logins, sessions, second factors and memberships. What opens an account is read in the login scope."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

from django.db.models import QuerySet

from sunlight import scope
from sunlight.journal.refusals import NotThere
from sunlight.scope import Actor, Role
from sunlight.scope.roles import OrganisationKind
from sunlight.tenancy import profile
from sunlight.tenancy.models import (
    Factor,
    LoginRecord,
    Membership,
    Organisation,
    RecoveryCode,
    Registration,
    Session,
    User,
)


def lock_login(username: str) -> None:
    """Login attempts under one name run one after the other, so that a flood cannot outrun the count. Call it in
    the login scope."""
    scope.alone("tenancy.login", username)


def login_locked_until(
    *, username: str, address: str, at: datetime, device: str = "", user_id: int | None = None
) -> datetime | None:
    """Until when attempts under this name are refused unchecked, or None. Failures count for name and address together, so
    that a stranger elsewhere locks nobody out; for a known `device` only its own count. Besides, an address that fails under
    many names is locked, and a name that fails from many addresses, both for unknown devices. `user_id` says that it is
    about the second factor of somebody who gave the right password: then the failures at that count wherever they came
    from. A name that nobody has is locked like any other. Call it in the login scope."""
    limits = profile.current()
    tries = LoginRecord.objects.filter(
        at__gt=at - limits.lock_for, at__lte=at, locked=False, awaits_factor=False
    ).order_by("-at", "-id")
    named = tries.filter(username=username)
    if device:
        return _until([(named.filter(device=device), limits.lock_after)])
    unknown = named.filter(device="")
    counted = [(unknown.filter(address=address), limits.lock_after), (unknown, limits.lock_name_after)]
    if user_id is not None:
        counted.append((unknown.filter(user_id=user_id), limits.lock_after))
    from_address = list(tries.filter(address=address, succeeded=False)[: limits.lock_address_after]) if address else []
    flood = from_address[0].at + limits.lock_for if len(from_address) >= limits.lock_address_after else None
    return max(filter(None, (_until(counted), flood)), default=None)


def _until(counted: list[tuple[QuerySet, int]]) -> datetime | None:
    """Until when the last failures in a row lock, the longest: those of each set of tries against its limit."""
    until = []
    for tries, most in counted:
        failures = list(takewhile(lambda one: not one.succeeded, tries[:most]))
        if len(failures) >= most:
            until.append(failures[0].at + profile.current().lock_for)
    return max(until, default=None)


def sessions_of(user_id: int | None, at: datetime) -> list[Session]:
    """A person's sessions that still hold, the one last seen first; none of a machine. Opens the login scope."""
    limits = profile.current()
    if user_id is None:
        return []
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


def username_taken(username: str) -> bool:
    """Whether somebody, on whichever platform, has this login name. Opens the login scope."""
    with scope.login_scope():
        return User.objects.filter(username=username).exists()


def factors_of(user_id: int) -> list[Factor]:
    """A person's second factors, the oldest first. Opens the login scope."""
    with scope.login_scope():
        return list(Factor.objects.filter(user_id=user_id, confirmed_at__isnull=False).order_by("id"))


def recovery_codes_left(user_id: int) -> int:
    """Opens the login scope."""
    with scope.login_scope():
        return RecoveryCode.objects.filter(user_id=user_id, used_at=None).count()


def second_factor_required(memberships: Iterable[Membership]) -> bool:
    """Whether the account profile demands a second factor for any role of these memberships. Shared accounts of the
    demonstration have none."""
    held = {role for each in memberships if not each.user.is_demo for role in each.roles}
    return bool(held & profile.current().second_factor_for)


def cared_for(actor: Actor) -> list[Organisation]:
    """The organisations whose people the actor looks after, by name: one's own; for the platform's security administrator
    its operators and authorities and the platform's own."""
    if actor.organisation_id is None:
        return []
    if not actor.has(Role.PLATFORM_SECURITY_ADMIN):
        return list(Organisation.objects.filter(pk=actor.organisation_id))
    here = Registration.objects.filter(platform_id=actor.platform_id, approved_at__isnull=False)
    kinds = (OrganisationKind.OPERATOR, OrganisationKind.REGULATOR, OrganisationKind.PLATFORM)
    rows = Organisation.objects.filter(kind__in=kinds, pk__in=here.values("organisation_id"))
    return list(rows.order_by("kind", "name"))


def members_of(actor: Actor, organisation_id: int | None = None) -> list[Membership]:
    """The people of the organisations in the actor's care (of one of them) on its platform, by name. Opens the login
    scope."""
    mine = [each.pk for each in cared_for(actor) if organisation_id in (None, each.pk)]
    with scope.login_scope():
        return list(
            Membership.objects.select_related("user", "organisation")
            .defer("user__password")
            .filter(organisation_id__in=mine, platform_id=actor.platform_id)
            .order_by("-is_active", "user__name", "id")
        )


def members_to_look_after(actor: Actor) -> tuple[list[Membership], list[Membership]]:
    """Of the people in the actor's care, those who have not yet changed the password somebody else set, and those in a
    trusted role without a second factor. Shared accounts of the demonstration can have neither. Opens the login scope."""
    rows = [each for each in members_of(actor) if each.is_active and each.user.is_active and not each.user.is_demo]
    armed = people_with_factors(each.user_id for each in rows)
    trusted = {str(role) for role in profile.TRUSTED}
    unarmed = [each for each in rows if trusted & set(each.roles) and each.user_id not in armed]
    return [each for each in rows if each.user.must_change_password], unarmed


def access_member(actor: Actor, membership_id: int) -> Membership:
    """One of them. Raises NotThere."""
    found = next((each for each in members_of(actor) if each.pk == membership_id), None)
    if found is None:
        raise NotThere("这位人员")
    return found


def people_with_factors(user_ids: Iterable[int]) -> set[int]:
    """Of these people, who has a second factor. Opens the login scope."""
    with scope.login_scope():
        rows = Factor.objects.filter(user_id__in=list(user_ids), confirmed_at__isnull=False)
        return set(rows.values_list("user_id", flat=True))


def initial_password_lapsed(user: User, at: datetime) -> bool:
    """Whether a password that somebody else set was not used in time; never so for the shared demonstration accounts."""
    since = user.password_set_at
    if user.is_demo or since is None:
        return False
    return user.must_change_password and at - since >= profile.current().initial_password_for


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of an organisation, with the roles held there today."""

    user_id: int
    name: str
    roles: frozenset[str]


def people_of(*, platform_id: int, organisation_id: int) -> list[Person]:
    """An organisation's active people on a platform, by name. Opens the login scope; for their own colleagues to choose
    from and for rules about who may act, never for others."""
    with scope.login_scope():
        rows = Membership.objects.select_related("user").filter(
            platform_id=platform_id, organisation_id=organisation_id, is_active=True, user__is_active=True
        )
        return [Person(m.user_id, m.user.name, frozenset(m.roles)) for m in rows.order_by("user__name", "user_id")]


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
