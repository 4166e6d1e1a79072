"""What an authority writes with: its templates and its letterhead, each proposed by one person and decided by another."""

from datetime import datetime

from sunlight import scope
from sunlight.files.filetypes import FileType
from sunlight.files.services.files import file_store
from sunlight.journal.refusals import Conflict, Invalid
from sunlight.journal.services import record, service
from sunlight.kernel import reading
from sunlight.letters import events, queries
from sunlight.letters.models import LetterHead, LetterTemplate
from sunlight.letters.services.writing import content, only_writers
from sunlight.letters.workflows import HEAD, TEMPLATE, LetterKind, ProposalState
from sunlight.scope import Actor
from sunlight.scope.duties import moved

SEALS = (FileType.PNG, FileType.JPEG)


@service
def template_propose(
    *,
    actor: Actor,
    at: datetime,
    kind: str,
    title: str,
    text: str,
    term_days: int | str | None = None,
    must_acknowledge: bool = True,
    must_answer: bool = True,
) -> LetterTemplate:
    """Propose how the authority writes a kind of letter. Raises Forbidden, Invalid, Conflict while another waits."""
    only_writers(actor)
    if kind not in LetterKind.values():
        raise Invalid("kind_unknown", "请选择公函种类。", field="kind")
    typed = content(title, text, term_days, must_acknowledge, must_answer)
    if queries.templates_visible_to(actor).filter(kind=kind, state=ProposalState.PROPOSED).exists():
        raise Conflict("template_waits", "这种公函已有一份模板待负责人决定，请等候决定后再提出。")
    made = LetterTemplate.objects.create(
        platform_id=actor.platform_id,
        organisation_id=actor.organisation_id,
        kind=kind,
        proposed_at=at,
        proposed_by_name=actor.user_name,
        **typed,
        **scope.by(actor, "proposed"),
    )
    _record_template(events.LETTER_TEMPLATE_PROPOSED, made, actor, at)
    return made


@service
def template_decide(*, actor: Actor, at: datetime, template_id: int, agrees: bool, note: str = "") -> LetterTemplate:
    """Another person decides on a template; the one in use till now is replaced. Raises NotThere, Forbidden, Conflict,
    Invalid without the reason of a no."""
    row = queries.lock_template(actor, template_id)
    state = moved(TEMPLATE, row.state, "agree" if agrees else "decline", actor, earlier={"propose": row.proposed_by})
    row.note = reading.text(note, "note", "意见", most=500, required=not agrees)
    if agrees:
        before = queries.templates_visible_to(actor).select_for_update()
        for old in before.filter(kind=row.kind, state=ProposalState.IN_USE):
            old.state = moved(TEMPLATE, old.state, "replace", actor)
            old.save(update_fields=["state"])
    row.state, row.decided_at, row.decided_by_name, row.version = state, at, actor.user_name, row.version + 1
    who = scope.stamp(row, "decided", actor)
    row.save(update_fields=["state", "note", "decided_at", "decided_by_name", "version", *who])
    _record_template(events.LETTER_TEMPLATE_AGREED if agrees else events.LETTER_TEMPLATE_DECLINED, row, actor, at)
    return row


def _record_template(event, row: LetterTemplate, actor: Actor, at: datetime) -> None:
    payload = {
        "letter_kind": str(row.kind),
        "title": row.title,
        "text": row.text,
        "term_days": row.term_days,
        "must_acknowledge": row.must_acknowledge,
        "must_answer": row.must_answer,
        "state": str(row.state),
        "note": row.note,
    }
    record(event, subject=row.id, actor=actor, at=at, version=row.version, payload=payload)


@service
def head_propose(*, actor: Actor, at: datetime, short_name: str, seal_name: str = "", seal: bytes = b"") -> LetterHead:
    """Propose the short name in the authority's numbers and the picture of its seal (PNG, JPEG), where it has one. Raises
    Forbidden, Invalid, Conflict while another waits."""
    only_writers(actor)
    short = reading.text(short_name, "short_name", "机关代字", most=20)
    if queries.heads_visible_to(actor).filter(state=ProposalState.PROPOSED).exists():
        raise Conflict("head_waits", "已有一份版头待负责人决定，请等候决定后再提出。")
    kept = file_store(actor=actor, at=at, name=seal_name, content=seal, accept=SEALS) if seal else None
    made = LetterHead.objects.create(
        platform_id=actor.platform_id,
        organisation_id=actor.organisation_id,
        short_name=short,
        seal=kept,
        proposed_at=at,
        proposed_by_name=actor.user_name,
        **scope.by(actor, "proposed"),
    )
    _record_head(events.LETTER_HEAD_PROPOSED, made, actor, at)
    return made


@service
def head_decide(*, actor: Actor, at: datetime, head_id: int, agrees: bool, note: str = "") -> LetterHead:
    """Another person decides on a letterhead; letters sent before keep theirs. Raises NotThere, Forbidden, Conflict,
    Invalid without the reason of a no."""
    row = queries.lock_head(actor, head_id)
    state = moved(HEAD, row.state, "agree" if agrees else "decline", actor, earlier={"propose": row.proposed_by})
    row.note = reading.text(note, "note", "意见", most=500, required=not agrees)
    if agrees:
        for old in queries.heads_visible_to(actor).select_for_update().filter(state=ProposalState.IN_USE):
            old.state = moved(HEAD, old.state, "replace", actor)
            old.save(update_fields=["state"])
    row.state, row.decided_at, row.decided_by_name, row.version = state, at, actor.user_name, row.version + 1
    who = scope.stamp(row, "decided", actor)
    row.save(update_fields=["state", "note", "decided_at", "decided_by_name", "version", *who])
    _record_head(events.LETTER_HEAD_AGREED if agrees else events.LETTER_HEAD_DECLINED, row, actor, at)
    return row


def _record_head(event, row: LetterHead, actor: Actor, at: datetime) -> None:
    payload = {
        "short_name": row.short_name,
        "sha256": row.seal.sha256 if row.seal else "",
        "state": str(row.state),
        "note": row.note,
    }
    record(event, subject=row.id, actor=actor, at=at, version=row.version, payload=payload)
