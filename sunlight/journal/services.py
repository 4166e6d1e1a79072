"""Writing the journal. `service` is the frame every service runs in; `record` keeps what happened, `decide` why."""

import functools
from collections.abc import Iterable, Sequence
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction

from sunlight import scope
from sunlight.journal import subscriptions
from sunlight.journal.declared import EventType, known
from sunlight.journal.events import ROWS_KEPT
from sunlight.journal.keeping import rows_written
from sunlight.journal.models import Decision, Delivery, Event, Refusal
from sunlight.journal.refusals import Conflict, Forbidden, NotYourPost, Refused, invalid_of
from sunlight.kernel.machine import IllegalMove
from sunlight.kernel.reading import Unreadable
from sunlight.scope import Actor, principal
from sunlight.scope.duties import Barred, Held, InPersonOnly, WrongPost

_inside: ContextVar[bool] = ContextVar("sunlight_inside_service", default=False)


def service(function):
    """One service call: all of it or nothing; the outermost call also seals what was written of reconciled rows. A refusal
    that rests on a clause or a right is kept by the outermost call, in its own transaction after the rollback; nothing else
    remains of a refused act. An illegal move becomes a `Conflict`, one that an earlier act of the same person bars a
    `Forbidden`, typed input that cannot be read an `Invalid`."""

    @functools.wraps(function)
    def call(*, actor: Actor, at: datetime, **facts):
        outermost = not _inside.get()
        token = _inside.set(True)
        try:
            with transaction.atomic():
                result = function(actor=actor, at=at, **facts)
                if outermost:
                    _keep_rows(function.__name__, actor, at)
                return result
        except IllegalMove as move:
            refusal = refusal_of(move, actor, at)
            if outermost:
                _keep(function.__name__, actor, at, refusal)
            raise refusal from move
        except Unreadable as fault:
            refusal = invalid_of(fault)
            if outermost:
                _keep(function.__name__, actor, at, refusal)
            raise refusal from fault
        except IntegrityError as broken:
            refusal = conflict_of(broken)
            if outermost:
                _keep(function.__name__, actor, at, refusal)
            raise refusal from broken
        except Refused as refusal:
            if outermost:
                _keep(function.__name__, actor, at, refusal)
            raise
        finally:
            _inside.reset(token)

    return call


def refusal_of(move: IllegalMove, actor: Actor, at: datetime) -> Refused:
    """The refusal of a forbidden move, for the user; one that an earlier act bars rests on the law of the actor's region."""
    if isinstance(move, Barred):
        basis = scope.basis(actor, at, move.duty.basis) if move.duty.basis else ()
        return Forbidden(move.duty.code, move.message, basis=basis, subject=move.subject)
    if isinstance(move, InPersonOnly):
        return Forbidden("in_person", move.message, subject=move.subject)
    if isinstance(move, Held):
        return Forbidden("account_held", move.message, subject=move.subject)
    if isinstance(move, WrongPost):
        return NotYourPost("illegal_move", move.message)
    return Conflict("illegal_move", move.message)


def conflict_of(broken: IntegrityError) -> Conflict:
    """A constraint of the database as a refusal: its name is the sentence that was broken. Services check first and
    speak better; this stands for what only the database can see, such as two requests at the same moment."""
    diagnostics = getattr(broken.__cause__, "diag", None)
    name = getattr(diagnostics, "constraint_name", None) or "constraint"
    return Conflict(name, f"与已有数据冲突（{name}）。可能已被重复提交，请刷新后核对。")


def _keep_rows(name: str, actor: Actor, at: datetime) -> None:
    """Seal what the service wrote of reconciled rows: their triggers kept it, this event says what was kept."""
    for written in rows_written(actor):
        record(
            ROWS_KEPT,
            subject=written.transaction,
            actor=actor,
            at=at,
            platform_id=written.platform_id,
            payload={
                "service": name,
                "count": written.count,
                "first": written.first,
                "last": written.last,
                "sha256": written.sha256,
            },
        )


def _keep(name: str, actor: Actor, at: datetime, refusal: Refused) -> None:
    if not refusal.on_record:
        return
    scope.after_scope(lambda: record_refusal(service_name=name, actor=actor, at=at, refusal=refusal))


def _who(actor: Actor, at: datetime, platform_id: int | None, parties) -> dict[str, Any]:
    readers = {p for p in parties if p} | ({actor.organisation_id} if actor.organisation_id else set())
    return {
        "platform_id": platform_id or actor.platform_id,
        "parties": sorted(readers),
        **principal.values(actor, "actor"),
        "actor_name": actor.user_name,
        "actor_organisation_id": actor.organisation_id,
        "actor_organisation_name": actor.organisation_name,
        "actor_roles": sorted(actor.roles),
        "on_behalf_of": actor.on_behalf_of,
        "client_address": actor.client.address[:64],
        "client_agent": actor.client.agent[:300],
        "request_id": actor.client.request_id[:64],
        "occurred_at": at,
        "recorded_at": scope.now(actor.platform_code),
    }


def record(
    event: EventType,
    *,
    subject: int,
    actor: Actor,
    at: datetime,
    payload: dict,
    parties=(),
    version: int = 1,
    platform_id: int | None = None,
) -> Event:
    """Record a declared event about the row `subject`, with the complete facts, in the transaction of the effect, and
    queue it for the subscribers. `parties` are the organisations that may read it, besides the actor's own. Raises
    Undeclared for what no `events` module declares."""
    what = {"subject": subject, "payload": payload, "parties": parties, "version": version}
    return record_all(event, [what], actor=actor, at=at, platform_id=platform_id)[0]


