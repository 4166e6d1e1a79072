"""Answering offers: each legal move, every other refused, foreigners find nothing, parties that may not trade."""

from datetime import date
from decimal import Decimal

import pytest

from procurement.bargaining.services import offers as services
from procurement.bargaining.workflows import OFFER, OfferState
from procurement.contracts.models import PriceAgreement
from sunlight import scope
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere, Refused
from sunlight.scope import Role
from sunlight.scope.roles import OrganisationKind
from sunlight.tenancy.standing import TradeAct
from tests.factories.catalog import listed
from tests.factories.pricing import priced
from tests.factories.procurement import agreed, offer
from tests.factories.standing import barred
from tests.procurement.bargaining import accept, act, counts, events, make, now_of, refusals, shanghai

CALLS = {
    "accept": lambda actor, at, row: act(actor, services.offer_accept, at, offer_id=row.id),
    "decline": lambda actor, at, row: act(actor, services.offer_decline, at, offer_id=row.id, reason="成本上涨"),
    "withdraw": lambda actor, at, row: act(actor, services.offer_withdraw, at, offer_id=row.id),
}
HOME = {
    OrganisationKind.HOSPITAL: "hospital",
    OrganisationKind.SUPPLIER: "maker",
    OrganisationKind.OPERATOR: "operator",
    OrganisationKind.REGULATOR: "regulator",
}
PEOPLE = [role for role in Role if role.kind in HOME]
LEGAL = [(s, m, r) for s in OfferState for m in CALLS for r in PEOPLE if OFFER.may(s, m, r)]
ILLEGAL = [(s, m, r) for s in OfferState for m in CALLS for r in PEOPLE if not OFFER.may(s, m, r)]


def _in_state(world, product, state, at):
    return offer(world, product, at=at, state=state, answered_at=None if state == OfferState.OPEN else at)


@pytest.mark.parametrize(("state", "move", "role"), LEGAL)
def test_a_legal_move_moves(world, product, at, state, move, role):
    row = _in_state(world, product, state, at)
    CALLS[move](world.actor(HOME[role.kind], role), at, row)
    after = now_of(world, row)
    assert (after.state, after.answered_at, after.version) == (OFFER.move(move).to_state, at, 2)


@pytest.mark.parametrize("move", CALLS)
def test_every_other_move_is_refused_and_changes_nothing(world, product, at, move):
    """Every state and role the table does not hold, in one test to spare the setting-up."""
    actors = {role: world.actor(HOME[role.kind], role) for role in PEOPLE}
    for state in OfferState:
        row = _in_state(world, product, state, at)
        before = counts(world)
        for role, actor in actors.items():
            if not OFFER.may(state, move, role):
                with pytest.raises(Refused) as caught:
                    CALLS[move](actor, at, row)
                assert caught.value.code == "illegal_move", (state, role)
        assert counts(world) == before
        assert now_of(world, row).state == state
        with scope.opened(world.system):
            type(row).objects.filter(id=row.id).update(state=OfferState.LAPSED, answered_at=at)
    refused = sum((s, m, r) in ILLEGAL for s in OfferState for m in [move] for r in PEOPLE if r not in OFFER.move(m).by)
    assert len(refusals(world)) == refused


def test_only_a_buyer_makes_offers(world, product, at):
    for role in PEOPLE:
        if role != Role.HOSPITAL_BUYER:
            actor = world.actor(HOME[role.kind], role)
            before = counts(world)
            with pytest.raises(Forbidden):
                make(world, product, "99", at, actor=actor)
            assert counts(world) == before


@pytest.mark.parametrize(
    ("key", "role"),
    [
        ("other_hospital", Role.HOSPITAL_BUYER),
        ("other_maker", Role.SUPPLIER_SELLER),
        ("distributor", Role.SUPPLIER_SELLER),
    ],
)
def test_a_stranger_finds_no_offer(world, product, at, key, role):
    row = _in_state(world, product, OfferState.OPEN, at)
    for call in CALLS.values():
        with pytest.raises(NotThere):
            call(world.actor(key, role), at, row)
    assert now_of(world, row).state == OfferState.OPEN


def test_one_open_offer_for_each_product(world, product, at):
    first = make(world, product, "99", at)
    with pytest.raises(Conflict) as caught:
        make(world, product, "98", at)
    assert caught.value.code == "offer_already_open"
    act(world.actor("hospital", Role.HOSPITAL_BUYER), services.offer_withdraw, at, offer_id=first.id)
    assert make(world, product, "98", at).price == Decimal("98")


