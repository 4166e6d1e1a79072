"""Publishing price information: alert line, statistics and nine segments of price groups for one business day."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db import connection

from pricing import rules
from pricing.models import DealFact, PriceInformation, PricePublication, ProvincePrice
from pricing.queries.deals import counted_deals, price_groups_to_publish
from pricing.queries.declared import current_province_prices
from pricing.queries.published import information_for
from sunlight import scope
from sunlight.acts import current_policy
from sunlight.journal.refusals import Forbidden
from sunlight.journal.services import decide_all, record_all, service
from sunlight.kernel.period import months_back
from sunlight.kernel.policy import Law
from sunlight.kernel.rule import Decision
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.tenancy.models import Region
from sunlight.tenancy.queries import open_platforms

CHUNK = 500
_PUBLISHED = (
    "known_until",
    "alert_line",
    "alert_source",
    "provinces_lowest",
    "city_highest",
    "alert_answer",
    "statistics",
    "segments",
    "published_at",
)


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
        _lock(region)
        if price_group_ids is not None:
            return _publish(actor, at, region_row, sorted(set(price_group_ids)), day)
        ids = price_groups_to_publish(region=region, business_day=day)
        written = [row for chunk in chunks(ids) for row in _publish(actor, at, region_row, chunk, day)]
        _keep_run(region_row, at, day, len(ids), len(written))
        return written


@service
def price_publication_record(
    *, actor: Actor, at: datetime, region: str, business_day: date, price_groups: int, rows_written: int
) -> PricePublication:
    """Note that every chunk of a run over a region was published: later runs of the day look at what is new since `at`."""
    if not actor.has(Role.SYSTEM):
        raise Forbidden("role_missing", "价格信息只能由平台发布。请联系承办机构。")
    with scope.elevated(actor):
        return _keep_run(Region.objects.get(code=region), at, business_day, price_groups, rows_written)


def over_all_platforms(actor: Actor) -> Actor:
    """A region's figures count its hospitals' deals on whichever platform they were made (domain: trade grain)."""
    return replace(actor, platform_ids=tuple(sorted({p.id for p in open_platforms()} | {actor.platform_id})))


def chunks(ids: Sequence[int]) -> list[Sequence[int]]:
    """`ids` in pieces that one call publishes in a few seconds."""
    return [ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)]


def _lock(region: str) -> None:
    """One publisher of a region at a time, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"price_information:{region}"])


def _keep_run(region: Region, at: datetime, day: date, groups: int, written: int) -> PricePublication:
    return PricePublication.objects.create(
        region=region, business_day=day, known_until=at, price_groups=groups, rows_written=written
    )


def _publish(actor: Actor, at: datetime, region: Region, ids: Sequence[int], day: date) -> list[PriceInformation]:
    law = current_policy().law(region=region.code, on=day, drafts=actor.drafts)
    deals = counted_deals(region=region.code, price_group_ids=ids, after=_window_start(law), before=day, known_until=at)
    prices = current_province_prices(region=region.code, price_group_ids=ids, known_until=at)
    last = information_for(region=region.code, price_group_ids=ids, on=day)
    changed = []
    for group in ids:
        alert, figures = _figures(law, prices.get(group, []), deals.get(group, []))
        row = last.get(group)
        if row is None or any(_told(getattr(row, name)) != _told(value) for name, value in figures.items()):
            if row is None or row.business_day != day:
                row = PriceInformation(region=region, price_group_id=group, business_day=day)
            changed.append((_filled(row, alert, figures, at), alert))
    _write(changed, actor, at, region)
    return [row for row, _ in changed]


def _window_start(law: Law) -> date:
    """The day after which deals matter to any of the three rules."""
    years = law.find("alert_line.window_years")
    months = [(law.find(key) or None) for key in ("statistics.window_months", "segments.window_months")]
    spans = [value.value for value in months if value] + ([years.value * 12] if years else [])
    return months_back(law.on, max(spans))


