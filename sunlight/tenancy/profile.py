"""How strictly accounts are kept: one profile a process, chosen by `SUNLIGHT_ACCOUNT_PROFILE`."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings

from sunlight.scope import Role
from sunlight.scope.roles import OrganisationKind

# Who watches, runs the platform, pays or signs for a hospital.
TRUSTED = frozenset(
    role
    for role in Role
    if role.kind in (OrganisationKind.OPERATOR, OrganisationKind.REGULATOR, OrganisationKind.PLATFORM)
) | {Role.HOSPITAL_FINANCE, Role.HOSPITAL_APPROVER}


@dataclass(frozen=True)
class AccountProfile:
    """Limits of logging in, sessions and passwords. Zero of `password_max_age` and `step_up_within` means never."""

    lock_after: int = 5
    lock_address_after: int = 50
    # Failures under one name from all addresses together, known devices left out.
    lock_name_after: int = 50
    lock_for: timedelta = timedelta(minutes=15)
    # How long a browser counts as known after a login.
    device_for: timedelta = timedelta(days=180)
    idle: timedelta = timedelta(minutes=30)
    absolute: timedelta = timedelta(hours=12)
    password_min_length: int = 12
    password_max_age: timedelta = timedelta(days=90)
    password_history: int = 5
    initial_password_for: timedelta = timedelta(days=7)
    # Who must have a second factor; who has one is asked for it in any case.
    second_factor_for: frozenset[Role] = TRUSTED
    # How fresh a password or second factor must be for what moves money or signs.
    step_up_within: timedelta = timedelta(minutes=10)
    # The longest a mandate for a machine may hold.
    mandate_longest: timedelta = timedelta(days=366)
    # How long a change of rights waits for the second person.
    change_waits: timedelta = timedelta(days=7)
    # How long the link to set a password or factors anew is good, from the moment it is sent.
    link_for: timedelta = timedelta(minutes=30)
    # How long an account approves, signs and releases nothing after such a reset, or with a new phone or mail.
    held_for: timedelta = timedelta(hours=24)
    # How long a phone that somebody gave up still tells who they are.
    given_up_phone_for: timedelta = timedelta(days=365)


PROFILES = {
    "standard": AccountProfile(),
    "demo": AccountProfile(
        idle=timedelta(hours=4),
        password_min_length=10,
        password_max_age=timedelta(0),
        second_factor_for=frozenset(),
        step_up_within=timedelta(0),
    ),
}


def current() -> AccountProfile:
    """The profile this process runs under."""
    return PROFILES[settings.ACCOUNT_PROFILE]
