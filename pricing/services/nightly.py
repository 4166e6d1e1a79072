"""The nightly run: figures of a region for a business day as known until a moment, set by set, chunk by chunk.

Each chunk is its own transaction under the region's lock, and the run's rows say which are done, so that a killed run
continues where it stopped. A finished run is never run again: the same day and moment give what it gave.
"""

import hashlib
from datetime import date, datetime

from catalog.queries.zones import zone_counts
from pricing.models import NightlyChunk, NightlyRun, PricePublication
from pricing.queries.figures import FIGURES, figures_parameters, law_fingerprint
from pricing.queries.nightly import groups_to_run, last_run, next_chunk
from pricing.rules.twins import TWIN_VERSIONS
from pricing.services.distribution import distribution_write
from pricing.services.publication import lock_region, over_all_platforms
from pricing.services.writer import information_write
from sunlight import scope
from sunlight.journal.refusals import Conflict, Forbidden
from sunlight.journal.services import service
from sunlight.scope import Actor, Role
from sunlight.tenancy.models import Region

NIGHTLY_CHUNK = 20_000
_NOTHING = hashlib.sha256(b"").hexdigest()


def nightly_run(
    *, actor: Actor, at: datetime, region: str, business_day: date, known_until: datetime, full: bool = False
) -> NightlyRun:
    """Publish a region's (code) figures for a business day from the facts known until a moment (SZ24-3.3a, 3.3b, 3.3c):
    of the groups that may differ since the last run, or of all. Opens its own scopes; each chunk is committed by itself.
    Called again it goes on where it was broken off, and gives a finished run as it is. Returns the run.

    Raises Forbidden for others than the platform, Conflict where a run of the day with later knowledge is finished.
    """
    _only_the_platform(actor)
    with scope.opened(actor):
        actor = over_all_platforms(actor)
    with scope.opened(actor):
        run = nightly_run_begin(
            actor=actor, at=at, region=region, business_day=business_day, known_until=known_until, full=full
        )
    while run.finished_at is None:
        with scope.opened(actor):
            run = nightly_run_continue(actor=actor, at=at, run_id=run.id)
    return run


def _only_the_platform(actor: Actor) -> None:
    if not actor.has(Role.SYSTEM):
        raise Forbidden("role_missing", "夜间任务只能由平台运行。如需重算，请联系平台系统管理员。")


@service
def nightly_run_begin(
    *, actor: Actor, at: datetime, region: str, business_day: date, known_until: datetime, full: bool
) -> NightlyRun:
    """The run of this day and moment, with its chunks: begun now, or as it stands. Raises Conflict as `nightly_run`."""
    _only_the_platform(actor)
    row = Region.objects.get(code=region)
    lock_region(region)
    key = {
        "platform_id": actor.platform_id,
        "region": row,
        "business_day": business_day,
        "known_until": known_until,
        "is_full": full,
    }
    if run := NightlyRun.objects.filter(**key).first():
        return run
    last = last_run(row.id, until=business_day)
    if last is not None and last.business_day == business_day and last.known_until > known_until:
        raise Conflict(
            "run_out_of_order",
            f"{region} {business_day} 已有知晓时点更晚的运行（{last.known_until:%Y-%m-%d %H:%M:%S}），不能用更早的数据覆盖。",
        )
    law = scope.law(actor, business_day, region=region)
    due = groups_to_run(law, row, full=full)
    ids = due.price_group_ids
    run = NightlyRun.objects.create(
        **key,
        reach=due.reach,
        law_sha256=law_fingerprint(law),
        twin_versions=TWIN_VERSIONS,
        price_groups=len(ids),
        started_at=at,
    )
    NightlyChunk.objects.bulk_create(
        NightlyChunk(run=run, number=number, price_group_ids=ids[start : start + NIGHTLY_CHUNK])
        for number, start in enumerate(range(0, len(ids), NIGHTLY_CHUNK))
    )
    return run


@service
def nightly_run_continue(*, actor: Actor, at: datetime, run_id: int) -> NightlyRun:
    """One more chunk of a run, or its end where all are done: `at` becomes the end, rows bear the moment it began."""
    _only_the_platform(actor)
    run = NightlyRun.objects.select_related("region").get(id=run_id)
    lock_region(run.region.code)
    run = NightlyRun.objects.select_for_update(of=("self",)).select_related("region").get(id=run_id)
    if run.finished_at is not None:
        return run
    law = scope.law(actor, run.business_day, region=run.region.code)
    if law_fingerprint(law) != run.law_sha256:
        raise Conflict(
            "law_changed_during_run",
            f"运行 {run.id} 开始后参数或算法已变更，不能继续。请以新的知晓时点重新运行。",
        )
    chunk = next_chunk(run)
    if chunk is None:
        return _finish(actor, at, run)
    written = information_write(
        FIGURES,
        figures_parameters(
            law, region_id=run.region_id, price_group_ids=chunk.price_group_ids, known_until=run.known_until
        ),
        actor=actor,
        at=run.started_at,
        region=(run.region_id, run.region.code),
        day=run.business_day,
        known_until=run.known_until,
        with_digest=True,
    )
    distribution_write(
        law,
        region_id=run.region_id,
        price_group_ids=written.changed,
        known_until=run.known_until,
        at=run.started_at,
    )
    chunk.rows_written, chunk.digest, chunk.done_at = len(written.changed), written.digest, at
    chunk.save(update_fields=["rows_written", "digest", "done_at"])
    return run


def _finish(actor: Actor, at: datetime, run: NightlyRun) -> NightlyRun:
    chunks = list(NightlyChunk.objects.filter(run=run).order_by("number").values_list("digest", "rows_written"))
    run.rows_written = sum(rows for _, rows in chunks)
    run.digest = hashlib.sha256("".join(digest for digest, _ in chunks).encode()).hexdigest() if chunks else _NOTHING
    run.zones = zone_counts(
        platform_id=run.platform_id, region=run.region.code, on=run.business_day, drafts=actor.drafts
    )
    run.finished_at = at
    run.save(update_fields=["rows_written", "digest", "zones", "finished_at"])
    PricePublication.objects.create(
        region=run.region,
        business_day=run.business_day,
        known_until=run.known_until,
        price_groups=run.price_groups,
        rows_written=run.rows_written,
    )
    return run