def _figures(
    law: Law, prices: Sequence[ProvincePrice], deals: Sequence[DealFact]
) -> tuple[Decision, dict[str, dict[str, Any]]]:
    """The three rules' answers; the alert line's with what it rested on (counts and hash: the deals are nobody's to see)."""
    alert = rules.price_alert_line(
        law,
        province_prices=[rules.ProvincePrice(p.province, p.price, p.valid_from, p.valid_to) for p in prices],
        deals=[rules.CityDeal(d.price, d.net_quantity, d.is_public, d.occurred_on) for d in deals],
    )
    statistics = rules.price_statistics(
        law, deals=[rules.LevelDeal(d.price, d.net_quantity, d.hospital_level, d.occurred_on) for d in deals]
    )
    segments = rules.price_segments(
        law,
        deals=[rules.SegmentDeal(d.price, d.net_quantity, d.occurred_on) for d in deals],
        alert_line=(alert.outcome or {}).get("line"),
        price=None,
    )
    answer = alert.to_dict() | {"inputs": _inputs(alert, prices, deals)}
    return alert, {"alert_answer": answer, "statistics": statistics.to_dict(), "segments": segments.to_dict()}


def _inputs(alert: Decision, prices: Sequence[ProvincePrice], deals: Sequence[DealFact]) -> dict[str, Any]:
    lowest = (alert.outcome or {}).get("provinces_lowest")
    counted = {used.key: used.value for used in alert.parameters}.get("alert_line.provinces", ())
    facts = json.dumps(alert.record()["facts"], sort_keys=True, separators=(",", ":"))
    return {
        "province_prices": len(prices),
        "deals": len(deals),
        "lowest_provinces": [
            p.province for p in prices if lowest is not None and p.price == lowest and p.province in counted
        ],
        "facts_sha256": hashlib.sha256(facts.encode()).hexdigest(),
    }


def _told(answer: dict[str, Any]) -> str:
    """What an answer tells, without the day it was asked for and the facts behind it: what makes it differ."""
    told = {key: value for key, value in answer.items() if key not in ("date", "inputs")}
    told["lowest_provinces"] = answer.get("inputs", {}).get("lowest_provinces")
    return json.dumps(told, sort_keys=True)


def _filled(
    row: PriceInformation, alert: Decision, figures: dict[str, dict[str, Any]], at: datetime
) -> PriceInformation:
    outcome = alert.outcome or {}
    values = {
        "known_until": at,
        "alert_line": outcome.get("line"),
        "alert_source": outcome.get("source") or "none",
        "provinces_lowest": outcome.get("provinces_lowest"),
        "city_highest": outcome.get("city_highest"),
        "published_at": at,
        **figures,
    }
    for name, value in values.items():
        setattr(row, name, value)
    return row


def _write(changed: Sequence[tuple[PriceInformation, Decision]], actor: Actor, at: datetime, region: Region) -> None:
    """New rows for the day, and the day's rows again where something came to be known during it: the journal keeps both,
    and the facts behind each alert line. As many statements for many rows as for one."""
    rows = [row for row, _ in changed]
    again = [row for row in rows if row.pk is not None]
    PriceInformation.objects.bulk_create(row for row in rows if row.pk is None)
    PriceInformation.objects.bulk_update(again, _PUBLISHED)
    decide_all(
        [(alert, ("price_group", row.price_group_id), (), None) for row, alert in changed],
        actor=actor,
        at=at,
    )
    record_all("price_published", [_event(row, region) for row in rows], actor=actor, at=at)


def _event(row: PriceInformation, region: Region) -> dict[str, Any]:
    figures = {name: getattr(row, name) for name in _PUBLISHED}
    about = {"region": region.code, "price_group_id": row.price_group_id, "business_day": row.business_day}
    return {"subject": ("price_group", row.price_group_id), "payload": about | figures}
