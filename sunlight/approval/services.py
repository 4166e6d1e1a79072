"""Approval: chains set by an organisation's administrator, delegates with dates, requests asked, passed, rejected.

An app asks before it acts, and acts when the last step is taken, in the same transaction:

    request = approval_ask(actor=actor, at=at, matter="order", title=…, amount_fen=…, payload=…)   # None: nothing to ask
    request = approval_decide(actor=actor, at=at, request_id=…, is_yes=True, note=…)
    if request.state == ApprovalState.APPROVED: …                                                  # do it, then
    approval_result(actor=actor, at=at, request=request, result={…})
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db.models import prefetch_related_objects

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
from sunlight.numbering import platform_number
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.scope.duties import moved
from sunlight.scope.roles import ADMINS
from sunlight.tenancy.queries.people import people_of
from sunlight.tenancy.services.machines import in_person
from sunlight.tenancy.services.mandates import mandated

REASONS = {
    "ended": "这份审批已办结，请刷新页面查看结果。",
    "not_asked": "当前步骤不由您审批，也没有有效期内的委托。请等待该步骤的审批人办理。",
    "own": ASKED_FOR_IT.message,
    "twice": TOOK_A_STEP.message,
}


def _administers(actor: Actor) -> None:
    in_person(actor, "设置审批流程")
    if not actor.has(*ADMINS):
        raise Forbidden("not_your_duty", "只有本单位管理员可以设置审批流程。")


@service
def chain_set(*, actor: Actor, at: datetime, matter: str, steps: Sequence[Mapping]) -> ApprovalChain:
    """The organisation's chain for a matter from now on, as its next version; no steps: nothing is asked. Requests under
    way keep the version they were asked under. Raises Invalid for a step that nobody could take."""
    _administers(actor)
    if matter not in dict(MATTERS):
        raise Invalid("matter_unknown", "没有这类审批事项，请重新选择。", field="matter")
    if len(steps) > MOST_STEPS:
        raise Invalid("too_many_steps", f"审批最多 {MOST_STEPS} 步，请合并后重试。", field="steps")
    people = {person.user_id: person for person in _people(actor)}
    made = [_step(actor, row, number, people) for number, row in enumerate(steps, start=1)]
    before = queries.chain_of(actor, matter)
    chain = ApprovalChain.objects.create(
        platform_id=actor.platform_id,
        organisation_id=actor.organisation_id,
        matter=matter,
        version=before.version + 1 if before else 1,
        steps=[step.to_dict() for step in made],
        made_at=at,
        **scope.by(actor, "made"),
    )
    record(
        APPROVAL_CHAIN_SET,
        subject=chain.id,
        actor=actor,
        at=at,
        version=chain.version,
        payload={"matter": matter, "version": chain.version, "steps": chain.steps},
    )
    return chain


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
    principal_id: int | None = None,
) -> ApprovalDelegation:
    """Somebody of the organisation stands in for the actor (an administrator may say for whom) in approvals, from a day
    to a day, both included. Raises Invalid for dates over or the wrong way round, or a person of another organisation."""
    in_person(actor, "办理审批委托")
    read = reading.Collected()
    delegate_id = read(reading.row_id, delegate_id, "delegate", "代理人")
    from_date = read(reading.day, from_date, "from_date", "委托起始日")
    to_date = read(reading.day, to_date, "to_date", "委托截止日")
    read.check()
    principal_id = actor.user_id if principal_id is None else principal_id
    if principal_id != actor.user_id:
        _administers(actor)
    people = {person.user_id: person for person in _people(actor)}
    if delegate_id not in people or principal_id not in people:
        raise Invalid("delegate_unknown", "请选择本单位的人员作为代理人。", field="delegate")
    if delegate_id == principal_id:
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


def steps_needed(actor: Actor, matter: str, amount_fen: int) -> tuple[ApprovalChain | None, list[Step]]:
    """The chain in force and the steps it asks for an amount; no steps where nothing is asked."""
    chain = queries.chain_of(actor, matter)
    return chain, steps_for(steps_of(chain.steps), amount_fen) if chain else []


@service
def approval_ask(
    *, actor: Actor, at: datetime, matter: str, title: str, amount_fen: int, payload: dict
) -> ApprovalRequest | None:
    """Ask for approval under the chain in force; None where it asks for no step at this amount (integer fen)."""
    chain, steps = steps_needed(actor, matter, amount_fen)
    if not steps:
        return None
    request = ApprovalRequest.objects.create(
        platform_id=actor.platform_id,
        organisation_id=actor.organisation_id,
        matter=matter,
        number=platform_number(business_date(at)),
        title=title[:200],
        amount_fen=amount_fen,
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
