"""Who picks the distributor, and whom: asked of the maker's authorisation, of an order's carrier, of a hospital's message."""

from datetime import date

import pytest

from procurement.ordering.models import DistributionAuthorisation
from procurement.ordering.services.authorisations import authorisation_make
from procurement.ordering.services.orders import order_accept
from procurement.ordering.services.placing import BasketFacts, order_place
from procurement.receiving.services.orders import order_distributor_change
from sunlight import scope
from sunlight.journal.models import Decision
from sunlight.journal.refusals import Forbidden, Refused
from sunlight.scope import Role
from sunlight.tenancy.standing import Standing
from tests.factories import orders
from tests.factories.catalog import listed
from tests.factories.filing import budget
from tests.factories.pricing import priced
from tests.factories.procurement import agreed
from tests.procurement.bargaining import act, counts
from tests.regional import at, elsewhere


def basket(world, day, region="CN-GD", **more) -> BasketFacts:
    if day < "2025":
        budget(world, year=day[:4])
    listing = listed(world, "100", region=region, listed_on=date(2019, 1, 1))
    priced(world, listing, {"320000": "100"}, listed="100", at=at(day))
    agreement = agreed(world, listing, price="90", at=at(day))
    where = orders.point(world)
    with scope.opened(world.system):
        return BasketFacts([orders.line(agreement)], where.id, **more)


def graded(world, key, grade="discredited", since="2024-01-01") -> None:
    with scope.opened(world.system):
        Standing.objects.create(
            organisation=world.organisations[key],
            platform=world.platform,
            from_date=date.fromisoformat(since),
            grade=grade,
            clause="SZ20-6.3",
            recorded_at=at(since),
        )


def kept(world, subject_type) -> list[Decision]:
    with scope.opened(world.system):
        rows = Decision.objects.filter(rule="distributor.appoint", subject_type=subject_type)
        return list(rows.order_by("id"))


def refused(world, call) -> Refused:
    before = counts(world)
    with pytest.raises(Refused) as caught:
        call()
    assert counts(world) == before
    return caught.value


@pytest.mark.clause("SZ20-6.4", on="trade")
@pytest.mark.parametrize(
    ("day", "clauses"),
    [
        ("2024-12-31", ["SZ20-6.4"]),
        pytest.param("2025-01-01", ["SZ20-6.4", "SZ24-3.6"], marks=pytest.mark.clause("SZ24-3.6", on="trade")),
    ],
)
def test_a_hospital_of_shenzhen_names_no_distributor(world, day, clauses):
    facts = basket(world, day, distributor_code=world.distributor.credit_code)
    buyer = world.actor("hospital", Role.HOSPITAL_BUYER)
    found = refused(world, lambda: act(buyer, order_place, at(day), facts=facts))
    assert (found.code, found.clauses) == ("distributor_named_by_hospital", clauses)
    orders.authorised(world, at=at(day))
    assert act(buyer, order_place, at(day), facts=facts)


@pytest.mark.clause("GD25-5.10c", on="trade")
def test_in_guangdong_nobody_else_picks_from_2025_12_01(db):
    guangdong = elsewhere("gd", "CN-GD")
    facts = basket(guangdong, "2025-12-01", distributor_code=guangdong.distributor.credit_code)
    buyer = guangdong.actor("hospital", Role.HOSPITAL_BUYER)
    found = refused(guangdong, lambda: act(buyer, order_place, at("2025-12-01"), facts=facts))
    assert found.clauses == ["GD25-5.10c"]
    chosen = {"distributor_id": guangdong.distributor.id, "valid_from": "2025-12-01", "valid_to": "2026-12-01"}
    for on, clauses in (("2025-11-30", []), ("2025-12-01", ["GD25-5.10c"])):
        with pytest.raises(Forbidden) as caught:
            act(buyer, authorisation_make, at(on), **chosen, is_default=True)
        assert (caught.value.code, caught.value.clauses) == ("only_the_manufacturer_authorises", clauses)


@pytest.mark.clause("JS20-35", on="trade")
def test_in_jiangsu_the_maker_picks_and_in_hubei_a_name_is_no_choice(db):
    nanjing = elsewhere("js", "CN-JS-NJ")
    facts = basket(nanjing, "2022-03-01", "CN-JS", distributor_code=nanjing.distributor.credit_code)
    buyer = nanjing.actor("hospital", Role.HOSPITAL_BUYER)
    assert refused(nanjing, lambda: act(buyer, order_place, at("2022-03-01"), facts=facts)).clauses == ["JS20-35"]
    hubei = elsewhere("hb", "CN-HB")
    facts = basket(hubei, "2022-03-01", "CN-HB", distributor_code=hubei.distributor.credit_code)
    (order,) = act(hubei.actor("hospital", Role.HOSPITAL_BUYER), order_place, at("2022-03-01"), facts=facts)
    maker = hubei.actor("maker", Role.SUPPLIER_SELLER)
    accepted = act(maker, order_accept, at("2022-03-02"), order_id=order.id, delivers_itself=True)
    assert accepted.distributor_id is None


@pytest.mark.clause("SZ20-6.4", "ASSUMPTION-A26", on="trade")
def test_a_distributor_with_a_credit_grade_is_not_picked(world):
    day = "2025-07-01"
    maker = world.actor("maker", Role.SUPPLIER_SELLER)
    facts = basket(world, day)
    orders.authorised(world, at=at(day))
    (made,) = kept(world, "authorisation")
    assert (made.allowed, [r["clause"] for r in made.reasons][:1]) == (True, ["SZ20-6.4"])
    (order,) = act(world.actor("hospital", Role.HOSPITAL_BUYER), order_place, at(day), facts=facts)
    graded(world, "distributor")
    found = refused(world, lambda: act(maker, order_accept, at(day), order_id=order.id))
    assert (found.code, sorted(found.clauses)) == ("distributor_credit", ["ASSUMPTION-A26", "SZ20-6.4"])
    assert "该企业信用等级为失信" in found.message and "请改选其他配送企业，或自行配送。" in found.message
    assert refused(world, lambda: orders.authorised(world, at=at(day), hospital_id=world.hospital.id)).code == (
        "distributor_credit"
    )
    act(maker, order_accept, at(day), order_id=order.id, delivers_itself=True)
    assert kept(world, "order")[-1].facts["appointee"] == "self"
    change = {"order_id": order.id, "distributor_id": world.distributor.id}
    assert refused(world, lambda: act(maker, order_distributor_change, at(day), **change)).code == "distributor_credit"
    with scope.opened(world.system):
        assert DistributionAuthorisation.objects.count() == 1


def test_a_credit_grade_is_no_matter_outside_shenzhen_and_jiangsu_before_2025_07_01(db):
    guangdong = elsewhere("gd", "CN-GD")
    graded(guangdong, "distributor")
    assert orders.authorised(guangdong, at=at("2025-06-30"))
    with pytest.raises(Refused) as caught:
        orders.authorised(guangdong, at=at("2025-07-01"), hospital_id=guangdong.hospital.id)
    assert caught.value.clauses == ["ASSUMPTION-A26"]
