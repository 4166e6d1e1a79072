"""Offers under the law of their day: each bound, the day before it holds, and the regions that differ."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from procurement.bargaining.services import offers as bargaining
from procurement.contracts.models import SupplyContract
from procurement.ordering.services.placing import BasketFacts, order_place
from sunlight import scope
from sunlight.journal.models import Decision
from sunlight.journal.refusals import Refused
from sunlight.kernel.rule import REGISTRY
from sunlight.scope import Role
from tests.asking import ask
from tests.factories import orders
from tests.factories.catalog import listed
from tests.factories.pricing import deal, priced
from tests.factories.procurement import agreed
from tests.procurement.bargaining import act, counts, events, make, now_of, refusals, shanghai
from tests.regional import elsewhere

SINCE = date(2019, 1, 1)


def _product(world, at, price="120", line="100"):
    listing = listed(world, price, listed_on=SINCE)
    priced(world, listing, {"320000": line} if line else {}, at=at)
    return listing


def _refused(world, listing, price, at, **more) -> Refused:
    """The refusal of an offer; nothing else has changed and the refusal is on record."""
    more.setdefault("actor", world.actor(more.get("key", "hospital"), Role.HOSPITAL_BUYER))
    before, kept = counts(world), len(refusals(world))
    with pytest.raises(Refused) as caught:
        make(world, listing, price, at, **more)
    assert counts(world) == before
    assert len(refusals(world)) == kept + 1
    last = refusals(world)[-1]
    assert (last.service, last.code, last.message) == ("offer_make", caught.value.code, caught.value.message)
    return caught.value


@pytest.mark.clause("SZ24-3.3c", on="trade")
def test_above_the_alert_line_is_intercepted_and_at_it_is_not(world):
    at = shanghai("2026-03-02 10:00")
    listing = _product(world, at)
    refusal = _refused(world, listing, "100.0001", at)
    assert refusal.clauses == ["SZ24-3.3c"]
    assert "请在 100.00 元/个 以内重新报价" in refusal.message
    kept = refusals(world)[-1]
    assert (kept.subject_type, kept.subject_id) == ("price_group", listing.price_group_id)
    assert kept.decision["facts"]["alert_line"] == "100.0000"
    assert make(world, listing, "100", at).state == "OPEN"


@pytest.mark.clause("SZ24-3.3c", "SZ20-5.2.1c", on="trade")
def test_the_alert_line_binds_from_2025_01_01_and_not_the_day_before(world):
    eve, day = shanghai("2024-12-31 23:59:59"), shanghai("2025-01-01 00:00")
    listing = listed(world, "120", listed_on=SINCE)
    priced(world, listing, {"320000": "100"}, at=eve)
    priced(world, listing, {}, at=day)
    assert _refused(world, listing, "110", day).clauses == ["SZ24-3.3c"]
    # Until 2024-12-31 the bound is the reference price, and without one no bound holds.
    made = make(world, listing, "110", eve)
    assert (made.law_date, made.on_silence) == (date(2024, 12, 31), "withdraw")


@pytest.mark.clause("GD25-2.2a", on="trade")
def test_the_listed_price_binds_from_2025_12_01_and_not_the_day_before(world):
    eve, day = shanghai("2025-11-30 23:59:59"), shanghai("2025-12-01 00:00")
    listing = _product(world, eve, price="120", line="200")
    refusal = _refused(world, listing, "120.0001", day)
    assert refusal.clauses == ["GD25-2.2a"]
    assert "请在 120.00 元/个 以内重新报价" in refusal.message
    assert make(world, listing, "120", day, key="other_hospital").price == Decimal("120")
    assert make(world, listing, "120.0001", eve).price == Decimal("120.0001")


@pytest.mark.clause("GD25-2.2a", on="trade")
def test_the_listed_price_binds_no_more_after_2030_11_30(world):
    last, after = shanghai("2030-11-30 12:00"), shanghai("2030-12-01 12:00")
    listing = _product(world, last, price="120", line="200")
    assert _refused(world, listing, "121", last).clauses == ["GD25-2.2a"]
    assert make(world, listing, "121", after).state == "OPEN"


@pytest.mark.clause("SZ24-3.4c", on="trade")
def test_never_above_ones_own_latest_price(world):
    at = shanghai("2026-03-02 10:00")
    listing = _product(world, at)
    agreed(world, listing, price="80", at=shanghai("2025-06-02 10:00"))
    agreed(world, listing, price="90", at=shanghai("2025-09-01 10:00"))
    refusal = _refused(world, listing, "90.0001", at)
    assert refusal.clauses == ["SZ24-3.4c"]
    assert make(world, listing, "95", at, key="other_hospital").state == "OPEN"
    # 90, not the lower 80: the latest agreement counts, in force or ended.
    assert make(world, listing, "90", at).state == "OPEN"


@pytest.mark.clause("SZ24-3.4c", on="rule")
def test_an_agreement_never_signed_by_both_is_no_price_of_ones_own(world):
    at = shanghai("2026-03-02 10:00")
    listing = _product(world, at)
    agreed(world, listing, price="80", at=at, state="SIGNING", buyer_signed_at=None)
    assert make(world, listing, "95", at).state == "OPEN"


@pytest.mark.clause("SZ24-3.4c", on="trade")
def test_ones_own_price_binds_from_2025_01_01_and_not_the_day_before(world):
    eve, day = shanghai("2024-12-31 12:00"), shanghai("2025-01-01 12:00")
    listing = _product(world, eve)
    priced(world, listing, {}, at=day)
    agreed(world, listing, price="80", at=shanghai("2024-06-03 10:00"))
    assert _refused(world, listing, "81", day).clauses == ["SZ24-3.4c"]
    assert make(world, listing, "81", eve).state == "OPEN"


@pytest.mark.clause("SZ24-3.3c", "SZ24-3.4c", "GD25-2.2a", on="trade")
def test_every_bound_broken_is_named_and_the_lowest_is_the_way_out(world):
    at = shanghai("2026-03-02 10:00")
    listing = _product(world, at)
    agreed(world, listing, price="80", at=shanghai("2025-06-02 10:00"))
    refusal = _refused(world, listing, "121", at)
    assert sorted(refusal.clauses) == ["GD25-2.2a", "SZ24-3.3c", "SZ24-3.4c"]
    assert refusal.message.endswith("请在 80.00 元/个 以内重新报价。")


def test_the_decision_is_kept_with_the_offer(world):
    at = shanghai("2026-03-02 10:00")
    listing = _product(world, at)
    made = make(world, listing, "99.5", at, quantity="40 盒")
    with scope.opened(world.system):
        kept = Decision.objects.get(rule="bargain.decide", subject_type="offer", subject_id=made.id)
    assert (kept.rule, kept.region_code, kept.law_date, kept.allowed) == (
        "bargain.decide",
        "CN-GD-SZ",
        date(2026, 3, 2),
        True,
    )
    assert kept.outcome["ceiling"] == "100.0000"
    assert {k: kept.facts[k] for k in ("offer", "listed", "alert_line", "own_latest", "quantity", "months")} == {
        "offer": "99.5000",
        "listed": "120.0000",
        "alert_line": "100.0000",
        "own_latest": None,
        "quantity": "2000",
        "months": 12,
    }
    assert sorted(kept.parties) == sorted([world.hospital.id, world.maker.id])
    (event,) = events(world, "offer_made")
    assert event.payload["price"] == "99.5000"
    assert event.payload["answer_due_on"] == "2026-03-09"


def test_a_draft_only_warns_where_the_platform_says_so(world):
    at = shanghai("2026-03-02 10:00")
    listing = _product(world, at)
    lenient = replace(world.actor("hospital", Role.HOSPITAL_BUYER), drafts="warn")
    made = make(world, listing, "110", at, actor=lenient)
    with scope.opened(world.system):
        kept = Decision.objects.get(rule="bargain.decide", subject_type="offer", subject_id=made.id)
    assert [(r["clause"], r["effect"]) for r in kept.reasons] == [
        ("SZ24-3.3c", "warn"),
        ("GD25-2.2a", "info"),
    ]


@pytest.mark.clause("ASSUMPTION-A19", on="trade")
def test_a_voluntary_participant_is_bound_by_the_platforms_prices_too(world):
    at = shanghai("2026-03-02 10:00")
    listing = _product(world, at)
    refusal = _refused(world, listing, "101", at, key="private_hospital")
    assert refusal.clauses == ["SZ24-3.3c"]
    made = make(world, listing, "99", at, key="private_hospital")
    with scope.opened(world.system):
        kept = Decision.objects.get(rule="bargain.decide", subject_type="offer", subject_id=made.id)
    assert [(r["clause"], r["effect"]) for r in kept.reasons] == [
        ("SZ24-3.3c", "info"),
        ("GD25-2.2a", "info"),
        ("ASSUMPTION-A19", "info"),
    ]


def test_where_no_law_allows_bargaining_none_is_made(world):
    at = shanghai("2020-06-30 23:59:59")
    listing = _product(world, at)
    refusal = _refused(world, listing, "90", at)
    assert refusal.code == "bargaining_not_regulated"
    assert make(world, listing, "90", shanghai("2020-07-01 00:00")).state == "OPEN"


def _again(kept: Decision) -> dict:
    """The rule service's answer to the request that a kept decision states."""
    own = {field.name for field in REGISTRY[kept.rule].facts_record.fields}
    facts_ = {name: value for name, value in kept.facts.items() if name in own}
    return ask(kept.rule, kept.region_code, kept.law_date.isoformat(), facts_, drafts=kept.drafts)


