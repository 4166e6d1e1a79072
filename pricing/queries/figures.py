"""The figures of many price groups by one statement: what counts, the rules' twins, and their answers as the rules give
them. `FIGURES` ends in `figures`, which the writer takes; `figures_parameters` says what the law is."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from pricing.rules.alert_line import ALERT_LINE_TWIN, CityDeal, ProvincePrice, price_alert_line
from pricing.rules.segments import SEGMENTS_TWIN, SegmentDeal, price_segments
from pricing.rules.statistics import STATISTICS_TWIN, price_statistics
from pricing.rules.twins import TWIN_VERSIONS
from sunlight.kernel.money import price_words
from sunlight.kernel.period import months_back
from sunlight.kernel.policy import Law
from sunlight.kernel.rule import Decision
from sunlight.tenancy.queries.platforms import regions_under

# A deal that changed after the moment is taken as the journal knew it then: the last event of it up to that moment.
FACTS = """
groups as (
    select unnest(%(price_group_ids)s::bigint[]) as price_group_id
),
prices as materialized (
    select price_group_id, province, price, valid_from, valid_to
      from pricing_provinceprice
     where region_id = %(region_id)s and price_group_id = any (%(price_group_ids)s)
       and confirmed_at <= %(known_until)s and (superseded_at is null or superseded_at > %(known_until)s)
),
known_deals as (
    select fact.id, fact.price_group_id, fact.buyer_id, fact.price, fact.hospital_level as level, fact.is_public as public,
           fact.occurred_on,
           case when earlier.payload is null then fact.net_quantity
                else (earlier.payload->>'net_quantity')::numeric(14, 3) end as quantity,
           case when earlier.payload is null then fact.excluded_at is not null
                else earlier.payload->>'excluded_at' is not null end as excluded
      from pricing_dealfact fact
      left join lateral (
           select payload
             from journal_event
            where fact.changed_at > %(known_until)s and subject_type = 'deal_fact' and subject_id = fact.id
              and occurred_at <= %(known_until)s
            order by subject_version desc
            limit 1) earlier on true
     where fact.price_group_id = any (%(price_group_ids)s) and fact.region_id = any (%(deal_regions)s)
       and fact.occurred_on > %(deals_after)s and fact.occurred_on < %(day)s
       and fact.recorded_at <= %(known_until)s and not fact.is_gift
),
deals as materialized (
    select id, price_group_id, buyer_id, price, level, public, occurred_on, quantity
      from known_deals
     where quantity > 0 and not excluded
)"""

# The facts behind an alert line as the rule renders them, keys in order and without spaces: their hash is the same.
_TOLD = """
prices_told as (
    select price_group_id, count(*) as n,
           string_agg('{"from":"' || valid_from || '","price":"' || price || '","province":"' || province || '","to":'
                      || coalesce('"' || valid_to || '"', 'null') || '}', ',' order by province) as told
      from prices
     group by price_group_id
),
deals_told as (
    select price_group_id, count(*) as n,
           string_agg('{"date":"' || occurred_on || '","price":"' || price || '","public":' || public || ',"quantity":'
                      || trim_scale(quantity) || '}', ',' order by occurred_on, id) as told
      from deals
     group by price_group_id
),
lowest_told as (
    select price_group_id, jsonb_agg(province order by province) as provinces
      from alert_line
      join prices using (price_group_id)
     where price = provinces_lowest and province = any (%(provinces)s)
     group by price_group_id
),
told as (
    select price_group_id, coalesce(prices_told.n, 0) as prices, coalesce(deals_told.n, 0) as deals,
           coalesce(lowest_told.provinces, '[]') as lowest_provinces,
           '{"deals":[' || coalesce(deals_told.told, '') || '],"province_prices":[' || coalesce(prices_told.told, '')
           || ']}' as facts
      from groups
      left join prices_told using (price_group_id)
      left join deals_told using (price_group_id)
      left join lowest_told using (price_group_id)
)"""

# As `price_words`: grouped, at least two and at most four decimals.
_WORDS = "regexp_replace(to_char({}, 'FM9,999,999,990.0000'), '00$', '')"
_ANSWERS = """
figures as materialized (
    select price_group_id, line as alert_line, source as alert_source, provinces_lowest, city_highest, facts,
           %(alert_shell)s::jsonb || jsonb_build_object(
               'outcome', case when %(alert_regulated)s then jsonb_build_object(
                   'line', line::text, 'source', source, 'provinces_lowest', provinces_lowest::text,
                   'city_highest', city_highest::text) end,
               'reasons', case when %(alert_regulated)s then replace(replace((%(alert_reasons)s::jsonb -> case
                       when provinces_lowest is null and city_highest is null then 'neither'
                       when city_highest is null then 'lowest'
                       when provinces_lowest is null then 'highest'
                       when provinces_lowest < city_highest then 'lower'
                       when provinces_lowest > city_highest then 'higher'
                       else 'equal' end)::text,
                   '{lowest}', coalesce(LOWEST_IN_WORDS, '')),
                   '{highest}', coalesce(HIGHEST_IN_WORDS, ''))::jsonb
                   else %(alert_shell)s::jsonb -> 'reasons' end,
               'inputs', jsonb_build_object(
                   'province_prices', prices, 'deals', deals, 'lowest_provinces', lowest_provinces,
                   'facts_sha256', encode(sha256(convert_to(facts, 'UTF8')), 'hex'))) as alert_answer,
           %(statistics_shell)s::jsonb || jsonb_build_object(
               'outcome', jsonb_build_object('levels', coalesce(levels, '{}'))) as statistics,
           case when boundaries is null or not %(segments_regulated)s then %(few_shell)s::jsonb
                else jsonb_set(%(segments_shell)s::jsonb, '{outcome,boundaries}', boundaries) end as segments
      from alert_line
      join told using (price_group_id)
      left join statistics using (price_group_id)
      left join segments using (price_group_id)
)""".replace("LOWEST_IN_WORDS", _WORDS.format("provinces_lowest")).replace(
    "HIGHEST_IN_WORDS", _WORDS.format("city_highest")
)

FIGURES = ",".join([FACTS, ALERT_LINE_TWIN, STATISTICS_TWIN, SEGMENTS_TWIN, _TOLD, _ANSWERS])
DIGEST = """
select encode(sha256(convert_to(string_agg(price_group_id || ':' || encode(sha256(convert_to(
           alert_answer::text || statistics::text || segments::text, 'UTF8')), 'hex'), ',' order by price_group_id),
           'UTF8')), 'hex')
  from figures"""


def window_start(law: Law) -> date:
    """The day after which deals matter to any of the three rules."""
    return months_back(law.on, max(window_months(law)))


def window_months(law: Law) -> tuple[int, ...]:
    """The length of each rule's window of deals in months, as the law states them on its day."""
    years = law.find("alert_line.window_years")
    months = [law.find(key) for key in ("statistics.window_months", "segments.window_months")]
    return tuple(value.value for value in months if value) + ((years.value * 12,) if years else ())


