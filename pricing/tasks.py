"""Price information of every open platform: the nightly run, and through the day what is new."""

from collections.abc import Callable
from datetime import date, datetime, time

from celery import shared_task

from pricing.models import NightlyRun
from pricing.queries.deals import price_groups_to_publish
from pricing.queries.nightly import unfinished_run
from pricing.queries.published import last_publication
from pricing.services.feeds import code_feed_advance
from pricing.services.nightly import nightly_run
from pricing.services.publication import over_all_platforms
from sunlight import scope
from sunlight.scope import Actor
from sunlight.scope.clock import SHANGHAI, business_date
from sunlight.tenancy.queries.actors import open_platform_actors

# The day's run waits until what was recorded by midnight is committed for certain.
NIGHT = time(0, 30)
FULL_WEEKDAY = 6  # Sunday: all groups are looked at, and nothing should be found.


@shared_task(name="pricing.run_nightly")
def nightly_price_information() -> int:
    """The day's run of every open platform, where nothing of the day is published yet: from what was known at midnight, on
    Sundays over all groups. Returns the rows written."""
    return _run_tasks(_night)


@shared_task(name="pricing.publish_price_information")
def publish_price_information() -> int:
    """Every ten minutes: continue an interrupted run, catch up on a missed one, publish what is new.
    Returns the rows written."""
    return _run_tasks(_due)


@shared_task(name="pricing.update_code_feeds")
def bring_code_feeds_up() -> int:
    """Bring every platform's code feed up to what is sealed. Returns the changes written."""
    written = 0
    for actor in open_platform_actors():
        with scope.opened(actor):
            written += code_feed_advance(actor=actor, at=scope.now(actor.platform_code))
    return written


def _run_tasks(task: Callable[[Actor, datetime], NightlyRun | None]) -> int:
    runs = [task(actor, scope.now(actor.platform_code)) for actor in open_platform_actors()]
    return sum(run.rows_written for run in runs if run is not None)


def _night(actor: Actor, at: datetime) -> NightlyRun | None:
    with scope.opened(actor):
        wide = over_all_platforms(actor)
    with scope.opened(wide):
        begun = _is_published(actor.region_code, business_date(at))
    return None if begun else _run_of_the_day(actor, at)


def _is_published(region: str, day: date) -> bool:
    last = last_publication(region)
    return last is not None and last.business_day >= day


def _due(actor: Actor, at: datetime) -> NightlyRun | None:
    day, region = business_date(at), actor.region_code
    with scope.opened(actor):
        wide = over_all_platforms(actor)
    with scope.opened(wide):
        broken = unfinished_run(platform_id=actor.platform_id, region=region, business_day=day)
        begun = _is_published(region, day)
        new = begun and bool(price_groups_to_publish(region=region, business_day=day))
    if broken is not None:
        return nightly_run(
            actor=actor,
            at=at,
            region=region,
            business_day=day,
            known_until=broken.known_until,
            full=broken.is_full,
        )
    if not begun:
        return _run_of_the_day(actor, at) if at.astimezone(SHANGHAI).time() >= NIGHT else None
    return nightly_run(actor=actor, at=at, region=region, business_day=day, known_until=at) if new else None


def _run_of_the_day(actor: Actor, at: datetime) -> NightlyRun:
    day = business_date(at)
    return nightly_run(
        actor=actor,
        at=at,
        region=actor.region_code,
        business_day=day,
        known_until=datetime.combine(day, time(0), SHANGHAI),
        full=day.weekday() == FULL_WEEKDAY,
    )
