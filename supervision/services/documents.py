"""The official documents of the law library: the platform puts them there, and takes a wrong one back."""

from datetime import datetime

from sunlight import scope
from sunlight.files.filetypes import FileType
from sunlight.files.models import Visibility
from sunlight.files.services.files import file_show, file_store
from sunlight.journal.declared import EventType
from sunlight.journal.refusals import Conflict, Forbidden, NotThere
from sunlight.journal.services import record, service
from sunlight.kernel import reading
from sunlight.scope import Actor, Role
from supervision.events import ACT_DOCUMENT_ADDED, ACT_DOCUMENT_TAKEN_BACK
from supervision.models import ActDocument
from supervision.queries.law import documents_of

ACCEPTED = (FileType.PDF,)


def _librarian(actor: Actor) -> None:
    if not actor.has(Role.PLATFORM_SYSTEM_ADMIN):
        raise Forbidden("not_your_duty", "文件原文由平台系统管理员上传和撤下，您的岗位不能办理。")


@service
def act_document_add(*, actor: Actor, at: datetime, act: str, name: str, content: bytes, source: str) -> ActDocument:
    """Put the official document (PDF) of an act into the library, with where it was taken from. Everybody may read it.
    Raises Forbidden, NotThere for an act that is not loaded, Invalid for what is no PDF, Conflict for the same file
    again."""
    _librarian(actor)
    if act not in scope.policy().acts:
        raise NotThere("这份文件")
    taken_from = reading.text(source, "source", "原文出处", most=200)
    file = file_store(actor=actor, at=at, name=name, content=content, accept=ACCEPTED, visibility=Visibility.PUBLIC)
    if documents_of(actor, act).filter(file__sha256=file.sha256).exists():
        raise Conflict("document_there_already", "这份原文已经上传，无需重复上传。")
    made = ActDocument.objects.create(
        platform_id=actor.platform_id, act=act, file=file, source=taken_from, added_at=at, **scope.by(actor, "added")
    )
    _record(ACT_DOCUMENT_ADDED, made, actor, at)
    return made


@service
def act_document_take_back(*, actor: Actor, at: datetime, document_id: int, reason: str) -> ActDocument:
    """Take a wrong document back: nobody reads it any more. Raises Forbidden, NotThere, Invalid."""
    _librarian(actor)
    rows = ActDocument.objects.select_for_update(of=("self",)).select_related("file")
    document = rows.filter(id=document_id, platform_id=actor.platform_id, taken_back_at=None).first()
    if document is None:
        raise NotThere("这份原文")
    document.taken_back_reason = reading.reason(reason, label="撤下原因")
    document.taken_back_at = at
    who = scope.stamp(document, "taken_back", actor)
    document.save(update_fields=["taken_back_reason", "taken_back_at", *who])
    file_show(actor=actor, at=at, file_id=document.file_id, visibility=Visibility.OWN)
    _record(ACT_DOCUMENT_TAKEN_BACK, document, actor, at)
    return document


def _record(event: EventType, document: ActDocument, actor: Actor, at: datetime) -> None:
    record(
        event,
        subject=document.id,
        actor=actor,
        at=at,
        payload={
            "legal_act": document.act,
            "file": document.file.name,
            "sha256": document.file.sha256,
            "source": document.source,
            "reason": document.taken_back_reason,
        },
    )
