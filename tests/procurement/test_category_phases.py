"""Shenzhen's categories opened in phases: closed ones are neither offered for nor ordered until 2021-06-30."""

from dataclasses import replace
from datetime import date

import pytest

from catalog.models import ListedSpecification, NationalCode
from catalog.queries.categories import opened
from procurement.ordering.services.placing import BasketFacts, order_place, order_trial
from sunlight import scope
from sunlight.acts import current_policy
from sunlight.journal.refusals import Refused
from sunlight.scope import Role
from tests.factories import orders
from tests.factories.catalog import listed
from tests.factories.filing import budget
from tests.factories.pricing import priced
from tests.factories.procurement import agreed
from tests.procurement.bargaining import act, counts, make, refusals
from tests.regional import at


@pytest.fixture
def closed(world):
    """A product of category 07, which was not among the first."""
    listing = listed(world, "100", region="CN-GD-SZ", listed_on=date(2019, 1, 1))
    priced(world, listing, {}, listed="100", at=at("2019-01-02"), publish=False)
    with scope.opened(world.system):
        code = ListedSpecification.objects.get(listing=listing).national_code
        code.code, code.category_1 = f"C07{code.code[3:]}", "07-骨科材料"
        code.save(update_fields=["code", "category_1"])
    return listing


def refused(world, call) -> Refused:
    before = counts(world)
    with pytest.raises(Refused) as caught:
        call()
    assert counts(world) == before
    assert refusals(world)[-1].code == caught.value.code
    return caught.value


@pytest.mark.clause("SZ20-5.3.1", on="trade")
def test_nobody_offers_for_a_closed_category_until_2021_06_30(world, closed):
    found = refused(world, lambda: make(world, closed, "90", at("2021-06-30")))
    assert (found.code, found.clauses, found.field) == ("category_closed", ["SZ20-5.3.1"], "price_group")
    assert found.message == (
        "类别“07-骨科材料”在 2021-06-30 尚未开放交易。请待平台公布开放后再采购，或改选已开放类别的产品。"
    )
    assert make(world, closed, "90", at("2021-07-01")).state == "OPEN"


@pytest.mark.clause("SZ20-5.3.1", on="trade")
def test_nobody_orders_of_a_closed_category_until_2021_06_30(world, closed):
    budget(world, year="2021")
    agreement = agreed(world, closed, price="90", at=at("2021-06-30"))
    where, buyer = orders.point(world), world.actor("hospital", Role.HOSPITAL_BUYER)
    with scope.opened(world.system):
        facts = BasketFacts([orders.line(agreement)], where.id)
    tried = act(buyer, order_trial, at("2021-06-30"), lines=facts.lines)
    assert [fault["code"] for fault in tried.faults] == ["category_closed"]
    found = refused(world, lambda: act(buyer, order_place, at("2021-06-30"), facts=facts))
    assert (found.code, found.clauses, found.field) == ("category_closed", ["SZ20-5.3.1"], "lines[0].code")
    assert act(buyer, order_place, at("2021-07-01"), facts=facts)


@pytest.mark.clause("SZ20-5.3.1", on="trade")
def test_the_first_categories_trade_from_the_beginning_and_a_phase_of_all_17_opens_the_rest(world, closed):
    """The text gives the second phase no day: once the operator publishes it, it is one dated value."""
    first = listed(world, "100", region="CN-GD-SZ", listed_on=date(2019, 1, 1))
    assert make(world, first, "90", at("2020-07-01")).state == "OPEN"
    assert refused(world, lambda: make(world, closed, "90", at("2021-03-01"))).clauses == ["SZ20-5.3.1"]
    policy = current_policy()
    phases = policy.parameters["catalog.open_categories"]
    begun = replace(phases.values[0], value=("all_17",), valid_from=date(2021, 1, 1), valid_to=date(2021, 6, 30))
    earlier = replace(phases.values[0], valid_to=date(2020, 12, 31), without_drafts_to=date(2020, 12, 31))
    changed = replace(phases, values=(earlier, begun, *phases.values[1:]))
    other = policy.__class__(
        policy.regions, policy.acts, policy.clauses, {**policy.parameters, "catalog.open_categories": changed}
    )
    with scope.under(other):
        assert make(world, closed, "90", at("2021-03-01")).state == "OPEN"


@pytest.mark.parametrize(
    ("code", "kind", "name", "phase", "expected"),
    [
        ("C0200", "consumable", "支架", ("02",), True),
        ("C0700", "consumable", "钢板", ("02",), False),
        ("C1700", "consumable", "其他", ("all_17",), True),
        ("C1800", "consumable", "其他", ("all_17",), False),
        ("CJ0000", "reagent", "新型冠状病毒核酸检测试剂", ("covid_reagent",), True),
        ("CJ0000", "reagent", "血糖试剂", ("covid_reagent", "all_17"), False),
        ("CJ0000", "reagent", "血糖试剂", ("all",), True),
    ],
)
def test_what_a_phase_opens(code, kind, name, phase, expected):
    assert opened(NationalCode(code=code, kind=kind, product_name=name), phase) is expected