def _kept_again(world, **where) -> list[list[str]]:
    """Each kept decision's clauses, once the rule service has given the same answer to it."""
    with scope.opened(world.system):
        found = list(Decision.objects.filter(rule="bargain.decide", **where).order_by("id"))
    for kept in found:
        again = _again(kept)
        stands = {name: getattr(kept, name) for name in ("regulated", "allowed", "outcome", "reasons", "parameters")}
        assert {name: again[name] for name in stands} == stands
    return [[reason["clause"] for reason in kept.reasons] for kept in found]


BOUND = ["SZ24-3.3c", "GD25-2.2a"]
OWN = ["SZ24-3.3c", "SZ24-3.4c", "GD25-2.2a"]


@pytest.mark.clause("ASSUMPTION-A19", "SZ24-3.3c", on="trade")
def test_the_rule_service_gives_every_kept_decision_of_an_offer_again(world):
    at = shanghai("2026-03-02 10:00")
    lined = _product(world, at)
    make(world, lined, "99", at)
    make(world, lined, "99", at, key="private_hospital")
    lenient = replace(world.actor("other_hospital", Role.HOSPITAL_BUYER), drafts="warn")
    make(world, lined, "110", at, actor=lenient)
    assert _kept_again(world, subject_type="offer") == [BOUND, [*BOUND, "ASSUMPTION-A19"], BOUND]


