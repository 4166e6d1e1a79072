"""Declaring, confirming and returning other provinces' prices (SZ24-3.2a, 3.2b)."""

import hashlib
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from pricing.models import Declaration, DeclaredPrice, PriceInformation, ProvincePrice
from pricing.queries.declared import access_declaration, declarations_visible_to, declared_rows
from pricing.queries.published import listed_price
from pricing.rules.commitment import COMMITMENTS, CURRENT_VERSION
from pricing.services.declarations import declaration_confirm, declaration_reject, declaration_submit
from pricing.workflows import DeclarationState
from sunlight import scope
from sunlight.journal.models import Event, Refusal
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere
from sunlight.scope import Role
from tests.factories.catalog import listed
from tests.factories.pricing import deal, priced

AT = datetime(2026, 3, 2, 2, tzinfo=UTC)
ROW = {
    "province": "320000",
    "price": "100",
    "unit": "个",
    "valid_from": "2026-01-01",
    "valid_to": None,
    "platform_name": "江苏省平台",
    "evidence": "苏采 1 号",
}


@pytest.fixture
def lister(world):
    return world.actor("maker", Role.SUPPLIER_LISTER)


@pytest.fixture
def confirmer(world):
    return world.actor("operator", Role.OPERATOR_CONFIRMER)


@pytest.fixture
def listing(world):
    return listed(world)


def submit(actor, listing, *rows, at=AT, **more):
    facts = {"commits": True} | more
    with scope.opened(actor):
        return declaration_submit(
            actor=actor, at=at, price_group_id=listing.price_group_id, rows=rows or [ROW], **facts
        )


def confirm(actor, declaration, at=AT):
    with scope.opened(actor):
        return declaration_confirm(actor=actor, at=at, declaration_id=declaration.id)


def kept(world, model, **where):
    with scope.opened(world.system):
        return list(model.objects.filter(**where).order_by("id"))


def refusals(world):
    """What is on record, with the clauses that refused."""

    def refusing(row):
        return [reason["clause"] for reason in row.reasons if reason["effect"] == "refuse"]

    return [(r.service, r.code, refusing(r)) for r in kept(world, Refusal)]


def assert_nothing_remains(world):
    assert not kept(world, Declaration)
    assert not kept(world, DeclaredPrice)
    assert not kept(world, Event, name="declaration_submitted")


@pytest.mark.clause("SZ24-3.2a", "SZ24-3.2b", on="rule")
def test_a_maker_declares_prices_with_its_commitment(world, lister, listing):
    made = submit(lister, listing, ROW, ROW | {"province": "北京", "price": "5500", "unit": "盒"})
    (row,) = kept(world, Declaration)
    assert (row.id, row.state, row.submitted_at) == (made.id, DeclarationState.SUBMITTED, AT)
    assert (row.manufacturer_id, row.submitted_by) == (world.maker.id, lister.acting)
    assert COMMITMENTS[CURRENT_VERSION] in row.commitment_text
    assert row.commitment_sha256 == hashlib.sha256(row.commitment_text.encode()).hexdigest()
    assert [(p.province, p.stated_price, p.stated_unit, p.factor, p.price) for p in kept(world, DeclaredPrice)] == [
        ("320000", Decimal("100.0000"), "个", 1, Decimal("100.0000")),
        ("110000", Decimal("5500.0000"), "盒", 50, Decimal("110.0000")),
    ]
    (event,) = kept(world, Event, name="declaration_submitted")
    assert (event.subject_type, event.subject_id) == ("declaration", row.id)
    assert event.payload["commitment_sha256"] == row.commitment_sha256
    assert [p["price"] for p in event.payload["prices"]] == ["100.0000", "110.0000"]
    assert not kept(world, ProvincePrice)


@pytest.mark.clause("SZ24-3.2b", on="rule")
@pytest.mark.parametrize(
    ("more", "code", "clauses"),
    [
        ({"commits": False}, "commitment_missing", ["SZ24-3.2b"]),
        ({"commitment_version": "2020-01"}, "commitment_outdated", []),
    ],
)
def test_nothing_is_taken_without_the_commitment(world, lister, listing, more, code, clauses):
    with pytest.raises(Invalid) as refused:
        submit(lister, listing, **more)
    assert (refused.value.code, refused.value.clauses) == (code, clauses)
    assert refusals(world) == ([("declaration_submit", code, clauses)] if clauses else [])
    assert_nothing_remains(world)


