"""Statistics, segments and colours under a draft: reckoned again for a drawn sample of price groups, never for all."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from pricing.queries.figures import FIGURES, figures_parameters
from pricing.queries.published import listed_prices
from pricing.rules.bands import bargain_zone
from sunlight.kernel.policy import Law, NotInForce
from supervision.models import WhatIfRun
from supervision.rules.what_if.laws import Side, said

SAMPLE = 300
# What each of them rests on.
KEYS = {
    "statistics": ("statistics.window_months",),
    "segments": (
        "segments.window_months",
        "segments.green_share",
        "segments.yellow_share",
        "segments.least_deals",
        "segments.aid",
        "alert_line.window_years",
        "alert_line.provinces",
    ),
    "colours": ("bands.aid", "bands.blue_margin", "statistics.window_months"),
}
_DRAWN = """
select distinct price_group_id, md5(price_group_id::text || ':' || %(seed)s) as drawn
  from pricing_priceinformation where region_id = %(region)s order by drawn, price_group_id limit %(most)s"""
_FIGURES = f"with {FIGURES} select price_group_id, statistics->'outcome', segments->'outcome' from figures"


def sampled(run: WhatIfRun, *, base: Side, sides: Sequence[Side], on: date, at: datetime) -> dict[str, Any]:
    """How many of the sample's groups have other statistics, segments or colours under each side: `groups`, and for each
    side the counts. Nothing is reckoned for a side that says nothing else about them."""
    region = run.region
    stood = base.law(region.code, on, "binding")
    laws = [side.law(region.code, on, "binding") for side in sides]
    asked = [{name for name, keys in KEYS.items() if said(law, keys) != said(stood, keys)} for law in laws]
    if not any(asked):
        return {"groups": 0, "sides": [{} for _ in sides]}
    groups = _drawn(run)
    before = _figures(stood, region.id, groups, at)
    found = []
    for law, names in zip(laws, asked, strict=True):
        after = _figures(law, region.id, groups, at) if names else {}
        found.append({name: _differ(name, groups, stood, law, before, after) for name in sorted(names)})
    return {"groups": len(groups), "sides": found}


def _drawn(run: WhatIfRun) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_DRAWN, {"seed": str(run.id), "region": run.region_id, "most": SAMPLE})
        return sorted(row[0] for row in cursor.fetchall())


def _figures(law: Law, region_id: int, groups: Sequence[int], at: datetime) -> dict[int, tuple[Any, Any]]:
    """Statistics and segments of each group; none where no text of the day has statistics."""
    try:
        asked = figures_parameters(law, region_id=region_id, price_group_ids=groups, known_until=at)
    except NotInForce:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(f"select set_config('jit', 'off', true); {_FIGURES}", asked)
        return {row[0]: (_read(row[1]), _read(row[2])) for row in cursor.fetchall()}


def _read(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _differ(
    name: str,
    groups: Sequence[int],
    stood: Law,
    law: Law,
    before: dict[int, tuple[Any, Any]],
    after: dict[int, tuple[Any, Any]],
) -> int:
    if name == "colours":
        prices = listed_prices(region=stood.region, price_group_ids=groups, on=stood.on)
        shown = {each: row.price for each, row in prices.items()}
        return sum(
            _colour(stood, before.get(each), shown.get(each)) != _colour(law, after.get(each), shown.get(each))
            for each in groups
        )
    place = 0 if name == "statistics" else 1
    return sum(before.get(each, (None, None))[place] != after.get(each, (None, None))[place] for each in groups)


def _colour(law: Law, figures: tuple[Any, Any] | None, price: Decimal | None) -> str | None:
    """The colour of a listed price by the year's deals of all levels."""
    levels = ((figures or ({}, {}))[0] or {}).get("levels") or {}
    everybody = levels.get("all") or {}
    if price is None or not everybody:
        return None
    lowest, average = Decimal(everybody["lowest"]), Decimal(everybody["weighted_average"])
    decision = bargain_zone(law, lowest=lowest, weighted_average=average, price=price)
    return (decision.outcome or {}).get("colour")
