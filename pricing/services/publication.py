"""Publishing price information: alert line, statistics and nine segments of price groups for one business day."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from pricing.models import DealFact, PriceInformation, PricePublication, ProvincePrice
from pricing.queries.deals import counted_deals, price_groups_to_publish
from pricing.queries.declared import current_province_prices
from pricing.queries.figures import published, window_start
from pricing.rules.alert_line import CityDeal, price_alert_line
from pricing.rules.alert_line import ProvincePrice as ProvinceFact
from pricing.rules.segments import SegmentDeal, price_segments
from pricing.rules.statistics import LevelDeal, price_statistics
from pricing.services.distribution import distribution_write
from pricing.services.writer import GIVEN_FIGURES, information_write
from sunlight import scope
from sunlight.journal.refusals import Forbidden
from sunlight.journal.services import service
from sunlight.kernel.policy import Law
from sunlight.kernel.rule import Decision
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.tenancy.models import Region
from sunlight.tenancy.queries.platforms import open_platforms

CHUNK = 500


@service
def price_information_publish(
    *,
    actor: Actor,
    at: datetime,
    region: str,
    price_group_ids: Iterable[int] | None = None,
    business_day: date | None = None,
) -> list[PriceInformation]:
    """Publish the figures of price groups (all that may have changed, where none are given) in a region (code) for a
    business day (today). They rest on deals of the days before, known until `at` (SZ24-3.3a, 3.3b, 3.3c), and on the
    confirmed province prices valid that day. A row is written only where a figure differs from the last published one,
    so calling again changes nothing. Returns the rows written.

    Only the platform and the operator publish: raises Forbidden for others.
    """
    if not actor.has(Role.SYSTEM, Role.OPERATOR_CONFIRMER):
        raise Forbidden("role_missing", "价格信息只能由平台发布。请联系承办机构。")
    day = business_day or business_date(at)
    with scope.elevated(over_all_platforms(actor)):
        region_row = Region.objects.get(code=region)
        lock_region(region)
        if price_group_ids is not None:
            return _publish(actor, at, region_row, sorted(set(price_group_ids)), day)
        ids = price_groups_to_publish(region=region, business_day=day)
        written = [row for chunk in chunks(ids) for row in _publish(actor, at, region_row, chunk, day)]
        _keep_run(region_row, at, day, len(ids), len(written))
        return written


def over_all_platforms(actor: Actor) -> Actor:
    """A region's figures count its hospitals' deals on whichever platform they were made (domain: trade grain)."""
    return replace(actor, platform_ids=tuple(sorted({p.id for p in open_platforms()} | {actor.platform_id})))


def chunks(ids: Sequence[int]) -> list[Sequence[int]]:
    """`ids` in pieces that one call publishes in a few seconds."""
    return [ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)]


def lock_region(region: str) -> None:
    """One publisher of a region at a time, until the transaction ends."""
    scope.alone("pricing.publication", region)


def _keep_run(region: Region, at: datetime, day: date, groups: int, written: int) -> PricePublication:
    return PricePublication.objects.create(
        region=region, business_day=day, known_until=at, price_groups=groups, rows_written=written
    )


def _publish(actor: Actor, at: datetime, region: Region, ids: Sequence[int], day: date) -> list[PriceInformation]:
    law = scope.law(actor, day, region=region.code)
    deals = counted_deals(region=region.code, price_group_ids=ids, after=window_start(law), before=day, known_until=at)
    prices = current_province_prices(region=region.code, price_group_ids=ids, known_until=at)
    figures = [{"price_group_id": group} | _figures(law, prices.get(group, []), deals.get(group, [])) for group in ids]
    written = information_write(
        GIVEN_FIGURES,
        {"figures": json.dumps(figures, cls=DjangoJSONEncoder)},
        actor=actor,
        at=at,
        region=(region.id, region.code),
        day=day,
        known_until=at,
    )
    distribution_write(law, region_id=region.id, price_group_ids=written.changed, known_until=at, at=at)
    rows = PriceInformation.objects.filter(region=region, business_day=day, price_group_id__in=written.changed)
    return list(rows.order_by("price_group_id"))


def _figures(law: Law, prices: Sequence[ProvincePrice], deals: Sequence[DealFact]) -> dict[str, Any]:
    """The three rules' answers; the alert line's with what it rested on (counts and hash: the deals are nobody's to see)."""
    alert = price_alert_line(
        law,
        province_prices=[ProvinceFact(p.province, p.price, p.valid_from, p.valid_to) for p in prices],
        deals=[CityDeal(d.price, d.net_quantity, d.is_public, d.occurred_on) for d in deals],
    )
    statistics = price_statistics(
        law, deals=[LevelDeal(d.price, d.net_quantity, d.hospital_level, d.occurred_on) for d in deals]
    )
    outcome = alert.outcome or {}
    segments = price_segments(
        law,
        deals=[SegmentDeal(d.price, d.net_quantity, d.occurred_on) for d in deals],
        alert_line=outcome.get("line"),
        price=None,
    )
    facts = json.dumps(alert.record()["facts"], sort_keys=True, separators=(",", ":"))
    return {
        "alert_line": outcome.get("line"),
        "alert_source": outcome.get("source") or "none",
        "provinces_lowest": outcome.get("provinces_lowest"),
        "city_highest": outcome.get("city_highest"),
        "alert_answer": alert.to_dict() | {"inputs": _inputs(alert, prices, deals, facts)},
        "statistics": published(statistics),
        "segments": published(segments),
        "facts": facts,
    }


def _inputs(alert: Decision, prices: Sequence[ProvincePrice], deals: Sequence[DealFact], facts: str) -> dict[str, Any]:
    lowest = (alert.outcome or {}).get("provinces_lowest")
    counted = {used.key: used.value for used in alert.parameters}.get("alert_line.provinces", ())
    return {
        "province_prices": len(prices),
        "deals": len(deals),
        "lowest_provinces": [
            p.province for p in prices if lowest is not None and p.price == lowest and p.province in counted
        ],
        "facts_sha256": hashlib.sha256(facts.encode()).hexdigest(),
    }
