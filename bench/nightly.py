"""The nightly run beside its bound: first and repeated full run, 1 % of the products changed, the next day's sweep.

    bench/nightly.py [--groups 20000] [--deals 500000]      --full: size M, 200 000 groups and 5 million deals

The bound is one statement written by hand for the same rows, decisions and events, without chunks, comparison with what is
published, digest or knowledge of an earlier moment; it runs in the same scope on the same data and is rolled back.
"""

import argparse
import io
import os
import random
import resource
import sys
import time
from contextlib import contextmanager
from datetime import date, datetime, timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sunlight.settings")
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import django

django.setup()

from django.db import connection

from pricing import services
from pricing.queries.figures import figures_parameters
from pricing.services.publication import over_all_platforms
from sunlight import scope
from sunlight.acts import current_policy
from sunlight.scope.clock import SHANGHAI
from sunlight.tenancy.queries import open_platform_actors
from tests import databases

REGION, DAY = "CN-GD-SZ", date(2026, 3, 2)
KNOWN = datetime(2026, 3, 2, 0, 0, tzinfo=SHANGHAI)
PROVINCES = ["110000", "120000", "130000", "310000", "320000", "330000", "340000", "350000", "360000", "370000", "410000", "420000", "430000", "500000", "510000"]  # fmt: skip
LEVELS = ("tertiary", "tertiary", "secondary", "primary", "unrated")
LOADED = ("pricing_dealfact", "pricing_provinceprice", "catalog_pricegroup")


class Undo(Exception):
    """Ends a measured transaction without keeping it."""


def timed(call):
    begun = time.perf_counter()
    result = call()
    return time.perf_counter() - begun, result


class Lines(io.TextIOBase):
    """Lines made while COPY reads them."""

    def __init__(self, lines):
        self.lines, self.rest = lines, ""

    def read(self, size=-1):
        parts, length = [self.rest], len(self.rest)
        for line in self.lines:
            parts.append(line)
            length += len(line)
            if length >= size:
                break
        text = "".join(parts)
        self.rest = text[size:]
        return text[:size]


@contextmanager
def bare(cursor):
    """The tables as COPY likes them: without keys to others, indexes and walls, which come back at the end."""
    named = {"tables": list(LOADED)}
    cursor.execute(
        "select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint"
        " where contype = 'f' and conrelid::regclass::text = any (%(tables)s)",
        named,
    )
    keys = cursor.fetchall()
    cursor.execute(
        "select indexname, indexdef from pg_indexes where tablename = any (%(tables)s)"
        " and indexname not in (select conname from pg_constraint)",
        named,
    )
    indexes = cursor.fetchall()
    cursor.execute("".join(f"alter table {t} drop constraint {name};" for t, name, _ in keys))
    cursor.execute("".join(f"drop index {name};" for name, _ in indexes))
    cursor.execute("".join(f"alter table {t} disable row level security;" for t in LOADED))
    yield
    cursor.execute("set maintenance_work_mem = '512MB'")
    cursor.execute("".join(f"{made};" for _, made in indexes))
    cursor.execute("".join(f"alter table {t} add constraint {n} {made} not valid;" for t, n, made in keys))
    cursor.execute("".join(f"alter table {t} enable row level security;" for t in LOADED))
    for table in LOADED:
        cursor.execute(f"vacuum analyze {table}")


