"""The nightly run beside its bound: first and repeated full run, 1 % of the products changed, the next day's sweep.

    python bench/nightly.py         as many groups and deals as SIZE says: S 20 000 and 500 000, M 200 000 and 5 million

The bound is one statement written by hand for the same rows, distributions, decisions and events, without chunks,
comparison with what is published, digest or knowledge of an earlier moment; it runs in the same scope on the same data
and is rolled back. Ratios are of the backend's processor time: on a shared machine the clock also measures the others.
"""

import os
import resource
import sys
from datetime import datetime, timedelta

import _kit
import django

django.setup()

import _duck
import _seed
from _seed import DAY, KNOWN, REGION
from django.db import connection

from pricing.queries.figures import figures_parameters
from pricing.services.nightly import nightly_run
from pricing.services.publication import over_all_platforms
from sunlight import scope
from sunlight.acts import current_policy
from sunlight.kernel.period import months_back
from sunlight.tenancy.queries.actors import open_platform_actors
from tests import databases

FULL_GOAL, INCREMENTAL_GOAL = 1.5, 0.05


class Undo(Exception):
    """Ends a measured transaction without keeping it."""


def change(cursor, groups: int, at: datetime) -> None:
    """One deal of every hundredth product is returned in part."""
    cursor.execute(
        "update pricing_dealfact set net_quantity = net_quantity / 2, changed_at = %(at)s where id in (select max(id) from"
        " pricing_dealfact where occurred_on < %(day)s and occurred_on > %(day)s - 700 group by price_group_id"
        " order by md5(price_group_id::text) limit %(many)s)",
        {"at": at, "day": DAY, "many": groups // 100},
    )


BOUND = """
with deals as materialized (
    select price_group_id, id, price, net_quantity as q, hospital_level as level, is_public, occurred_on, buyer_id
      from pricing_dealfact
     where region_id = any (%(regions)s) and occurred_on > '2024-03-02' and occurred_on < '2026-03-02'
       and recorded_at <= %(known)s and net_quantity > 0 and not is_gift and excluded_at is null
), prices as materialized (
    select price_group_id, province, price, valid_from, valid_to
      from pricing_provinceprice where region_id = %(region_id)s and superseded_at is null and confirmed_at <= %(known)s
), low as (
    select price_group_id, count(*) as n,
           min(price) filter (where valid_from <= '2026-03-02' and (valid_to is null or valid_to >= '2026-03-02')
                              and province = any (%(provinces)s)) as lowest,
           string_agg('{"from":"' || valid_from || '","price":"' || price || '","province":"' || province || '","to":'
                      || coalesce('"' || valid_to || '"', 'null') || '}', ',' order by province) as told
      from prices group by 1
), high as (
    select price_group_id, count(*) as n, max(price) filter (where is_public) as highest,
           string_agg('{"date":"' || occurred_on || '","price":"' || price || '","public":' || is_public
                      || ',"quantity":' || trim_scale(q) || '}', ',' order by occurred_on, id) as told
      from deals group by 1
), lines as materialized (
    select price_group_id, low.lowest, high.highest, least(low.lowest, high.highest) as line,
           coalesce(low.n, 0) as provinces_n, coalesce(high.n, 0) as deals_n,
           case when lowest is null and highest is null then 'none'
                when highest is null or lowest <= highest then 'provinces' else 'city' end as source,
           '{"deals":[' || coalesce(high.told, '') || '],"province_prices":[' || coalesce(low.told, '') || ']}' as facts
      from high full join low using (price_group_id)
), lowest_of as (
    select price_group_id, jsonb_agg(province order by province) as provinces
      from lines join prices using (price_group_id)
     where price = lowest and province = any (%(provinces)s) group by 1
), levels as (
    select price_group_id, jsonb_object_agg(coalesce(level, 'all'), jsonb_build_object('count', n,
               'lowest', (t[1] * 0.0001)::text, 'highest', (t[n] * 0.0001)::text,
               'weighted_average', (div(20000 * v + s, 2 * s) * 0.0001)::text,
               'median', ((t[(n + 1) / 2] + t[n / 2 + 1] + 1) / 2 * 0.0001)::text)) as levels
      from (select price_group_id, level, count(*) as n, sum(price * q) as v, sum(q) as s,
                   array_agg((price * 10000)::bigint order by (price * 10000)::bigint) as t
              from deals where occurred_on > '2025-03-02'
             group by grouping sets ((price_group_id), (price_group_id, level))) figures
     group by 1
), running as (
    select price_group_id, line, (price * 10000)::bigint as t, sum(q) over (partition by price_group_id) as total,
           sum(q) over (partition by price_group_id order by price rows unbounded preceding) as reached
      from deals join lines using (price_group_id) where line is null or price <= line
), edges as (
    select price_group_id, min(t) as a, min(t) filter (where reached >= 0.50 * total) as b,
           min(t) filter (where reached >= 0.90 * total) as c, coalesce((line * 10000)::bigint, max(t)) as d
      from running group by price_group_id, line having count(*) >= 3
), answers as materialized (
    select price_group_id, line, source, lowest, highest, facts,
           %(alert_shell)s::jsonb || jsonb_build_object('outcome', jsonb_build_object('line', line::text, 'source', source,
               'provinces_lowest', lowest::text, 'city_highest', highest::text), 'inputs', jsonb_build_object(
               'province_prices', provinces_n, 'deals', deals_n, 'lowest_provinces', coalesce(provinces, '[]'),
               'facts_sha256', encode(sha256(convert_to(facts, 'UTF8')), 'hex'))) as alert_answer,
           %(statistics_shell)s::jsonb || jsonb_build_object('outcome', jsonb_build_object('levels', coalesce(levels, '{}')))
               as statistics,
           case when a is null then %(few_shell)s::jsonb else jsonb_set(%(segments_shell)s::jsonb, '{outcome,boundaries}',
               (select jsonb_agg((t * 0.0001)::text order by i) from unnest(array[
                   a, (4*a+2*b+3)/6, (2*a+4*b+3)/6, b, (4*b+2*c+3)/6, (2*b+4*c+3)/6, c, (4*c+2*d+3)/6, (2*c+4*d+3)/6, d])
                   with ordinality as edge (t, i))) end as segments
      from lines left join lowest_of using (price_group_id) left join levels using (price_group_id)
      left join edges using (price_group_id)
), edges_of as materialized (
    select price_group_id,
           array(select edge::numeric from jsonb_array_elements_text(segments->'outcome'->'boundaries') edge) as edges
      from answers where jsonb_typeof(segments->'outcome'->'boundaries') = 'array'
), placed as materialized (
    select price_group_id, buyer_id, q, case when edges is null then 0 when price > edges[10] then 10
               else greatest((select count(*) from unnest(edges) edge where edge < price), 1) end as band
      from deals left join edges_of using (price_group_id) where occurred_on > '2025-03-02'
), totals as (
    select price_group_id, count(*) as n, sum(q) as s, count(distinct buyer_id) as institutions from placed group by 1
), told as (
    select price_group_id, jsonb_agg(jsonb_build_object('band', band, 'deals', banded.n,
               'share', round(100 * banded.s / totals.s, 1)::text) order by band) as bands
      from (select price_group_id, band, count(*) as n, sum(q) as s from placed where band > 0 group by 1, 2) banded
      join totals using (price_group_id) where institutions >= 3 group by 1
), distributions as (
    insert into pricing_pricedistribution (region_id, price_group_id, business_day, known_until, institutions, deals,
           bands, published_at)
    select %(region_id)s, price_group_id, '2026-03-02', %(known)s, coalesce(institutions, 0), coalesce(n, 0),
           coalesce(bands, '[]'), %(known)s
      from answers left join totals using (price_group_id) left join told using (price_group_id)
    returning price_group_id, institutions, deals, bands
), rows as (
    insert into pricing_priceinformation (region_id, price_group_id, business_day, known_until, alert_line, alert_source,
           provinces_lowest, city_highest, alert_answer, statistics, segments, published_at)
    select %(region_id)s, price_group_id, '2026-03-02', %(known)s, line, source, lowest, highest, alert_answer, statistics,
           segments, %(known)s from answers
), decisions as (
    insert into journal_decision (platform_id, parties, actor_name, actor_organisation_name, actor_roles, on_behalf_of,
           client_address, client_agent, request_id, occurred_at, recorded_at, subject_type, subject_id, rule, region_code,
           law_date, drafts, facts, regulated, outcome, reasons, parameters)
    select %(platform)s, '{}', '', '', '{SYSTEM}', '', '', '', '', %(known)s, %(known)s, 'price_group', price_group_id,
           'price.alert_line', 'CN-GD-SZ', '2026-03-02', 'binding', facts::jsonb, true, alert_answer->'outcome',
           alert_answer->'reasons', alert_answer->'parameters' from answers
), events as (
    insert into journal_event (platform_id, parties, actor_name, actor_organisation_name, actor_roles, on_behalf_of,
           client_address, client_agent, request_id, occurred_at, recorded_at, name, subject_type, subject_id,
           subject_version, payload)
    select %(platform)s, '{}', '', '', '{SYSTEM}', '', '', '', '', %(known)s, %(known)s, 'price_published', 'price_group',
           price_group_id, 1, jsonb_build_object('region', 'CN-GD-SZ', 'price_group_id', price_group_id, 'business_day',
               '2026-03-02', 'known_until', %(known)s, 'alert_line', line::text, 'alert_source', source,
               'provinces_lowest', lowest::text, 'city_highest', highest::text, 'alert_answer', alert_answer, 'statistics',
               statistics, 'segments', segments, 'published_at', %(known)s)
      from answers
)
select count(*), md5(string_agg(md5(alert_answer::text || statistics::text || segments::text), '' order by price_group_id)),
       (select md5(string_agg(md5(institutions || '/' || deals || bands::text), '' order by price_group_id))
          from distributions)
  from answers"""
RESULT = """
select count(*), md5(string_agg(md5(alert_answer::text || statistics::text || segments::text), '' order by price_group_id)),
       (select md5(string_agg(md5(institutions || '/' || deals || bands::text), '' order by price_group_id))
          from pricing_pricedistribution where business_day = %(day)s)
  from pricing_priceinformation where business_day = %(day)s"""


def backend() -> int:
    """The process of the connection that scopes use."""
    connection.ensure_connection()
    return connection.connection.info.backend_pid


def bound(actor, region_id: int) -> tuple[_kit.Spent, tuple]:
    """The hand-written statement, rolled back: what it spent, and (rows, hash of the answers)."""
    law = current_policy().law(region=REGION, on=DAY)
    with scope.opened(actor):
        shells = figures_parameters(law, region_id=region_id, price_group_ids=[], known_until=KNOWN)
    asked = shells | {"regions": shells["deal_regions"], "known": KNOWN, "platform": actor.platform_id}
    try:
        with scope.opened(actor), connection.cursor() as cursor:
            # Its intermediate results have no statistics: a nested loop over them takes hours.
            cursor.execute("set local work_mem = '256MB'; set local enable_nestloop = off; set local jit = off")
            taken, found = _kit.measured(lambda: (cursor.execute(BOUND, asked), cursor.fetchone())[1], backend())
            raise Undo
    except Undo:
        return taken, found


def run(actor, label: str, *, day=DAY, known=KNOWN, full=False):
    taken, done = _kit.measured(
        lambda: nightly_run(actor=actor, at=known, region=REGION, business_day=day, known_until=known, full=full),
        backend(),
    )
    print(
        f"{label:28} {taken!s:28} {done.price_groups:7} groups looked at, {done.rows_written:7} rows written",
        flush=True,
    )
    return taken, done


def published() -> tuple:
    with connection.cursor() as cursor:
        cursor.execute(RESULT, {"day": DAY})
        return cursor.fetchone()


def measure(size: _kit.Size) -> None:
    actor = next(a for a in open_platform_actors() if a.platform_code == "gd-sz")
    with scope.opened(actor), connection.cursor() as cursor:
        actor = over_all_platforms(actor)
        cursor.execute("select id from tenancy_region where code = %s", [REGION])
        (region,) = cursor.fetchone()
    least, expected = bound(actor, region)
    print(f"{'one hand-written statement':28} {least!s:28} {expected[0]:7} rows", flush=True)
    first, done = run(actor, "full, nothing published yet")
    with scope.opened(actor):
        assert published() == expected, "the bound and the run differ"
    duckdb_figures(region, expected[0])
    _kit.figure(
        "nightly run, full", str(first), f"hand-written {least}", ratio=_kit.by_server(first, least), goal=FULL_GOAL
    )
    again, _ = run(actor, "full again, nothing new", known=KNOWN + timedelta(hours=1), full=True)
    noon = KNOWN + timedelta(hours=12)
    with databases.owner(connection.settings_dict["NAME"]) as owner, owner.cursor() as cursor:
        cursor.execute("alter table pricing_dealfact disable row level security")
        change(cursor, size.groups, noon - timedelta(minutes=30))
        cursor.execute("alter table pricing_dealfact enable row level security")
    changed, done = run(actor, "1 % of products changed", known=noon)
    assert size.groups // 100 <= done.price_groups <= size.groups // 90, done.price_groups
    for label, whole in (("first", first), ("repeated", again)):
        _kit.figure(
            f"nightly run, 1 % changed, of the {label} full run",
            str(changed),
            f"full {whole}",
            ratio=_kit.by_server(changed, whole),
            goal=INCREMENTAL_GOAL,
        )
    day = timedelta(days=1)
    run(actor, "the next day's sweep", day=DAY + day, known=KNOWN + day)
    _, done = run(actor, "full, checking the sweep", day=DAY + day, known=KNOWN + day, full=True)
    assert done.rows_written == 0, "the sweep left out what a full run finds"
    print(f"peak memory of the worker    {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MB")


def duckdb_figures(region: int, lines: int) -> None:
    """DuckDB's figure, from what the owner takes out of the same tables."""
    with databases.owner(connection.settings_dict["NAME"]) as owner, owner.cursor() as cursor:
        for table in ("pricing_dealfact", "pricing_provinceprice"):
            cursor.execute(f"alter table {table} disable row level security")
        taken_out, asked, (found, _) = _duck.duckdb_figures(
            cursor, region=region, day=DAY, year=months_back(DAY, 12), two_years=months_back(DAY, 24)
        )
        for table in ("pricing_dealfact", "pricing_provinceprice"):
            cursor.execute(f"alter table {table} enable row level security")
    assert found == lines, (found, lines)
    _kit.figure(
        "nightly run, the sums alone by DuckDB",
        f"{asked.clock:.2f} s ({asked.client:.2f} s CPU)",
        f"and {taken_out.clock:.1f} s to take the facts out",
    )


def main() -> int:
    size = _kit.size_asked()
    print(f"{size.groups} groups, {size.deals} deals; {_kit.load_text()}", flush=True)
    seeded, name = _kit.measured(lambda: _seed.facts(size))
    print(f"facts by COPY, or as left by an earlier bench: {seeded.clock:.1f} s", flush=True)
    with databases.copy_of(name, f"sun_bench_{os.getpid()}"):
        measure(size)
    return _kit.outcome()


if __name__ == "__main__":
    sys.exit(main())
