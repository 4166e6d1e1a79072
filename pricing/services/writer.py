"""Writing price information: one statement compares figures with the last published ones, writes the rows that differ,
and keeps the decision and the event of each. The nightly run gives it figures by SQL, the publisher by the rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from pricing.events import PRICE_PUBLISHED
from pricing.queries.figures import DIGEST
from sunlight.journal.services import decisions_part, deliveries_write, events_part, who_parameters
from sunlight.scope import Actor

GIVEN_FIGURES = """
figures as materialized (
    select * from jsonb_to_recordset(%(figures)s::jsonb) as given (
        price_group_id bigint, alert_line numeric(14, 4), alert_source text, provinces_lowest numeric(14, 4),
        city_highest numeric(14, 4), alert_answer jsonb, statistics jsonb, segments jsonb, facts text)
)"""

# Answers differ by their content, not by the day or the facts behind them. A row published on
# later knowledge (a confirmation during a run) stays.
_CHANGED = """
changed as materialized (
    select figures.*, last.id as last_id, coalesce(last.business_day = %(day)s, false) as again
      from figures
      left join lateral (
           select id, business_day, known_until, alert_answer, statistics, segments
             from pricing_priceinformation published
            where published.region_id = %(region_id)s and published.price_group_id = figures.price_group_id
              and published.business_day <= %(day)s
            order by published.business_day desc
            limit 1) last on true
     where last.id is null
        or last.known_until <= %(known_until)s
           and (figures.alert_answer - 'date' - 'inputs', figures.alert_answer->'inputs'->'lowest_provinces',
                figures.statistics - 'date', figures.segments - 'date')
               is distinct from
               (last.alert_answer - 'date' - 'inputs', last.alert_answer->'inputs'->'lowest_provinces',
                last.statistics - 'date', last.segments - 'date')
)"""
_WRITTEN = """
inserted as (
    insert into pricing_priceinformation (
           region_id, price_group_id, business_day, known_until, alert_line, alert_source, provinces_lowest,
           city_highest, alert_answer, statistics, segments, published_at)
    select %(region_id)s, price_group_id, %(day)s, %(known_until)s, alert_line, alert_source, provinces_lowest,
           city_highest, alert_answer, statistics, segments, %(published_at)s
      from changed where not again
),
updated as (
    update pricing_priceinformation row
       set known_until = %(known_until)s, alert_line = changed.alert_line, alert_source = changed.alert_source,
           provinces_lowest = changed.provinces_lowest, city_highest = changed.city_highest,
           alert_answer = changed.alert_answer, statistics = changed.statistics, segments = changed.segments,
           published_at = %(published_at)s
      from changed where changed.again and row.id = changed.last_id
),
answers as (
    select 'price_group' as subject_type, price_group_id as subject_id, alert_answer as answer, facts from changed
),
news as (
    select price_group_id as subject_id, 1 as subject_version,
           jsonb_build_object(
               'region', %(region)s::text, 'price_group_id', price_group_id, 'business_day', %(day)s::date,
               'known_until', %(known_until_text)s::text, 'alert_line', alert_line::numeric(14, 4)::text,
               'alert_source', alert_source, 'provinces_lowest', provinces_lowest::numeric(14, 4)::text,
               'city_highest', city_highest::numeric(14, 4)::text, 'alert_answer', alert_answer,
               'statistics', statistics, 'segments', segments, 'published_at', %(published_at_text)s::text) as payload
      from changed
)"""
_STATEMENT = f"""
with {{figures}}, {_CHANGED}, {_WRITTEN},
decided as ({decisions_part("answers")}),
recorded as ({events_part(PRICE_PUBLISHED, "news")})
select (select count(*) from figures), (select array_agg(price_group_id order by price_group_id) from changed),
       (select array_agg(id) from recorded), {{digest}}"""


@dataclass(frozen=True, slots=True)
class Written:
    """What a statement did: groups looked at, ids of those whose row was written, digest of all the figures."""

    groups: int
    changed: tuple[int, ...]
    digest: str


def information_write(
    figures: str,
    parameters: Mapping[str, Any],
    *,
    actor: Actor,
    at: datetime,
    region: tuple[int, str],
    day: date,
    known_until: datetime,
    with_digest: bool = False,
) -> Written:
    """Write the rows of `figures` (common table expressions ending in one of that name, with their parameters) that
    differ in a region (id, code) for a business day. Call it in a scope of the platform, under the region's lock."""
    encoder = DjangoJSONEncoder()
    values = dict(parameters) | {
        "region_id": region[0],
        "region": region[1],
        "day": day,
        "known_until": known_until,
        "known_until_text": encoder.default(known_until),
        "published_at": at,
        "published_at_text": encoder.default(at),
        **who_parameters(actor=actor, at=at),
    }
    with connection.cursor() as cursor:
        # Compiling so wide a statement takes longer than running it for a few groups; a chunk's sorts fit in memory.
        # Deals of a chunk lie anywhere: by their index each would be fetched by itself, by a bitmap each page once.
        cursor.execute(
            "select set_config('jit', 'off', true), set_config('work_mem', '64MB', true),"
            " set_config('enable_indexscan', %s, true)",
            ["off" if with_digest else "on"],
        )
        cursor.execute(_STATEMENT.format(figures=figures, digest=f"({DIGEST})" if with_digest else "''"), values)
        groups, changed, events, digest = cursor.fetchone()
    deliveries_write(PRICE_PUBLISHED, events or ())
    return Written(groups, tuple(changed or ()), digest or "")
