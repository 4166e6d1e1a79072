"""Publishing what must stand unopposed, hearing objections, and saying how it ended: the event `publicity_ended`."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sunlight import scope
from sunlight.files.filetypes import FileType
from sunlight.files.services.files import file_store
from sunlight.journal.declared import EventType
from sunlight.journal.refusals import Conflict, NotThere, Refused
from sunlight.journal.services import decide, record, service
from sunlight.kernel import reading
from sunlight.kernel.rules import deadline_working_days
from sunlight.numbering import platform_number
from sunlight.publicity import queries
from sunlight.publicity.events import (
    OBJECTION_ANSWERED,
    OBJECTION_LODGED,
    PUBLICITY_ENDED,
    PUBLICITY_OPENED,
    PUBLICITY_TERM_OVER,
)
from sunlight.publicity.models import Objection, Publication
from sunlight.publicity.workflows import OBJECTION, PUBLICATION, ObjectionState, PublicationState
from sunlight.scope import Actor, Client
from sunlight.scope.clock import business_date
from sunlight.scope.duties import moved
from sunlight.tenancy.models import Platform
from sunlight.tenancy.queries.actors import system_actor

# Objections that one address may lodge in an hour: a form without login stands open to everybody.
MOST_AN_HOUR = 5
EVIDENCE = (FileType.PDF, FileType.PNG, FileType.JPEG)


def publicity_demanded(kind: str, *, region: str, at: datetime, drafts: str) -> str:
    """The clause by which a matter of this kind must be published before it takes effect, or nothing."""
    law = scope.policy().law(region=region, on=business_date(at), drafts=drafts)
    value = law.find("publicity.required")
    return value.clause if value is not None and kind in value.value else ""


@service
def publicity_open(
    *,
    actor: Actor,
    at: datetime,
    kind: str,
    subject: tuple[str, int],
    title: str,
    body: str = "",
    facts: list[tuple[str, str]] = (),
    party: int | None = None,
) -> Publication:
    """Put a matter before the public from today for the law's term in working days (A9, A17). Whoever calls it waits for
    `publicity_ended`, whose payload has kind, subject, outcome (UNOPPOSED, DISMISSED, UPHELD, WITHDRAWN) and a note; only
    on the first two may the matter take effect. Raises Conflict where it is published already."""
    on = business_date(at)
    law = scope.law(actor, on)
    days = law.at("publicity.days")
    term = deadline_working_days(law, start=on, days=days.value)
    demanded = publicity_demanded(kind, region=actor.region_code, at=at, drafts=actor.drafts)
    row = Publication.objects.create(
        number=platform_number(on),
        platform_id=actor.platform_id,
        kind=kind,
        subject_type=subject[0],
        subject_id=subject[1],
        party_id=party,
        title=title[:200],
        body=body,
        facts=[list(each) for each in facts],
        clause=demanded or days.clause,
        term_days=days.value,
        starts_on=on,
        ends_on=term.outcome["deadline"],
        is_provisional=term.outcome["provisional"],
        published_at=at,
        **scope.by(actor, "published"),
    )
    decide(term, subject=("publication", row.id), actor=actor, at=at, parties=[party])
    _record(PUBLICITY_OPENED, row, actor, at)
    return row


def _record(event: EventType, row: Publication, actor: Actor, at: datetime, **more) -> None:
    record(
        event,
        subject=row.id,
        actor=actor,
        at=at,
        parties=[row.party_id],
        version=row.version,
        platform_id=row.platform_id,
        payload={
            "number": row.number,
            "kind": row.kind,
            row.subject_type: row.subject_id,
            "subject_type": row.subject_type,
            "subject_id": row.subject_id,
            "title": row.title,
            "party": row.party_id,
            "clause": row.clause,
            "starts_on": row.starts_on,
            "ends_on": row.ends_on,
            "term_days": row.term_days,
            "outcome": str(row.state),
            "note": row.outcome_note,
            **more,
        },
    )


def _end(row: Publication, move: str, actor: Actor, at: datetime, note: str = "") -> None:
    row.state, row.ended_at, row.outcome_note = moved(PUBLICATION, row.state, move, actor), at, note[:500]
    row.version += 1
    row.save(update_fields=["state", "ended_at", "outcome_note", "version"])
    _record(PUBLICITY_ENDED, row, actor, at)


@service
def publicity_withdraw(*, actor: Actor, at: datetime, publication_id: int, reason: str) -> Publication:
    """Take a publication back with the reason; what waited on it does not take effect. Raises NotThere, Invalid, Conflict."""
    queries.publication_at_desk(actor, publication_id)
    row = Publication.objects.select_for_update().get(id=publication_id)
    reason = reading.reason(reason, label="撤回原因")
    _end(row, "withdraw", actor, at, reason)
    return row


@dataclass(frozen=True)
class Lodged:
    """A lodged objection and the secret to follow it by, which is shown once and kept nowhere."""

    objection: Objection
    secret: str


def objection_lodge(
    *,
    client: Client,
    at: datetime,
    number: str,
    name: str,
    contact: str,
    text: str,
    file_name: str = "",
    file_content: bytes = b"",
) -> Lodged:
    """Somebody objects to a publication, without an account, by name and contact, with a file of evidence where there is
    one (PDF or picture). The platform itself writes it down. Raises NotThere, Invalid, Refused after the term (with its
    clause) and Conflict for too many from one address."""
    publication = queries.access_publication(number)
    actor = replace(system_actor(publication.platform, client), on_behalf_of="公众")
    with scope.opened(actor):
        return _lodge(
            actor=actor,
            at=at,
            publication_id=publication.id,
            name=name,
            contact=contact,
            text=text,
            file_name=file_name,
            file_content=file_content,
        )


@service
def _lodge(
    *,
    actor: Actor,
    at: datetime,
    publication_id: int,
    name: str,
    contact: str,
    text: str,
    file_name: str,
    file_content: bytes,
) -> Lodged:
    row = Publication.objects.select_for_update().get(id=publication_id)
    if not queries.accepts_objections(row, business_date(at)):
        raise Refused(
            "objection_late",
            f"公示期为 {row.starts_on} 起 {row.term_days} 个工作日，已于 {row.ends_on} 24 时届满或已办结，不再受理异议。"
            "如仍有新的证据，请向平台运营机构或监管部门投诉。",
            basis=scope.reason_by(row.clause, "objection_late", f"公示期至 {row.ends_on} 24 时届满"),
            subject=("publication", row.id),
        )
    read = reading.Collected()
    name = read(reading.text, name, "name", "姓名或单位名称", most=100)
    contact = read(reading.text, contact, "contact", "联系方式", most=120)
    text = read(reading.text, text, "text", "异议内容", most=4_000)
    read.check()
    address = actor.client.address[:64]
    recent = Objection.objects.filter(client_address=address, received_at__gt=at - timedelta(hours=1))
    if address and recent.count() >= MOST_AN_HOUR:
        raise Conflict("too_many_objections", f"同一网络地址每小时最多提交 {MOST_AN_HOUR} 条异议，请稍后再试。")
    evidence = None
    if file_content:
        evidence = file_store(actor=actor, at=at, name=file_name, content=file_content, accept=EVIDENCE)
    secret = secrets.token_hex(8)
    objection = Objection.objects.create(
        number=platform_number(business_date(at)),
        platform_id=row.platform_id,
        publication=row,
        name=name,
        contact=contact,
        text=text,
        evidence=evidence,
        secret_sha256=queries.secret_hash(secret),
        client_address=address,
        received_at=at,
    )
    # Neither name nor contact: the journal is kept for ever and the party concerned may read this event.
    _record(
        OBJECTION_LODGED,
        row,
        actor,
        at,
        objection=objection.id,
        objection_number=objection.number,
        text=text,
        evidence_sha256=evidence.sha256 if evidence else "",
    )
    return Lodged(objection, secret)


def objection_follow(*, client: Client, number: str, secret: str) -> Objection:
    """The state of an objection, for whoever has its number and secret. Raises NotThere."""
    for platform in Platform.objects.select_related("region").filter(is_open=True).order_by("id"):
        actor = system_actor(platform, client)
        with scope.opened(actor):
            try:
                return queries.followed(number, secret)
            except NotThere as absent:
                missing = absent
    raise missing


@service
def objection_answer(*, actor: Actor, at: datetime, objection_id: int, upheld: bool, answer: str) -> Objection:
    """The operator answers an objection, another person than who published the matter; the answer is public. One that is
    upheld ends the publication at once; after the term the last answer ends it. Raises NotThere, Forbidden, Conflict,
    Invalid."""
    publication_id = queries.access_objection(actor, objection_id).publication_id
    publication = Publication.objects.select_for_update().get(id=publication_id)
    objection = Objection.objects.select_for_update().get(id=objection_id)
    state = moved(
        OBJECTION,
        objection.state,
        "uphold" if upheld else "dismiss",
        actor,
        earlier={"publish": publication.published_by},
        subject=("publication", publication.id),
    )
    answer = reading.text(answer, "answer", "答复", most=1_000)
    objection.state, objection.answer, objection.answered_at = state, answer, at
    objection.version += 1
    who = scope.stamp(objection, "answered", actor)
    objection.save(update_fields=["state", "answer", "answered_at", *who, "version"])
    _record(
        OBJECTION_ANSWERED,
        publication,
        actor,
        at,
        objection=objection.id,
        upheld=upheld,
        answer=answer,
    )
    system = actor.as_system()
    if upheld and publication.state in (PublicationState.OPEN, PublicationState.JUDGING):
        _end(publication, "fall", system, at, answer)
    elif publication.state == PublicationState.JUDGING and not _waiting(publication):
        _end(publication, "maintain", system, at, "异议均不成立")
    return objection


def _waiting(publication: Publication) -> bool:
    return Objection.objects.filter(publication=publication, state=ObjectionState.RECEIVED).exists()


@service
def publicity_sweep(*, actor: Actor, at: datetime, limit: int = 100) -> int:
    """What the end of the term does to publications whose last day has ended (24:00 Asia/Shanghai, A17), by the system:
    unopposed; maintained where all objections are dismissed; still being heard if some wait. Returns the number of
    publications."""
    over = list(
        Publication.objects.select_for_update()
        .filter(platform_id=actor.platform_id, state=PublicationState.OPEN, ends_on__lt=business_date(at))
        .order_by("ends_on", "id")[:limit]
    )
    for row in over:
        if _waiting(row):
            row.state = moved(PUBLICATION, row.state, "hear", actor)
            row.version += 1
            row.save(update_fields=["state", "version"])
            _record(PUBLICITY_TERM_OVER, row, actor, at)
        elif Objection.objects.filter(publication=row).exists():
            _end(row, "maintain", actor, at, "异议均不成立")
        else:
            _end(row, "stand", actor, at, "公示期满无异议")
    return len(over)
