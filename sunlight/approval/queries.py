"""Reading chains, delegations and requests; who may take the next step."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from sunlight.approval.chains import Delegation, Step, forbidden, principals, steps_of
from sunlight.approval.models import ApprovalChain, ApprovalDelegation, ApprovalRequest
from sunlight.approval.workflows import ApprovalState
from sunlight.journal.refusals import NotThere
from sunlight.scope import Actor
from sunlight.scope.duties import same_person
from sunlight.scope.principal import Acted, Principal, person
from sunlight.tenancy.queries.identities import people_behind
from sunlight.tenancy.queries.people import people_of


def _own(rows: QuerySet, actor: Actor) -> QuerySet:
    if actor.is_party:
        return rows.filter(platform_id=actor.platform_id, organisation_id=actor.organisation_id)
    if actor.is_authenticated or actor.roles:
        return rows.filter(platform_id__in=actor.platform_ids)
    return rows.none()


def chain_of(actor: Actor, matter: str, on: date) -> ApprovalChain | None:
    """The chain in force on a day for the actor's organisation; None where it had none."""
    return _chains(actor, matter).filter(from_date__lte=on).first()


def chain_to_come(actor: Actor, matter: str, on: date) -> ApprovalChain | None:
    """The chain that takes the place of today's on a later day; None where nothing changes."""
    return _chains(actor, matter).filter(from_date__gt=on).first()


def _chains(actor: Actor, matter: str) -> QuerySet[ApprovalChain]:
    rows = ApprovalChain.objects.filter(
        platform_id=actor.platform_id, organisation_id=actor.organisation_id, matter=matter
    )
    return rows.order_by("-version")


def has_chain(actor: Actor, matter: str, on: date) -> bool:
    """Whether the actor's organisation asks for any step at any amount on a day."""
    chain = chain_of(actor, matter, on)
    return chain is not None and bool(chain.steps)


def delegations_visible_to(actor: Actor) -> QuerySet:
    """Who stands in for whom, the latest first, without what was revoked."""
    return _own(ApprovalDelegation.objects.filter(revoked_at=None), actor).order_by("-id")


def requests_visible_to(actor: Actor) -> QuerySet:
    """Requests of the actor's organisation (for the platform's people: of its platforms), newest first."""
    return _own(ApprovalRequest.objects.select_related("organisation"), actor).order_by("-id")


def access_request(actor: Actor, request_id: int) -> ApprovalRequest:
    """One request with its steps taken. Raises NotThere."""
    found = requests_visible_to(actor).prefetch_related("acts").filter(id=request_id).first()
    if found is None:
        raise NotThere("这份审批")
    return found


def lock_request(actor: Actor, request_id: int) -> ApprovalRequest:
    """One request, locked. Raises NotThere."""
    found = _own(ApprovalRequest.objects.select_for_update(), actor).filter(id=request_id).first()
    if found is None:
        raise NotThere("这份审批")
    return found


@dataclass(frozen=True)
class Standing:
    """What must be known of an organisation to say who may take a step today; read once for many requests."""

    on: date
    holders: dict[int, frozenset[str]]
    delegations: tuple[Delegation, ...]


def standing_of(actor: Actor, on: date) -> Standing:
    people = people_of(platform_id=actor.platform_id, organisation_id=actor.organisation_id)
    rows = delegations_visible_to(actor).filter(from_date__lte=on, to_date__gte=on)
    found = tuple(Delegation(r.principal_id, r.delegate_id, r.from_date, r.to_date) for r in rows)
    return Standing(on, {person.user_id: person.roles for person in people}, found)


def next_step(request: ApprovalRequest) -> Step | None:
    steps = steps_of(request.steps)
    return steps[request.step] if request.state == ApprovalState.PENDING and request.step < len(steps) else None


def takers_of(request: ApprovalRequest) -> list[Acted]:
    """Who took earlier steps of a request, in person or through a delegate."""
    acts = list(request.acts.all())
    stood_for = {act.for_user_id for act in acts if act.for_user_id}
    behind = people_behind(stood_for) if stood_for else {}
    return [act.acted_by for act in acts] + [Acted(person(each), behind.get(each)) for each in stood_for]


def may_withdraw(actor: Actor, request: ApprovalRequest) -> bool:
    """Whether the actor asked for it."""
    return same_person(actor, request.asked_by)


def turn_of(actor: Actor, request: ApprovalRequest, standing: Standing) -> tuple[Principal | None, str]:
    """For whom the actor may take the request's next step, or why not: (person, "") or (None, reason), the reason being
    `ended`, `not_asked`, `own` or `twice`."""
    step = next_step(request)
    if step is None:
        return None, "ended"
    if actor.principal is None or actor.organisation_id != request.organisation_id:
        return None, "not_asked"
    asked = principals(
        step,
        who=actor.principal,
        roles={str(role) for role in actor.roles},
        holders=standing.holders,
        delegations=standing.delegations,
        on=standing.on,
    )
    asked_by = request.asked_by.people if request.asked_by else frozenset()
    taken = frozenset().union(*(each.people for each in takers_of(request)))
    reasons = [forbidden(actor.people | {each}, asked_by=asked_by, taken=taken) for each in asked]
    free = next((each for each, reason in zip(asked, reasons, strict=True) if not reason), None)
    return (free, "") if free is not None else (None, reasons[0] if reasons else "not_asked")


def awaiting(actor: Actor, on: date) -> list[ApprovalRequest]:
    """The requests whose next step the actor may take today, the oldest first."""
    if not actor.is_party or actor.principal is None:
        return []
    waiting = requests_visible_to(actor).filter(state=ApprovalState.PENDING).prefetch_related("acts").order_by("id")
    rows = list(waiting[:200])
    if not rows:
        return []
    standing = standing_of(actor, on)
    return [row for row in rows if turn_of(actor, row, standing)[0] is not None]


@dataclass(frozen=True)
class Stage:
    """One step as a page shows it: whom it asks, and who took it."""

    label: str
    role: str
    user_id: int | None
    act: object | None


@dataclass(frozen=True)
class RequestView:
    """A request with its steps, and whether the actor may take the next one (`reason` says why not) or withdraw it."""

    request: ApprovalRequest
    stages: list[Stage]
    may_decide: bool
    reason: str
    may_withdraw: bool


def request_view(actor: Actor, request_id: int, on: date) -> RequestView:
    """Raises NotThere."""
    request = access_request(actor, request_id)
    acts = {act.step: act for act in request.acts.all()}
    stages = [
        Stage(step.label, step.role, step.user_id, acts.get(place))
        for place, step in enumerate(steps_of(request.steps))
    ]
    person, reason = turn_of(actor, request, standing_of(actor, on)) if actor.is_party else (None, "not_asked")
    is_mine = may_withdraw(actor, request) and request.state == ApprovalState.PENDING
    return RequestView(request, stages, person is not None, reason, is_mine)
