"""The walk over all reconciled rows: begin, go on chunk by chunk, tell what is found."""

import hashlib
import json
from datetime import datetime
from itertools import count

from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction

from sunlight import scope
from sunlight.journal import verifier
from sunlight.journal.refusals import Conflict, Forbidden
from sunlight.journal.rowfacts import ROWS
from sunlight.journal.services import record, service
from sunlight.numbering import platform_numbers
from sunlight.reconciliation.events import DISCREPANCIES_FOUND, RECONCILED
from sunlight.reconciliation.models import Discrepancy, Reconciliation
from sunlight.reconciliation.queries import comparing
from sunlight.reconciliation.queries.comparing import Compared, Difference
from sunlight.reconciliation.services.gate import stop_payments
from sunlight.reconciliation.workflows import DISCREPANCY, DiscrepancyKind, DiscrepancyState
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date

# Links of the journal's chain read in one chunk.
LINKS = 5_000


@service
def reconciliation_begin(*, actor: Actor, at: datetime, is_nightly: bool = False) -> Reconciliation:
    """Begin to compare all reconciled rows of the actor's platform with what events say: the day's own run by the system,
    one more by the audit. Raises Forbidden, Conflict where one is under way or the night's was made."""
    if not actor.has(Role.PLATFORM_AUDIT_ADMIN, Role.SYSTEM):
        raise Forbidden("not_your_duty", "数据对账由平台审计管理员发起。请联系平台审计管理员。")
    try:
        with transaction.atomic():
            return Reconciliation.objects.create(
                platform_id=actor.platform_id,
                business_day=business_date(at),
                is_nightly=is_nightly,
                started_at=at,
                started_by_name=actor.user_name[:120],
                **scope.by(actor, "started"),
            )
    except IntegrityError:
        raise Conflict(
            "reconciliation_under_way", "本平台的数据对账正在进行，或今晚的已经完成。请查看数据对账页。"
        ) from None


@service
def reconciliation_step(*, actor: Actor, at: datetime, reconciliation_id: int) -> bool:
    """Compare one chunk more, by the system; whether the walk is over. What is found is on record, stops the platform's
    payments and is told to those who watch."""
    run = (
        Reconciliation.objects.select_for_update(skip_locked=True)
        .filter(pk=reconciliation_id, finished_at=None)
        .first()
    )
    if run is None:
        return True
    names = [*sorted(ROWS), comparing.VERSIONS, "", comparing.CHAIN]
    name = run.position.get("name", names[0])
    with scope.elevated(comparing.everywhere(actor)):
        compared = _compared(run, name, at)
    found = _keep(actor, at, run, compared)
    run.differences += found
    if name in ROWS:
        run.rows += compared.compared
    elif name == comparing.VERSIONS:
        run.versions += compared.compared
    if not compared.over:
        run.position = {"name": name, "after": compared.upto, **_rest(run)}
    elif name != names[-1]:
        run.position = {"name": names[names.index(name) + 1], "after": 0, **_rest(run)}
    else:
        run.finished_at = at
        record(
            RECONCILED,
            subject=run.id,
            actor=actor,
            at=at,
            payload={"rows": run.rows, "versions": run.versions, "differences": run.differences},
        )
    run.save(update_fields=["position", "rows", "versions", "differences", "finished_at"])
    return run.finished_at is not None


def _rest(run: Reconciliation) -> dict:
    """How far the chain was read: its head is what the next walk must find again."""
    return {"head": run.position["head"]} if "head" in run.position else {}


def _compared(run: Reconciliation, name: str, at: datetime) -> Compared:
    after = run.position.get("after", 0)
    if name in ROWS:
        return comparing.compare_rows(ROWS[name], platform_id=run.platform_id, after=after)
    if name == comparing.VERSIONS:
        return comparing.compare_versions(platform_id=run.platform_id, after=after)
    if name == "":
        return comparing.compare_seals(platform_id=run.platform_id, after=after)
    return _chain(run, at)