def _shells(law: Law) -> dict[str, dict[str, Any]]:
    """Each rule's answer but for its outcome: the segments' where deals are too few for lines, and where they do."""
    least = law.find("segments.least_deals")
    some = [SegmentDeal(Decimal(1), Decimal(1), law.on)] * (least.value if least else 0)
    return {
        "alert_shell": price_alert_line(law, province_prices=[], deals=[]).to_dict(),
        "statistics_shell": published(price_statistics(law, deals=[])),
        "few_shell": published(price_segments(law, deals=[], alert_line=None, price=None)),
        "segments_shell": published(price_segments(law, deals=some, alert_line=None, price=None)),
    }


def published(answer: Decision) -> dict[str, Any]:
    """The answer of statistics and segments as it is kept for a day. Not its reasons: they name the window's days, and a
    figure that stays the same is not published anew every night."""
    return answer.to_dict() | {"reasons": []}


def _alert_reasons(law: Law) -> dict[str, list[dict[str, Any]]]:
    """The alert line's reasons as the rule gives them, by which prices there are and how they compare; where the sentence
    names a group's prices it holds `{lowest}` and `{highest}`."""
    one, other = Decimal("1234567890.1234"), Decimal("1234567890.4321")
    cases = {
        "neither": (None, None),
        "lowest": (one, None),
        "highest": (None, one),
        "lower": (one, other),
        "higher": (other, one),
        "equal": (one, one),
    }
    if law.find("alert_line.window_years") is None:
        return {}
    province = law.at("alert_line.provinces").value[0]
    found = {}
    for case, (lowest, highest) in cases.items():
        answer = price_alert_line(
            law,
            province_prices=[ProvincePrice(province, lowest, law.on)] if lowest else [],
            deals=[CityDeal(highest, Decimal(1), True, law.on)] if highest else [],
        )
        places = {price_words(price): place for price, place in ((highest, "{highest}"), (lowest, "{lowest}")) if price}
        found[case] = [_with_places(reason.to_dict(), places) for reason in answer.reasons]
    return found


