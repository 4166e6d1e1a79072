"""Prices of a group as people read them: listed price, alert line with its reason, statistics by level, nine segments."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from catalog.workflows import CATALOGUES
from pricing.models import ListedPrice, PriceInformation, ReferencePrice
from pricing.queries.published import information_for, listed_prices
from pricing.queries.references import references_in_force
from pricing.rules.alert_line import SOURCES
from pricing.rules.bands import BANDS, bargain_zone
from pricing.rules.provinces import PROVINCES
from pricing.rules.segments import COLOURS, segment_of
from pricing.rules.statistics import LEVELS
from sunlight import scope
from sunlight.kernel.money import price_words
from sunlight.kernel.policy import Law, Value
from sunlight.kernel.rule import Decision

LEVEL_LABELS = {"all": "全部医疗机构"} | LEVELS
COLOUR_WORDS = {"green": "绿区", "yellow": "黄区", "red": "红区"}
BAND_WORDS = {
    "blue": ("蓝色区域", "推荐参考：鼓励在此区域内采购"),
    "yellow": ("黄色区域", "提醒：建议继续议价"),
    "red": ("红色区域", "预警：提示医疗机构并推送监管部门"),
}
COLOUR_MEANINGS = {
    "green": "不高于按数量加权的中位价，价格较低",
    "yellow": "高于中位价、不高于九成采购量的价格，建议继续议价",
    "red": "高于九成采购量的价格，价格偏高，请重点议价",
}


@dataclass(frozen=True, slots=True)
class Basis:
    """A clause that a figure rests on; `is_draft` where its act is loaded as a draft."""

    clause: str
    is_draft: bool
    text: str


@dataclass(frozen=True, slots=True)
class AlertLine:
    """The alert line (CNY a pricing unit) or None, where it comes from, and the explanation of both."""

    line: Decimal | None
    source: str
    source_word: str
    provinces_lowest: Decimal | None
    city_highest: Decimal | None
    explanation: str
    bases: tuple[Basis, ...]


@dataclass(frozen=True, slots=True)
class LevelFigures:
    """Prices paid by one level of institution in twelve months."""

    level: str
    label: str
    count: int
    lowest: Decimal
    highest: Decimal
    weighted_average: Decimal
    median: Decimal


@dataclass(frozen=True, slots=True)
class Segment:
    """One of the nine: above `low` (the first: from it) up to and including `high`."""

    number: int
    colour: str
    word: str
    low: Decimal
    high: Decimal
    is_here: bool = False


@dataclass(frozen=True, slots=True)
class Band:
    """One of Jiangsu's three (JS20-12): above `low` (None: from nothing) up to and including `high` (None: no end)."""

    colour: str
    word: str
    meaning: str
    low: Decimal | None
    high: Decimal | None
    is_here: bool = False


@dataclass(frozen=True, slots=True)
class Ground:
    """One dated value a published figure rests on, in words."""

    label: str
    value: Any
    clause: str
    is_draft: bool


@dataclass(frozen=True, slots=True)
class Position:
    """Where a price stands: its segment, colour and word; without lines only whether it is above the alert line."""

    price: Decimal
    segment: int | None
    colour: str
    word: str
    above_top: bool
    above_alert_line: bool
    above_listed: bool
    explanation: str


@dataclass(frozen=True, slots=True)
class PriceView:
    """Everything a product page shows of a price group's prices on a day. `information` None: nothing published yet."""

    price_group_id: int
    region: str
    on: date
    listed: ListedPrice | None
    listed_bases: tuple[Basis, ...]
    # In force where the law of the day knows two catalogues: the reference price, and which of them the product stands in.
    reference: ReferencePrice | None
    catalogue: str
    catalogue_bases: tuple[Basis, ...]
    information: PriceInformation | None
    alert: AlertLine
    levels: tuple[LevelFigures, ...] = ()
    levels_bases: tuple[Basis, ...] = ()
    segments: tuple[Segment, ...] = ()
    segments_bases: tuple[Basis, ...] = ()
    bands: tuple[Band, ...] = ()
    bands_bases: tuple[Basis, ...] = ()
    grounds: tuple[Ground, ...] = ()
    position: Position | None = None
    business_day: date | None = None
    known_until: datetime | None = None


