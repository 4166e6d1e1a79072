"""The yearly share of products without a reference price: Shenzhen to 2024-12-31, at most 15 % of the year's total."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial

import pytest

from pricing.models import ReferencePrice
from procurement.filing.models import YearBase
from procurement.filing.services.year_bases import year_base_confirm, year_base_refuse, year_base_state
from procurement.ordering.models import UnreferencedLine
from procurement.ordering.services.orders import order_accept, order_cancel, order_decline
from procurement.ordering.services.placing import BasketFacts, order_place, order_trial
from procurement.receiving.services.orders import order_close
from sunlight import scope
from sunlight.journal.models import Decision
from sunlight.journal.refusals import Conflict, Forbidden, Refused
from sunlight.publicity.models import Publication
from sunlight.scope import Role
from sunlight.tenancy.models import Organisation, Region
from sunlight.tenancy.services.organisations import organisation_register
from tests.factories import orders
from tests.factories.catalog import listed
from tests.factories.filing import PDF, confirmed, stated
from tests.factories.pricing import deal, priced
from tests.factories.procurement import agreed
from tests.procurement.bargaining import act, counts, refusals
from tests.regional import at, elsewhere


def supplied(world, day="2024-03-04", *, price="100", quantity="100000"):
    """A product without a reference price, agreed at a price; and how an order of it is written."""
    listing = listed(world, price, region="CN-GD", listed_on=date(2019, 1, 1))
    priced(world, listing, {"320000": price}, listed=price, at=at("2025-01-01"))
    return agreed(world, listing, price=price, quantity=quantity, at=at(day))


def basket(world, agreement, quantity) -> BasketFacts:
    where = orders.point(world)
    with scope.opened(world.system):
        return BasketFacts([orders.line(agreement, quantity)], where.id)


def place(world, agreement, quantity, day="2024-03-04", **more):
    buyer = world.actor("hospital", Role.HOSPITAL_BUYER)
    return act(buyer, order_place, at(day), facts=basket(world, agreement, quantity), **more)


def counted(world) -> int:
    with scope.opened(world.system):
        return UnreferencedLine.objects.count()


def kept(world) -> list[Decision]:
    with scope.opened(world.system):
        return list(Decision.objects.filter(rule="cap.check").order_by("id"))


def refused(world, call) -> Refused:
    orders.point(world)
    before = counts(world), counted(world)
    with pytest.raises(Refused) as caught:
        call()
    assert (counts(world), counted(world)) == before
    assert refusals(world)[-1].code == caught.value.code
    return caught.value


def referenced(world, agreement, *, since="2023-01-01") -> None:
    """The product has a confirmed reference price from a day on."""
    with scope.opened(world.system):
        place = {"platform": world.platform, "number": f"R{agreement.id}"}
        published = Publication.objects.create(
            **place,
            kind="reference_price",
            subject_type="price_group",
            subject_id=agreement.price_group_id,
            title="挂网参考价",
            clause="SZ20-5.2.1b",
            term_days=5,
            starts_on=date(2022, 12, 1),
            ends_on=date(2022, 12, 8),
            state="UNOPPOSED",
            published_at=at("2022-12-01"),
            ended_at=at("2022-12-08"),
        )
        ReferencePrice.objects.create(
            **place,
            region=Region.objects.get(code="CN-GD-SZ"),
            price_group_id=agreement.price_group_id,
            price=Decimal("120"),
            source="全国最低价",
            national_prices=[],
            state="CONFIRMED",
            publication=published,
            valid_from=date.fromisoformat(since),
            collected_at=at("2022-12-01"),
        )


@pytest.mark.clause("SZ20-5.2.1d", on="trade")
def test_fifteen_percent_of_the_year_may_be_reached_and_not_passed(world):
    confirmed(world, stated(world))
    agreement = supplied(world)
    place(world, agreement, "1000")
    place(world, agreement, "500")
    (first, second) = kept(world)
    assert (first.allowed, second.allowed) == (True, True)
    assert second.outcome == {"cap": "150000.00", "used_after": "150000.00", "share": "0.1500", "effect": "block"}
    assert (second.facts["year_total_is"], second.facts["used"]) == ("budget", "100000.00")
    found = refused(world, lambda: place(world, agreement, "1"))
    assert (found.code, found.clauses, found.field) == ("above_cap", ["SZ20-5.2.1d"], "lines[0].code")
    assert "150100.00 元，超过年度采购总额 1000000.00 元的 15%" in found.message


@pytest.mark.clause("SZ20-5.2.1d", on="trade")
def test_the_cap_ends_with_2024_where_the_draft_binds_and_goes_on_where_it_warns(world):
    """SZ24-3.5c ends the alternative catalogue and its cap; a draft that only warns ends nothing (A27)."""
    confirmed(world, stated(world, "1000"))
    confirmed(world, stated(world, "1000", "2025", day="2024-12-30"), day="2024-12-31")
    agreement = supplied(world, "2024-12-31")
    assert refused(world, lambda: place(world, agreement, "50", "2024-12-31")).clauses == ["SZ20-5.2.1d"]
    facts = basket(world, agreement, "50")
    lenient = replace(world.actor("hospital", Role.HOSPITAL_BUYER), drafts="warn")
    found = refused(world, lambda: act(lenient, order_place, at("2025-01-01"), facts=facts))
    assert (found.code, found.clauses) == ("above_cap", ["SZ20-5.2.1d"])
    assert place(world, agreement, "50", "2025-01-01")
    with scope.opened(world.system):
        assert not UnreferencedLine.objects.exists()


@pytest.mark.clause("SZ20-5.2.1d", on="trade")
def test_without_a_base_nothing_without_reference_price_is_bought(world):
    agreement = supplied(world)
    found = refused(world, lambda: place(world, agreement, "50"))
    assert (found.code, found.clauses) == ("no_year_base", ["SZ20-5.2.1d"])
    assert "请由采购员或财务在“年度采购预算”中申报并经本机构另一人确认，或改选有参考价的产品。" in found.message
    stated(world)
    assert refused(world, lambda: place(world, agreement, "50")).code == "no_year_base"
    referenced(world, agreement)
    assert place(world, agreement, "50")
    assert kept(world) == []


def test_only_what_has_no_reference_price_on_the_day_counts(world):
    confirmed(world, stated(world, "100000"))
    free, other = supplied(world), supplied(world)
    referenced(world, free)
    where = orders.point(world)
    with scope.opened(world.system):
        lines = [orders.line(free, "5000"), orders.line(other, "150")]
    buyer = world.actor("hospital", Role.HOSPITAL_BUYER)
    act(buyer, order_place, at("2024-03-04"), facts=BasketFacts(lines, where.id))
    (decision,) = kept(world)
    assert (decision.facts["amount"], decision.outcome["used_after"]) == ("15000.00", "15000.00")
    with scope.opened(world.system):
        assert [row.amount_fen for row in UnreferencedLine.objects.all()] == [1_500_000]
    with scope.opened(world.system):
        lines = [orders.line(free, "50"), orders.line(other, "50")]
    facts = BasketFacts(lines, where.id)
    found = refused(world, lambda: act(buyer, order_place, at("2024-03-04"), facts=facts))
    assert [item["field"] for item in found.items] == ["lines[1].code"]


@pytest.mark.clause("SZ20-5.2.1d", "SZ20-5.2.0", on="trade")
def test_the_year_is_made_on_all_platforms(world):
    """Last year's purchases on either platform are the base; what is ordered on one is used on the other."""
    province = elsewhere("gd", "CN-GD-SZ")
    there = supplied(province)
    with scope.opened(province.system):
        organisation_admit(province, world.hospital)
    deal(
        world,
        supplied(world, "2023-03-06").listing,
        price="100",
        quantity="1000",
        net_quantity=Decimal(600),
        on=date(2023, 5, 8),
    )
    deal(province, there.listing, buyer=world.hospital, price="100", quantity="400", on=date(2023, 12, 31))
    deal(world, supplied(world).listing, price="100", quantity="9999", on=date(2024, 1, 2))
    province.organisations["hospital"] = world.hospital
    agreement = agreed(province, there.listing, price="100", quantity="1000", at=at("2024-03-04"))
    place(province, agreement, "100")
    (decision,) = kept(province)
    assert (decision.facts["year_total"], decision.facts["year_total_is"]) == ("100000.00", "last_year")
    here = supplied(world)
    place(world, here, "50")
    found = refused(world, lambda: place(world, here, "50"))
    assert (found.code, found.decision["outcome"]["used_after"]) == ("above_cap", "20000.00")


