"""Stating what a hospital's yearly shares are measured by: one person states the approved budget, another confirms it."""

from datetime import datetime

from procurement.filing import events, queries
from procurement.filing.models import YearBase
from procurement.filing.workflows import YEAR_BASE, YearBaseState
from sunlight import scope
from sunlight.files.filetypes import DOCUMENTS
from sunlight.files.services.files import file_store
from sunlight.journal.declared import EventType
from sunlight.journal.refusals import Conflict, Forbidden
from sunlight.journal.services import record, service
from sunlight.kernel import reading
from sunlight.kernel.money import MoneyError, parse_amount_fen
from sunlight.numbering import platform_number
from sunlight.scope import Actor
from sunlight.scope.clock import business_date
from sunlight.scope.duties import moved
from sunlight.scope.roles import OrganisationKind
from sunlight.tenancy.models import Organisation
from sunlight.tenancy.queries.platforms import on_all_platforms

FIRST_YEAR = 2020


@service
def year_base_state(
    *, actor: Actor, at: datetime, year: object, amount: object, document: object, name: str, content: bytes
) -> YearBase:
    """State the yearly procurement budget that the supervising authority approved, `amount` in CNY as typed, with the
    document (A15). It counts once another person of the hospital confirms it. Raises Forbidden, Unreadable with all its
    faults, Invalid for the file, Conflict where a statement for that year waits."""
    if actor.kind != OrganisationKind.HOSPITAL:
        raise Forbidden("not_a_hospital", "年度采购预算由医疗机构申报。")
    state = moved(YEAR_BASE, YEAR_BASE.initial, "state", actor)
    on = business_date(at)
    read = reading.Collected()
    typed_year = read(reading.whole, year, "year", "年度", least=FIRST_YEAR, most=on.year + 1)
    amount_fen = read(_amount, amount)
    title = read(reading.text, document, "document", "批准文号（或文件名称）", most=100)
    read.check()
    if queries.year_bases_visible_to(actor).filter(year=typed_year, state=YearBaseState.STATED).exists():
        raise Conflict("statement_waits", f"{typed_year} 年度已有一份申报待确认，请先办结。", field="year")
    file = file_store(actor=actor, at=at, name=name, content=content, accept=DOCUMENTS)
    hospital = Organisation.objects.get(id=actor.organisation_id)
    made = YearBase.objects.create(
        number=platform_number(on),
        platform_id=actor.platform_id,
        region_id=hospital.region_id,
        hospital=hospital,
        year=typed_year,
        amount_fen=amount_fen,
        document=title,
        file=file,
        state=state,
        stated_at=at,
        **scope.by(actor, "stated"),
        stated_by_name=actor.user_name[:60],
    )
    _record(events.YEAR_BASE_STATED, made, actor, at)
    return made


def _amount(typed: object) -> int:
    """A budget as typed, in CNY; given in fen."""
    try:
        return parse_amount_fen(typed)
    except MoneyError as error:
        raise reading.Unreadable(error.code, f"{error.message}。", "amount") from error


@service
def year_base_confirm(*, actor: Actor, at: datetime, base_id: int) -> YearBase:
    """Another person of the hospital confirms: it counts from now on, in place of what counted for that year before. Raises
    NotThere, Forbidden for whoever stated it and for machines, Conflict."""
    row = queries.lock_year_base(queries.access_year_base(actor, base_id).id)
    earlier = {"state": row.stated_by}
    row.state = moved(YEAR_BASE, row.state, "confirm", actor, earlier=earlier, subject=("year_base", row.id))
    _give_way(row, actor, at)
    return _decided(row, events.YEAR_BASE_CONFIRMED, actor, at)


@service
def year_base_refuse(*, actor: Actor, at: datetime, base_id: int, reason: str) -> YearBase:
    """Another person of the hospital does not confirm, saying why; what counts stays."""
    row = queries.lock_year_base(queries.access_year_base(actor, base_id).id)
    earlier = {"state": row.stated_by}
    row.state = moved(YEAR_BASE, row.state, "refuse", actor, earlier=earlier, subject=("year_base", row.id))
    row.note = reading.reason(reason, label="不予确认的理由")
    return _decided(row, events.YEAR_BASE_REFUSED, actor, at)


def _decided(row: YearBase, event: EventType, actor: Actor, at: datetime) -> YearBase:
    row.decided_at, row.decided_by_name, row.version = at, actor.user_name[:60], row.version + 1
    who = scope.stamp(row, "decided", actor)
    row.save(update_fields=["state", "decided_at", *who, "decided_by_name", "note", "version"])
    _record(event, row, actor, at)
    return row


def _give_way(row: YearBase, actor: Actor, at: datetime) -> None:
    """What counted for that year before, on whichever platform it was stated."""
    with on_all_platforms(actor):
        standing = YearBase.objects.select_for_update().filter(
            hospital_id=row.hospital_id, year=row.year, state=YearBaseState.CONFIRMED
        )
        for former in standing:
            former.state = moved(YEAR_BASE, former.state, "replace", actor.as_system())
            former.version += 1
            former.save(update_fields=["state", "version"])
            _record(events.YEAR_BASE_REPLACED, former, actor.as_system(), at)


def _record(event: EventType, row: YearBase, actor: Actor, at: datetime) -> None:
    record(
        event,
        subject=row.id,
        actor=actor,
        at=at,
        version=row.version,
        platform_id=row.platform_id,
        parties=[row.hospital_id],
        payload={
            "number": row.number,
            "year": row.year,
            "amount_fen": row.amount_fen,
            "document": row.document,
            "state": row.state,
            "note": row.note,
        },
    )