@pytest.mark.clause("SZ24-3.2a", on="rule")
def test_a_fault_in_one_row_refuses_all_and_names_each(world, lister, listing):
    with pytest.raises(Invalid) as refused:
        submit(
            lister,
            listing,
            ROW,
            ROW | {"province": "440000", "price": "1.23456"},
            ROW | {"province": "330000", "unit": "支"},
            ROW | {"province": "江苏"},
        )
    assert [(item["field"], item["code"]) for item in refused.value.items] == [
        ("prices[1].province", "own_province"),
        ("prices[1].price", "too_many_decimals"),
        ("prices[2].unit", "unknown_unit"),
        ("prices[3].province", "province_twice"),
    ]
    assert refused.value.field == "prices[1].province"
    assert refusals(world) == [("declaration_submit", "own_province", ["SZ24-3.2a"])]
    assert_nothing_remains(world)


def test_an_empty_declaration_and_one_with_too_many_rows_are_refused(world, lister, listing):
    for rows, code in (([], "no_prices"), ([ROW] * 35, "too_many_rows")):
        with pytest.raises(Invalid) as refused, scope.opened(lister):
            declaration_submit(actor=lister, at=AT, price_group_id=listing.price_group_id, rows=rows, commits=True)
        assert refused.value.code == code
    assert_nothing_remains(world)


def test_only_a_lister_of_the_maker_declares(world, listing):
    with pytest.raises(Forbidden):
        submit(world.actor("maker", Role.SUPPLIER_SELLER), listing)
    with pytest.raises(Forbidden):
        submit(world.actor("hospital", Role.HOSPITAL_BUYER), listing)
    with pytest.raises(Forbidden):
        submit(world.actor("operator", Role.OPERATOR_CONFIRMER), listing)
    with pytest.raises(NotThere):
        submit(world.actor("other_maker", Role.SUPPLIER_LISTER), listing)
    assert [code for _, code, _ in refusals(world)] == ["role_missing"] * 3 + ["not_found"]
    assert_nothing_remains(world)


def test_what_stands_already_is_not_declared_again(world, lister, confirmer, listing):
    declaration = submit(lister, listing)
    with pytest.raises(Conflict) as refused:
        submit(lister, listing)
    assert refused.value.code == "already_declared"
    confirm(confirmer, declaration)
    with pytest.raises(Conflict):
        submit(lister, listing)
    submit(lister, listing, ROW, ROW | {"province": "330000"})
    assert [p.province for p in kept(world, DeclaredPrice)] == ["320000", "330000"]


@pytest.mark.clause("SZ24-3.2a", "SZ24-3.3c", on="rule")
def test_a_confirmed_declaration_counts_and_its_alert_line_is_published_at_once(world, lister, confirmer, listing):
    declaration = submit(lister, listing, ROW, ROW | {"province": "北京", "price": "95"})
    confirm(confirmer, declaration)
    (row,) = kept(world, Declaration)
    assert (row.state, row.decided_at, row.decided_by, row.version) == ("CONFIRMED", AT, confirmer.acting, 2)
    prices = kept(world, ProvincePrice)
    assert [(p.province, p.price, p.superseded_at) for p in prices] == [
        ("110000", Decimal("95.0000"), None),
        ("320000", Decimal("100.0000"), None),
    ]
    (information,) = kept(world, PriceInformation)
    assert (information.alert_line, information.alert_source) == (Decimal("95.0000"), "provinces")
    assert information.business_day == date(2026, 3, 2)
    assert information.alert_answer["inputs"]["lowest_provinces"] == ["110000"]
    assert [e.name for e in kept(world, Event, subject_type="declaration")] == [
        "declaration_submitted",
        "declaration_confirmed",
    ]


@pytest.mark.clause("SZ24-3.2a", on="rule")
def test_a_new_confirmation_ends_the_price_before(world, lister, confirmer, listing):
    confirm(confirmer, submit(lister, listing, ROW, ROW | {"province": "110000", "price": "95"}))
    later = AT + timedelta(hours=1)
    confirm(confirmer, submit(lister, listing, ROW | {"price": "90"}, at=later), at=later)
    assert [(p.province, p.price, p.superseded_at) for p in kept(world, ProvincePrice)] == [
        ("110000", Decimal("95.0000"), None),
        ("320000", Decimal("100.0000"), later),
        ("320000", Decimal("90.0000"), None),
    ]
    (information,) = kept(world, PriceInformation)
    assert (information.alert_line, information.known_until) == (Decimal("90.0000"), later)
    # Within one day the row is published again; the journal keeps both.
    assert [e.payload["alert_line"] for e in kept(world, Event, name="price_published")] == ["95.0000", "90.0000"]


def test_an_older_declaration_does_not_take_the_place_of_a_later_one(world, lister, confirmer, listing):
    older, later = submit(lister, listing), submit(lister, listing, ROW | {"price": "90"})
    confirm(confirmer, later)
    with pytest.raises(Conflict) as refused:
        confirm(confirmer, older)
    assert refused.value.code == "later_declaration_confirmed"
    assert [p.price for p in kept(world, ProvincePrice)] == [Decimal("90.0000")]