def organisation_admit(world, hospital) -> None:
    """The hospital is registered on another platform too."""
    organisation_register(
        actor=world.system,
        at=at("2023-01-04"),
        platform=world.platform,
        kind="HOSPITAL",
        name=hospital.name,
        credit_code=hospital.credit_code,
        region_code="CN-GD-SZ",
        level=hospital.level,
        ownership=hospital.ownership,
        profile={"legal_representative": "法人"},
    )


def test_what_is_declined_or_taken_back_or_never_delivered_is_free_again(world):
    confirmed(world, stated(world, "100000"))
    agreement = supplied(world)
    (declined,) = place(world, agreement, "150")
    seller, buyer = world.actor("maker", Role.SUPPLIER_SELLER), world.actor("hospital", Role.HOSPITAL_BUYER)
    assert refused(world, lambda: place(world, agreement, "50")).code == "above_cap"
    act(seller, order_decline, at("2024-03-05"), order_id=declined.id, reason="缺货")
    (cancelled,) = place(world, agreement, "150", "2024-03-05")
    act(buyer, order_cancel, at("2024-03-06"), order_id=cancelled.id, reason="改期")
    (closed,) = place(world, agreement, "150", "2024-03-06")
    act(seller, order_accept, at("2024-03-06"), order_id=closed.id, delivers_itself=True)
    act(buyer, order_close, at("2024-03-07"), order_id=closed.id, reason="企业缺货，不再配送")
    assert place(world, agreement, "150", "2024-03-07")


