"""Publishing: lines of a day rest on the days before it, on what counts, and only on what was known (SZ24-3.3a, 3.3b, 3.3c)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import ListedSpecification
from pricing import tasks
from pricing.models import DealFact, PriceInformation, PricePublication
from pricing.queries.deals import price_groups_to_publish
from pricing.queries.published import information_for
from pricing.queries.view import price_view
from pricing.services.deals import deal_fact_net, deal_fact_record
from pricing.services.publication import price_information_publish
from sunlight import scope
from sunlight.journal.models import Decision, Event
from sunlight.journal.refusals import Forbidden
from sunlight.scope import Role
from sunlight.tenancy.models import Platform
from tests.factories.catalog import listed
from tests.factories.pricing import DealFactFactory, deal, priced

DAY = date(2026, 3, 2)
AT = datetime(2026, 3, 2, 2, tzinfo=UTC)  # 10:00 in Shenzhen
YESTERDAY = DAY - timedelta(days=1)


@pytest.fixture
def listing(world):
    return listed(world)


def publish(world, listing=None, *, day=DAY, at=AT, region="CN-GD-SZ"):
    with scope.opened(world.system):
        return price_information_publish(
            actor=world.system,
            at=at,
            region=region,
            price_group_ids=[listing.price_group_id] if listing else None,
            business_day=day,
        )


def one(world, listing, **more):
    (row,) = publish(world, listing, **more)
    return row


@pytest.mark.clause("SZ24-3.3c", "ASSUMPTION-A18", on="rule")
def test_the_line_of_a_day_rests_on_the_days_before(world, listing):
    deal(world, listing, price="80", on=YESTERDAY)
    deal(world, listing, price="85", on=DAY)
    assert one(world, listing).city_highest == Decimal("80.0000")
    tomorrow = one(world, listing, day=DAY + timedelta(days=1), at=AT + timedelta(days=1))
    assert tomorrow.city_highest == Decimal("85.0000")


@pytest.mark.clause("SZ24-3.3c", on="rule")
def test_the_day_closes_at_midnight_in_shenzhen(world, listing):
    late = datetime(2026, 3, 1, 15, 59, tzinfo=UTC)  # 23:59 on 1 March there
    for number, at in (("1", late), ("2", late + timedelta(minutes=1))):
        record(world, listing, number * 20, at=at, price="80" if number == "1" else "85")
    assert one(world, listing).city_highest == Decimal("80.0000")


def record(world, listing, number, *, at, price="80", quantity="10", net="10", **more):
    fields = {
        "platform_id": world.platform.id,
        "region_id": world.hospital.region_id,
        "price_group_id": listing.price_group_id,
        "national_code_id": code_of(world, listing),
        "buyer_id": world.hospital.id,
        "seller_id": world.maker.id,
        "order_line_number": number,
        "price": Decimal(price),
        "quantity": Decimal(quantity),
    } | more
    with scope.opened(world.system):
        deal_fact_record(actor=world.system, at=at, **fields)
        return deal_fact_net(actor=world.system, at=at, order_line_number=number, net_quantity=Decimal(net))


def code_of(world, listing):
    with scope.opened(world.system):
        return ListedSpecification.objects.get(listing=listing).national_code_id


@pytest.mark.clause("SZ24-3.3c", on="rule")
def test_no_line_before_the_rule_takes_effect(world, listing):
    priced(world, listing, at=datetime(2024, 12, 1, tzinfo=UTC), publish=False)
    deal(world, listing, price="80", on=date(2024, 12, 1))
    before = one(world, listing, day=date(2024, 12, 31), at=datetime(2024, 12, 31, 4, tzinfo=UTC))
    assert (before.alert_line, before.alert_source, before.alert_answer["regulated"]) == (None, "none", False)
    assert before.segments["regulated"] is False
    first = one(world, listing, day=date(2025, 1, 1), at=datetime(2025, 1, 1, 4, tzinfo=UTC))
    assert (first.alert_line, first.alert_source) == (Decimal("80.0000"), "city")
    assert first.alert_answer["parameters"][0] == {
        "key": "alert_line.window_years",
        "value": 2,
        "source": "SZ24-3.3c",
        "from": "2025-01-01",
        "to": None,
        "status": "draft",
    }


@pytest.mark.clause("SZ24-3.3c", "SZ24-3.3a", "SZ24-3.3b", on="rule")
def test_what_is_returned_a_gift_or_excluded_counts_for_nothing(world, listing):
    for price in ("70", "71", "72"):
        deal(world, listing, price=price, on=YESTERDAY)
    deal(world, listing, price="200", on=YESTERDAY, net_quantity=Decimal(0))
    deal(world, listing, price="0", on=YESTERDAY, is_gift=True)
    deal(world, listing, price="300", on=YESTERDAY, excluded_at=AT, exclusion_reason="录入错误")
    row = one(world, listing)
    assert row.city_highest == Decimal("72.0000")
    figures = row.statistics["outcome"]["levels"]["all"]
    assert (figures["count"], figures["lowest"], figures["highest"]) == (3, "70.0000", "72.0000")
    assert row.segments["outcome"]["boundaries"][0] == "70.0000"
    assert row.alert_answer["inputs"]["deals"] == 3


@pytest.mark.clause("SZ24-3.3c", on="rule")
def test_a_deal_returned_in_full_leaves_the_line(world, listing):
    record(world, listing, "1" * 20, at=AT - timedelta(days=1), price="80")
    record(world, listing, "2" * 20, at=AT - timedelta(days=1), price="90")
    assert one(world, listing).city_highest == Decimal("90.0000")
    with scope.opened(world.system):
        deal_fact_net(actor=world.system, at=AT, order_line_number="2" * 20, net_quantity=Decimal(0))
    assert one(world, listing, at=AT + timedelta(minutes=1)).city_highest == Decimal("80.0000")
    with scope.opened(world.system):
        assert DealFact.objects.count() == 2


@pytest.mark.clause("SZ24-3.3c", on="rule")
def test_only_public_institutions_move_the_line_but_all_count_in_the_figures(world, listing):
    deal(world, listing, price="80", on=YESTERDAY)
    deal(world, listing, price="95", on=YESTERDAY, buyer="private_hospital")
    row = one(world, listing)
    assert row.city_highest == Decimal("80.0000")
    assert row.statistics["outcome"]["levels"]["primary"]["highest"] == "95.0000"


@pytest.mark.clause("SZ24-3.3a", on="rule")
def test_statistics_by_level_weigh_by_what_was_kept(world, listing):
    deal(world, listing, price="80", quantity="10", on=YESTERDAY)
    deal(world, listing, price="100", quantity="50", net_quantity=Decimal(30), on=YESTERDAY)
    deal(world, listing, price="60", quantity="5", on=YESTERDAY, buyer="other_hospital")
    levels = one(world, listing).statistics["outcome"]["levels"]
    assert levels["tertiary"] == {
        "count": 2,
        "lowest": "80.0000",
        "highest": "100.0000",
        "weighted_average": "95.0000",
        "median": "90.0000",
    }
    assert levels["secondary"]["count"] == 1
    assert levels["all"]["weighted_average"] == "91.1111"


@pytest.mark.clause("SZ24-3.3c", on="rule")
def test_a_deal_on_another_platform_counts_in_the_hospitals_region(world, listing):
    with scope.opened(world.system):
        other = Platform.objects.get(code="gd")
    deal(world, listing, price="77", on=YESTERDAY)
    with scope.opened(world.system):
        code = DealFact.objects.get().national_code
    with scope.opened(replace(world.system, platform_ids=(other.id,))):
        DealFactFactory(
            platform=other,
            region=world.hospital.region,
            price_group=listing.price_group,
            national_code=code,
            buyer=world.hospital,
            price=Decimal("88"),
            occurred_on=YESTERDAY,
        )
    assert one(world, listing).city_highest == Decimal("88.0000")


def test_what_was_not_known_yet_does_not_count(world, listing):
    deal(world, listing, price="80", on=YESTERDAY, recorded_at=AT + timedelta(seconds=1))
    deal(world, listing, price="70", on=YESTERDAY)
    assert one(world, listing).city_highest == Decimal("70.0000")


@pytest.mark.clause("SZ24-3.3c", on="rule")
def test_publishing_again_writes_nothing_and_a_quiet_day_has_no_row(world, listing):
    priced(world, listing, at=AT)
    assert publish(world, listing) == []
    assert publish(world, listing, at=AT + timedelta(hours=1)) == []
    assert publish(world, listing, day=DAY + timedelta(days=1), at=AT + timedelta(days=1)) == []
    with scope.opened(world.system):
        assert PriceInformation.objects.count() == 1
        assert Event.objects.filter(name="price_published").count() == 1
        where = {"region": "CN-GD-SZ", "price_group_ids": [listing.price_group_id]}
        found = information_for(**where, on=DAY + timedelta(days=40))
        assert found[listing.price_group_id].business_day == DAY
        assert information_for(**where, on=DAY - timedelta(days=1)) == {}


@pytest.mark.clause("SZ24-3.3c", on="rule")
def test_a_new_day_moves_the_window_and_ends_a_province_price(world, listing):
    deal(world, listing, price="80", on=date(2024, 3, 3))
    priced(world, listing, at=AT)
    assert one(world, listing, day=DAY + timedelta(days=1), at=AT + timedelta(days=1)).city_highest is None


@pytest.mark.clause("SZ24-3.3c", on="rule")
def test_a_group_without_any_price_has_no_line_and_says_so(world, listing):
    row = one(world, listing)
    assert (row.alert_line, row.alert_source) == (None, "none")
    with scope.opened(world.system):
        view = price_view(price_group_id=listing.price_group_id, region="CN-GD-SZ", on=DAY, drafts="binding")
    assert "暂无预警线" in view.alert.explanation


def test_the_facts_behind_a_line_are_kept_for_the_platform_only(world, listing):
    deal(world, listing, price="80", on=YESTERDAY)
    row = one(world, listing)
    assert "80.0000" not in str({k: v for k, v in row.alert_answer.items() if k != "outcome"})
    with scope.opened(world.system):
        (decision,) = Decision.objects.filter(subject_type="price_group", subject_id=row.price_group_id)
    assert decision.facts["deals"] == [{"price": "80.0000", "quantity": 10, "public": True, "date": "2026-03-01"}]
    for key, role in (("hospital", Role.HOSPITAL_BUYER), ("maker", Role.SUPPLIER_LISTER)):
        with scope.opened(world.actor(key, role)):
            assert not Decision.objects.exists()
            assert PriceInformation.objects.count() == 1


@pytest.mark.parametrize(
    ("key", "role"),
    [
        ("hospital", Role.HOSPITAL_BUYER),
        ("maker", Role.SUPPLIER_LISTER),
        ("operator", Role.OPERATOR_REVIEWER),
        ("regulator", Role.REGULATOR_OFFICER),
    ],
)
def test_only_the_platform_publishes(world, listing, key, role):
    actor = world.actor(key, role)
    with pytest.raises(Forbidden), scope.opened(actor):
        price_information_publish(actor=actor, at=AT, region="CN-GD-SZ")
    with scope.opened(world.system):
        assert not PriceInformation.objects.exists()


def test_a_run_over_a_region_looks_at_what_is_new(world):
    listings = [listed(world) for _ in range(3)]
    for each in listings[:2]:
        deal(world, each, price="80", on=YESTERDAY)
    assert len(publish(world)) == 2
    assert publish(world, at=AT + timedelta(hours=1)) == []
    deal(world, listings[2], price="70", on=YESTERDAY, recorded_at=AT + timedelta(hours=1, minutes=30))
    assert [row.price_group_id for row in publish(world, at=AT + timedelta(hours=2))] == [listings[2].price_group_id]
    with scope.opened(world.system):
        runs = [(run.price_groups, run.rows_written) for run in PricePublication.objects.order_by("id")]
        assert runs == [(2, 2), (0, 0), (1, 1)]
        due = price_groups_to_publish(region="CN-GD-SZ", business_day=DAY + timedelta(days=1))
    assert len(due) == 3


def test_the_task_publishes_every_open_platform(world, listing, monkeypatch):
    monkeypatch.setattr(scope, "now", lambda platform=None: AT)
    deal(world, listing, price="80", on=YESTERDAY)
    assert tasks.publish_price_information() == 2  # Shenzhen's figures and the province's
    assert tasks.publish_price_information() == 0
    with scope.opened(world.system):
        rows = {row.region.code: row for row in PriceInformation.objects.select_related("region")}
    assert rows["CN-GD-SZ"].alert_line == Decimal("80.0000")
    assert rows["CN-GD"].alert_line is None
    assert rows["CN-GD"].statistics["outcome"]["levels"]["all"]["count"] == 1


def test_publishing_takes_as_many_queries_for_ten_groups_as_for_one(world):
    def counted(listings):
        for each in listings:
            deal(world, each, price="80", on=YESTERDAY)
            priced(world, each, at=AT, publish=False)
        with scope.opened(world.system), CaptureQueriesContext(connection) as queries_made:
            price_information_publish(
                actor=world.system,
                at=AT,
                region="CN-GD-SZ",
                price_group_ids=[each.price_group_id for each in listings],
                business_day=DAY,
            )
        return len(queries_made)

    assert counted([listed(world)]) == counted([listed(world) for _ in range(10)])
