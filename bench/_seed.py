"""Sizes S, M and L of what a city trades, for benches: made once per run by COPY, copied as a template by each bench.

`facts(size)` gives the name of a database with organisations, price groups, prices of other provinces and two years of
deals: few products sold often, many seldom, as in a hospital's cupboard. Names are invented, check characters right,
and the same size gives the same rows for ever (one seeded generator; nothing of the clock).
"""

import hashlib
import io
import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

from _kit import Size
from stdnum.cn import uscc

from sunlight.scope.clock import SHANGHAI
from tests import databases

REGION, DAY = "CN-GD-SZ", date(2026, 3, 2)
KNOWN = datetime(2026, 3, 2, 0, 0, tzinfo=SHANGHAI)
DAYS = 761
HOSPITALS, MAKERS, DISTRIBUTORS = 73, 400, 120
FIRST_HOSPITAL, FIRST_MAKER, FIRST_DISTRIBUTOR = 1_001, 2_001, 3_001
PROVINCES = [
    "110000",
    "120000",
    "130000",
    "310000",
    "320000",
    "330000",
    "340000",
    "350000",
    "360000",
    "370000",
    "410000",
    "420000",
    "430000",
    "500000",
    "510000",
]
LEVELS = ("tertiary", "tertiary", "secondary", "primary", "unrated")
DISTRICTS = ["福田", "罗湖", "南山", "宝安", "龙岗", "龙华", "坪山", "光明", "盐田", "大鹏"]
PLACES = ["示范", "样例", "虚构", "例证", "模范", "拟定"]
GOODS = [
    "冠状动脉支架",
    "人工晶状体",
    "髋关节假体",
    "一次性输液器",
    "血管造影导管",
    "骨接合螺钉",
    "外科补片",
    "球囊扩张导管",
    "吻合器钉仓",
    "透析管路",
]
TRAITS = ["药物洗脱", "非球面", "生物型", "带针", "高压", "可吸收", "聚丙烯", "顺应性", "电动腔镜", "成人型"]
LOADED = ("pricing_dealfact", "pricing_provinceprice", "catalog_pricegroup", "tenancy_organisation")


class Lines(io.TextIOBase):
    """Lines made while COPY reads them."""

    def __init__(self, lines: Iterator[str]):
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


def execute_each(cursor, statements: Iterable[str]) -> None:
    """None at all is allowed, unlike in one text of many."""
    for statement in statements:
        cursor.execute(statement)


@contextmanager
def bare(cursor, tables=LOADED):
    """The tables as COPY likes them: without keys to others, indexes and walls, which come back at the end."""
    named = {"tables": list(tables)}
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
    execute_each(cursor, (f"alter table {t} drop constraint {name}" for t, name, _ in keys))
    execute_each(cursor, (f"drop index {name}" for name, _ in indexes))
    execute_each(cursor, (f"alter table {t} disable row level security" for t in tables))
    yield
    cursor.execute("set maintenance_work_mem = '512MB'")
    execute_each(cursor, (made for _, made in indexes))
    execute_each(cursor, (f"alter table {t} add constraint {n} {made} not valid" for t, n, made in keys))
    execute_each(cursor, (f"alter table {t} enable row level security" for t in tables))
    execute_each(cursor, (f"vacuum analyze {table}" for table in tables))


def credit_code(number: int) -> str:
    """A unified social credit code with its check character, of an organisation that does not exist."""
    base = f"91440300MA{number:07d}"
    return base + uscc.calc_check_digit(base)


def _copy(cursor, table: str, columns: str, lines: Iterator[str]) -> None:
    cursor.copy_expert(f"copy {table} ({columns}) from stdin", Lines(lines))


def _organisations(region: int) -> Iterator[str]:
    kinds = [
        (FIRST_HOSPITAL, HOSPITALS, "HOSPITAL", lambda n: f"{DISTRICTS[n % 10]}{PLACES[n % 6]}第{n + 1}人民医院", "ff"),
        (FIRST_MAKER, MAKERS, "SUPPLIER", lambda n: f"{PLACES[n % 6]}{n + 1}号医疗器械有限公司", "tf"),
        (FIRST_DISTRIBUTOR, DISTRIBUTORS, "SUPPLIER", lambda n: f"{PLACES[n % 6]}{n + 1}号医药配送有限公司", "ft"),
    ]
    for first, count, kind, name, (maker, distributor) in kinds:
        for n in range(count):
            level, owner = (
                (LEVELS[n % 5], "government_county" if n % 7 else "private") if kind == "HOSPITAL" else ("", "")
            )
            yield (
                f"{first + n}\t{kind}\t{name(n)}\t\t{credit_code(first + n)}\t{region}\t{maker}\t{distributor}\t{level}"
                f"\t\t\t{owner}\t{'ft'[owner == 'government_county']}\t\n"
            )