def _with_places(reason: dict[str, Any], places: Mapping[str, str]) -> dict[str, Any]:
    message = reason["message"]
    for price, place in places.items():
        message = message.replace(price, place)
    return reason | {"message": message}


def law_fingerprint(law: Law) -> str:
    """What the figures depend on besides facts and day: values of the law, twins' versions. If it changes, all may
    differ."""
    shells = {name: {k: v for k, v in shell.items() if k != "date"} for name, shell in _shells(law).items()}
    inputs = json.dumps([shells, TWIN_VERSIONS, str(law.drafts)], sort_keys=True)
    return hashlib.sha256(inputs.encode()).hexdigest()


def figures_parameters(
    law: Law, *, region_id: int, price_group_ids: Sequence[int], known_until: datetime
) -> dict[str, Any]:
    """What `FIGURES` asks for: the day and region of `law`, its values, the groups, and until when facts were known."""
    day, shells = law.on, _shells(law)
    alert, aid = shells["alert_shell"]["regulated"], shells["few_shell"]["regulated"]
    return {name: json.dumps(shell) for name, shell in shells.items()} | {
        "region_id": region_id,
        "deal_regions": list(regions_under(law.region)),
        "price_group_ids": list(price_group_ids),
        "day": day,
        "known_until": known_until,
        "deals_after": window_start(law),
        "alert_regulated": alert,
        "alert_reasons": json.dumps(_alert_reasons(law)),
        "provinces": list(law.at("alert_line.provinces").value) if alert else [],
        "city_after": months_back(day, 12 * law.at("alert_line.window_years").value) if alert else day,
        "statistics_after": months_back(day, law.at("statistics.window_months").value),
        "segments_regulated": aid,
        "segments_after": months_back(day, law.at("segments.window_months").value) if aid else day,
        "green_share": law.at("segments.green_share").value if aid else Decimal(1),
        "yellow_share": law.at("segments.yellow_share").value if aid else Decimal(1),
        "least_deals": law.at("segments.least_deals").value if aid else 1,
    }


def _lines_under(number: int) -> str:
    """The twin under the law of a number: its parts and parameters named after it, so that several stand in one statement
    and read the facts once."""
    part = ALERT_LINE_TWIN
    for name in ("lowest_of_provinces", "highest_of_city"):
        part = part.replace(name, f"{name}_{number}")
    return (
        part.replace("alert_line as", f"alert_line_{number} as")
        .replace("%(provinces)s", f"%(provinces_{number})s")
        .replace("%(city_after)s", f"%(city_after_{number})s")
    )


