"""Who answers for machines, who knows their secrets, and what they may do under a mandate."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, F, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat

from sunlight import scope
from sunlight.journal.refusals import NotThere
from sunlight.scope import Actor, Role
from sunlight.scope.principal import Acted, PrincipalKind
from sunlight.scope.roles import ADMINS
from sunlight.tenancy.models import ApiToken, MachineDuty, Mandate, Membership, OAuthClient, OAuthSecret
from sunlight.tenancy.workflows import DutyState, MandateState

# Where a machine's row stands seen from the row that is read, by kind of machine.
TOKEN, CLIENT = "token", "client"


def with_answers(rows: QuerySet, machine: str, path: str = "") -> QuerySet:
    """Those rows with `answers` ("ROLE:person" for each role that somebody answers for this moment) and `knowers` (the
    people who made a secret): in the same statement, so that no right outlives the person who answers for it."""
    key = f"{path}pk"
    answers = (
        _holding(MachineDuty.objects.filter(**{machine: OuterRef(key)}, state=DutyState.CONFIRMED))
        .annotate(said=Concat("role", Value(":"), Cast("membership__user__person_id", CharField())))
        .values("said")
    )
    rows = rows.annotate(answers=ArraySubquery(answers))
    if machine == TOKEN:
        return rows
    made = OAuthSecret.objects.filter(client=OuterRef(key), created_for_person_id__isnull=False)
    return rows.annotate(knowers=ArraySubquery(made.values("created_for_person_id")))


def _holding(duties: QuerySet) -> QuerySet:
    """Those whose person belongs to the organisation and holds the role."""
    return duties.filter(
        membership__is_active=True,
        membership__user__is_active=True,
        membership__organisation_id=F("organisation_id"),
        membership__platform_id=F("platform_id"),
        membership__roles__contains=[F("role")],
    )


def answering_of(answers: Collection[str], roles: Collection[str]) -> tuple[tuple[Role, int], ...]:
    """Who answers for each of `roles` that somebody answers for."""
    said = (each.rpartition(":") for each in answers)
    return tuple(sorted((Role(role), int(person)) for role, _, person in said if role in roles))


def people_behind(acts: Collection[Acted]) -> frozenset[int]:
    """Whoever knows the secret of the machines that did these acts, and whoever gave the mandates they were done under.
    Opens the login scope."""
    ids: dict[str, set[int]] = {TOKEN: set(), CLIENT: set()}
    for each in acts:
        if each.principal.is_machine:
            ids[CLIENT if each.principal.kind == PrincipalKind.CLIENT else TOKEN].add(each.principal.id)
    mandates = {each.mandate_id for each in acts if each.mandate_id}
    found: set[int | None] = set()
    with scope.login_scope():
        if ids[CLIENT]:
            found.update(_makers(OAuthClient.objects.filter(pk__in=ids[CLIENT])))
            found.update(_makers(OAuthSecret.objects.filter(client_id__in=ids[CLIENT])))
        if ids[TOKEN]:
            found.update(_makers(ApiToken.objects.filter(pk__in=ids[TOKEN])))
        if mandates:
            given = Mandate.objects.filter(pk__in=mandates)
            for pair in given.values_list("giver__user__person_id", "confirmer__user__person_id"):
                found.update(pair)
    return frozenset(each for each in found if each is not None)


def _makers(rows: QuerySet):
    return rows.values_list("created_for_person_id", flat=True)


def _mine(rows: QuerySet, actor: Actor) -> QuerySet:
    if actor.organisation_id is None:
        return rows.none()
    return rows.filter(organisation_id=actor.organisation_id, platform_id=actor.platform_id)


def duties_visible_to(actor: Actor) -> QuerySet[MachineDuty]:
    """The organisation's duties of machines that have not ended, by machine and role."""
    rows = _mine(MachineDuty.objects, actor)
    return rows.exclude(state=DutyState.ENDED).order_by("client_id", "token_id", "role")


def _memberships(actor: Actor) -> Mapping[int, Membership]:
    with scope.login_scope():
        rows = Membership.objects.select_related("user").defer("user__password")
        rows = rows.filter(organisation_id=actor.organisation_id, platform_id=actor.platform_id)
        return {each.pk: each for each in rows.order_by("user__name", "id")}


def colleagues(actor: Actor) -> Mapping[int, Membership]:
    """The actor's active colleagues by membership, by name; opens the login scope. For choosing who answers."""
    return {pk: each for pk, each in _memberships(actor).items() if each.is_active and each.user.is_active}


@dataclass(frozen=True, slots=True)
class ShownDuty:
    """A duty as people read it: who is asked, whether the machine may act in it this moment, and whether it is the asker's
    own."""

    duty: MachineDuty
    person: str
    counts: bool
    is_own: bool


def duties_shown(actor: Actor) -> list[ShownDuty]:
    """The organisation's duties for its administrators, for everybody else their own; by machine and role."""
    people = _memberships(actor) if actor.organisation_id else {}
    shown = [
        ShownDuty(each, who.user.name, _counts(each, who), who.user_id == actor.user_id)
        for each in duties_visible_to(actor)
        if (who := people.get(each.membership_id))
    ]
    return shown if actor.has(*ADMINS) else [each for each in shown if each.is_own]


def _counts(duty: MachineDuty, who: Membership) -> bool:
    """As `_holding` asks the database."""
    is_there = who.is_active and who.user.is_active and duty.role in who.roles
    return duty.state == DutyState.CONFIRMED and is_there


def lock_duty(actor: Actor, duty_id: int) -> MachineDuty:
    """Raises NotThere."""
    found = duties_visible_to(actor).filter(pk=duty_id).select_for_update(of=("self",)).first()
    if found is None:
        raise NotThere("这项接口职责")
    return found


def mandates_visible_to(actor: Actor) -> QuerySet[Mandate]:
    """The organisation's mandates, newest first; the platform's actors see those of all."""
    rows = Mandate.objects.order_by("-id")
    return _mine(rows, actor) if actor.is_party else rows


def lock_mandate(actor: Actor, mandate_id: int) -> Mandate:
    """Raises NotThere."""
    found = _mine(mandates_visible_to(actor), actor).filter(pk=mandate_id).select_for_update(of=("self",)).first()
    if found is None:
        raise NotThere("这份授权书")
    return found


def lock_mandate_for(actor: Actor, machine: str, move: str) -> list[Mandate]:
    """The mandates in force that this machine holds for this move, locked so that their day is counted one act after the
    other; whether the day and the people fit is for the service to say."""
    kind = CLIENT if actor.principal.kind == PrincipalKind.CLIENT else TOKEN
    rows = _mine(Mandate.objects.filter(**{f"{kind}_id": actor.principal.id}), actor)
    rows = rows.filter(machine=machine, move=move, state=MandateState.IN_FORCE)
    return list(rows.select_for_update(of=("self",)).order_by("id"))


def givers_of(mandates: Collection[Mandate]) -> dict[int, Membership]:
    """The memberships of those who gave these mandates, by id. Opens the login scope."""
    wanted = {each.giver_id for each in mandates} | {each.confirmer_id for each in mandates}
    with scope.login_scope():
        rows = Membership.objects.select_related("user").defer("user__password").filter(pk__in=wanted - {None})
        return {each.pk: each for each in rows}


def mandate_shown(mandate_id: int | None) -> Mandate | None:
    """The mandate that a paper was made under, for its page: whole for the organisation that gave it and the platform,
    None for whoever may not see it."""
    return None if mandate_id is None else Mandate.objects.filter(pk=mandate_id).first()
