"""Opening, meeting and passing time limits. What opens or ends one is a step of another app, which calls these services in
the step's own transaction; each call may be repeated without effect."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sunlight import scope
from sunlight.deadlines import queries
from sunlight.deadlines.events import DEADLINE_MOVED, DEADLINE_PASSED
from sunlight.deadlines.kinds import DeadlineKind
from sunlight.deadlines.models import Deadline
from sunlight.deadlines.workflows import DEADLINE
from sunlight.journal.declared import EventType
from sunlight.journal.refusals import Forbidden
from sunlight.journal.services import record_all, service
from sunlight.kernel.policy import Law, Value
from sunlight.kernel.rules import deadline_working_days
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.scope.duties import moved
from sunlight.tenancy.models import Region

WORKING_DAYS = "工作日"
# Texts that order a limit at each key step, without a number.
DEMANDED = "deadline.demanded"


@dataclass(frozen=True, slots=True)
class Step:
    """A step that begins to be owed. `about` names the products, `number` what it is about; `owes` and `awaits` are two of
    the trade's parties. The law is that of the buyer's region on `started_on`; `parameter` where it is not the kind's."""

    kind: DeadlineKind
    subject_id: int
    number: str
    about: str
    region: Region
    buyer_id: int
    seller_id: int
    owes_id: int
    awaits_id: int
    started_on: date
    distributor_id: int | None = None
    parameter: str = ""


def deadlines_open(*, actor: Actor, at: datetime, steps: Sequence[Step]) -> int:
    """Begin the limits of some steps, where the law of the day knows one that binds; how many. A step that is owed
    already keeps its limit."""
    rows = [row for row in (_row(actor, step) for step in steps) if row is not None]
    # Neither side writes what it owes the other.
    with scope.elevated(actor):
        Deadline.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _row(actor: Actor, step: Step) -> Deadline | None:
    law = scope.law(actor, step.started_on, region=step.region.code)
    key = step.parameter or step.kind.parameter
    value = law.find(key)
    if value is None or not law.binds(value):
        return None
    demanded = law.basis(DEMANDED)
    in_working_days = law.policy.parameter(key).unit == WORKING_DAYS
    due_on, is_provisional = _last_day(law, value.value, in_working_days)
    return Deadline(
        platform_id=actor.platform_id,
        region_id=step.region.id,
        buyer_id=step.buyer_id,
        seller_id=step.seller_id,
        distributor_id=step.distributor_id,
        kind=step.kind.key,
        subject_type=step.kind.subject_type,
        subject_id=step.subject_id,
        number=step.number,
        about=step.about[:300],
        owes_id=step.owes_id,
        awaits_id=step.awaits_id,
        started_on=step.started_on,
        days=value.value,
        in_working_days=in_working_days,
        due_on=due_on,
        is_provisional=is_provisional,
        parameter=key,
        clause=value.clause,
        demanded_by=_first_clause(demanded),
        state=DEADLINE.initial,
    )


def _first_clause(values: Iterable[Value]) -> str:
    return next((value.clause for value in values), "")


def _last_day(law: Law, days: int, in_working_days: bool) -> tuple[date, bool]:
    """The last day of so many after the law's day (A17), and whether it is provisional."""
    if not in_working_days:
        return law.on + timedelta(days=days), False
    outcome = deadline_working_days(law, start=law.on, days=days).outcome
    return outcome["deadline"], outcome["provisional"]


def deadlines_done(*, actor: Actor, at: datetime, kind: DeadlineKind, subject_ids: Iterable[int]) -> int:
    """The step was taken today: its limit ends, late where the day is over. How many ended."""
    return _end("do", "done_on", actor, at, kind, subject_ids)


def deadlines_cancel(*, actor: Actor, at: datetime, kind: DeadlineKind, subject_ids: Iterable[int]) -> int:
    """The step is owed no more: what it is about was taken back. How many limits ended."""
    return _end("cancel", "cancelled_on", actor, at, kind, subject_ids)


