"""Keeping what was found out about a matter, and the head's decision on what an officer proposes."""

from datetime import date, datetime
from functools import partial

from sunlight import scope
from sunlight.journal.declared import EventType
from sunlight.journal.refusals import Conflict, Forbidden, Invalid
from sunlight.journal.services import record, service
from sunlight.kernel import reading
from sunlight.kernel.money import fen_text
from sunlight.scope import Actor, authorities
from sunlight.scope.clock import business_date
from sunlight.scope.duties import moved
from sunlight.scope.roles import OrganisationKind
from supervision.events import FINDING_AGREED, FINDING_NOTED, FINDING_SENT_BACK
from supervision.models import Finding
from supervision.queries import matters as queries
from supervision.workflows import FINDING, Conclusion, FindingState

LEAST_NOTE, MOST_NOTE = 4, 1000
# A day further off than this is too far to look again.


@service
def finding_note(
    *,
    actor: Actor,
    at: datetime,
    matter: str,
    matter_id: int,
    conclusion: str,
    note: str,
    follow_up_on: date | str | None = None,
) -> Finding:
    """Keep what was found out about a matter's row. `URGED` needs the day to look again; `ACTION`, an authority's own,
    waits for its head. Raises NotThere, Forbidden, Invalid."""
    if not actor.has(*queries.FINDING_OUT):
        raise Forbidden("not_your_duty", "核查由院内审计、运营支持或监管人员办理。")
    found, row = queries.access_matter(actor, matter, matter_id, business_date(at))
    note = _required_note(note, "核查情况")
    follow_up_on = reading.day(follow_up_on, "follow_up_on", "复查日期", required=False)
    _fits(actor, conclusion, follow_up_on, business_date(at))
    Finding.objects.select_for_update().filter(
        organisation_id=actor.organisation_id,
        platform_id=row.platform_id,
        matter=found.key,
        matter_id=row.id,
        is_latest=True,
    ).update(is_latest=False)
    state = FINDING.initial
    if conclusion == Conclusion.ACTION:
        state = moved(FINDING, state, "propose", actor)
    made = Finding.objects.create(
        platform_id=row.platform_id,
        organisation_id=actor.organisation_id,
        matter=found.key,
        matter_id=row.id,
        number=row.what[:40],
        about=_about(row),
        conclusion=conclusion,
        note=note,
        follow_up_on=follow_up_on,
        state=state,
        noted_at=at,
        **scope.by(actor, "noted"),
        noted_by_name=actor.user_name[:120],
    )
    _record(FINDING_NOTED, made, actor, at)
    return made


def _about(row) -> str:
    """Who and how much, as it was then: the row moves on, the finding does not."""
    amount = row.missing_fen
    sum_text = f"，{fen_text(amount, grouped=True)} 元" if amount is not None else ""
    return f"{row.buyer.name} / {row.seller.name}{sum_text}"[:300]


def _fits(actor: Actor, conclusion: str, follow_up_on: date | None, today: date) -> None:
    if conclusion not in Conclusion.values():
        raise Invalid("conclusion_unknown", "请选择核查结论。", field="conclusion")
    if conclusion == Conclusion.ACTION and actor.kind != OrganisationKind.REGULATOR:
        raise Forbidden("not_your_part", "处置由监管部门决定，请选择其他结论。", basis=authorities.basis_of(actor))
    if conclusion == Conclusion.URGED:
        furthest = scope.law(actor, today).at("finding.follow_up_days").value
        if follow_up_on is None or not 0 < (follow_up_on - today).days <= furthest:
            raise Invalid("follow_up_day", f"请填写复查日期，须在明天起 {furthest} 天之内。", field="follow_up_on")
    elif follow_up_on is not None:
        raise Invalid("follow_up_day", "只有“已督促整改”才填复查日期，请清空。", field="follow_up_on")


def _required_note(typed: object, label: str) -> str:
    note = reading.reason(typed, label=label, most=MOST_NOTE, field="note")
    if len(note) < LEAST_NOTE:
        raise Invalid("too_short", f"请填写{label}，至少 {LEAST_NOTE} 个字。", field="note")
    return note


@service
def finding_decide(*, actor: Actor, at: datetime, finding_id: int, agrees: bool, note: str = "") -> Finding:
    """The head of an authority agrees to act, or sends the matter back to be looked into again, with the reason. Raises
    NotThere, Forbidden for one's own proposal, Conflict, Invalid."""
    queries.access_finding(actor, finding_id)
    found = Finding.objects.select_for_update().get(id=finding_id)
    if not found.is_latest:
        raise Conflict("newer_finding", "同一事项已有更新的核查记录，请按最新的一份决定。")
    move = "agree" if agrees else "send_back"
    state = moved(FINDING, found.state, move, actor, earlier={"propose": found.noted_by})
    opinion = partial(reading.text, field="note", label="意见", most=MOST_NOTE, required=False)
    found.decision_note = opinion(note) if agrees else _required_note(note, "退回原因")
    found.state, found.decided_at = state, at
    found.decided_by_name, found.version = actor.user_name[:120], found.version + 1
    who = scope.stamp(found, "decided", actor)
    found.save(update_fields=["state", "decision_note", "decided_at", *who, "decided_by_name", "version"])
    _record(FINDING_AGREED if state == FindingState.AGREED else FINDING_SENT_BACK, found, actor, at)
    return found


def _record(event: EventType, row: Finding, actor: Actor, at: datetime) -> None:
    """Without the words of the finding: other authorities read the platform's journal, each only its own findings."""
    record(
        event,
        subject=row.id,
        actor=actor,
        at=at,
        version=row.version,
        platform_id=row.platform_id,
        payload={
            "matter": row.matter,
            "number": row.number,
            "conclusion": str(row.conclusion),
            "state": str(row.state),
            "follow_up_on": row.follow_up_on,
        },
    )
