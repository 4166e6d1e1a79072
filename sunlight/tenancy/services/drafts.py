"""Switching what draft acts do on a platform: an officer proposes, the head of the authority decides (A1)."""

from datetime import datetime

from sunlight import scope
from sunlight.journal.declared import EventType
from sunlight.journal.refusals import Conflict, Forbidden, Invalid
from sunlight.journal.services import record, service
from sunlight.kernel import reading
from sunlight.kernel.policy import Drafts
from sunlight.scope import Actor
from sunlight.scope.duties import moved
from sunlight.tenancy.drafts import DRAFTS_LABELS, DraftsSwitch
from sunlight.tenancy.events import DRAFTS_SWITCH_PROPOSED, DRAFTS_SWITCH_REFUSED, DRAFTS_SWITCHED
from sunlight.tenancy.models import Platform
from sunlight.tenancy.queries.drafts import access_switch, answers_for_the_law, switches_of
from sunlight.tenancy.workflows import DRAFTS_SWITCH, SwitchState


def _authority(actor: Actor) -> None:
    if not answers_for_the_law(actor):
        raise Forbidden("not_your_part", "征求意见稿在平台上如何执行，由平台所在地的医疗保障部门决定。")


@service
def drafts_switch_propose(*, actor: Actor, at: datetime, after: str, reason: str) -> DraftsSwitch:
    """Propose that drafts bind (`binding`) or only warn (`warn`) on the actor's platform. Raises Forbidden, Invalid,
    Conflict where they do so already or another proposal waits."""
    _authority(actor)
    moved(DRAFTS_SWITCH, DRAFTS_SWITCH.initial, "propose", actor)
    if after not in set(Drafts):
        raise Invalid("drafts_unknown", "请选择征求意见稿按规定执行，还是仅提示。", field="after")
    why = reading.reason(reason, label="变更理由")
    platform = Platform.objects.select_for_update().get(id=actor.platform_id)
    if platform.drafts == after:
        raise Conflict("drafts_already", f"征求意见稿在本平台已经是“{DRAFTS_LABELS[Drafts(after)]}”，无需变更。")
    if switches_of(actor).filter(state=SwitchState.PROPOSED).exists():
        raise Conflict("switch_waits", "已有一项变更等待负责人决定，请先办结。")
    made = DraftsSwitch.objects.create(
        platform=platform,
        organisation_id=actor.organisation_id,
        before=platform.drafts,
        after=after,
        reason=why,
        proposed_at=at,
        **scope.by(actor, "proposed"),
        proposed_by_name=actor.user_name[:60],
    )
    _record(DRAFTS_SWITCH_PROPOSED, made, actor, at)
    return made


@service
def drafts_switch_decide(*, actor: Actor, at: datetime, switch_id: int, agrees: bool, note: str = "") -> DraftsSwitch:
    """The head agrees, and drafts do so from now on; or refuses, with the reason. Raises NotThere, Forbidden for the one
    who proposed it and for machines, Conflict, Invalid."""
    _authority(actor)
    switch = access_switch(actor, switch_id)
    subject = ("drafts_switch", switch.id)
    move = "confirm" if agrees else "refuse"
    state = moved(DRAFTS_SWITCH, switch.state, move, actor, earlier={"propose": switch.proposed_by}, subject=subject)
    switch.note = "" if agrees else reading.reason(note, label="不同意的理由", field="note")
    switch.state, switch.version, switch.decided_at = state, switch.version + 1, at
    switch.decided_by_name = actor.user_name[:60]
    who = scope.stamp(switch, "decided", actor)
    switch.save(update_fields=["state", "version", "decided_at", "decided_by_name", "note", *who])
    if agrees:
        Platform.objects.filter(id=switch.platform_id).update(drafts=switch.after)
    _record(DRAFTS_SWITCHED if agrees else DRAFTS_SWITCH_REFUSED, switch, actor, at)
    return switch


def _record(event: EventType, switch: DraftsSwitch, actor: Actor, at: datetime) -> None:
    record(
        event,
        subject=switch.id,
        actor=actor,
        at=at,
        version=switch.version,
        platform_id=switch.platform_id,
        payload={
            "before": switch.before,
            "after": switch.after,
            "reason": switch.reason,
            "state": str(switch.state),
            "note": switch.note,
        },
    )
