"""One unit a certificate and code: another unit is converted into the same price group, a dearer sister needs a reason and
two reviewers. Hole: gauze listed at 0.35 a piece, then a sister specification "in packs" at 40.00 without any line."""

from datetime import date
from decimal import Decimal
from urllib.parse import quote

import pytest
from django.db import IntegrityError, transaction

from catalog.models import CertificateUnit, ListedSpecification, Listing, Pack, PriceGroup
from catalog.queries import trading
from catalog.queries.listings import listed_specifications, waiting_for
from catalog.queries.review import listing_review, waiting_ids
from catalog.queries.sisters import sister_groups
from catalog.services import drafting, listings
from sunlight import scope
from sunlight.acts import current_policy
from sunlight.journal.models import Event
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, Refused
from sunlight.scope import Role
from sunlight.scope.clock import business_date
from tests.api_client import ApiClient, logged_in

HALF = {"packs": []}


@pytest.fixture
def gauze(catalogue):
    """The maker's gauze, its first two specifications listed at 0.35 a piece; the rest are its sisters."""
    catalogue.listing = catalogue.listed(**facts(catalogue, 0, 2, pricing_unit="片", declared_price="0.35"))
    return catalogue


def facts(catalogue, first, last, **changes) -> dict:
    own = catalogue.own_gauze
    certificate = {"number": own.certificate, "valid_from": None, "valid_until": None}
    return {"codes": list(own.codes[first:last]), "certificate": certificate, "packs": [], **changes}


def sister(catalogue, **changes):
    return catalogue.draft(**facts(catalogue, 2, 3, **changes))


def approve(catalogue, listing, who=None):
    return catalogue.call(listings.listing_approve, who or catalogue.reviewer, listing_id=listing.id)


@pytest.mark.clause("ASSUMPTION-A83", on="rule")
def test_a_sister_in_another_unit_is_refused_with_the_way_out(gauze):
    for changes in ({}, {"variant": "包装"}):
        with pytest.raises(Refused) as refused:
            sister(gauze, pricing_unit="包", declared_price="40.00", **changes)
        assert (refused.value.code, refused.value.field) == ("unit_differs", "pricing_unit")
        assert refused.value.message == (
            "该注册备案号与 20 位码已按“片”计价，不能另按“包”计价。请按“片”申报价格；"
            "如按“包”报价，请填写换算（1 包 = 几片），系统折算后并入同一计价组。"
        )
    with scope.opened(gauze.world.system):
        assert PriceGroup.objects.count() == 1


@pytest.mark.clause("ASSUMPTION-A83", on="rule")
def test_a_pack_is_converted_exactly_into_the_same_price_group_and_keeps_its_price(gauze):
    conversion = {"unit": "片", "factor": "100"}
    with pytest.raises(Refused) as refused:
        sister(gauze, pricing_unit="包", declared_price="40.00", conversion=conversion)
    assert (refused.value.code, refused.value.field) == ("another_price_in_group", "declared_price")
    assert "0.3500 元/片" in refused.value.message and "0.4000 元/片" in refused.value.message
    draft = sister(
        gauze, pricing_unit="包", declared_price="35.00", conversion=conversion, packs=[{"name": "箱", "factor": 20}]
    )
    assert (draft.price_group_id, draft.declared_price) == (gauze.listing.price_group_id, Decimal("0.3500"))
    with scope.opened(gauze.lister):
        assert list(Pack.objects.order_by("factor").values_list("name", "factor")) == [("包", 100), ("箱", 2000)]
    joined = approve(gauze, gauze.submit(draft))
    assert (joined.state, joined.joined_id) == ("JOINED", gauze.listing.id)
    code = gauze.own_gauze.codes[2]
    with scope.opened(gauze.world.system):
        on = business_date(scope.now())
        assert code in {each.code for each in listed_specifications(gauze.listing.id)}
        tradable = trading.tradable_specifications(platform_id=gauze.world.platform.id, on=on)
        assert tradable.get(national_code__code=code).listing_id == gauze.listing.id
        assert ListedSpecification.objects.get(listing=gauze.listing, national_code__code=code).was_listed
        assert Listing.objects.filter(price_group=gauze.listing.price_group, state="LISTED").count() == 1
        events = Event.objects.filter(name__in=["listing_joined", "listing_extended"]).order_by("id")
        assert [e.subject_id for e in events] == [joined.id, gauze.listing.id]


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        (
            {"declared_price": "40.00", "conversion": {"unit": "片", "factor": "30"}},
            "conversion_not_exact",
            "declared_price",
        ),
        (
            {"declared_price": "0.001", "conversion": {"unit": "片", "factor": "100"}},
            "conversion_not_exact",
            "declared_price",
        ),
        ({"conversion": {"unit": "块", "factor": "100"}}, "bad_conversion", "conversion.unit"),
        ({"conversion": {"unit": "包", "factor": "100"}}, "bad_conversion", "conversion.unit"),
        ({"conversion": {"unit": "片", "factor": "1"}}, "bad_conversion", "conversion.factor"),
        ({"conversion": {"unit": "片", "factor": "2.5"}}, "bad_conversion", "conversion.factor"),
        ({"conversion": {"unit": "", "factor": "10"}}, "bad_unit", "conversion.unit"),
        ({"declared_price": "0"}, "price_zero", "declared_price"),
        ({"declared_price": "0.0000"}, "price_zero", "declared_price"),
    ],
)
def test_a_conversion_is_whole_and_exact_and_no_price_is_zero(gauze, changes, code, field):
    with pytest.raises(Refused) as refused:
        sister(gauze, **{"pricing_unit": "包", "declared_price": "35.00", **changes})
    assert (refused.value.code, refused.value.field) == (code, field)