def _end(move: str, ended_on: str, actor: Actor, at: datetime, kind: DeadlineKind, subject_ids: Iterable[int]) -> int:
    today = business_date(at)
    with scope.elevated(actor):
        rows = queries.owed(kind, subject_ids)
        for row in rows:
            row.state = moved(DEADLINE, row.state, move, actor.as_system())
            setattr(row, ended_on, today)
            row.version += 1
        # Late all the same, though nobody had found it yet.
        late = [row for row in rows if row.passed_on is None and row.due_on < today]
        for row in late:
            row.passed_on = today
        Deadline.objects.bulk_update(rows, ["state", ended_on, "passed_on", "version"])
        _record(DEADLINE_PASSED, late, actor=actor.as_system(), at=at)
    return len(rows)


def deadlines_reopen(*, actor: Actor, at: datetime, kind: DeadlineKind, subject_ids: Iterable[int]) -> int:
    """What was done is undone, so the step is owed again, until the same day. How many."""
    with scope.elevated(actor):
        wanted = set(subject_ids)
        wanted -= {row.subject_id for row in queries.owed(kind, wanted)}
        rows = queries.last_done(kind, wanted)
        for row in rows:
            move = "reopen" if row.passed_on is None else "reopen_late"
            row.state, row.done_on = moved(DEADLINE, row.state, move, actor.as_system()), None
            row.version += 1
        Deadline.objects.bulk_update(rows, ["state", "done_on", "version"])
    return len(rows)


@service
def deadlines_pass(*, actor: Actor, at: datetime, limit: int = 100) -> int:
    """Mark what passed, once each, with its event; a provisional day that lies later by the calendar published since moves
    first. By the system, one chunk of its platform; how many rows were looked at."""
    _is_system(actor)
    today = business_date(at)
    rows = queries.over(actor, today, limit)
    _recount([row for row in rows if row.is_provisional], actor, at)
    passed = [row for row in rows if row.due_on < today]
    for row in passed:
        row.state, row.passed_on = moved(DEADLINE, row.state, "pass", actor), today
        row.version += 1
    Deadline.objects.bulk_update(passed, ["state", "passed_on", "version"])
    _record(DEADLINE_PASSED, passed, actor=actor, at=at)
    return len(rows)


@service
def deadlines_recount(*, actor: Actor, at: datetime, limit: int = 100) -> int:
    """Count provisional days again that run into a year published by now (A17). By the system, one chunk; how many moved
    or became certain."""
    _is_system(actor)
    return _recount(queries.published_since(actor, limit), actor, at)


def _recount(rows: Sequence[Deadline], actor: Actor, at: datetime) -> int:
    changed = []
    for row in rows:
        law = scope.law(actor, row.started_on, region=row.region.code)
        day = _last_day(law, row.days, row.in_working_days)
        if day != (row.due_on, row.is_provisional):
            row.due_on, row.is_provisional = day
            row.version += 1
            changed.append(row)
    Deadline.objects.bulk_update(changed, ["due_on", "is_provisional", "version"])
    _record(DEADLINE_MOVED, changed, actor=actor, at=at)
    return len(changed)


def _is_system(actor: Actor) -> None:
    if not actor.has(Role.SYSTEM):
        raise Forbidden("not_the_system", "只有系统可以处理到期的时限。")


def _record(event: EventType, rows: Sequence[Deadline], *, actor: Actor, at: datetime) -> None:
    if rows:
        record_all(event, [_happened(row) for row in rows], actor=actor, at=at)


def _happened(row: Deadline) -> dict:
    return {
        "subject": row.id,
        "parties": [row.buyer_id, row.seller_id, row.distributor_id],
        "version": row.version,
        "payload": {
            "kind": row.kind,
            row.subject_type: row.subject_id,
            "number": row.number,
            "about": row.about,
            "owes": row.owes_id,
            "awaits": row.awaits_id,
            "started_on": row.started_on,
            "days": row.days,
            "in_working_days": row.in_working_days,
            "due_on": row.due_on,
            "is_provisional": row.is_provisional,
            "parameter": row.parameter,
            "clause": row.clause,
            "demanded_by": row.demanded_by,
            "passed_on": row.passed_on,
            "done_on": row.done_on,
            "cancelled_on": row.cancelled_on,
            "state": str(row.state),
        },
    }