def price_view(*, price_group_id: int, region: str, on: date, drafts: str, price: Decimal | None = None) -> PriceView:
    """The prices of one group in a region (code) on a day, and where `price` stands among them; `drafts` is the switch of
    the platform they are looked at on."""
    views = price_views(
        region=region, price_group_ids=[price_group_id], on=on, drafts=drafts, prices={price_group_id: price}
    )
    return views[price_group_id]


def price_views(
    *,
    region: str,
    price_group_ids: Iterable[int],
    on: date,
    drafts: str,
    prices: Mapping[int, Decimal | None] | None = None,
) -> dict[int, PriceView]:
    """As `price_view` for many groups, in two queries; in three where the law of the day knows reference prices."""
    ids = list(price_group_ids)
    listed = listed_prices(region=region, price_group_ids=ids, on=on)
    information = information_for(region=region, price_group_ids=ids, on=on)
    prices, law = prices or {}, scope.policy().law(region=region, on=on, drafts=drafts)
    catalogues = law.find("catalog.catalogues")
    references = {}
    if catalogues is not None and catalogues.value:
        references = references_in_force(region=region, price_group_ids=ids, on=on)
    return {i: _view(i, law, listed.get(i), references.get(i), information.get(i), prices.get(i)) for i in ids}


def position_in(view: PriceView, price: Decimal) -> Position:
    """Where a price stands among the prices of a view that was made without one."""
    return _position(price, boundaries_of(view), view.alert, view.listed)


def boundaries_of(view: PriceView) -> list[Decimal]:
    """The ten boundaries of the nine segments, low to high; none where there are no lines."""
    return [segment.low for segment in view.segments[:1]] + [segment.high for segment in view.segments]


def _view(
    group: int,
    law: Law,
    listed: ListedPrice | None,
    reference: ReferencePrice | None,
    row: PriceInformation | None,
    price: Decimal | None,
) -> PriceView:
    alert = _alert(row)
    catalogues = law.find("catalog.catalogues")
    catalogue = "limit" if reference else "alternative"
    boundaries, levels = _boundaries(row), _levels(row)
    bands = _bands(law, levels, price)
    position = None if price is None else _position(price, boundaries, alert, listed)
    return PriceView(
        price_group_id=group,
        region=law.region,
        on=law.on,
        listed=listed,
        listed_bases=_stated([bound for bound in law.every("bargain.bounds") if "listed" in bound.value["prices"]]),
        reference=reference,
        catalogue=CATALOGUES[catalogue] if catalogues and catalogue in catalogues.value else "",
        catalogue_bases=_stated([catalogues] if catalogues and catalogues.value else []),
        information=row,
        alert=alert,
        levels=levels,
        levels_bases=_stated(law.every("statistics.by_level")) + _bases(row.statistics if row else {}),
        segments=_segments(boundaries, position),
        segments_bases=_bases(row.segments if row else {}),
        bands=_band_list(bands),
        bands_bases=_bases(bands.to_dict()) if bands.regulated else (),
        grounds=_grounds(row),
        position=position,
        business_day=row.business_day if row else None,
        known_until=row.known_until if row else None,
    )


def _bases(answer: Mapping[str, Any]) -> tuple[Basis, ...]:
    """The clauses of the parameters that an answer used, each once, with the policy's short text."""
    clauses = scope.policy().clauses
    found = {used["source"]: used["status"] == "draft" for used in answer.get("parameters", ())}
    return tuple(
        Basis(clause, is_draft, clauses[clause].summary if clause in clauses else "")
        for clause, is_draft in found.items()
    )


def _stated(values: Iterable[Value]) -> tuple[Basis, ...]:
    """The clauses of values in force as bases."""
    clauses = scope.policy().clauses
    return tuple(Basis(value.clause, value.is_draft, clauses[value.clause].summary) for value in values)