def _groups(size: Size) -> Iterator[str]:
    for n in range(1, size.groups + 1):
        name = f"{TRAITS[n // 10 % 10]}{GOODS[n % 10]} {n}型"
        yield f"{n}\t{FIRST_MAKER + n % MAKERS}\t1\tC{n:019d}\t{name}\t\t个\t\t2025-01-01\n"


def _province_prices(size: Size, region: int, base: list[int], chance: random.Random) -> Iterator[str]:
    number = 0
    for n in range(1, size.groups + 1):
        for province in chance.sample(PROVINCES, chance.randint(0, 15)):
            number += 1
            price = base[n - 1] * chance.randint(90, 130) // 100
            end = "2026-03-02" if chance.random() < 0.002 else "\\N"
            yield f"{region}\t{n}\t{province}\t{price}e-4\t2025-06-01\t{end}\t{number}\t2025-06-01 04:00+00\t\\N\n"


def _deals(size: Size, platform: int, region: int, base: list[int], chance: random.Random) -> Iterator[str]:
    days = [(DAY - timedelta(days=back)).isoformat() for back in range(1, DAYS + 1)]
    uniform, whole, groups = chance.random, chance.randrange, size.groups
    for n in range(size.deals):
        group = int(groups * uniform() ** 2.5)
        day = days[whole(DAYS)]
        quantity = whole(1, 200) if n % 10 else whole(1, 99_999) / 1000
        price = base[group] * whole(85, 125) // 100
        parties = f"{FIRST_HOSPITAL + n % HOSPITALS}\t{FIRST_MAKER + (group + 1) % MAKERS}"
        yield (
            f"{platform}\t{region}\t{group + 1}\t1\t{parties}\t{FIRST_DISTRIBUTOR + n % DISTRIBUTORS}\t{n:020d}"
            f"\t{LEVELS[n % HOSPITALS % 5]}\t{'tf'[n % HOSPITALS % 7 == 0]}\tf\t{price}e-4\t{quantity}\t{quantity}\t{day}"
            f"\t{day} 04:00+00\t{day} 04:00+00\t\\N\t\t1\n"
        )


def fill(cursor, size: Size, platform: int, region: int) -> None:
    """Organisations, price groups, up to 15 provinces' prices for each, and deals of the 761 days before `DAY`."""
    chance = random.Random(20260302)
    base = [chance.randint(10_000, 90_000_000) for _ in range(size.groups)]
    _copy(
        cursor,
        "tenancy_organisation",
        "id, kind, name, name_initials, credit_code, region_id, is_manufacturer, is_distributor, level, hospital_code,"
        " area_code, ownership, is_public, authority",
        _organisations(region),
    )
    _copy(
        cursor,
        "catalog_pricegroup",
        "id, manufacturer_id, certificate_id, generic_code, name, variant, pricing_unit, initials, created_at",
        _groups(size),
    )
    _copy(
        cursor,
        "pricing_provinceprice",
        "region_id, price_group_id, province, price, valid_from, valid_to, declared_price_id, confirmed_at, superseded_at",
        _province_prices(size, region, base, chance),
    )
    _copy(
        cursor,
        "pricing_dealfact",
        "platform_id, region_id, price_group_id, national_code_id, buyer_id, seller_id, distributor_id, order_line_number,"
        " hospital_level, is_public, is_gift, price, quantity, net_quantity, occurred_on, recorded_at, changed_at,"
        " excluded_at, exclusion_reason, version",
        _deals(size, platform, region, base, chance),
    )


def _places(cursor) -> tuple[int, int]:
    """Ids of the region and of its platform. The owner too sees no rows of ours but where force is lifted."""
    found = []
    for table, code in (("tenancy_region", REGION), ("tenancy_platform", "gd-sz")):
        cursor.execute(f"alter table {table} no force row level security")
        cursor.execute(f"select id from {table} where code = %s", [code])
        found += cursor.fetchone()
        cursor.execute(f"alter table {table} force row level security")
    return tuple(found)


def facts(size: Size) -> str:
    """The name of the database of a size: made now, or as an earlier bench of these sources left it."""
    source = databases.template()
    made_of = hashlib.sha256(Path(__file__).read_bytes() + source.encode()).hexdigest()[:12]
    name = f"sun_seed_{size.name.lower()}_{made_of}"
    home = databases.settings.DATABASES["owner"]["NAME"]
    with databases.owner(home) as connection, connection.cursor() as cursor:
        cursor.execute("select datname from pg_database where datname like 'sun_seed_%'")
        there = {found for (found,) in cursor.fetchall()}
        if name in there:
            return name
        for stale in there:
            databases.drop(connection, stale)
        databases._run(connection, "create database {} template {}", f"{name}_raw", source)
        with databases.owner(f"{name}_raw") as owner, owner.cursor() as rows:
            region, platform = _places(rows)
            with bare(rows):
                fill(rows, size, platform, region)
        databases._run(connection, "alter database {} rename to {}", f"{name}_raw", name)
    return name