def record_all(
    event: EventType, happened: Sequence[dict], *, actor: Actor, at: datetime, platform_id: int | None = None
) -> list[Event]:
    """`record` for several subjects in as many statements as for one; each of `happened` holds subject, payload,
    parties and version."""
    known(event)
    events = Event.objects.bulk_create(
        Event(
            name=event.name,
            subject_type=event.subject.name,
            subject_id=what["subject"],
            subject_version=what.get("version", 1),
            payload=what["payload"],
            **_who(actor, at, platform_id, what.get("parties", ())),
        )
        for what in happened
    )
    hearing = subscriptions.of(event.name)
    Delivery.objects.bulk_create(Delivery(event=row, subscriber=s.name) for row in events for s in hearing)
    return events


def decide(
    decision, *, subject: tuple[str, int], actor: Actor, at: datetime, parties=(), facts: dict | None = None
) -> Decision:
    """Keep the rule's answer that `subject` rests on, with the facts it was given and, in `facts`, what more was known."""
    return decide_all([(decision, subject, parties, facts)], actor=actor, at=at)[0]


def decide_all(decided: Iterable[tuple], *, actor: Actor, at: datetime) -> list[Decision]:
    """`decide` for several (decision, subject, parties, facts) in one statement."""
    return Decision.objects.bulk_create(
        Decision(
            subject_type=subject[0],
            subject_id=subject[1],
            rule=answer["rule"],
            region_code=answer["region"],
            law_date=answer["date"],
            drafts=answer["drafts"],
            facts={**answer["facts"], **(facts or {})},
            regulated=answer["regulated"],
            allowed=answer["allowed"],
            outcome=answer["outcome"],
            reasons=answer["reasons"],
            parameters=answer["parameters"],
            **_who(actor, at, None, parties),
        )
        for decision, subject, parties, facts in decided
        for answer in [decision.record()]
    )


def record_refusal(*, service_name: str, actor: Actor, at: datetime, refusal: Refused) -> None:
    """Keep a refusal in its own scope and transaction. A refusal without platform cannot be stored."""
    if actor.platform_id is None:
        return
    with scope.elevated(actor):
        Refusal.objects.create(
            service=service_name[:80],
            code=refusal.code[:60],
            message=refusal.message,
            subject_type=refusal.subject[0] if refusal.subject else "",
            subject_id=refusal.subject[1] if refusal.subject else None,
            facts={**refusal.facts, **({"field": refusal.field} if refusal.field else {})},
            reasons=refusal.reasons,
            decision=refusal.decision,
            **_who(actor, at, None, ()),
        )


# What `record_all` and `decide_all` write, for whole sets: parts of a statement that a service names among its common
# table expressions, with `who_parameters`. Deliveries follow by `deliveries_write`: their wall looks at the events.
_WHO = (
    "platform_id, parties, actor_kind, actor_id, actor_for_person_id, actor_mandate_id, actor_name,"
    " actor_organisation_id, actor_organisation_name, actor_roles, on_behalf_of, client_address, client_agent,"
    " request_id, occurred_at, recorded_at"
)
_WHO_VALUES = (
    "%(who_platform_id)s::bigint, %(who_parties)s::bigint[], %(who_actor_kind)s::varchar, %(who_actor_id)s::bigint,"
    " %(who_actor_for_person_id)s::bigint, %(who_actor_mandate_id)s::bigint, %(who_actor_name)s,"
    " %(who_actor_organisation_id)s::bigint, %(who_actor_organisation_name)s, %(who_actor_roles)s::varchar[],"
    " %(who_on_behalf_of)s, %(who_client_address)s, %(who_client_agent)s, %(who_request_id)s,"
    " %(who_occurred_at)s::timestamptz, %(who_recorded_at)s::timestamptz"
)


def who_parameters(*, actor: Actor, at: datetime) -> dict[str, Any]:
    """The parameters both parts need: who acts, and when."""
    who = {f"who_{name}": value for name, value in _who(actor, at, None, ()).items()}
    return who | {"who_actor_roles": [str(role) for role in who["who_actor_roles"]], "who_drafts": str(actor.drafts)}


def decisions_part(rows: str) -> str:
    """INSERT of a decision for each row of `rows (subject_type, subject_id, answer jsonb, facts text)`."""
    return (
        f"insert into journal_decision ({_WHO}, subject_type, subject_id, rule, region_code, law_date, drafts,"
        f" facts, regulated, allowed, outcome, reasons, parameters) select {_WHO_VALUES}, subject_type, subject_id,"
        f" answer->>'rule', answer->>'region', (answer->>'date')::date, %(who_drafts)s::varchar, facts::jsonb,"
        f" (answer->>'regulated')::boolean, (answer->>'allowed')::boolean, nullif(answer->'outcome', 'null'),"
        f" answer->'reasons', answer->'parameters' from {rows}"
    )


def events_part(event: EventType, rows: str) -> str:
    """INSERT of a declared event for each row of `rows (subject_id, subject_version, payload)`; returns ids."""
    name, subject_type = known(event).name, event.subject.name
    return (
        f"insert into journal_event ({_WHO}, name, subject_type, subject_id, subject_version, payload)"
        f" select {_WHO_VALUES}, '{name}', '{subject_type}', subject_id, subject_version, payload from {rows} returning id"
    )


def deliveries_write(event: EventType, event_ids: Sequence[int]) -> None:
    """Queue recorded events of one kind for their subscribers, in the same transaction."""
    hearing = [subscriber.name for subscriber in subscriptions.of(known(event).name)]
    if not hearing or not event_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into journal_delivery (event_id, subscriber, attempts, last_error)"
            " select event, subscriber, 0, '' from unnest(%s::bigint[]) event, unnest(%s::text[]) subscriber",
            [list(event_ids), hearing],
        )
