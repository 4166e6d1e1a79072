"""First deals of a product that nothing compares with (A24, A44): the review, the hospitals, the months, at offer and order."""

from dataclasses import replace
from datetime import date

import pytest

from procurement.bargaining.models.reviews import PriceReview
from procurement.bargaining.services import reviews as services
from procurement.ordering.services.placing import BasketFacts, order_place, order_trial
from sunlight import scope
from sunlight.journal.models import Decision
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere, Refused
from sunlight.kernel.machine import IllegalMove
from sunlight.scope import Role
from sunlight.tenancy.services.organisations import organisation_register
from tests.factories import orders
from tests.factories.catalog import listed
from tests.factories.pricing import deal, priced
from tests.factories.procurement import agreed, offer, reviewed
from tests.flows.test_news import messages_of, travels
from tests.procurement.bargaining import act, counts, events, make, refusals, shanghai
from tests.regional import credit_code, elsewhere

SINCE = date(2019, 1, 1)
AT = shanghai("2026-03-02 10:00")


@pytest.fixture
def product(world):
    """A product at 120 that no province's price compares with."""
    listing = listed(world, "120", listed_on=SINCE)
    priced(world, listing, {}, at=AT)
    return listing


def _refused(world, listing, price="110", at=AT, **more) -> Refused:
    before = counts(world)
    with pytest.raises(Refused) as caught:
        make(world, listing, price, at, **more)
    assert counts(world) == before
    assert refusals(world)[-1].message == caught.value.message
    return caught.value


def _ask(world, listing, price="110", *, key="hospital", at=AT, reason="本市首次采购") -> PriceReview:
    buyer = world.actor(key, Role.HOSPITAL_BUYER)
    group = listing.price_group_id
    return act(buyer, services.price_review_request, at, price_group_id=group, price=price, reason=reason)


def _decide(world, review, service=services.price_review_pass, reason="与同类产品价格相当"):
    confirmer = world.actor("operator", Role.OPERATOR_CONFIRMER)
    return act(confirmer, service, AT, price_review_id=review.id, reason=reason)


def _third(world):
    """One more public hospital of the city."""
    with scope.opened(world.system):
        world.organisations["third"] = organisation_register(
            actor=world.system,
            at=scope.now(),
            platform=world.platform,
            kind="HOSPITAL",
            name="测试市第四人民医院",
            credit_code=credit_code("12440300455755099"),
            region_code="CN-GD-SZ",
            level="tertiary",
            ownership="government_county",
            is_public=True,
            hospital_code="H44030300004",
            area_code="440303",
            profile={"legal_representative": "法人", "registered_address": "测试路", "phone": "0755"},
            bank_account={"bank_name": "测试银行", "account_name": "四院", "account_number": "6227"},
        )
    return "third"


@pytest.mark.clause("SZ24-3.3c", "ASSUMPTION-A24", on="trade")
def test_the_first_offer_waits_for_the_operators_review(world, product):
    refusal = _refused(world, product)
    assert (refusal.code, refusal.clauses, refusal.field) == ("first_deal_review", ["SZ24-3.3c"], "price")
    assert "价格尚未经平台运营机构审核" in refusal.message and "请先在产品页申请价格审核" in refusal.message
    assert refusals(world)[-1].decision["rule"] == "first_deal.check"
    review = _decide(world, _ask(world, product))
    assert (review.state, review.decision_note) == ("PASSED", "与同类产品价格相当")
    made = make(world, product, "110", AT)
    with scope.opened(world.system):
        kept = Decision.objects.get(subject_type="offer", subject_id=made.id, rule="first_deal.check")
    assert (kept.allowed, [r["clause"] for r in kept.reasons]) == (True, ["SZ24-3.3c"])
    assert "价格已经审核，已有 0 家医疗机构成交（最多 3 家），允许" in kept.reasons[0]["message"]
    # What was reviewed is a price: another hospital may offer no more, and less.
    above = _refused(world, product, "110.0001", key="other_hospital")
    assert above.code == "first_deal_review"
    assert make(world, product, "109", AT, key="other_hospital").state == "OPEN"


@pytest.mark.clause("SZ24-3.3c", on="trade")
def test_no_first_deal_is_limited_the_day_before_the_draft(world, product):
    eve, day = shanghai("2024-12-31 12:00"), shanghai("2025-01-01 12:00")
    assert _refused(world, product, at=day).clauses == ["SZ24-3.3c"]
    assert make(world, product, "110", eve).state == "OPEN"


