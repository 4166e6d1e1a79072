"""Who is who: the person to whom a document or a phone belongs, and what one person may hold at one organisation."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db.models import Q

from sunlight import scope
from sunlight.scope import Actor
from sunlight.tenancy import profile
from sunlight.tenancy.access import PersonIdentity
from sunlight.tenancy.identity import Identity, keys, name_of
from sunlight.tenancy.models import Membership, User


def identities_named(marks: Iterable[Identity], at: datetime) -> list[PersonIdentity]:
    """Rows that one of these identities has, under whichever key; call it in the login scope. A phone given up counts as
    long as the profile says."""
    found = Q(pk__in=[])
    for mark in marks:
        found |= Q(kind=mark.kind, digest__in=[digest for _, digest in mark.hashes])
    since = at - profile.current().given_up_phone_for
    rows = PersonIdentity.objects.filter(found).filter(Q(ended_at=None) | Q(ended_at__gt=since))
    return list(rows.order_by("id"))


def identities_under_lost_keys() -> int:
    """How many rows were hashed under a key that this process no longer has. Opens the login scope."""
    with scope.login_scope():
        return PersonIdentity.objects.exclude(key_name__in=[name_of(key) for key in keys()]).count()


def roles_of_person(person_id: int, *, organisation_id: int, platform_id: int, but: int | None = None) -> set[str]:
    """What a person holds at an organisation, over all their accounts, `but` one membership. Call it in the login scope."""
    rows = Membership.objects.filter(
        user__person_id=person_id, organisation_id=organisation_id, platform_id=platform_id, is_active=True
    ).exclude(pk=but)
    return {role for roles in rows.values_list("roles", flat=True) for role in roles}


def is_colleague(person_id: int, *, organisation_id: int, platform_id: int) -> bool:
    """Whether a person works at the organisation, now or earlier: its administrators know them anyway. Call it in the
    login scope."""
    rows = Membership.objects.filter(
        user__person_id=person_id, organisation_id=organisation_id, platform_id=platform_id
    )
    return rows.exists()


def people_behind(user_ids: Iterable[int]) -> dict[int, int]:
    """The person (`Person`) behind each of these accounts. Opens the login scope."""
    with scope.login_scope():
        return dict(User.objects.filter(pk__in=list(user_ids)).values_list("pk", "person_id"))


def person_of_user(user_id: int) -> int:
    """Opens the login scope."""
    with scope.login_scope():
        return User.objects.values_list("person_id", flat=True).get(pk=user_id)


def unidentified(actor: Actor) -> list[Membership]:
    """Accounts on the actor's platform of which nobody knows whose they are, taken over from another system: for the
    security administrator, by organisation and name. Opens the login scope."""
    with scope.login_scope():
        rows = Membership.objects.select_related("user", "organisation").defer("user__password")
        return list(
            rows.filter(
                platform_id=actor.platform_id, is_active=True, user__is_active=True, user__person__identities=None
            ).order_by("organisation__name", "user__name", "id")
        )


def other_accounts(memberships: Iterable[Membership]) -> Mapping[int, int]:
    """Of these members, how many further accounts the same person has among them (by membership)."""
    rows = list(memberships)
    people: dict[int, int] = {}
    for each in rows:
        people[each.user.person_id] = people.get(each.user.person_id, 0) + 1
    return {each.pk: people[each.user.person_id] - 1 for each in rows}