def test_a_unit_outside_the_list_is_refused(catalogue):
    with pytest.raises(Refused) as refused:
        catalogue.draft(pricing_unit="盒装套", packs=[])
    assert (refused.value.code, refused.value.field) == ("unit_unknown", "pricing_unit")
    assert "人份" in refused.value.message
    units = current_policy().at("catalog.pricing_units", region="CN-GD-SZ", on=date(2026, 1, 1)).value
    assert len(set(units)) == len(units)


@pytest.mark.clause("ASSUMPTION-A83", on="rule")
def test_different_prices_inside_a_certificate_and_code_stay_legal(gauze):
    """One unit, not one group: a cheaper sister is one reviewer's."""
    listed = approve(gauze, gauze.submit(sister(gauze, pricing_unit="片", declared_price="0.30", variant="小号")))
    assert (listed.state, listed.declared_price) == ("LISTED", Decimal("0.3000"))
    assert listed.price_group_id != gauze.listing.price_group_id
    assert listed.price_group.name.endswith("（小号）")


@pytest.mark.clause("ASSUMPTION-A83", on="rule")
@pytest.mark.duty("listing", "confirm", "endorse")
def test_a_dearer_sister_needs_a_reason_and_two_reviewers(gauze):
    dearer = {"pricing_unit": "片", "declared_price": "0.40", "variant": "大号"}
    with pytest.raises(Refused) as refused:
        sister(gauze, **dearer)
    assert (refused.value.code, refused.value.field) == ("dearer_sister", "price_reason")
    assert "0.4000 元/片，高于同证同码" in refused.value.message
    submitted = gauze.submit(sister(gauze, **dearer, price_reason="尺寸大一倍，耗料多"))
    with scope.opened(gauze.reviewer):
        review = listing_review(gauze.reviewer, submitted.id, business_date(scope.now()))
    (other,) = review.view.sisters
    assert (other.listing.id, other.price, other.unit, other.is_same_code) == (
        gauze.listing.id,
        Decimal("0.35"),
        "片",
        True,
    )
    assert review.is_dearer
    endorsed = approve(gauze, submitted)
    assert (endorsed.state, endorsed.listed_on) == ("ENDORSED", None)
    with scope.opened(gauze.reviewer):
        assert waiting_ids(gauze.reviewer) == []
    with pytest.raises(Forbidden) as refused:
        approve(gauze, endorsed)
    assert refused.value.code == "four_eyes"
    second = gauze.world.actor("operator", Role.OPERATOR_REVIEWER, person="second")
    with scope.opened(second):
        assert [row.id for row in waiting_for(second)] == [endorsed.id]
    listed = approve(gauze, endorsed, second)
    assert (listed.state, listed.endorsed_by, listed.reviewed_by) == ("LISTED", gauze.reviewer.acting, second.acting)


@pytest.mark.duty("listing", "confirm_publicise", "endorse")
def test_where_the_law_demands_publicity_the_second_reviewer_opens_it(gauze, monkeypatch):
    dearer = {"pricing_unit": "片", "declared_price": "0.40", "variant": "大号", "price_reason": "尺寸大一倍"}
    endorsed = approve(gauze, gauze.submit(sister(gauze, **dearer)))
    monkeypatch.setattr(listings, "publicity_demanded", lambda *_, **__: "JS20-13c")
    with pytest.raises(Forbidden):
        approve(gauze, endorsed)


def test_a_refused_endorsement_begins_anew(gauze):
    dearer = {"pricing_unit": "片", "declared_price": "0.40", "variant": "大号", "price_reason": "尺寸大一倍"}
    endorsed = approve(gauze, gauze.submit(sister(gauze, **dearer)))
    rejected = gauze.call(listings.listing_reject, gauze.reviewer, listing_id=endorsed.id, note="理由不充分")
    assert rejected.state == "REJECTED"
    revised = gauze.call(
        drafting.listing_revise,
        gauze.lister,
        listing_id=rejected.id,
        declared_price="0.35",
        codes=[gauze.own_gauze.codes[2]],
        price_reason="",
    )
    again = gauze.submit(revised)
    assert (again.state, again.endorsed_by) == ("SUBMITTED", None)
    assert approve(gauze, again).state == "LISTED"