def test_a_refused_review_opens_nothing(world, product):
    review = _decide(world, _ask(world, product), services.price_review_refuse, "明显高于同类产品")
    assert review.state == "REFUSED"
    assert _refused(world, product).code == "first_deal_review"
    # One may ask again, at a lower price.
    assert _ask(world, product, "90").state == "WAITING"


def test_where_drafts_only_warn_first_deals_are_warned(world, product):
    lenient = replace(world.actor("hospital", Role.HOSPITAL_BUYER), drafts="warn")
    made = make(world, product, "110", AT, actor=lenient)
    with scope.opened(world.system):
        kept = Decision.objects.get(subject_type="offer", subject_id=made.id, rule="first_deal.check")
    assert (kept.allowed, kept.outcome["broken"]) == (True, ["review"])
    assert [(r["clause"], r["effect"], r["status"]) for r in kept.reasons] == [
        ("SZ24-3.3c", "warn", "draft"),
    ]


def test_a_product_with_a_price_elsewhere_is_not_asked(world):
    listing = listed(world, "120", listed_on=SINCE)
    priced(world, listing, {"320000": "100"}, at=AT)
    made = make(world, listing, "99", AT)
    with scope.opened(world.system):
        assert not Decision.objects.filter(subject_id=made.id, rule="first_deal.check").exists()


def _deals(world, listing, *bought):
    for buyer, on in bought:
        deal(world, listing, buyer=world.organisations[buyer], price="110", on=on)


@pytest.mark.clause("ASSUMPTION-A44", on="trade")
def test_three_independent_deals_end_the_limits_for_good(world, product):
    third = _third(world)
    two = [("hospital", date(2025, 6, 2)), ("other_hospital", date(2025, 6, 3))]
    _deals(world, product, *two)
    assert _refused(world, product, "100", at=shanghai("2025-06-20 10:00")).code == "first_deal_review"
    _deals(world, product, (third, date(2025, 6, 10)))
    priced(world, product, {}, at=AT)
    made = make(world, product, "100", AT)
    with scope.opened(world.system):
        kept = Decision.objects.get(subject_id=made.id, subject_type="offer", rule="first_deal.check")
    assert (kept.outcome["limited"], kept.outcome["independent_deals"]) == (False, 3)
    assert "2025-06-10 独立成交已达 3 笔，首批成交限制已永久解除" in kept.reasons[0]["message"]
    # Nobody learns which hospitals they were.
    assert [each["hospital"] for each in kept.facts["deals"]] == ["医院1", "医院2", "医院3"]


@pytest.mark.clause("SZ24-3.3c", on="trade")
def test_a_fourth_hospital_waits_while_joint_deals_count_once(world, product):
    third = _third(world)
    bought = [("other_hospital", date(2026, 1, 5)), ("private_hospital", date(2026, 1, 6)), (third, date(2026, 1, 7))]
    for buyer, on in bought:
        deal(world, product, buyer=world.organisations[buyer], price="110", on=on, is_public=True)
    for buyer in ("other_hospital", third):
        offer(world, product, buyer=buyer, joint_id=7, state="ACCEPTED", answered_at=AT, at=AT)
    reviewed(world, product, price="120", at=AT)
    refusal = _refused(world, product, "110")
    assert (refusal.code, refusal.clauses) == ("first_deal_hospitals", ["SZ24-3.3c"])
    assert "已有 3 家医疗机构成交，首批最多 3 家" in refusal.message
    assert "请选择已有价格预警线的同类产品" in refusal.message
    # One of the three may go on.
    assert make(world, product, "110", AT, key=third).state == "OPEN"


@pytest.mark.clause("SZ24-3.3c", "ASSUMPTION-A24", on="trade")
def test_after_six_months_the_first_deals_are_over(world, product):
    _deals(world, product, ("other_hospital", date(2025, 9, 2)))
    reviewed(world, product, price="120", at=shanghai("2025-09-01 10:00"))
    last, over = shanghai("2026-03-02 23:00"), shanghai("2026-03-03 00:00")
    refusal = _refused(world, product, "110", at=over)
    assert (refusal.code, refusal.clauses) == ("first_deal_months", ["SZ24-3.3c"])
    assert "首批成交期限 6 个月已于 2026-03-02 届满" in refusal.message
    assert make(world, product, "110", last).state == "OPEN"


