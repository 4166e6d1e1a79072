"""Each rule and its twin in SQL give the same answer on any facts: exact decimals, ties, borders, rounding, 29 February."""

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from catalog import rules as catalog_rules
from pricing.queries import figures
from pricing.rules.alert_line import ALERT_LINE_TWIN, CityDeal, ProvincePrice, price_alert_line
from pricing.rules.segments import SEGMENTS_TWIN, SegmentDeal, price_segments
from pricing.rules.statistics import LEVELS, STATISTICS_TWIN, LevelDeal, price_statistics
from sunlight import scope
from sunlight.acts import current_policy
from sunlight.kernel.period import months_back, years_back

SOME_DAYS = [
    date(2025, 1, 1),
    date(2026, 2, 28),
    date(2026, 3, 1),
    date(2028, 2, 28),
    date(2028, 2, 29),
    date(2028, 3, 1),
]
DAYS = st.sampled_from(SOME_DAYS)
TICKS = st.one_of(st.integers(1, 40), st.integers(1, 99_999_999_999_999), st.integers(799_990, 800_010))
PRICES = TICKS.map(lambda n: Decimal(n).scaleb(-4))
QUANTITIES = st.one_of(st.integers(1, 9), st.integers(1, 10**9), st.integers(1000, 9000)).map(
    lambda n: Decimal(n).scaleb(-3)
)
SOME_LEVELS = st.sampled_from(tuple(LEVELS))
# Days before the day asked for; the borders of twelve and twenty-four months as often as all others.
BACK = st.one_of(st.integers(-1, 800), st.sampled_from([364, 365, 366, 367, 729, 730, 731, 732]))
DEALS = st.lists(st.tuples(PRICES, QUANTITIES, SOME_LEVELS, st.booleans(), BACK), max_size=12)
PROVINCES = st.lists(
    st.tuples(st.sampled_from(["110000", "320000", "510000", "440000", "650000"]), PRICES, BACK, st.none() | BACK),
    max_size=6,
    unique_by=lambda row: row[0],
)
FACTS = st.lists(st.tuples(DEALS, PROVINCES), min_size=1, max_size=6)
MANY = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))

_GIVEN = """
groups as (select generate_series(0, %(groups)s - 1)::bigint as price_group_id),
deals as (
    select * from jsonb_to_recordset(%(deals)s::jsonb) as d (
        price_group_id bigint, price numeric(14, 4), quantity numeric(14, 3), level text, public boolean, occurred_on date)),
prices as (
    select * from jsonb_to_recordset(%(prices)s::jsonb) as p (
        price_group_id bigint, province text, price numeric(14, 4), valid_from date, valid_to date))"""


def law_on(day):
    return current_policy().law(region="CN-GD-SZ", on=day)


@pytest.fixture
def ask(world):
    """Runs the three twins over given facts: {group: (line, source, lowest, highest, levels, boundaries)}."""

    def asked(law, facts):
        day = law.on
        deals = [
            {
                "price_group_id": n,
                "price": str(p),
                "quantity": str(q),
                "level": level,
                "public": public,
                "occurred_on": str(day - timedelta(days=back)),
            }
            for n, (rows, _) in enumerate(facts)
            for p, q, level, public, back in rows
        ]
        prices = [
            {
                "price_group_id": n,
                "province": province,
                "price": str(p),
                "valid_from": str(day - timedelta(days=a)),
                "valid_to": None if b is None else str(day - timedelta(days=b)),
            }
            for n, (_, rows) in enumerate(facts)
            for province, p, a, b in rows
        ]
        parameters = figures.figures_parameters(
            law, region_id=world.platform.region_id, price_group_ids=[], known_until=scope.now()
        ) | {"groups": len(facts), "deals": json.dumps(deals), "prices": json.dumps(prices)}
        twins = ",".join([_GIVEN, ALERT_LINE_TWIN, STATISTICS_TWIN, SEGMENTS_TWIN])
        with connection.cursor() as cursor:
            cursor.execute(
                f"with {twins} select price_group_id, line::text, source, provinces_lowest::text, city_highest::text,"
                " levels, boundaries from alert_line left join statistics using (price_group_id)"
                " left join segments using (price_group_id) order by price_group_id",
                parameters,
            )
            return [(*row[:5], *(value and json.loads(value) for value in row[5:])) for row in cursor.fetchall()]

    with scope.opened(world.system):
        yield asked


