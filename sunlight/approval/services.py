"""Approval: chains set by an organisation's administrator, delegates with dates, requests asked, passed, rejected.

An app asks before it acts, and acts when the last step is taken, in the same transaction:

    request = approval_ask(actor=actor, at=at, matter="order", title=…, amount_fen=…, payload=…)   # None: nothing to ask
    request = approval_decide(actor=actor, at=at, request_id=…, is_yes=True, note=…)
    if request.state == ApprovalState.APPROVED: …                                                  # do it, then
    approval_result(actor=actor, at=at, request=request, result={…})
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from django.db.models import Max, prefetch_related_objects
from django.utils.translation import gettext_noop

from sunlight import scope
from sunlight.approval import queries
from sunlight.approval.chains import LONGEST_LABEL, MOST_FEN, MOST_STEPS, Step, steps_for, steps_of
from sunlight.approval.events import (
    APPROVAL_ASKED,
    APPROVAL_CHAIN_SET,
    APPROVAL_DELEGATED,
    APPROVAL_DELEGATION_REVOKED,
    APPROVAL_PASSED,
    APPROVAL_REJECTED,
    APPROVAL_WITHDRAWN,
)
from sunlight.approval.models import MATTERS, ApprovalAct, ApprovalChain, ApprovalDelegation, ApprovalRequest
from sunlight.approval.workflows import APPROVAL, ASKED_FOR_IT, TOOK_A_STEP
from sunlight.journal.declared import EventType
from sunlight.journal.refusals import Forbidden, Invalid, NotThere
from sunlight.journal.services import record, service
from sunlight.kernel import reading
from sunlight.kernel.money import fen_text
from sunlight.numbering import platform_number
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.scope.duties import held_message, is_held, moved
from sunlight.scope.roles import ADMINS, ROLE_LABELS, OrganisationKind
from sunlight.tenancy.access import AccessChange
from sunlight.tenancy.changes import Lines, change_kind
from sunlight.tenancy.queries.identities import person_of_user
from sunlight.tenancy.queries.people import people_of
from sunlight.tenancy.services.changes import change_ask
from sunlight.tenancy.services.mandates import mandated

REASONS = {
    "ended": "这份审批已办结，请刷新页面查看结果。",
    "not_asked": "当前步骤不由您审批，也没有有效期内的委托。请等待该步骤的审批人办理。",
    "own": ASKED_FOR_IT.message,
    "twice": TOOK_A_STEP.message,
}


def _administers(actor: Actor) -> None:
    if not actor.has(*ADMINS):
        raise Forbidden("not_your_duty", "只有本单位管理员可以设置审批流程。")


@service
def chain_set(*, actor: Actor, at: datetime, matter: str, steps: Sequence[Mapping]) -> AccessChange:
    """Ask for another chain for a matter; no steps: nothing would be asked. A second administrator confirms it, and it
    counts from the next day; requests under way keep the version they were asked under. Raises Invalid for a step that
    nobody could take."""
    _administers(actor)
    made = _steps_read(actor, matter, steps)
    before = queries.chain_of(actor, matter, business_date(at))
    told = {step.role for step in made} | {step.role for step in steps_of(before.steps if before else [])}
    return change_ask(
        actor=actor,
        at=at,
        kind=CHAIN,
        title=f"{'修改' if made else '停用'}审批流程：{dict(MATTERS)[matter]}",
        facts={"matter": matter, "steps": [step.to_dict() for step in made]},
        told_roles=told,
    )


def _steps_read(actor: Actor, matter: str, steps: Sequence[Mapping]) -> list[Step]:
    if matter not in dict(MATTERS):
        raise Invalid("matter_unknown", "没有这类审批事项，请重新选择。", field="matter")
    if len(steps) > MOST_STEPS:
        raise Invalid("too_many_steps", f"审批最多 {MOST_STEPS} 步，请合并后重试。", field="steps")
    people = {person.user_id: person for person in _people(actor)}
    return [_step(actor, row, number, people) for number, row in enumerate(steps, start=1)]


def _chain_made(*, change: AccessChange, actor: Actor, at: datetime) -> None:
    """A confirmed chain, from the next day on: whoever changes it cannot use it the same day."""
    of_it = replace(actor, kind=OrganisationKind(change.organisation.kind), organisation_id=change.organisation_id)
    steps = [step.to_dict() for step in _steps_read(of_it, change.facts["matter"], change.facts["steps"])]
    with scope.elevated(actor):
        place = {"platform_id": change.platform_id, "organisation_id": change.organisation_id}
        rows = ApprovalChain.objects.filter(**place, matter=change.facts["matter"])
        chain = ApprovalChain.objects.create(
            **place,
            matter=change.facts["matter"],
            version=(rows.aggregate(Max("version"))["version__max"] or 0) + 1,
            steps=steps,
            from_date=business_date(at) + timedelta(days=1),
            made_at=at,
            **scope.by(actor, "made"),
        )
    record(
        APPROVAL_CHAIN_SET,
        subject=chain.id,
        actor=actor,
        at=at,
        version=chain.version,
        parties=[chain.organisation_id],
        payload={
            "matter": chain.matter,
            "version": chain.version,
            "steps": chain.steps,
            "from": chain.from_date,
            "change": change.pk,
        },
    )


def _lines(facts: dict) -> Lines:
    """The steps of a chain that somebody asked for, as the second administrator reads them."""
    steps = steps_of(facts["steps"])
    if not steps:
        return [(gettext_noop("审批步骤"), "不需要审批（停用）")]
    return [
        (f"第 {number} 步", f"{step.label}：{ROLE_LABELS[Role(step.role)]}，{fen_text(step.from_fen)} 元起")
        for number, step in enumerate(steps, start=1)
    ]


CHAIN = change_kind("approval_chain", "修改审批流程", apply=_chain_made, shown=_lines)


def _people(actor: Actor):
    return people_of(platform_id=actor.platform_id, organisation_id=actor.organisation_id)


def _step(actor: Actor, row: Mapping, number: int, people: Mapping) -> Step:
    role, amount = row.get("role"), row.get("from_fen", 0)
    label = reading.text(row.get("label"), "steps", f"第 {number} 步的名称", most=LONGEST_LABEL, missing="step_label")
    person = reading.row_id(row.get("user_id"), "steps", f"第 {number} 步的人员", required=False)
    if role not in {str(each) for each in Role if each.kind == actor.kind}:
        raise Invalid("step_role", f"第 {number} 步请选择本单位的岗位。", field="steps")
    if isinstance(amount, bool) or not isinstance(amount, int) or not 0 <= amount <= MOST_FEN:
        raise Invalid("step_amount", f"第 {number} 步的起始金额应为不小于 0 的金额。", field="steps")
    if person is not None and (person not in people or role not in people[person].roles):
        raise Invalid("step_person", f"第 {number} 步指定的人员不担任该岗位，请重新选择。", field="steps")
    if person is None and not any(role in each.roles for each in people.values()):
        raise Invalid("step_nobody", f"第 {number} 步的岗位目前无人担任，请先授予岗位或改选岗位。", field="steps")
    return Step(label, role, amount, person)


@service
def delegation_make(
    *,
    actor: Actor,
    at: datetime,
    delegate_id: int | str,
    from_date: date | str,
    to_date: date | str,
) -> ApprovalDelegation:
    """Somebody of the organisation stands in for the actor in approvals, from a day to a day, both included. Nobody, no
    administrator either, says so for another. Raises Invalid for dates over or the wrong way round, a person of another
    organisation or another account of the actor's own, Forbidden while the actor's account is held."""
    if actor.user_id is None:
        raise Forbidden("people_only", "审批委托由人员本人登录后设置，接口不能办理。")
    if is_held(actor):
        raise Forbidden("account_held", held_message(actor, "委托审批"))
    read = reading.Collected()
    delegate_id = read(reading.row_id, delegate_id, "delegate", "代理人")
    from_date = read(reading.day, from_date, "from_date", "委托起始日")
    to_date = read(reading.day, to_date, "to_date", "委托截止日")
    read.check()
    principal_id = actor.user_id
    people = {person.user_id: person for person in _people(actor)}
    if delegate_id not in people or principal_id not in people:
        raise Invalid("delegate_unknown", "请选择本单位的人员作为代理人。", field="delegate")
    if person_of_user(delegate_id) == actor.for_person_id:
        raise Invalid("delegate_oneself", "不能委托本人，请选择其他人员。", field="delegate")
    if to_date < from_date or to_date < business_date(at):
        raise Invalid("delegation_dates", "委托截止日不得早于起始日和今天，请重新填写。", field="to_date")
    row = ApprovalDelegation.objects.create(
        platform_id=actor.platform_id,
        organisation_id=actor.organisation_id,
        principal_id=principal_id,
        principal_name=people[principal_id].name,
        delegate_id=delegate_id,
        delegate_name=people[delegate_id].name,
        from_date=from_date,
        to_date=to_date,
        made_at=at,
        **scope.by(actor, "made"),
    )
    _record_delegation(APPROVAL_DELEGATED, row, actor, at)
    return row


@service
def delegation_revoke(*, actor: Actor, at: datetime, delegation_id: int) -> ApprovalDelegation:
    """End a delegation now: by its principal or an administrator. Raises NotThere."""
    delegation_id = reading.row_id(delegation_id, "delegation_id", "委托")
    row = queries.delegations_visible_to(actor).select_for_update().filter(id=delegation_id).first()
    if row is None or (row.principal_id != actor.user_id and not actor.has(*ADMINS)):
        raise NotThere("这份委托")
    row.revoked_at = at
    row.save(update_fields=["revoked_at"])
    _record_delegation(APPROVAL_DELEGATION_REVOKED, row, actor, at)
    return row


def _record_delegation(event: EventType, row: ApprovalDelegation, actor: Actor, at: datetime) -> None:
    record(
        event,
        subject=row.id,
        actor=actor,
        at=at,
        payload={"principal": row.principal_id, "delegate": row.delegate_id, "from": row.from_date, "to": row.to_date},
    )


def steps_needed(actor: Actor, matter: str, amount_fen: int, on: date) -> tuple[ApprovalChain | None, list[Step]]:
    """The chain in force on a day and the steps it asks for an amount; no steps where nothing is asked."""
    chain = queries.chain_of(actor, matter, on)
    return chain, steps_for(steps_of(chain.steps), amount_fen) if chain else []


def steps_missing(request: ApprovalRequest, counted_fen: int) -> list[Step]:
    """The steps of the request's own chain that an amount asks for and that were not asked when it was made."""
    asked = steps_of(request.steps)
    return [step for step in steps_for(steps_of(request.chain.steps), counted_fen) if step not in asked]