def alert_lines(
    laws: Sequence[Law], *, region_id: int, price_group_ids: Sequence[int], known_until: datetime
) -> list[dict[int, tuple[Decimal | None, Decimal | None]]]:
    """Under each of some laws of one region and day the alert line of each group and the provinces' lowest price, of what
    was known at a moment, by the rule's twin; written nowhere. Nothing where no text has alert lines. Takes a scope of the
    platform."""
    years = [law.find("alert_line.window_years") for law in laws]
    asked = [number for number, each in enumerate(years) if each is not None]
    found: list[dict[int, tuple[Decimal | None, Decimal | None]]] = [{} for _ in laws]
    if not asked:
        return found
    day = laws[0].on
    after = {number: months_back(day, 12 * years[number].value) for number in asked}
    parameters = {
        "region_id": region_id,
        "deal_regions": list(regions_under(laws[0].region)),
        "price_group_ids": list(price_group_ids),
        "day": day,
        "known_until": known_until,
        "deals_after": min(after.values()),
    }
    for number in asked:
        parameters[f"city_after_{number}"] = after[number]
        parameters[f"provinces_{number}"] = list(laws[number].at("alert_line.provinces").value)
    columns = ", ".join(f"alert_line_{number}.line, alert_line_{number}.provinces_lowest" for number in asked)
    joins = " ".join(f"join alert_line_{number} using (price_group_id)" for number in asked)
    parts = ", ".join([FACTS, *(_lines_under(number) for number in asked)])
    with connection.cursor() as cursor:
        cursor.execute("select set_config('jit', 'off', true), set_config('work_mem', '64MB', true)")
        cursor.execute(f"with {parts} select price_group_id, {columns} from groups {joins}", parameters)
        for group, *values in cursor.fetchall():
            for place, number in enumerate(asked):
                found[number][group] = (values[2 * place], values[2 * place + 1])
    return found


def figures_digest(law: Law, *, region_id: int, price_group_ids: Sequence[int], known_until: datetime) -> str:
    """SHA-256 over the figures of groups as known until a moment, computed again and written nowhere: of a run's chunk it
    is the one kept with it, whatever came to be known since. Takes a scope of the platform."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"with {FIGURES} {DIGEST}",
            figures_parameters(law, region_id=region_id, price_group_ids=price_group_ids, known_until=known_until),
        )
        return cursor.fetchone()[0] or ""


# Deals that are new or changed, that enter or leave the windows, province prices confirmed, ended, beginning or ending.
_DUE = """
select price_group_id from pricing_dealfact
 where region_id = any (%(regions)s) and changed_at > %(since)s
union
select price_group_id from pricing_dealfact
 where region_id = any (%(regions)s) and occurred_on >= %(last_day)s and occurred_on < %(day)s
union
select price_group_id from pricing_dealfact
  join unnest(%(left_after)s::date[], %(left_until)s::date[]) as borders (after, until)
    on occurred_on > after and occurred_on <= until
 where region_id = any (%(regions)s)
union
select price_group_id from pricing_provinceprice
 where region_id = %(region)s
   and (confirmed_at > %(since)s or superseded_at > %(since)s
        or (valid_from > %(last_day)s and valid_from <= %(day)s) or (valid_to >= %(last_day)s and valid_to < %(day)s))
order by price_group_id"""
_ALL = """
select price_group_id from pricing_dealfact where region_id = any (%(regions)s)
union
select price_group_id from pricing_provinceprice where region_id = %(region)s
union
select price_group_id from pricing_priceinformation where region_id = %(region)s
order by price_group_id"""


def price_groups_of(*, region_id: int, region: str) -> list[int]:
    """Ids of every group that has a deal, a province price or published figures in a region."""
    return _ids(_ALL, {"region": region_id, "regions": list(regions_under(region))})


def price_groups_due(law: Law, *, region_id: int, last_day: date, since: datetime) -> list[int]:
    """Ids of the groups whose figures may differ on the law's day from those of `last_day`: what changed after `since`,
    and what the days between move over the borders of a window or of a province price's validity."""
    months = window_months(law)
    return _ids(
        _DUE,
        {
            "region": region_id,
            "regions": list(regions_under(law.region)),
            "since": since,
            "day": law.on,
            "last_day": last_day,
            # A deal counted on the last day leaves a window where its start passes it.
            "left_after": [months_back(last_day, n) for n in months],
            "left_until": [months_back(law.on, n) for n in months],
        },
    )


def _ids(statement: str, parameters: dict[str, Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [row[0] for row in cursor.fetchall()]