def test_a_returned_declaration_counts_for_nothing(world, lister, confirmer, listing):
    declaration = submit(lister, listing)
    with pytest.raises(Invalid) as refused, scope.opened(confirmer):
        declaration_reject(actor=confirmer, at=AT, declaration_id=declaration.id, reason=" ")
    assert refused.value.field == "reason"
    with scope.opened(confirmer):
        declaration_reject(actor=confirmer, at=AT, declaration_id=declaration.id, reason="江苏价格与公告不符")
    (row,) = kept(world, Declaration)
    assert (row.state, row.decision_note) == ("REJECTED", "江苏价格与公告不符")
    assert not kept(world, ProvincePrice)
    assert not kept(world, PriceInformation)


@pytest.mark.parametrize("first", ["confirm", "reject"])
@pytest.mark.parametrize("second", ["confirm", "reject"])
def test_a_decided_declaration_is_decided_for_good(world, lister, confirmer, listing, first, second):
    declaration = submit(lister, listing)
    moves = {
        "confirm": lambda: declaration_confirm(actor=confirmer, at=AT, declaration_id=declaration.id),
        "reject": lambda: declaration_reject(actor=confirmer, at=AT, declaration_id=declaration.id, reason="不符"),
    }
    with scope.opened(confirmer):
        moves[first]()
    before = kept(world, ProvincePrice)
    with pytest.raises(Conflict) as refused, scope.opened(confirmer):
        moves[second]()
    assert refused.value.code == "illegal_move"
    assert kept(world, ProvincePrice) == before
    assert kept(world, Declaration)[0].version == 2


def test_only_the_operators_confirmer_decides(world, lister, listing):
    declaration = submit(lister, listing)
    for key, role, kind in (
        ("operator", Role.OPERATOR_REVIEWER, Conflict),
        ("maker", Role.SUPPLIER_LISTER, Conflict),
        ("regulator", Role.REGULATOR_OFFICER, Conflict),
        ("other_maker", Role.SUPPLIER_LISTER, NotThere),
        ("distributor", Role.SUPPLIER_LISTER, NotThere),
        ("hospital", Role.HOSPITAL_BUYER, NotThere),
    ):
        actor = world.actor(key, role)
        with pytest.raises(kind):
            confirm(actor, declaration)
    assert kept(world, Declaration)[0].state == "SUBMITTED"
    assert not kept(world, ProvincePrice)


@pytest.mark.parametrize("key", ["other_maker", "distributor", "hospital", "private_hospital"])
def test_a_stranger_sees_nothing_of_a_declaration(world, lister, listing, key):
    declaration = submit(lister, listing)
    role = Role.HOSPITAL_BUYER if "hospital" in key else Role.SUPPLIER_LISTER
    stranger = world.actor(key, role)
    with scope.opened(stranger):
        assert not declarations_visible_to(stranger).exists()
        with pytest.raises(NotThere):
            access_declaration(stranger, declaration.id)
        # The wall holds with the filters off.
        assert not Declaration.objects.exists()
        assert not DeclaredPrice.objects.exists()
        assert not Event.objects.filter(subject_type="declaration").exists()


@pytest.mark.parametrize(
    ("key", "role"),
    [
        ("maker", Role.SUPPLIER_LISTER),
        ("operator", Role.OPERATOR_CONFIRMER),
        ("regulator", Role.REGULATOR_OFFICER),
    ],
)
def test_the_maker_the_operator_and_the_regulator_see_a_declaration(world, lister, listing, key, role):
    declaration = submit(lister, listing, ROW, ROW | {"province": "110000"})
    actor = world.actor(key, role)
    with scope.opened(actor):
        (seen,) = declarations_visible_to(actor)
        assert (seen.id, seen.provinces) == (declaration.id, 2)
        assert [p.province for p in declared_rows([seen.id])[seen.id]] == ["110000", "320000"]


def test_an_alert_line_rests_on_city_deals_where_they_are_lower(world, lister, confirmer, listing):
    deal(world, listing, price="80", on=date(2026, 3, 1))
    confirm(confirmer, submit(lister, listing))
    (information,) = kept(world, PriceInformation)
    assert (information.alert_line, information.alert_source) == (Decimal("80.0000"), "city")
    assert (information.provinces_lowest, information.city_highest) == (Decimal("100.0000"), Decimal("80.0000"))


def test_the_factory_prices_a_listing(world, listing):
    information = priced(world, listing, {"320000": "100", "310000": "99.5"}, at=AT)
    assert information.alert_line == Decimal("99.5000")
    with scope.opened(world.system):
        found = listed_price(region="CN-GD-SZ", price_group_id=listing.price_group_id, on=date(2026, 3, 2))
    assert found.price == listing.declared_price