@service
def approval_ask(
    *,
    actor: Actor,
    at: datetime,
    matter: str,
    title: str,
    amount_fen: int,
    payload: dict,
    counted_fen: int | None = None,
) -> ApprovalRequest | None:
    """Ask for approval under the chain in force; None where it asks for no step at this amount (integer fen), or at
    `counted_fen`, which adds what belongs together so that splitting does not pass."""
    counted_fen = max(amount_fen, counted_fen or 0)
    chain, steps = steps_needed(actor, matter, counted_fen, business_date(at))
    if not steps:
        return None
    request = ApprovalRequest.objects.create(
        platform_id=actor.platform_id,
        organisation_id=actor.organisation_id,
        matter=matter,
        number=platform_number(business_date(at)),
        title=title[:200],
        amount_fen=amount_fen,
        counted_fen=counted_fen,
        chain=chain,
        steps=[step.to_dict() for step in steps],
        payload=payload,
        asked_at=at,
        **scope.by(actor, "asked"),
        asked_by_name=actor.user_name[:60],
    )
    _record(APPROVAL_ASKED, request, actor, at, payload=payload)
    return request


def _record(event: EventType, request: ApprovalRequest, actor: Actor, at: datetime, **more) -> None:
    facts = {
        "matter": request.matter,
        "number": request.number,
        "title": request.title,
        "state": request.state,
        "amount_fen": request.amount_fen,
        "counted_fen": request.counted_fen,
        "chain": request.chain_id,
        "step": request.step,
        "steps": request.steps,
    }
    record(
        event,
        subject=request.id,
        actor=actor,
        at=at,
        version=request.version,
        parties=[request.organisation_id],
        payload=facts | more,
    )


