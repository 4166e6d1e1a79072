"""Nightly runs: what there is to do, what was done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext_noop as _

from pricing.models import NightlyChunk, NightlyRun
from pricing.queries.deals import LATE_COMMIT
from pricing.queries.figures import law_fingerprint, price_groups_due, price_groups_of
from sunlight.kernel.policy import Law
from sunlight.scope import Actor
from sunlight.tenancy.models import Region

REACHES = {
    "CHANGED": _("增量"),
    "ASKED": _("全量（指定）"),
    "FIRST": _("全量（首次）"),
    "LAW": _("全量（法规或算法变更）"),
}
ZONES = {"active": _("活跃"), "inactive": _("不活跃"), "suspension_due": _("应暂停挂网")}


@dataclass(frozen=True, slots=True)
class Due:
    """The groups a run must look at, and why these: CHANGED since the last run, or all (ASKED, FIRST, LAW)."""

    reach: str
    price_group_ids: Sequence[int]


def last_run(region_id: int, *, until: date) -> NightlyRun | None:
    """The last finished run over a region for a business day or one before: what a later run starts from."""
    rows = NightlyRun.objects.filter(region_id=region_id, business_day__lte=until, finished_at__isnull=False)
    return rows.order_by("-business_day", "-known_until", "-id").first()


def groups_to_run(law: Law, region: Region, *, full: bool) -> Due:
    """What a run for the law's day must look at. Call it in a scope of the platform over all platforms."""
    last = last_run(region.id, until=law.on)
    if full or last is None or last.law_sha256 != law_fingerprint(law):
        reach = "ASKED" if full else "FIRST" if last is None else "LAW"
        return Due(reach, price_groups_of(region_id=region.id, region=region.code))
    since = last.known_until - LATE_COMMIT
    return Due("CHANGED", price_groups_due(law, region_id=region.id, last_day=last.business_day, since=since))


def next_chunk(run: NightlyRun) -> NightlyChunk | None:
    """The first chunk of a run that is not done, locked."""
    rows = NightlyChunk.objects.select_for_update().filter(run=run, done_at=None)
    return rows.order_by("number").first()


def unfinished_run(*, platform_id: int, region: str, business_day: date) -> NightlyRun | None:
    """The interrupted run of a platform's day, if any, to continue."""
    rows = NightlyRun.objects.filter(
        platform_id=platform_id, region__code=region, business_day=business_day, finished_at=None
    )
    return rows.order_by("-id").first()


def runs_visible_to(actor: Actor) -> QuerySet[NightlyRun]:
    """The runs of the actor's platforms, newest first."""
    if actor.is_party or not (actor.is_authenticated or actor.roles):
        return NightlyRun.objects.none()
    runs = NightlyRun.objects.filter(platform_id__in=actor.platform_ids or [actor.platform_id])
    return runs.select_related("region", "platform").order_by("-id")


@dataclass(frozen=True, slots=True)
class Progress:
    """A run with how far it is: chunks done of all, rows written so far, per cent of chunks (whole)."""

    run: NightlyRun
    chunks: int
    chunks_done: int
    rows: int

    @property
    def percent(self) -> int:
        """0 to 100; a run of nothing is through at once."""
        return 100 * self.chunks_done // self.chunks if self.chunks else 100

    @property
    def reach(self) -> str:
        """Why these groups, in Chinese."""
        return REACHES[self.run.reach]

    @property
    def zones(self) -> list[tuple[str, int]]:
        """The zones of the platform's listings, in Chinese, with how many are in each."""
        return [(label, self.run.zones[zone]) for zone, label in ZONES.items() if zone in self.run.zones]


def progress_of(runs: Sequence[NightlyRun]) -> list[Progress]:
    """How far runs are, in one query."""
    counted = {
        row["run_id"]: row
        for row in NightlyChunk.objects.filter(run_id__in=[run.id for run in runs])
        .order_by()
        .values("run_id")
        .annotate(chunks=Count("id"), done=Count("id", filter=Q(done_at__isnull=False)), rows=Sum("rows_written"))
    }
    empty = {"chunks": 0, "done": 0, "rows": 0}
    return [
        Progress(run, found["chunks"], found["done"], found["rows"])
        for run in runs
        for found in [counted.get(run.id, empty)]
    ]
