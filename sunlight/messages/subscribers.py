"""News of the kits below: a file of which rows were refused."""

from datetime import datetime

from sunlight.journal.subscriptions import subscribe
from sunlight.messages.kinds import message_kind
from sunlight.messages.services.messages import message_send
from sunlight.scope import Actor
from sunlight.sheets.events import IMPORT_FINISHED

IMPORT_REFUSED = message_kind("import_refused", "文件导入有拒收行", url_name="imports:run")


@subscribe(IMPORT_FINISHED, name="imports.refused_rows")
def import_refused(*, event, actor: Actor, at: datetime) -> None:
    """Whoever sent the file learns how many of its rows were refused, and where to fetch them."""
    facts = event.payload
    if facts["refused"]:
        message_send(
            actor=actor,
            at=at,
            kind=IMPORT_REFUSED,
            to=[event.actor_organisation_id],
            roles=event.actor_roles,
            title=f"{facts['file']}：{facts['refused']} 行未被接收",
            body=f"共 {facts['total']} 行，接收 {facts['taken']} 行，拒收 {facts['refused']} 行。请下载拒收明细，改正后重新上传。",
            subject=(event.subject_type, event.subject_id),
            event=event,
        )