@pytest.mark.clause("ASSUMPTION-A19", on="rule")
@pytest.mark.parametrize(("key", "clauses"), [("hospital", OWN), ("private_hospital", [*OWN, "ASSUMPTION-A19"])])
def test_the_rule_service_gives_every_kept_decision_of_an_order_again(world, key, clauses):
    at = shanghai("2026-03-02 10:00")
    agreement = agreed(world, _product(world, at), price="90", at=at, buyer=key)
    where = orders.point(world, hospital=key)
    with scope.opened(world.system):
        code = orders.codes(agreement)[0]
    buyer = world.actor(key, Role.HOSPITAL_BUYER)
    act(buyer, order_place, at, facts=BasketFacts([{"code": code, "quantity": "50"}], where.id))
    assert _kept_again(world, subject_type="order_line") == [clauses]


def test_a_trial_asks_the_rule_of_the_offer_and_the_page_that_of_the_bounds(world):
    at = shanghai("2026-03-02 10:00")
    listing = _product(world, at)
    agreed(world, listing, price="80", at=shanghai("2025-06-02 10:00"))
    buyer = world.actor("hospital", Role.HOSPITAL_BUYER)
    with scope.opened(buyer):
        shown = bargaining.offer_bounds(actor=buyer, at=at, listing=listing)
        tried = bargaining.offer_trial(actor=buyer, at=at, price_group_id=listing.price_group_id, price="99").judged
    assert (shown.decision.rule.name, tried.decision.rule.name) == ("bargain.ceiling", "bargain.decide")
    told = [(bound.name, bound.label, bound.price, bound.clause, bound.is_draft) for bound in shown.bounds]
    assert told == [
        ("own_latest", "本机构最新采购价", Decimal(80), "SZ24-3.4c", True),
        ("alert_line", "价格预警线", Decimal(100), "SZ24-3.3c", True),
        ("listed", "挂网价", Decimal(120), "GD25-2.2a", False),
    ]
    assert tried.bounds == shown.bounds and tried.decision.refused


