"""The yearly share of products without a reference price: Shenzhen to 2024-12-31, at most 15 % of the year's total."""

from datetime import date

import pytest

from procurement.filing.models import YearBase
from procurement.filing.services.year_bases import year_base_confirm, year_base_state
from procurement.ordering.models import Order, UnreferencedLine
from procurement.ordering.services.placing import BasketFacts, order_place
from sunlight import scope
from sunlight.journal.models import Decision
from sunlight.journal.refusals import Refused
from sunlight.scope import Role
from tests.factories import orders
from tests.factories.catalog import listed
from tests.factories.pricing import priced
from tests.factories.procurement import agreed
from tests.procurement.bargaining import act, counts, refusals
from tests.regional import at

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def stated(world, amount="1000000", year="2024", *, day="2024-01-08", person="", **more) -> YearBase:
    who = world.actor("hospital", Role.HOSPITAL_FINANCE, person=person)
    facts = {"year": year, "amount": amount, "document": "深卫财〔2024〕1号", "name": "预算批复.pdf", "content": PDF}
    return act(who, year_base_state, at(day), **facts | more)


def confirmed(world, base, *, day="2024-01-09", **more) -> YearBase:
    return act(world.actor("hospital", Role.HOSPITAL_APPROVER), year_base_confirm, at(day), base_id=base.id, **more)


def supplied(world, day="2024-03-04", *, price="100", quantity="100000"):
    """A product without a reference price, agreed at a price; and how an order of it is written."""
    listing = listed(world, price, region="CN-GD", listed_on=date(2019, 1, 1))
    priced(world, listing, {}, listed=price, at=at("2019-01-02"), publish=False)
    return agreed(world, listing, price=price, quantity=quantity, at=at(day))


def basket(world, agreement, quantity) -> BasketFacts:
    where = orders.point(world)
    with scope.opened(world.system):
        return BasketFacts([orders.line(agreement, quantity)], where.id)


def place(world, agreement, quantity, day="2024-03-04", **more):
    buyer = world.actor("hospital", Role.HOSPITAL_BUYER)
    return act(buyer, order_place, at(day), facts=basket(world, agreement, quantity), **more)


def kept(world) -> list[Decision]:
    with scope.opened(world.system):
        return list(Decision.objects.filter(rule="cap.check").order_by("id"))


def refused(world, call) -> Refused:
    before = counts(world)
    with pytest.raises(Refused) as caught:
        call()
    assert counts(world) == before
    with scope.opened(world.system):
        assert UnreferencedLine.objects.count() == Order.objects.count()
    assert refusals(world)[-1].code == caught.value.code
    return caught.value


@pytest.mark.clause("SZ20-5.2.1d", on="trade")
def test_fifteen_percent_of_the_year_may_be_reached_and_not_passed(world):
    confirmed(world, stated(world))
    agreement = supplied(world)
    place(world, agreement, "1000")
    place(world, agreement, "500")
    (first, second) = kept(world)
    assert (second.allowed, second.outcome) == (
        True,
        {"cap": "150000.00", "used_after": "150000.00", "share": "0.1500", "effect": "block"},
    )
    assert (second.facts["year_total_is"], second.facts["used"]) == ("budget", "100000.00")
    found = refused(world, lambda: place(world, agreement, "1"))
    assert (found.code, found.clauses, found.field) == ("above_cap", ["SZ20-5.2.1d"], "lines[0].code")
    assert "150100.00 元，超过年度采购总额 1000000.00 元的 15%" in found.message