@pytest.mark.clause("SZ24-3.3c", on="trade")
def test_an_order_meets_the_limits_too(world, product):
    agreement = agreed(world, product, price="110", at=AT)
    point, buyer = orders.point(world), world.actor("hospital", Role.HOSPITAL_BUYER)
    with scope.opened(world.system):
        lines = [orders.line(agreement)]
    with scope.opened(buyer):
        assert [f["code"] for f in order_trial(actor=buyer, at=AT, lines=lines).faults] == ["first_deal_review"]
    before = counts(world)
    with pytest.raises(Refused) as caught:
        act(buyer, order_place, AT, facts=BasketFacts(lines, point.id))
    assert (caught.value.code, caught.value.clauses, counts(world)) == ("first_deal_review", ["SZ24-3.3c"], before)
    reviewed(world, product, price="110", at=AT)
    act(buyer, order_place, AT, facts=BasketFacts(lines, point.id))
    with scope.opened(world.system):
        kept = Decision.objects.filter(subject_type="order_line").order_by("id")
        assert [row.rule for row in kept] == ["bargain.decide", "first_deal.check"]


def test_two_rules_that_refuse_are_told_together(world, product):
    refusal = _refused(world, product, "130")
    assert sorted(refusal.clauses) == ["GD25-2.2a", "SZ24-3.3c"]
    assert "高于挂网价 120.00 元" in refusal.message and "价格尚未经平台运营机构审核" in refusal.message


def test_what_is_asked_and_decided_is_told_to_both_sides(world, product):
    review = _ask(world, product)
    assert (review.state, str(review.price), review.reason) == ("WAITING", "110.0000", "本市首次采购")
    _decide(world, review)
    named = [
        (name, events(world, name)[0].payload["state"]) for name in ("price_review_requested", "price_review_passed")
    ]
    assert named == [("price_review_requested", "WAITING"), ("price_review_passed", "PASSED")]
    travels(world, AT)
    assert messages_of(world, "hospital", Role.HOSPITAL_BUYER) == ["price_reviewed"]
    assert messages_of(world, "maker", Role.SUPPLIER_SELLER) == ["price_reviewed"]
    assert messages_of(world, "other_hospital", Role.HOSPITAL_BUYER) == []


def test_a_review_is_asked_for_where_it_is_needed_and_once(world, product):
    compared = listed(world, "120", listed_on=SINCE)
    priced(world, compared, {"320000": "100"}, at=AT)
    before = counts(world)
    with pytest.raises(Conflict) as caught:
        _ask(world, compared)
    assert caught.value.code == "no_review_needed"
    with pytest.raises(Forbidden) as barred:
        act(
            world.actor("hospital", Role.HOSPITAL_APPROVER),
            services.price_review_request,
            AT,
            price_group_id=product.price_group_id,
            price="110",
            reason="首次",
        )
    assert barred.value.code == "not_a_buyer"
    with pytest.raises(Invalid) as missing:
        _ask(world, product, "", reason=" ")
    assert {item["field"] for item in missing.value.items} == {"price", "reason"}
    assert counts(world) == before
    _ask(world, product)
    with pytest.raises(Conflict) as again:
        _ask(world, product, "100")
    assert again.value.code == "review_waits"


def test_a_review_is_decided_once_by_the_operators_confirmer_with_a_reason(world, product):
    review = _ask(world, product)
    with pytest.raises(Invalid):
        _decide(world, review, reason="")
    for key, role in (("operator", Role.OPERATOR_REVIEWER), ("regulator", Role.REGULATOR_CHIEF)):
        with pytest.raises((IllegalMove, Refused)):
            act(world.actor(key, role), services.price_review_pass, AT, price_review_id=review.id, reason="好")
    with pytest.raises(NotThere):
        act(
            world.actor("other_hospital", Role.HOSPITAL_BUYER),
            services.price_review_pass,
            AT,
            price_review_id=review.id,
            reason="好",
        )
    with scope.opened(world.system):
        assert PriceReview.objects.get().state == "WAITING"
    _decide(world, review)
    with pytest.raises((IllegalMove, Refused)):
        _decide(world, review, services.price_review_refuse)


def test_elsewhere_first_deals_are_free(db):
    nanjing = elsewhere("js", "CN-JS-NJ")
    listing = listed(nanjing, "120", region="CN-JS", listed_on=SINCE)
    assert make(nanjing, listing, "110", AT).state == "OPEN"
    with pytest.raises(Conflict):
        _ask(nanjing, listing)