def _chain(run: Reconciliation, at: datetime) -> Compared:
    """The journal's own chain, from its first seal on, against the head the last walk ended at."""
    before = _previous(run)
    expected = tuple(before.position["head"]) if before and before.position.get("head") else None
    report = verifier.read_on(
        platform_id=run.platform_id,
        after=tuple(run.position.get("head", (0, verifier.GENESIS))),
        most=LINKS,
        expected_head=expected,
    )
    report.met = report.met or run.position.get("met", False)
    is_over = report.sealed < LINKS
    faults = report.faults + (verifier.ending(report, at=at, expected_head=expected) if is_over else [])
    run.position = run.position | {"head": list(report.head), "met": report.met}
    differences = tuple(
        Difference(DiscrepancyKind.CHAIN, comparing.CHAIN, report.head[0], {"message": ""}, {"message": fault})
        for fault in faults[: comparing.MOST]
    )
    return Compared(report.head[0], is_over, report.sealed, len(faults), differences)


def _previous(run: Reconciliation) -> Reconciliation | None:
    earlier = Reconciliation.objects.filter(platform_id=run.platform_id, finished_at__isnull=False, id__lt=run.id)
    return earlier.order_by("-id").first()


def _keep(actor: Actor, at: datetime, run: Reconciliation, compared: Compared) -> int:
    """Keep what is new of a chunk's differences and tell of it; what the last walk found too is the same matter. Returns
    the number of differences."""
    if not compared.differences:
        return 0
    stop_payments(run.platform_id)
    previous = _previous(run)
    by_digest = {_sha256(each): each for each in compared.differences}
    known = Discrepancy.objects.filter(platform_id=run.platform_id, sha256__in=by_digest)
    standing = [
        each
        for each in known
        if each.state != DiscrepancyState.RELEASED or each.last_seen_id in (run.id, previous.id if previous else 0)
    ]
    Discrepancy.objects.filter(pk__in=[each.pk for each in standing]).update(last_seen=run)
    new = {digest: each for digest, each in by_digest.items() if digest not in {row.sha256 for row in standing}}
    if new:
        _tell(actor, at, run, new)
    return compared.count


def _tell(actor: Actor, at: datetime, run: Reconciliation, new: dict[str, Difference]) -> None:
    numbers = platform_numbers(business_date(at), len(new))
    Discrepancy.objects.bulk_create(
        Discrepancy(
            number=number,
            platform_id=run.platform_id,
            kind=each.kind,
            relation=each.relation,
            row_id=each.row_id,
            row_name=each.name,
            columns=each.columns,
            sha256=digest,
            first_seen=run,
            last_seen=run,
            found_at=at,
            state=DISCREPANCY.initial,
        )
        for number, (digest, each) in zip(numbers, new.items(), strict=True)
    )
    record(DISCREPANCIES_FOUND, subject=run.id, actor=actor, at=at, payload={"count": len(new), "numbers": numbers})


def _sha256(each: Difference) -> str:
    facts = [str(each.kind), each.relation, each.row_id, each.said, each.found]
    text = json.dumps(facts, cls=DjangoJSONEncoder, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def reconciliation_go_on(*, actor: Actor, at: datetime, most: int | None = None) -> Reconciliation | None:
    """Go on with the unfinished walk of the system actor's platform, each chunk in its own scope and transaction, at most
    `most` chunks; call it outside any scope, as often as you like. The walk, or None where none is under way."""
    with scope.opened(actor):
        run = Reconciliation.objects.filter(platform_id=actor.platform_id, finished_at=None).first()
    if run is None:
        return None
    for _ in range(most) if most is not None else count():
        with scope.opened(actor):
            if reconciliation_step(actor=actor, at=at, reconciliation_id=run.id):
                break
    with scope.opened(actor):
        run.refresh_from_db()
    return run


def is_begun(*, actor: Actor, at: datetime) -> bool:
    """Whether the day's own walk was begun."""
    with scope.opened(actor):
        return Reconciliation.objects.filter(
            platform_id=actor.platform_id, business_day=business_date(at), is_nightly=True
        ).exists()