@pytest.mark.clause("ASSUMPTION-A83", on="rule")
def test_two_units_drafted_before_any_was_listed_are_not_both_listed(catalogue):
    """The database says so too, whoever writes: no draft of another maker is visible to a maker."""
    pieces = catalogue.submit(catalogue.draft(**facts(catalogue, 0, 1, pricing_unit="片", declared_price="0.35")))
    packs = catalogue.submit(catalogue.draft(**facts(catalogue, 1, 2, pricing_unit="包", declared_price="35")))
    assert approve(catalogue, pieces).state == "LISTED"
    with pytest.raises(Refused) as refused:
        approve(catalogue, packs)
    assert refused.value.code == "unit_differs"
    with scope.opened(catalogue.world.system):
        assert CertificateUnit.objects.get().unit == "片"
        with pytest.raises(IntegrityError, match="another pricing unit"), transaction.atomic():
            Listing.objects.filter(id=packs.id).update(state="LISTED", listed_on=date(2026, 1, 1))


def test_delisting_does_not_free_the_unit(gauze):
    gauze.call(listings.listing_delist, gauze.lister, listing_id=gauze.listing.id, reason="换单位")
    with pytest.raises(Refused) as refused:
        gauze.draft(**facts(gauze, 0, 2, pricing_unit="包", declared_price="40"))
    assert refused.value.code == "unit_differs"


def test_a_known_pack_keeps_its_factor(gauze):
    sister(gauze, pricing_unit="包", declared_price="35.00", conversion={"unit": "片", "factor": "100"})
    with pytest.raises(Conflict) as refused:
        sister(gauze, pricing_unit="包", declared_price="3.50", conversion={"unit": "片", "factor": "10"})
    assert refused.value.code == "pack_differs"


def test_a_sister_breaks_away_from_its_group_s_line_only_by_two_reviewers(gauze):
    cheap = approve(gauze, gauze.submit(sister(gauze, pricing_unit="片", declared_price="0.35", variant="小号")))
    dearer = {"pricing_unit": "片", "declared_price": "0.40", "variant": "大号", "price_reason": "尺寸大一倍"}
    own = gauze.draft(**facts(gauze, 3, 4, **dearer))
    endorsed = approve(gauze, gauze.submit(own))
    second = gauze.world.actor("operator", Role.OPERATOR_REVIEWER, person="second")
    alone = approve(gauze, endorsed, second)
    with scope.opened(gauze.world.system):
        groups = [each.price_group_id for each in (gauze.listing, cheap, alone)]
        assert sister_groups(groups) == {groups[0]: [groups[1], groups[2]], groups[1]: [groups[0], groups[2]]}


def test_the_desk_shows_every_group_of_the_certificate(gauze):
    dearer = {"pricing_unit": "片", "declared_price": "0.40", "variant": "大号", "price_reason": "尺寸大一倍"}
    submitted = gauze.submit(sister(gauze, **dearer))
    desk = logged_in(gauze.reviewer)
    page = desk.get(f"/catalog/review/{submitted.id}/").content.decode()
    assert "同一注册证的其他计价组" in page and "0.35 / 片" in page and "低于申报价" in page and "尺寸大一倍" in page
    assert "初审同意，转另一名审核员" in page
    form = {"decision": "approve", "version": str(submitted.version)}
    assert "须由另一名审核员复审" in desk.post(f"/catalog/review/{submitted.id}/", form, follow=True).content.decode()


def test_the_page_and_the_api_take_a_conversion(gauze):
    own = gauze.own_gauze
    maker = logged_in(gauze.lister)
    url = f"/catalog/apply/{own.generic_code}/?certificate={quote(own.certificate)}"
    page = maker.get(url).content.decode()
    assert "该注册证与 20 位码已按此单位计价" in page and "<option selected" in page
    sent = {
        "codes": [own.codes[2]],
        "pricing_unit": "包",
        "declared_price": "35",
        "conversion_unit": "片",
        "conversion_factor": "100",
    }
    assert "0.35" in maker.post(url, sent, follow=True).content.decode()
    client = ApiClient(gauze.world, "maker", Role.SUPPLIER_LISTER)
    body = {
        "codes": [own.codes[3]],
        "pricing_unit": "包",
        "declared_price": "70",
        "certificate": {"number": own.certificate},
        "conversion": {"unit": "片", "factor": 200},
    }
    status, refused = client.post("/api/v1/listings/", body)
    assert (status, refused["code"]) == (409, "pack_differs")
    status, made = client.post(
        "/api/v1/listings/", body | {"conversion": {"unit": "片", "factor": 100}, "declared_price": "35.00"}
    )
    assert (status, made["declared_price"], made["pricing_unit"]) == (201, "0.3500", "片")
    assert made["sisters"] == []


def test_typed_faults_of_a_conversion_come_at_once(gauze):
    with pytest.raises(Invalid) as refused:
        sister(gauze, pricing_unit="包", declared_price="0", conversion={"unit": "", "factor": "x"})
    assert {item["field"] for item in refused.value.items} >= {"declared_price", "conversion.unit"}
