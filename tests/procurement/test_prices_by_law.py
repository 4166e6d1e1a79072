"""Which prices bind a trade, by the law of its day and region: reference prices, the province's listing, linkage."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from pricing.models import DealFact
from pricing.services.listed import listed_price_open
from procurement.bargaining.models.offers import Offer
from procurement.contracts.models import SupplyContract
from sunlight import scope
from sunlight.journal.models import Decision
from sunlight.journal.refusals import Refused
from sunlight.messages.models import Message
from sunlight.scope import Role
from sunlight.tenancy.models import Region
from tests.factories.catalog import listed
from tests.factories.pricing import ListedPriceFactory, deal, priced
from tests.pricing.moving import answer, confirmed, listed_rows, notices, object_to, term_ends, told
from tests.procurement.bargaining import counts, events, make, now_of, sweep
from tests.regional import at, elsewhere

# Prices of another province high above everything here: a draft's line then bounds nothing.
ELSEWHERE = {"320000": "900000"}


def refused(world, listing, price, moment, actor=None) -> Refused:
    before = counts(world)
    with pytest.raises(Refused) as caught:
        make(world, listing, price, moment, actor=actor)
    assert counts(world) == before
    return caught.value


def bounds_of(world, offer) -> set[str]:
    with scope.opened(world.system):
        row = Decision.objects.get(rule="bargain.decide", subject_type="offer", subject_id=offer.id)
    return {bound["clause"] for bound in row.outcome["bounds"]}


@pytest.mark.clause("SZ20-5.2.1c", "SZ20-5.2.1b", on="trade")
def test_in_2022_no_offer_passes_the_reference_price(world):
    listing = listed(world, "120000", region="CN-GD-SZ", listed_on=date(2022, 1, 4))
    confirmed(world, listing, "88.5", begun=at("2022-03-01"), ended=at("2022-03-09", 0))
    # The day before it holds nothing bounds the offer; from its first day on the reference price does.
    with scope.opened(world.system):
        row = make(world, listing, "99999", at("2022-03-08"))
        assert bounds_of(world, row) == set()
        Offer.objects.filter(id=row.id).update(state="LAPSED", answered_at=at("2022-03-08", 11))
    answered = refused(world, listing, "99999", at("2022-03-09"))
    assert answered.clauses == ["SZ20-5.2.1c"]
    assert "挂网参考价 88.50 元" in answered.message
    assert refused(world, listing, "88.5001", at("2022-03-09")).clauses == ["SZ20-5.2.1c"]
    assert bounds_of(world, make(world, listing, "88.5", at("2022-03-09"))) == {"SZ20-5.2.1c"}


@pytest.mark.clause("SZ20-5.2.1c", on="rule")
def test_from_2025_the_reference_price_bounds_nothing_where_the_draft_binds(world):
    # Listed by the province too, as the draft asks for (SZ24-3.4a).
    listing = listed(world, "120", region="CN-GD", listed_on=date(2022, 1, 4))
    confirmed(world, listing, "88.5", begun=at("2022-03-01"), ended=at("2022-03-09", 0))
    assert refused(world, listing, "90", at("2024-12-31")).clauses == ["SZ20-5.2.1c"]
    priced(world, listing, ELSEWHERE, at=at("2025-01-02"))
    assert "SZ20-5.2.1c" not in bounds_of(world, make(world, listing, "90", at("2025-01-02")))


@pytest.mark.clause("GD25-2.2a", on="trade")
def test_from_2025_12_01_the_provinces_price_binds_and_not_the_citys(world):
    listing = listed(world, "80", region="CN-GD", listed_on=date(2025, 1, 6))
    with scope.opened(world.system):
        city, province = (Region.objects.get(code=code) for code in ("CN-GD-SZ", "CN-GD"))
        for region, price in ((city, "100"), (province, "80")):
            ListedPriceFactory(
                region=region,
                price_group=listing.price_group,
                price=Decimal(price),
                valid_from=date(2025, 1, 6),
            )
    priced(world, listing, ELSEWHERE, at=at("2025-11-03"))
    answered = refused(world, listing, "95", at("2025-12-01"))
    assert answered.clauses == ["GD25-2.2a"] and "挂网价 80.00 元" in answered.message
    assert bounds_of(world, make(world, listing, "95", at("2025-11-28"))) == {"SZ24-3.3c"}
    offers = events(world, "offer_made")
    assert [event.payload["price"] for event in offers] == ["95.0000"]


@pytest.mark.clause("GD25-2.2a", on="trade")
def test_what_the_city_alone_lists_trades_until_the_day_before(world):
    # Where the draft binds, the province's platform is asked for a year earlier (SZ24-3.4a); law alone asks from this day.
    buyer = replace(world.actor("hospital", Role.HOSPITAL_BUYER), drafts="warn")
    listing = listed(world, "100", region="CN-GD-SZ", listed_on=date(2025, 1, 6))
    priced(world, listing, ELSEWHERE, at=at("2025-03-03"))
    answered = refused(world, listing, "90", at("2025-12-01"), buyer)
    assert (answered.code, answered.clauses) == ("not_tradable", ["GD25-2.2a"])
    assert "只在深圳" in answered.message
    assert refused(world, listing, "90", at("2025-12-01")).clauses == ["GD25-2.2a"]
    assert make(world, listing, "90", at("2025-11-30"), actor=buyer).state == "OPEN"
    # Beside it the province lists another: that one trades.
    other = listed(world, "100", region="CN-GD", listed_on=date(2025, 12, 1))
    priced(world, other, ELSEWHERE, at=at("2025-12-01"))
    assert refused(world, other, "100.0001", at("2025-12-02")).clauses == ["GD25-2.2a"]


def test_guangzhous_hospital_meets_the_provinces_price(db):
    guangzhou = elsewhere("gd", "CN-GD")
    listing = listed(guangzhou, "80", region="CN-GD", listed_on=date(2025, 12, 1))
    priced(guangzhou, listing, {}, at=at("2025-12-01"), publish=False)
    assert refused(guangzhou, listing, "80.01", at("2025-12-02")).clauses == ["GD25-2.2a"]


@pytest.fixture
def nanjing(db):
    return elsewhere("js", "CN-JS-NJ")


# 2022-03-01 is a Tuesday: five working days of silence end on 2022-03-08, publicity runs 2022-03-09 to 2022-03-16.
OFFERED, SILENT, TERM_OVER = at("2022-03-01"), at("2022-03-09", 0), at("2022-03-17", 0)


@pytest.fixture
def product(nanjing):
    listing = listed(nanjing, "120", region="CN-JS", listed_on=date(2021, 12, 1))
    priced(nanjing, listing, {}, at=at("2021-12-01"), publish=False)
    deal(nanjing, listing, buyer="other_hospital", price="95", on=date(2022, 2, 2))
    return listing


def silent(nanjing, product, price="95") -> Offer:
    """An offer at a real deal price that the firm left unanswered, and what follows from it."""
    made = make(nanjing, product, price, OFFERED)
    assert made.on_silence == "link_price"
    sweep(nanjing, SILENT)
    told(nanjing, SILENT)
    return now_of(nanjing, made)


@pytest.mark.clause("ASSUMPTION-A20", on="rule")
@pytest.mark.clause("JS20-11B", "ASSUMPTION-A30", on="trade")
def test_silence_at_a_real_deal_price_lowers_the_listed_price_after_publicity(nanjing, product):
    made = make(nanjing, product, "95", OFFERED)
    assert sweep(nanjing, at("2022-03-08", 23)) == 0
    sweep(nanjing, SILENT)
    told(nanjing, SILENT)
    made = now_of(nanjing, made)
    assert made.state == "LAPSED"
    assert "不产生合同" in made.answer_note and made.answer_note.endswith("（依据 JS20-11B）")
    (notice,) = notices(nanjing)
    assert (notice.kind, notice.ground, notice.ground_number) == ("LINKAGE", "deal", made.number)
    assert (notice.old_price, notice.new_price, notice.clause) == (Decimal(120), Decimal(95), "JS20-11B")
    assert "成交 1 笔，最近一笔 2022-02-02" in notice.ground_facts["evidence"]
    assert notice.publication.ends_on == date(2022, 3, 16)
    # Until the term is over the listed price stands.
    term_ends(nanjing, at("2022-03-16", 23))
    assert listed_rows(nanjing, product) == [("120.00", "LISTING", "2021-12-01", "None")]
    assert refused(nanjing, product, "120.01", at("2022-03-16")).clauses == ["JS20-11"]
    term_ends(nanjing, TERM_OVER)
    (notice,) = notices(nanjing)
    assert (notice.state, notice.effective_on) == ("EFFECTIVE", date(2022, 3, 17))
    assert listed_rows(nanjing, product) == [
        ("120.00", "LISTING", "2021-12-01", "2022-03-16"),
        ("95.00", "LINKAGE", "2022-03-17", "None"),
    ]
    assert refused(nanjing, product, "95.01", at("2022-03-17")).clauses == ["JS20-11"]
    with scope.opened(nanjing.system):
        assert not SupplyContract.objects.exists()


@pytest.mark.clause("JS20-11B", on="trade")
def test_maker_and_hospital_are_told_of_each_step(nanjing, product):
    silent(nanjing, product)
    term_ends(nanjing, TERM_OVER)
    maker, hospital = (nanjing.organisations[key].id for key in ("maker", "hospital"))
    with scope.opened(nanjing.system):
        rows = list(Message.objects.filter(kind__in=["price_notice", "listed_price_fell"]).order_by("id"))
    found = {(row.kind, row.organisation_id) for row in rows}
    assert found == {("price_notice", maker), ("listed_price_fell", hospital)}
    titles = " ".join(row.title for row in rows)
    assert "开始公示" in titles and "生效" in titles and "下调为 95.00 元" in titles


@pytest.mark.parametrize(("upheld", "price"), [(True, "120.00"), (False, "95.00")])
def test_an_objection_waits_and_one_upheld_leaves_the_price(nanjing, product, upheld, price):
    silent(nanjing, product)
    (notice,) = notices(nanjing)
    objection = object_to(nanjing, notice.publication_id, at("2022-03-10"))
    term_ends(nanjing, TERM_OVER)
    assert notices(nanjing)[0].state == "PUBLISHED"
    assert listed_rows(nanjing, product)[-1][0] == "120.00"
    answer(nanjing, objection, at("2022-03-21"), upheld=upheld)
    (notice,) = notices(nanjing)
    assert notice.state == ("OPPOSED" if upheld else "EFFECTIVE")
    assert listed_rows(nanjing, product)[-1][0] == price
    # Nothing holds backwards: from the day of the answer.
    assert notice.effective_on == (None if upheld else date(2022, 3, 21))


def test_the_price_is_never_moved_upward(nanjing, product):
    silent(nanjing, product)
    with scope.opened(nanjing.system):
        listed_price_open(
            actor=nanjing.system,
            at=at("2022-03-10"),
            region_id=product.region_id,
            price_group_id=product.price_group_id,
            price=Decimal(90),
            valid_from=date(2022, 3, 10),
        )
    term_ends(nanjing, TERM_OVER)
    (notice,) = notices(nanjing)
    assert (notice.state, notice.effective_on) == ("OVERTAKEN", None)
    assert notice.ended_note == "现行挂网价 90.00 元已不高于拟调整的价格，不再调整"
    assert listed_rows(nanjing, product)[-1][:3] == ("90.00", "LISTING", "2022-03-10")


def test_a_deal_that_no_longer_counts_moves_nothing(nanjing, product):
    made = make(nanjing, product, "95", OFFERED)
    with scope.opened(nanjing.system):
        DealFact.objects.update(excluded_at=OFFERED, exclusion_reason="录入有误")
    sweep(nanjing, SILENT)
    told(nanjing, SILENT)
    assert now_of(nanjing, made).state == "LAPSED"
    assert (events(nanjing, "price_notice_due"), notices(nanjing)) == ([], [])


def test_a_price_already_under_notice_is_not_noticed_twice(nanjing, product):
    silent(nanjing, product)
    made = make(nanjing, product, "95", at("2022-03-09"), key="other_hospital")
    sweep(nanjing, at("2022-03-17", 0))
    told(nanjing, at("2022-03-17", 0))
    assert now_of(nanjing, made).state == "LAPSED"
    assert [notice.state for notice in notices(nanjing)] == ["PUBLISHED"]
