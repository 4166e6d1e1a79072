"""Hubei trades: no text there bounds an offer, and an explicit "no bound" says so (HB20-5.2)."""

from datetime import date

import pytest

from procurement.bargaining.services import silence
from procurement.ordering.services.placing import BasketFacts, order_place
from sunlight import scope
from sunlight.journal.models import Decision
from sunlight.journal.refusals import Refused
from sunlight.scope import Role
from tests.factories import orders
from tests.factories.catalog import listed
from tests.procurement.bargaining import accept, act, counts, make, now_of, signed
from tests.regional import at, elsewhere

SINCE = date(2019, 1, 1)


@pytest.fixture(params=["CN-HB", "CN-HB-XN"])
def hubei(db, request):
    return elsewhere("hb", request.param)


@pytest.mark.clause("HB20-5.2", on="trade")
def test_hubei_bargains_signs_and_orders(hubei):
    listing = listed(hubei, "120", region="CN-HB", listed_on=SINCE)
    made = make(hubei, listing, "150", at("2020-06-18"), quantity="1000")
    assert (made.state, made.on_silence, made.answer_due_on) == ("OPEN", "withdraw", date(2020, 6, 28))
    contract = accept(hubei, [made], at("2020-06-19"))
    assert contract.payment_days == 30
    contract = signed(hubei, contract, at("2020-06-22"))
    point, buyer = orders.point(hubei), hubei.actor("hospital", Role.HOSPITAL_BUYER)
    with scope.opened(hubei.system):
        agreement = contract.agreements.get()
        lines = [orders.line(agreement)]
    (order,) = act(buyer, order_place, at("2020-06-23"), facts=BasketFacts(lines, point.id, confirmations=()))
    assert order.state == "PLACED"
    with scope.opened(hubei.system):
        kept = Decision.objects.filter(rule="bargain.decide").order_by("id")
        said = [(row.subject_type, row.allowed, [reason["clause"] for reason in row.reasons]) for row in kept]
    assert said == [("offer", True, ["HB20-5.2"]), ("order_line", True, ["HB20-5.2"])]


@pytest.mark.clause("HB20-5.2", on="trade")
def test_the_day_before_hubeis_plan_nothing_allowed_an_offer(hubei):
    listing = listed(hubei, "120", region="CN-HB", listed_on=SINCE)
    before = counts(hubei)
    with pytest.raises(Refused) as caught:
        make(hubei, listing, "100", at("2020-06-17"))
    assert (caught.value.code, counts(hubei)) == ("bargaining_not_regulated", before)
    assert make(hubei, listing, "100", at("2020-06-18")).state == "OPEN"


def test_silence_withdraws_after_five_working_days(hubei):
    listing = listed(hubei, "120", region="CN-HB", listed_on=SINCE)
    made = make(hubei, listing, "100", at("2020-06-18"))
    act(hubei.system, silence.offers_sweep, at("2020-06-28", 23))
    assert now_of(hubei, made).state == "OPEN"
    act(hubei.system, silence.offers_sweep, at("2020-06-29"))
    assert now_of(hubei, made).state == "LAPSED"
