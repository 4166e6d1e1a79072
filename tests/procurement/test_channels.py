"""Where a hospital buys: the trade asks `purchase.channel` at every offer and order, in each region under its own law."""

from dataclasses import replace
from datetime import date

import pytest

from catalog.models import ListedSpecification
from procurement.ordering.models import Order
from procurement.ordering.services.placing import BasketFacts, order_place, order_trial
from sunlight import scope
from sunlight.journal.models import Decision
from sunlight.journal.refusals import Refused
from sunlight.scope import Role
from sunlight.tenancy.models import Organisation
from tests.asking import ask
from tests.factories import orders
from tests.factories.catalog import PlatformListingFactory, listed
from tests.factories.filing import budget
from tests.factories.pricing import priced
from tests.factories.procurement import agreed
from tests.procurement.bargaining import act, counts, make, refusals
from tests.regional import at, elsewhere


def product(world, region, **more):
    """A product listed and priced in a region since 2019, tradable on the world's platform."""
    made = listed(world, "100", region=region, listed_on=date(2019, 1, 1), **more)
    priced(world, made, {"320000": "100"}, listed="100", at=at("2025-01-01"))
    return made


def refused(world, call) -> Refused:
    """A refusal; nothing changed."""
    before = counts(world)
    with pytest.raises(Refused) as caught:
        call()
    assert counts(world) == before
    assert refusals(world)[-1].code == caught.value.code
    return caught.value


def kept(world, subject_type: str) -> list[Decision]:
    with scope.opened(world.system):
        return list(Decision.objects.filter(rule="purchase.channel", subject_type=subject_type).order_by("id"))


def runs(world, ownership: str) -> None:
    """The world's hospital is run by others from now on."""
    with scope.opened(world.system):
        changed = Organisation.objects.filter(id=world.hospital.id).update(ownership=ownership)
    assert changed == 1


def basket(world, listing, day, price="90"):
    """What the hospital would order, under an agreement of that day; and its buyer."""
    if day < "2025":
        budget(world, year=day[:4])
    agreement = agreed(world, listing, price=price, at=at(day))
    where = orders.point(world)
    with scope.opened(world.system):
        code = orders.codes(agreement)[0]
    return BasketFacts([{"code": code, "quantity": "50"}], where.id), world.actor("hospital", Role.HOSPITAL_BUYER)


def order(world, listing, day, **more) -> list[Order]:
    facts, buyer = basket(world, listing, day, **more)
    return act(buyer, order_place, at(day), facts=facts)


@pytest.mark.clause("SZ20-5.2.0", "SZ20-3.1", on="trade")
@pytest.mark.parametrize("platform", ["gd-sz", "gd"])
def test_a_public_hospital_of_shenzhen_buys_on_the_citys_and_the_provinces_platform(world, platform):
    shenzhen = world if platform == "gd-sz" else elsewhere(platform, "CN-GD-SZ")
    listing = product(shenzhen, "CN-GD")
    make(shenzhen, listing, "90", at("2024-03-04"))
    (answer,) = kept(shenzhen, "offer")
    assert (answer.allowed, answer.outcome["bound"], answer.facts["platform"]) == (True, True, platform)
    assert [reason["clause"] for reason in answer.reasons] == ["SZ20-3.1", "SZ20-5.2.0"]
    assert "县级及以上政府办医疗机构须参加阳光采购" in answer.reasons[0]["message"]


@pytest.mark.clause("SZ20-5.2.0", on="trade")
def test_a_public_hospital_of_shenzhen_buys_nowhere_else_from_2020_07_01(db):
    shenzhen = elsewhere("js", "CN-GD-SZ")
    listing = product(shenzhen, "CN-JS")
    found = refused(shenzhen, lambda: make(shenzhen, listing, "90", at("2020-07-01")))
    assert (found.code, found.clauses, found.field) == ("other_platform", ["SZ20-5.2.0"], "price_group")
    assert found.message == (
        "公立医疗机构只能在深圳平台、广东省平台采购，不能在江苏省平台采购（依据 SZ20-5.2.0）。请改在深圳平台、广东省平台采购。"
    )
    assert refused(shenzhen, lambda: make(shenzhen, listing, "90", at("2020-06-30"))).clauses == []