@pytest.mark.parametrize("ownership", ["private_nonprofit", "private"])
def test_caps_bind_public_hospitals_alone(world, ownership):
    with scope.opened(world.system):
        Organisation.objects.filter(id=world.hospital.id).update(ownership=ownership)
    assert place(world, supplied(world), "50")
    assert kept(world) == []


def test_a_trial_says_what_placing_would(world):
    agreement = supplied(world)
    buyer, facts = world.actor("hospital", Role.HOSPITAL_BUYER), basket(world, agreement, "2000")
    tried = act(buyer, order_trial, at("2024-03-04"), lines=facts.lines)
    assert [fault["code"] for fault in tried.faults] == ["no_year_base"]
    confirmed(world, stated(world))
    tried = act(buyer, order_trial, at("2024-03-04"), lines=facts.lines)
    assert [fault["code"] for fault in tried.faults] == ["above_cap"]
    assert (tried.share.amount_fen, tried.share.base.amount_fen, tried.share.percent_used) == (
        20_000_000,
        100_000_000,
        100,
    )
    tried = act(buyer, order_trial, at("2024-03-04"), lines=basket(world, agreement, "750").lines)
    assert (tried.faults, tried.share.percent_used) == ((), 50)


@pytest.mark.duty("year_base", "confirm", "state")
@pytest.mark.duty("year_base", "refuse", "state")
def test_nobody_confirms_their_own_statement(world):
    both = world.actor("hospital", Role.HOSPITAL_APPROVER, Role.HOSPITAL_FINANCE)
    facts = {"year": "2024", "amount": "1", "document": "批复", "name": "a.pdf", "content": PDF}
    own = act(both, year_base_state, at("2024-01-08"), **facts)
    for call in (year_base_confirm, partial(year_base_refuse, reason="金额不符")):
        with pytest.raises(Forbidden) as caught:
            act(both, call, at("2024-01-09"), base_id=own.id)
        assert caught.value.code == "four_eyes"
    assert confirmed(world, own).state == "CONFIRMED"


def test_a_new_statement_takes_the_place_of_the_one_that_counts(world):
    first = confirmed(world, stated(world, "1000000"))
    with pytest.raises(Conflict, match="已有一份申报待确认"):
        stated(world, "2000000")
        stated(world, "3000000")
    with scope.opened(world.system):
        waiting = YearBase.objects.get(state="STATED")
    act(
        world.actor("hospital", Role.HOSPITAL_APPROVER),
        year_base_refuse,
        at("2024-02-01"),
        base_id=waiting.id,
        reason="金额不符",
    )
    second = confirmed(world, stated(world, "2000000"), day="2024-02-02")
    with scope.opened(world.system):
        states = dict(YearBase.objects.values_list("id", "state"))
    assert states == {first.id: "REPLACED", waiting.id: "REFUSED", second.id: "CONFIRMED"}


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"year": "2019"}, "year"),
        ({"year": "2026"}, "year"),
        ({"amount": "0"}, "amount"),
        ({"amount": "一百万"}, "amount"),
        ({"document": ""}, "document"),
        ({"content": b"MZ"}, "file"),
    ],
)
def test_what_cannot_be_a_statement_is_refused_with_its_field(world, facts, field):
    with pytest.raises(Refused) as caught:
        stated(world, day="2024-01-08", **facts)
    assert caught.value.field == field
    with scope.opened(world.system):
        assert not YearBase.objects.exists()


def test_only_the_hospitals_buyer_and_finance_state_and_its_approver_confirms(world):
    base = stated(world)
    for role in (Role.HOSPITAL_BUYER, Role.HOSPITAL_ADMIN):
        with pytest.raises(Refused):
            act(world.actor("hospital", role), year_base_confirm, at("2024-01-09"), base_id=base.id)
    with pytest.raises(Refused):
        act(world.actor("other_hospital", Role.HOSPITAL_APPROVER), year_base_confirm, at("2024-01-09"), base_id=base.id)
    facts = {"year": "2024", "amount": "1", "document": "批复", "name": "a.pdf", "content": PDF}
    with pytest.raises(Forbidden, match="由医疗机构申报"):
        act(world.actor("maker", Role.SUPPLIER_SELLER), year_base_state, at("2024-01-08"), **facts)