def fill(cursor, platform: int, region: int, groups: int, deals: int) -> None:
    """Groups sold by popularity (few often, many seldom), up to 15 provinces each, deals of the last 760 days."""
    chance = random.Random(20260302)
    base = [chance.randint(10_000, 90_000_000) for _ in range(groups)]

    def copy(table, columns, lines):
        cursor.copy_expert(f"copy {table} ({columns}) from stdin", Lines(lines))

    copy(
        "catalog_pricegroup",
        "id, manufacturer_id, certificate_id, generic_code, name, pricing_unit, initials, created_at",
        (f"{n}\t1\t1\tC{n:019d}\t测试产品{n}\t个\t\t2025-01-01\n" for n in range(1, groups + 1)),
    )

    def province_prices():
        number = 0
        for n in range(1, groups + 1):
            for province in chance.sample(PROVINCES, chance.randint(0, 15)):
                number += 1
                price = base[n - 1] * chance.randint(90, 130) // 100
                end = "2026-03-02" if chance.random() < 0.002 else "\\N"
                yield (
                    f"{region}\t{n}\t{province}\t{price}e-4\t2025-06-01\t{end}\t{number}\t2025-06-01 04:00+00\t\\N\n"
                )

    copy(
        "pricing_provinceprice",
        "region_id, price_group_id, province, price, valid_from, valid_to, declared_price_id, confirmed_at, superseded_at",
        province_prices(),
    )
    days = [(DAY - timedelta(days=back)).isoformat() for back in range(761)]

    def deal_facts():
        uniform, whole = chance.random, chance.randrange
        for n in range(deals):
            group = int(groups * uniform() ** 2.5)
            day = days[whole(761)]
            quantity = whole(1, 200) if n % 10 else whole(1, 99_999) / 1000
            price = base[group] * whole(85, 125) // 100
            yield (
                f"{platform}\t{region}\t{group + 1}\t1\t{n % 73 + 1}\t1\t\\N\t{n:020d}\t{LEVELS[n % 5]}\t{'tf'[n % 7 == 0]}"
                f"\tf\t{price}e-4\t{quantity}\t{quantity}\t{day}\t{day} 04:00+00\t{day} 04:00+00\t\\N\t\t1\n"
            )

    copy(
        "pricing_dealfact",
        "platform_id, region_id, price_group_id, national_code_id, buyer_id, seller_id, distributor_id, order_line_number,"
        " hospital_level, is_public, is_gift, price, quantity, net_quantity, occurred_on, recorded_at, changed_at,"
        " excluded_at, exclusion_reason, version",
        deal_facts(),
    )


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
    select price_group_id, id, price, net_quantity as q, hospital_level as level, is_public, occurred_on
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
), rows as (
    insert into pricing_priceinformation (region_id, price_group_id, business_day, known_until, alert_line, alert_source,
           provinces_lowest, city_highest, alert_answer, statistics, segments, published_at)
    select %(region_id)s, price_group_id, '2026-03-02', %(known)s, line, source, lowest, highest, alert_answer, statistics,
           segments, %(known)s from answers
), decisions as (
    insert into journal_decision (platform_id, parties, actor_name, actor_organisation_name, actor_roles, on_behalf_of,
           client_address, client_agent, request_id, occurred_at, recorded_at, subject_type, subject_id, rule, region_code,
           law_date, facts, regulated, outcome, reasons, parameters)
    select %(platform)s, '{}', '', '', '{SYSTEM}', '', '', '', '', %(known)s, %(known)s, 'price_group', price_group_id,
           'price.alert_line', 'CN-GD-SZ', '2026-03-02', facts::jsonb, true, alert_answer->'outcome',
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
select count(*), md5(string_agg(md5(alert_answer::text || statistics::text || segments::text), '' order by price_group_id))
  from answers"""
RESULT = """
select count(*), md5(string_agg(md5(alert_answer::text || statistics::text || segments::text), '' order by price_group_id))
  from pricing_priceinformation where business_day = %s"""


def bound(actor) -> tuple[float, tuple]:
    """The hand-written statement, rolled back: seconds and (rows, hash of the answers)."""
    law = current_policy().law(region=REGION, on=DAY)
    region_id = region_of(actor)
    with scope.opened(actor):
        shells = figures_parameters(law, region_id=region_id, price_group_ids=[], known_until=KNOWN)
    asked = shells | {"regions": shells["deal_regions"], "known": KNOWN, "platform": actor.platform_id}
    try:
        with scope.opened(actor), connection.cursor() as cursor:
            cursor.execute("set local work_mem = '256MB'")
            seconds, found = timed(lambda: (cursor.execute(BOUND, asked), cursor.fetchone())[1])
            raise Undo
    except Undo:
        return seconds, found


def region_of(actor) -> int:
    with scope.opened(actor), connection.cursor() as cursor:
        cursor.execute("select id from tenancy_region where code = %s", [REGION])
        return cursor.fetchone()[0]


def run(actor, *, day=DAY, known=KNOWN, full=False):
    return timed(
        lambda: services.nightly_run(
            actor=actor, at=known, region=REGION, business_day=day, known_until=known, full=full
        )
    )


def told(label: str, seconds: float, done) -> None:
    print(
        f"{label:28} {seconds:8.2f} s   {done.price_groups:7} groups looked at, {done.rows_written:7} rows written",
        flush=True,
    )


def measure(groups: int, deals: int) -> None:
    actor = next(a for a in open_platform_actors() if a.platform_code == "gd-sz")
    with scope.opened(actor):
        actor = over_all_platforms(actor)
    region = region_of(actor)
    with databases.owner(connection.settings_dict["NAME"]) as owner, owner.cursor() as cursor:
        with bare(cursor):
            seconds, _ = timed(lambda: fill(cursor, actor.platform_id, region, groups, deals))
        print(f"{groups} groups, {deals} deals; COPY {seconds:.1f} s", flush=True)
    least, expected = bound(actor)
    first, done = run(actor)
    told("full, nothing published yet", first, done)
    with scope.opened(actor), connection.cursor() as cursor:
        cursor.execute(RESULT, [DAY])
        assert cursor.fetchone() == expected, "the bound and the run differ"
    print(
        f"{'one hand-written statement':28} {least:8.2f} s   the same {expected[0]} rows -> run at {first / least:.2f} x"
    )
    again, done = run(actor, known=KNOWN + timedelta(hours=1), full=True)
    told("full again, nothing new", again, done)
    noon = KNOWN + timedelta(hours=12)
    with databases.owner(connection.settings_dict["NAME"]) as owner, owner.cursor() as cursor:
        cursor.execute("alter table pricing_dealfact disable row level security")
        change(cursor, groups, noon - timedelta(minutes=30))
        cursor.execute("alter table pricing_dealfact enable row level security")
        cursor.execute("vacuum analyze pricing_dealfact")
    changed, done = run(actor, known=noon)
    told("1 % of products changed", changed, done)
    print(f"{'':28} {changed / first:8.1%} of the first full run, {changed / again:.1%} of the repeated one")
    day = timedelta(days=1)
    swept, done = run(actor, day=DAY + day, known=KNOWN + day)
    told("the next day's sweep", swept, done)
    checked, done = run(actor, day=DAY + day, known=KNOWN + day, full=True)
    told("full, checking the sweep", checked, done)
    assert done.rows_written == 0, "the sweep left out what a full run finds"
    print(f"peak memory of the worker    {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MB")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--groups", type=int, default=20_000)
    asked.add_argument("--deals", type=int, default=500_000)
    asked.add_argument("--full", action="store_true", help="size M: 200 000 groups, 5 million deals")
    size = asked.parse_args()
    groups, deals = (200_000, 5_000_000) if size.full else (size.groups, size.deals)
    with databases.copy_of(databases.template(), f"sun_bench_{os.getpid()}"):
        measure(groups, deals)


if __name__ == "__main__":
    main()