@pytest.mark.clause("SZ20-5.2.0", "SZ20-3.1", on="trade")
def test_an_order_keeps_the_answer_once_and_is_refused_on_another_platform(db):
    shenzhen = elsewhere("gd", "CN-GD-SZ")
    (made,) = order(shenzhen, product(shenzhen, "CN-GD"), "2024-03-04")
    (answer,) = kept(shenzhen, "order")
    assert (answer.subject_id, answer.allowed) == (made.id, True)
    away = elsewhere("hb", "CN-GD-SZ")
    facts, buyer = basket(away, product(away, "CN-HB"), "2024-03-04")
    tried = act(buyer, order_trial, at("2024-03-04"), lines=facts.lines)
    assert [fault["code"] for fault in tried.faults] == ["other_platform"]
    found = refused(away, lambda: act(buyer, order_place, at("2024-03-04"), facts=facts))
    assert (found.code, found.clauses, found.field) == ("other_platform", ["SZ20-5.2.0"], "lines[0].code")


@pytest.mark.clause("SZ20-3.1", on="trade")
@pytest.mark.parametrize("ownership", ["private_nonprofit", "private", "military"])
def test_who_is_not_public_in_shenzhen_joins_of_its_own_will(world, ownership):
    """Bound to nothing but the rules of the platform it trades on (A19, A36)."""
    runs(world, ownership)
    make(world, product(world, "CN-GD"), "90", at("2024-03-04"))
    (answer,) = kept(world, "offer")
    assert answer.outcome["bound"] is False
    assert "自愿参加" in answer.reasons[0]["message"] and answer.reasons[0]["clause"] == "SZ20-3.1"


@pytest.mark.clause("GD25-3.4d", "GD25-2.2a", on="trade")
def test_guangdong_buys_online_from_2025_12_01_what_the_province_lists(db):
    guangdong = elsewhere("gd", "CN-GD")
    listing = product(guangdong, "CN-GD")
    make(guangdong, listing, "90", at("2025-12-01"))
    (answer,) = kept(guangdong, "offer")
    assert {"GD25-3.4d", "GD25-2.2a"} <= {reason["clause"] for reason in answer.reasons}
    facts, buyer = basket(guangdong, listing, "2025-11-30")
    assert refused(guangdong, lambda: act(buyer, order_place, at("2025-11-30"), facts=facts)).clauses == []
    away = elsewhere("js", "CN-GD")
    other = product(away, "CN-JS")
    found = refused(away, lambda: make(away, other, "90", at("2025-12-01")))
    assert found.clauses == ["GD25-3.4d"]


@pytest.mark.clause("SZ24-3.4a", on="trade")
def test_shenzhen_buys_what_the_province_lists_from_2025_01_01(world):
    """A listing that only the city knows was enough until 2024-12-31; open on the province's platform it is again."""
    listing = product(world, "CN-GD-SZ")
    assert order(world, listing, "2024-12-31")
    found = refused(world, lambda: order_again(world, listing, "2025-01-01"))
    assert (found.code, found.clauses) == ("not_listed_there", ["SZ24-3.4a"])
    assert "征求意见稿" in found.message and "请改选已挂网的产品，或请生产企业先申报挂网。" in found.message
    province = elsewhere("gd", "CN-GD")
    with scope.opened(replace(world.system, platform_ids=(world.platform.id, province.platform.id))):
        PlatformListingFactory(listing=listing, platform=province.platform)
    assert order_again(world, listing, "2025-01-01")


def order_again(world, listing, day):
    """Another order under the agreement there is."""
    with scope.opened(world.system):
        rows = ListedSpecification.objects.filter(listing_id=listing.id)
        code = rows.values_list("national_code__code", flat=True)[0]
    buyer = world.actor("hospital", Role.HOSPITAL_BUYER)
    facts = BasketFacts([{"code": code, "quantity": "50"}], orders.point(world).id)
    return act(buyer, order_place, at(day), facts=facts)