@pytest.fixture
def jiangsu(db):
    """The small world on Jiangsu's platform, in Nanjing."""
    return elsewhere("js", "CN-JS-NJ")


JS_DAY = "2026-03-02 10:00"


def _jiangsu_product(jiangsu):
    listing = listed(jiangsu, "120", region="CN-JS", listed_on=SINCE)
    priced(jiangsu, listing, {}, at=shanghai(JS_DAY), publish=False)
    return listing


@pytest.mark.clause("JS20-11", on="trade")
def test_jiangsu_above_the_listed_price(jiangsu):
    listing = _jiangsu_product(jiangsu)
    assert _refused(jiangsu, listing, "120.0001", shanghai(JS_DAY)).clauses == ["JS20-11"]


@pytest.mark.clause("JS20-11A", "JS20-11", on="trade")
def test_jiangsu_at_the_listed_price_is_confirmed_at_once(jiangsu):
    listing = _jiangsu_product(jiangsu)
    made = now_of(jiangsu, make(jiangsu, listing, "120", shanghai(JS_DAY)))
    assert (made.state, made.basis, made.answer_due_on) == ("ACCEPTED", "listed", None)
    assert "JS20-11A" in made.answer_note
    (event,) = events(jiangsu, "offer_accepted")
    assert event.actor_roles == ["SYSTEM"]
    with scope.opened(jiangsu.system):
        contract = SupplyContract.objects.get()
    assert (contract.state, contract.payment_days) == ("SIGNING", None)
    assert "JS20-32" in contract.text


@pytest.mark.clause("JS20-11B", on="trade")
@pytest.mark.clause("ASSUMPTION-A20", on="rule")
def test_jiangsu_at_an_existing_deal_price_has_five_working_days(jiangsu):
    listing = _jiangsu_product(jiangsu)
    deal(jiangsu, listing, buyer="other_hospital", price="95", on=date(2025, 3, 3))
    made = make(jiangsu, listing, "95", shanghai(JS_DAY))
    assert (made.basis, made.on_silence, made.answer_due_on) == ("history", "link_price", date(2026, 3, 9))


@pytest.mark.clause("ASSUMPTION-A20", on="rule")
@pytest.mark.parametrize(
    ("buyer", "on", "more"),
    [
        ("other_hospital", date(2025, 3, 2), {}),
        ("private_hospital", date(2026, 2, 2), {}),
        ("other_hospital", date(2026, 2, 2), {"net_quantity": Decimal(0)}),
    ],
    ids=["twelve months ago", "not public", "returned"],
)
def test_jiangsu_deals_that_are_no_history(jiangsu, buyer, on, more):
    listing = _jiangsu_product(jiangsu)
    deal(jiangsu, listing, buyer=buyer, price="95", on=on, **more)
    assert make(jiangsu, listing, "95", shanghai(JS_DAY)).basis == "other"


@pytest.mark.clause("JS20-11C", on="trade")
def test_jiangsu_any_other_price_has_ten_working_days(jiangsu):
    listing = _jiangsu_product(jiangsu)
    made = make(jiangsu, listing, "94", shanghai(JS_DAY))
    assert (made.basis, made.on_silence, made.answer_due_on) == ("other", "withdraw", date(2026, 3, 16))