@service
def approval_decide(*, actor: Actor, at: datetime, request_id: int, is_yes: bool, note: str = "") -> ApprovalRequest:
    """Take the request's next step, in person or for whom one stands in for today. Yes to the last step approves, no to
    any rejects. Raises Forbidden for whoever is not asked, asked for it, or took an earlier step; Invalid for a no
    without a reason; Conflict once it has ended."""
    request = queries.lock_request(actor, request_id)
    steps = steps_of(request.steps)
    is_last = request.step + 1 >= len(steps)
    subject = ("approval", request.id)
    prefetch_related_objects([request], "acts")
    person, reason = queries.turn_of(actor, request, queries.standing_of(actor, business_date(at)))
    if reason == "not_asked":
        raise Forbidden("approval_not_asked", REASONS[reason], subject=subject)
    move = "reject" if not is_yes else "approve" if is_last else "pass_step"
    actor = mandated(actor, APPROVAL, move, fen=lambda: request.amount_fen, subject=subject, at=at)
    state = moved(
        APPROVAL,
        request.state,
        move,
        actor,
        earlier={"ask": request.asked_by, "earlier step": queries.takers_of(request)},
        subject=subject,
    )
    if person is None:
        # For whom the actor stands in asked for it, or took a step.
        raise Forbidden(f"approval_{reason}", REASONS[reason], subject=subject)
    if is_yes:
        plain = reading.text(note, "note", "意见", most=500, required=False)
    else:
        plain = reading.reason(note, label="不同意的理由", field="note")
    act = ApprovalAct.objects.create(
        request=request,
        step=request.step,
        label=steps[request.step].label,
        is_yes=is_yes,
        acted_at=at,
        **scope.by(actor, "acted"),
        acted_by_name=actor.user_name[:60],
        for_user_id=None if person == actor.principal else person.id,
        note=plain,
    )
    request.state, request.version = state, request.version + 1
    request.step += 1 if is_yes else 0
    request.ended_at = at if not is_yes or is_last else None
    request.save(update_fields=["state", "version", "step", "ended_at"])
    _record(
        APPROVAL_PASSED if is_yes else APPROVAL_REJECTED,
        request,
        actor,
        at,
        label=act.label,
        note=plain,
        for_user=act.for_user_id,
    )
    return request


@service
def approval_withdraw(*, actor: Actor, at: datetime, request_id: int) -> ApprovalRequest:
    """The person who asked withdraws the request while it waits. Raises NotThere for anybody else's."""
    request = queries.lock_request(actor, request_id)
    if not queries.may_withdraw(actor, request):
        raise Forbidden("approval_not_yours", "只有提交人可以撤回这份申请。")
    request.state = moved(APPROVAL, request.state, "withdraw", actor)
    request.version, request.ended_at = request.version + 1, at
    request.save(update_fields=["state", "version", "ended_at"])
    _record(APPROVAL_WITHDRAWN, request, actor, at)
    return request


@service
def approval_result(*, actor: Actor, at: datetime, request: ApprovalRequest, result: dict) -> None:
    """The result of an approved request, for whoever opens it later. Called by the app in the transaction of the
    effect."""
    request.result = result
    request.save(update_fields=["result"])