@pytest.mark.clause("SZ24-3.4a", on="trade")
def test_the_draft_only_warns_where_the_platform_says_so(world):
    budget(world, year="2025")
    facts, buyer = basket(world, product(world, "CN-GD-SZ"), "2025-03-03")
    assert act(replace(buyer, drafts="warn"), order_place, at("2025-03-03"), facts=facts)
    (answer,) = kept(world, "order")
    assert [r["effect"] for r in answer.reasons if r["clause"] == "SZ24-3.4a"] == ["warn"]


@pytest.mark.clause("JS20-2", "JS20-4", on="trade")
def test_jiangsu_buys_on_its_platform_from_2020_05_01(db):
    nanjing = elsewhere("js", "CN-JS-NJ")
    listing = product(nanjing, "CN-JS")
    make(nanjing, listing, "90", at("2020-05-01"))
    (answer,) = kept(nanjing, "offer")
    assert [reason["clause"] for reason in answer.reasons] == ["JS20-2", "JS20-4"]
    away = elsewhere("gd", "CN-JS-NJ")
    other = product(away, "CN-GD")
    found = refused(away, lambda: make(away, other, "90", at("2020-05-01")))
    assert (found.code, found.clauses) == ("other_platform", ["JS20-2"])
    assert refused(away, lambda: make(away, other, "90", at("2020-04-30"))).clauses == []
    runs(away, "military")
    assert make(away, other, "90", at("2020-05-01")).state == "OPEN"


@pytest.mark.clause("HB20-5.2", "HB20-2a", on="trade")
@pytest.mark.parametrize("ownership", ["government_county", "state_enterprise_nonprofit", "military"])
def test_hubei_buys_on_the_provinces_platform_alone_from_2020_09_01(db, ownership):
    """Army hospitals too (HB20-2a); a township's and private ones are free."""
    away = elsewhere("js", "CN-HB-XN")
    runs(away, ownership)
    listing = product(away, "CN-JS")
    facts, buyer = basket(away, listing, "2020-09-01")
    found = refused(away, lambda: act(buyer, order_place, at("2020-09-01"), facts=facts))
    assert (found.code, found.clauses) == ("other_platform", ["HB20-5.2"])
    assert "HB20-2a" in [reason["clause"] for reason in found.reasons]
    assert "请改在湖北省平台采购。" in found.message
    for other in ("government_township", "private_nonprofit"):
        runs(away, other)
        assert "other_platform" not in _codes(lambda: order_again(away, listing, "2020-09-01"))


def _codes(call) -> set[str]:
    """The codes of a refusal, {} where there is none."""
    try:
        call()
    except Refused as caught:
        return {caught.code}
    return set()


@pytest.mark.clause("HB20-5.2", "XN20-1", on="trade")
def test_xianning_moves_step_by_step_until_2020_08_31(db):
    away = elsewhere("js", "CN-HB-XN")
    listing = product(away, "CN-JS")
    facts, buyer = basket(away, listing, "2020-08-31")
    assert "other_platform" not in _codes(lambda: act(buyer, order_place, at("2020-08-31"), facts=facts))
    found = refused(away, lambda: act(buyer, order_place, at("2020-09-01"), facts=facts))
    assert found.clauses == ["HB20-5.2"]
    home = elsewhere("hb", "CN-HB-XN")
    here = product(home, "CN-HB")
    order(home, here, "2020-08-31")
    (answer,) = kept(home, "order")
    assert {"XN20-1", "HB20-2a"} <= {reason["clause"] for reason in answer.reasons}
    order_again(home, here, "2020-09-01")
    assert "XN20-1" not in {reason["clause"] for reason in kept(home, "order")[-1].reasons}


def test_the_offline_half_is_answered_and_not_asked_yet():
    offline = {"ownership": "government_county", "platform": "offline", "listed_city": False, "listed_province": False}
    assert ask("purchase.channel", "CN-GD-SZ", "2021-03-01", offline)["allowed"] is False
    assert ask("purchase.channel", "CN-GD-SZ", "2021-03-01", offline | {"ground": "rescue"})["outcome"]["file_after"]
