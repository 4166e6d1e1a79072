"""The demonstration, played step by step through the services: what happened on the platform in the last weeks."""

from datetime import datetime

from pricing.services.nightly import nightly_run
from sunlight import scope
from sunlight.demo.chapters import bargaining, listing, money, orders, provinces, registering, today, troubles, watching
from sunlight.demo.stage import Stage
from sunlight.reconciliation.services.runs import reconciliation_begin, reconciliation_go_on


def play(*, platform_code: str = "gd-sz", say=print) -> None:
    """Register everybody and let them trade. The same story every time, except for its dates, which end today."""
    stage = Stage(platform_code, say)
    stage.cast.enter(stage.moment(stage.day(-60), 9))
    say("机构与人员已登记")
    groups = listing.play(stage)
    agreements = bargaining.play(stage, groups)
    deliveries = orders.play(stage, agreements)
    money.play(stage, deliveries)
    today.play(stage, groups)
    troubles.play(stage, groups)
    registering.play(stage)
    watching.play(stage, groups)
    provinces.play(say)
    # What beat does by night and every ten minutes: the lines of today rest on the deals of the weeks before.
    at = stage.moment(stage.today, 23)
    region = stage.cast.platform.region.code
    nightly_run(actor=stage.cast.system, at=at, region=region, business_day=stage.today, known_until=at)
    stage.seals()
    _reconciled(stage, at)
    say("演示数据完成")


def _reconciled(stage: Stage, at: datetime) -> None:
    """The night's walk over all that money rests on; it finds nothing."""
    system = stage.cast.system
    with scope.opened(system):
        reconciliation_begin(actor=system, at=at, is_nightly=True)
    run = reconciliation_go_on(actor=system, at=at)
    stage.say(f"夜间对账核对 {run.rows} 行，差异 {run.differences} 处")
    stage.seals()