def _alert(row: PriceInformation | None) -> AlertLine:
    if row is None:
        text = "尚未发布价格信息：企业申报的省外价格经确认、或本市有成交后发布。"
        return AlertLine(None, "none", "无", None, None, text, ())
    inputs = row.alert_answer.get("inputs", {})
    names = "、".join(PROVINCES.get(code, code) for code in inputs.get("lowest_provinces", ()))
    lowest = f"比价省份最低价 {price_words(row.provinces_lowest)} 元（{names}）" if row.provinces_lowest else ""
    highest = f"本市公立医疗机构近两年最高成交价 {price_words(row.city_highest)} 元" if row.city_highest else ""
    word = SOURCES[row.alert_source]
    if not row.alert_answer.get("regulated"):
        text = "本地区当日没有规定价格预警线。"
    elif lowest and highest:
        text = f"{lowest}与{highest}取较低者。"
    elif lowest or highest:
        text = f"只有{lowest or highest}，以其为预警线。"
    else:
        text = "没有比价省份的有效价格，也没有本市公立医疗机构近两年成交，暂无预警线；首批成交须经价格复核。"
    return AlertLine(
        row.alert_line,
        row.alert_source,
        word,
        row.provinces_lowest,
        row.city_highest,
        text,
        _bases(row.alert_answer),
    )


def _levels(row: PriceInformation | None) -> tuple[LevelFigures, ...]:
    levels = ((row.statistics.get("outcome") or {}).get("levels") or {}) if row else {}
    money = ("lowest", "highest", "weighted_average", "median")
    return tuple(
        LevelFigures(level, label, levels[level]["count"], **{name: Decimal(levels[level][name]) for name in money})
        for level, label in LEVEL_LABELS.items()
        if level in levels
    )


def _bands(law: Law, levels: tuple[LevelFigures, ...], price: Decimal | None) -> Decision:
    """The three colours where the law of the place has them, from the published figures of all institutions."""
    figures = next((level for level in levels if level.level == "all"), None)
    return bargain_zone(
        law,
        lowest=figures.lowest if figures else None,
        weighted_average=figures.weighted_average if figures else None,
        price=price,
    )


def _band_list(answer: Decision) -> tuple[Band, ...]:
    found = answer.outcome or {}
    if found.get("blue_top") is None:
        return ()
    edges = (None, found["blue_top"], found["yellow_top"], None)
    return tuple(
        Band(colour, *BAND_WORDS[colour], edges[n], edges[n + 1], colour == found["colour"])
        for n, colour in enumerate(BANDS)
    )


def _grounds(row: PriceInformation | None) -> tuple[Ground, ...]:
    """What line, figures and segments rest on: each value once, with its clause."""
    policy, found = scope.policy(), {}
    for answer in (row.alert_answer, row.statistics, row.segments) if row else ():
        for used in answer.get("parameters", ()):
            known = policy.parameters.get(used["key"])
            label = known.label if known else used["key"]
            value = _in_words(used["key"], used["value"])
            found[used["key"]] = Ground(label, value, used["source"], used["status"] == "draft")
    return tuple(found.values())


def _in_words(key: str, value: Any) -> Any:
    if key == "alert_line.provinces":
        return "、".join(PROVINCES.get(code, code) for code in value)
    return value


def _boundaries(row: PriceInformation | None) -> list[Decimal]:
    outcome = (row.segments.get("outcome") or {}) if row else {}
    return [Decimal(boundary) for boundary in outcome.get("boundaries") or ()]


def _segments(boundaries: list[Decimal], position: Position | None) -> tuple[Segment, ...]:
    here = position.segment if position else None
    return tuple(
        Segment(
            number,
            colour := COLOURS[(number - 1) // 3],
            COLOUR_WORDS[colour],
            boundaries[number - 1],
            boundaries[number],
            number == here,
        )
        for number in range(1, len(boundaries))
    )


def _position(price: Decimal, boundaries: list[Decimal], alert: AlertLine, listed: ListedPrice | None) -> Position:
    """SZ24-3.3b as the rule `price.segments` answers it, from the published boundaries."""
    above_alert = alert.line is not None and price > alert.line
    above_listed = listed is not None and price > listed.price
    if not boundaries:
        text = "本地区成交不足，未画三色九段线"
        return Position(price, None, "", "无九段线", above_alert, above_alert, above_listed, text)
    segment = segment_of(price, boundaries)
    colour = COLOURS[(segment - 1) // 3]
    above_top = price > boundaries[-1]
    word = f"{COLOUR_WORDS[colour]}第 {segment} 段" + ("（高于最高线）" if above_top else "")
    return Position(price, segment, colour, word, above_top, above_alert, above_listed, COLOUR_MEANINGS[colour])
