"""Changes of rights that wait for a second person: who sees them, and who may decide them."""

from django.db.models import QuerySet

from sunlight import scope
from sunlight.journal.refusals import NotThere
from sunlight.scope import Actor, Role
from sunlight.scope.fields import done_by
from sunlight.scope.principal import SYSTEM, Acted
from sunlight.scope.roles import ADMINS, OrganisationKind
from sunlight.tenancy.access import AccessChange
from sunlight.tenancy.models import Membership, Registration
from sunlight.tenancy.workflows import ChangeState

# The platform's own people, who decide where an organisation cannot; and who watches them.
KEEPERS = frozenset({Role.PLATFORM_SECURITY_ADMIN, Role.PLATFORM_SYSTEM_ADMIN})
WATCHER = Role.PLATFORM_AUDIT_ADMIN
PARTIES = (OrganisationKind.HOSPITAL, OrganisationKind.SUPPLIER)


def changes_visible_to(actor: Actor) -> QuerySet[AccessChange]:
    """Changes of the actor's organisation, newest first; for the platform's administrators those of its platforms. Whoever
    administers nothing sees what they asked for themselves."""
    rows = AccessChange.objects.select_related("organisation").order_by("-id")
    if actor.has(*KEEPERS, WATCHER):
        return rows.filter(platform_id__in=actor.platform_ids)
    rows = rows.filter(platform_id=actor.platform_id, organisation_id=actor.organisation_id)
    return rows if actor.has(*ADMINS) else rows.filter(done_by(actor, "asked_by"))


def access_change(actor: Actor, change_id: int) -> AccessChange:
    """One of them. Raises NotThere."""
    found = changes_visible_to(actor).filter(id=change_id).first()
    if found is None:
        raise NotThere("这项变更")
    return found


def lock_change(actor: Actor, change_id: int) -> AccessChange:
    """One of them, locked. Raises NotThere."""
    found = changes_visible_to(actor).select_for_update(of=("self",)).filter(id=change_id).first()
    if found is None:
        raise NotThere("这项变更")
    return found


def change_of_event(event) -> AccessChange:
    """The change that an event is about, for its subscribers."""
    return AccessChange.objects.select_related("organisation").get(id=event.subject_id)


def offices(platform_id: int) -> list[int]:
    """The platform's own organisations, whose people watch over everybody's rights."""
    rows = Registration.objects.filter(platform_id=platform_id, organisation__kind=OrganisationKind.PLATFORM)
    return list(rows.values_list("organisation_id", flat=True))


def gaining(change: AccessChange) -> list[Acted]:
    """The people to whom a change gives something, as duties compare them."""
    return [Acted(SYSTEM, each) for each in change.gaining_person_ids]


def administering(organisation_id: int, platform_id: int) -> set[int]:
    """The people (`Person`) who administer a hospital or supplier today. Opens the login scope."""
    with scope.login_scope():
        rows = Membership.objects.filter(
            organisation_id=organisation_id,
            platform_id=platform_id,
            is_active=True,
            user__is_active=True,
            roles__overlap=[str(role) for role in ADMINS],
        )
        return set(rows.values_list("user__person_id", flat=True))


def has_own_second(change: AccessChange) -> bool:
    """Whether the organisation has an administrator of its own who may decide: another person than who asked, and none to
    whom the change gives something. Where there is none, the platform's security administrator decides."""
    if change.organisation.kind not in PARTIES:
        return False
    barred = {change.asked_for_person_id, *change.gaining_person_ids}
    return bool(administering(change.organisation_id, change.platform_id) - barred)


def is_for(actor: Actor, change: AccessChange) -> bool:
    """Whether it is for somebody with the actor's roles to decide; who asked for it or gains by it is barred besides."""
    if change.organisation.kind not in PARTIES:
        return actor.has(*KEEPERS)
    if actor.has(*ADMINS) and actor.organisation_id == change.organisation_id:
        return True
    return actor.has(Role.PLATFORM_SECURITY_ADMIN) and not has_own_second(change)


def may_decide(actor: Actor, change: AccessChange) -> bool:
    """Whether the actor may confirm or refuse it now."""
    barred = {change.asked_for_person_id, *change.gaining_person_ids}
    return (
        change.state == ChangeState.ASKED
        and actor.user_id is not None
        and actor.for_person_id not in barred
        and is_for(actor, change)
    )


def may_withdraw(actor: Actor, change: AccessChange) -> bool:
    """Whether the actor asked for it and it still waits."""
    asked_by = change.asked_by
    return (
        change.state == ChangeState.ASKED
        and asked_by is not None
        and actor.acting is not None
        and asked_by.principal == actor.acting.principal
    )


def changes_of(actor: Actor) -> list[AccessChange]:
    """What the actor asked for and still waits."""
    return list(changes_visible_to(actor).filter(done_by(actor, "asked_by"), state=ChangeState.ASKED)[:20])


def changes_waiting(actor: Actor, organisation_ids: list[int] | None = None) -> list[AccessChange]:
    """What waits for a second person, of these organisations where they are named; the oldest first."""
    rows = changes_visible_to(actor).filter(state=ChangeState.ASKED).order_by("id")
    return list((rows if organisation_ids is None else rows.filter(organisation_id__in=organisation_ids))[:100])


def changes_to_decide(actor: Actor, most: int = 100) -> list[AccessChange]:
    """What waits for the actor, the oldest first."""
    if not actor.has(*ADMINS, *KEEPERS):
        return []
    waiting = changes_visible_to(actor).filter(state=ChangeState.ASKED).order_by("id")
    return [each for each in waiting[: 10 * most] if may_decide(actor, each)][:most]