def by_rule(law, deals, prices):
    day = law.on
    dated = [(p, q, level, public, day - timedelta(days=back)) for p, q, level, public, back in deals]
    alert = price_alert_line(
        law,
        province_prices=[
            ProvincePrice(c, p, day - timedelta(days=a), None if b is None else day - timedelta(days=b))
            for c, p, a, b in prices
        ],
        deals=[CityDeal(p, q, public, on) for p, q, _, public, on in dated],
    )
    statistics = price_statistics(law, deals=[LevelDeal(p, q, level, on) for p, q, level, _, on in dated])
    segments = price_segments(
        law,
        deals=[SegmentDeal(p, q, on) for p, q, _, _, on in dated],
        alert_line=alert.outcome["line"],
        price=None,
    )
    told = alert.to_dict()["outcome"]
    return (
        told["line"],
        told["source"],
        told["provinces_lowest"],
        told["city_highest"],
        statistics.to_dict()["outcome"]["levels"] or None,
        segments.to_dict()["outcome"]["boundaries"],
    )


def deal(price, quantity, back=1, *, level="tertiary", public=True):
    return Decimal(price), Decimal(quantity), level, public, back


TIE = ([deal("80.0000", "1"), deal("80.0000", "2")], [("320000", Decimal("80.0000"), 10, None)])
# Averages of exactly half a ten-thousandth, and a share reached exactly.
HALVES = ([deal("0.0001", "1"), deal("0.0002", "1"), deal("0.0001", "1"), deal("0.0002", "1")], [])
TENTHS = ([deal(n, "1") for n in range(1, 11)], [])


@pytest.mark.clause("SZ24-3.3a", "SZ24-3.3b", "SZ24-3.3c", "ASSUMPTION-A18", on="rule")
@MANY
@given(day=DAYS, facts=FACTS)
@example(day=date(2028, 2, 29), facts=[TIE, HALVES, TENTHS, ([], [])])
@example(day=date(2028, 2, 29), facts=[([deal("9", "1", back) for back in (364, 365, 366, 729, 730, 731)], [])])
def test_twins_answer_as_the_rules(ask, day, facts):
    law = law_on(day)
    answers = [row[1:] for row in ask(law, facts)]
    assert answers == [by_rule(law, deals, prices) for deals, prices in facts]


@pytest.mark.clause("SZ24-3.3a", "SZ24-3.3b", on="rule")
def test_twins_round_half_up_and_reach_a_share_exactly(ask):
    (halves, tenths) = ask(law_on(date(2026, 3, 2)), [HALVES, TENTHS])
    assert halves[5]["all"]["weighted_average"] == "0.0002"
    assert halves[5]["all"]["median"] == "0.0002"
    assert tenths[6][3] == "5.0000"  # five of ten: exactly the half
    assert tenths[6][6] == "9.0000"


ZONE_FACTS = st.lists(st.tuples(BACK, st.none() | BACK, st.none() | BACK), min_size=1, max_size=12)


@pytest.mark.clause("SZ24-3.5a", "JS20-14a", on="rule")
@MANY
@given(day=DAYS, region=st.sampled_from(["CN-GD-SZ", "CN-JS"]), facts=ZONE_FACTS)
def test_the_zone_twin_answers_as_the_rule(world, day, region, facts):
    law = current_policy().law(region=region, on=day)
    dated = [tuple(None if back is None else day - timedelta(days=back) for back in row) for row in facts]
    given_rows = [
        {"listing_id": n, "listed_on": str(a), "last_delivery_on": b and str(b), "last_sale_on": c and str(c)}
        for n, (a, b, c) in enumerate(dated)
    ]
    with scope.opened(world.system), connection.cursor() as cursor:
        cursor.execute(
            "with listings as (select * from jsonb_to_recordset(%(listings)s::jsonb) as l (listing_id bigint,"
            f" listed_on date, last_delivery_on date, last_sale_on date)),{catalog_rules.ZONE_TWIN}"
            " select zone from zones order by listing_id",
            {
                "listings": json.dumps(given_rows),
                "day": day,
                "zone_after": years_back(day, law.at("zone.window_years").value),
                "counts_deliveries": law.at("zone.counts").value == "delivery",
                "when_idle": law.at("zone.when_idle").value,
            },
        )
        zones = [row[0] for row in cursor.fetchall()]
    expected = [
        catalog_rules.zone_classify(law, listed_on=a, last_delivery_on=b, last_sale_on=c).outcome["zone"]
        for a, b, c in dated
    ]
    assert zones == expected


def test_a_twin_follows_the_law_of_its_day():
    before, after = law_on(date(2024, 12, 31)), law_on(date(2025, 1, 1))
    assert figures.law_fingerprint(before) != figures.law_fingerprint(after)
    assert figures.law_fingerprint(after) == figures.law_fingerprint(law_on(date(2026, 3, 2)))
    assert figures.window_start(after) == months_back(after.on, 24)