@pytest.mark.parametrize(("key", "code"), [("maker", "seller_barred"), ("hospital", "buyer_barred")])
def test_a_party_that_may_not_trade(world, product, at, key, code):
    made = make(world, product, "99", at, key="other_hospital")
    barred(world, key, *([TradeAct.SELL] if key == "maker" else []), at=at, from_date=date(2026, 3, 1))
    with pytest.raises(Refused) as caught:
        make(world, product, "99", at)
    assert caught.value.code == code
    if key == "maker":
        with pytest.raises(Refused, match="自 2026-03-01 起不得销售"):
            accept(world, [made], at)
        assert now_of(world, made).state == OfferState.OPEN


def test_what_is_no_longer_listed_is_neither_offered_nor_accepted(world, product, at):
    made = make(world, product, "99", at)
    with scope.opened(world.system):
        product.state = "SUSPENDED"
        product.save(update_fields=["state"])
    for attempt in (
        lambda: make(world, product, "99", at, key="other_hospital"),
        lambda: accept(world, [made], at),
    ):
        with pytest.raises(Refused) as caught:
            attempt()
        assert caught.value.code == "not_tradable"
    assert now_of(world, made).state == OfferState.OPEN


def test_an_unknown_product_and_one_of_another_platform_are_not_there(world, product, at):
    elsewhere = listed(world, "10", listed_on=date(2019, 1, 1), open_on_platform=False)
    buyer = world.actor("hospital", Role.HOSPITAL_BUYER)
    with pytest.raises(NotThere):
        act(buyer, services.offer_make, at, price_group_id=10**9, price="1", quantity="1")
    with pytest.raises(Invalid):
        act(buyer, services.offer_make, at, price="1", quantity="1")
    with pytest.raises(Refused, match="未在本平台开通"):
        make(world, elsewhere, "1", at)
    assert act(buyer, services.offer_make, at, listing_id=product.id, price="99", quantity="1").state == "OPEN"


def test_offers_of_two_hospitals_make_no_common_contract(world, product, at):
    rows = [offer(world, product, buyer=key, at=at) for key in ("hospital", "other_hospital")]
    before = counts(world)
    seller = world.actor("maker", Role.SUPPLIER_SELLER)
    before = counts(world)
    with pytest.raises(Invalid) as caught:
        act(seller, services.offers_accept, at, offer_ids=[row.id for row in rows])
    assert caught.value.code == "several_hospitals"
    assert counts(world) == before


def test_an_offer_beside_one_already_answered_is_not_accepted_alone(world, product, at):
    other = listed(world, "60", listed_on=date(2019, 1, 1))
    priced(world, other, {"320000": "50"}, at=at)
    gone, waiting = _in_state(world, product, OfferState.DECLINED, at), offer(world, other, at=at)
    with pytest.raises(Conflict):
        accept(world, [gone, waiting], at)
    assert now_of(world, waiting).state == OfferState.OPEN


def test_acceptance_makes_the_agreed_prices(world, product, at):
    made = make(world, product, "99.5", at, quantity="40 盒", months=6)
    contract = accept(world, [made], at)
    with scope.opened(world.system):
        agreement = PriceAgreement.objects.get()
    assert (agreement.contract_id, agreement.source_id, agreement.price, agreement.quantity) == (
        contract.id,
        made.id,
        Decimal("99.5"),
        Decimal("2000"),
    )
    assert (agreement.valid_from, agreement.valid_to) == (date(2026, 3, 2), date(2026, 9, 1))
    assert [e.name for e in events(world, "offer_accepted")] == ["offer_accepted"]


def test_where_the_offer_came_from_is_kept(world, product, at):
    made = make(world, product, "99", at)
    assert (made.client_address, made.client_agent) == ("127.0.0.1", "pytest")
    assert made.made_by == world.actor("hospital", Role.HOSPITAL_BUYER).acting


def test_a_declined_offer_says_why(world, product, at):
    made = make(world, product, "99", at)
    seller = world.actor("maker", Role.SUPPLIER_SELLER)
    for reason in ("", "   ", None, "长" * 501):
        with pytest.raises(Invalid) as caught:
            act(seller, services.offer_decline, at, offer_id=made.id, reason=reason)
        assert caught.value.field == "reason"
    declined = act(seller, services.offer_decline, at, offer_id=made.id, reason=" 成本上涨 ")
    assert (declined.state, declined.answer_note) == ("DECLINED", "成本上涨")


def test_another_offer_of_the_same_day_sees_the_agreement_once_signed(world, product, at):
    agreed(world, product, price="90", at=shanghai("2026-03-02 09:00"))
    with pytest.raises(Refused) as caught:
        make(world, product, "90.0001", at)
    assert caught.value.clauses == ["SZ24-3.4c"]
