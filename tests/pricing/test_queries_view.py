"""What people read of a group's prices: line, figures, segments, position (SZ24-3.3a, 3.3b, 3.3c; GD25-2.2a)."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pricing.queries.view import price_view, price_views
from sunlight import scope
from sunlight.scope import Role
from tests.factories.catalog import listed
from tests.factories.pricing import deal, priced

DAY = date(2026, 3, 2)
AT = datetime(2026, 3, 2, 2, tzinfo=UTC)


@pytest.fixture
def buyer(world):
    return world.actor("hospital", Role.HOSPITAL_BUYER)


@pytest.fixture
def listing(world):
    made = listed(world)
    for price in ("70", "80", "90", "95"):
        deal(world, made, price=price, on=DAY - timedelta(days=1))
    priced(world, made, {"320000": "100", "310000": "100"}, at=AT)
    return made


def view(buyer, listing, price=None, on=DAY):
    with scope.opened(buyer):
        return price_view(
            price_group_id=listing.price_group_id,
            region="CN-GD-SZ",
            on=on,
            drafts="binding",
            price=price and Decimal(price),
        )


@pytest.mark.clause("SZ24-3.3c", on="rule")
def test_the_alert_line_says_where_it_comes_from(buyer, listing):
    alert = view(buyer, listing).alert
    assert (alert.line, alert.source, alert.source_word) == (Decimal("95.0000"), "city", "本市最高成交价")
    assert alert.explanation == (
        "比价省份最低价 100.00 元（上海、江苏）与本市公立医疗机构近两年最高成交价 95.00 元取较低者。"
    )
    assert [(b.clause, b.is_draft) for b in alert.bases] == [("SZ24-3.3c", True), ("ASSUMPTION-A2", False)]


@pytest.mark.clause("SZ24-3.3a", on="rule")
def test_figures_come_by_level_with_their_clause(buyer, listing):
    shown = view(buyer, listing)
    assert [(f.label, f.count, f.lowest, f.highest, f.median) for f in shown.levels] == [
        ("全部医疗机构", 4, Decimal("70.0000"), Decimal("95.0000"), Decimal("85.0000")),
        ("三级", 4, Decimal("70.0000"), Decimal("95.0000"), Decimal("85.0000")),
    ]
    assert [b.clause for b in shown.levels_bases] == ["SZ24-3.3a", "ASSUMPTION-A13"]


@pytest.mark.clause("SZ24-3.3b", on="rule")
@pytest.mark.parametrize(
    ("price", "segment", "colour", "above_top"),
    [
        ("60", 1, "green", False),
        ("80", 3, "green", False),
        ("80.0001", 4, "yellow", False),
        # Yellow ends at the 90th percentile, here the top: a price on a boundary belongs to the lower segment.
        ("95", 6, "yellow", False),
        ("95.0001", 9, "red", True),
    ],
)
def test_a_price_has_its_segment_colour_and_word(buyer, listing, price, segment, colour, above_top):
    shown = view(buyer, listing, price)
    position = shown.position
    assert (position.segment, position.colour, position.above_top) == (segment, colour, above_top)
    assert [s.number for s in shown.segments if s.is_here] == [segment]
    assert position.word.startswith({"green": "绿区", "yellow": "黄区", "red": "红区"}[colour])
    assert position.above_alert_line is (Decimal(price) > 95)
    assert [b.clause for b in shown.segments_bases] == ["SZ24-3.3b", "ASSUMPTION-A3"]


@pytest.mark.clause("SZ24-3.3b", on="rule")
def test_without_lines_a_price_is_only_held_against_the_alert_line(world, buyer):
    made = listed(world)
    priced(world, made, {"320000": "100"}, at=AT)
    assert view(buyer, made, "100").position.above_alert_line is False
    position = view(buyer, made, "100.0001").position
    assert (position.segment, position.word, position.above_top, position.above_alert_line) == (
        None,
        "无九段线",
        True,
        True,
    )


@pytest.mark.clause("GD25-2.2a", on="rule")
def test_the_listed_price_carries_its_clause_from_its_day_on(buyer, listing):
    assert view(buyer, listing).listed.price == Decimal("120.0000")
    assert [b.clause for b in view(buyer, listing).listed_bases] == ["GD25-2.2a"]
    assert view(buyer, listing, on=date(2025, 11, 30)).listed_bases == ()
    assert [b.clause for b in view(buyer, listing, on=date(2025, 12, 1)).listed_bases] == ["GD25-2.2a"]
    assert view(buyer, listing, "120.0001").position.above_listed is True


def test_nothing_published_is_said(world, buyer):
    shown = view(buyer, listed(world), "5")
    assert (shown.information, shown.listed, shown.levels, shown.segments) == (None, None, (), ())
    assert shown.alert.explanation.startswith("尚未发布价格信息")


def test_many_groups_are_viewed_in_as_many_queries_as_one(world, buyer):
    made = [listed(world) for _ in range(10)]
    for each in made:
        priced(world, each, at=AT)

    def counted(listings):
        with scope.opened(buyer), CaptureQueriesContext(connection) as captured:
            found = price_views(
                region="CN-GD-SZ", price_group_ids=[each.price_group_id for each in listings], on=DAY, drafts="binding"
            )
        assert all(shown.alert.line == Decimal("100.0000") for shown in found.values())
        return len(captured)

    assert counted(made[:1]) == counted(made)
