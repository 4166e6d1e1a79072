"""News of the blocks themselves: a file of which rows were refused, an objection to what was published."""

from datetime import datetime

from sunlight.blocks.events.imports import IMPORT_FINISHED
from sunlight.blocks.events.publicity import OBJECTION_LODGED
from sunlight.blocks.kinds import IMPORT_REFUSED, OBJECTED
from sunlight.blocks.services.messages import message_send
from sunlight.journal.subscriptions import subscribe
from sunlight.scope import Actor


@subscribe(IMPORT_FINISHED, name="imports.refused_rows")
def import_refused(*, event, actor: Actor, at: datetime) -> None:
    """Whoever sent the file hears how many of its rows were refused, and where to fetch them."""
    facts = event.payload
    if facts["refused"]:
        message_send(
            actor=actor, at=at, kind=IMPORT_REFUSED, to=[event.actor_organisation_id], roles=event.actor_roles,
            title=f"{facts['file']}：{facts['refused']} 行未被接收",
            body=f"共 {facts['total']} 行，接收 {facts['taken']} 行，拒收 {facts['refused']} 行。请下载拒收明细，改正后重新上传。",
            subject=(event.subject_type, event.subject_id), event=event,
        )  # fmt: skip


@subscribe(OBJECTION_LODGED, name="publicity.objection_lodged")
def objection_lodged(*, event, actor: Actor, at: datetime) -> None:
    """The party concerned hears what is held against it, not by whom."""
    facts = event.payload
    message_send(
        actor=actor, at=at, kind=OBJECTED, to=[facts["party"]], event=event,
        title=f"公示“{facts['title'][:120]}”收到异议", body=facts["text"],
    )  # fmt: skip
