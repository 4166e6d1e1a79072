"""The payment day (JS20-32, GD25-4.8a): a contract states its term before anybody signs, the order carries it, and what is
owed has its last day everywhere."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from procurement.contracts.models import SupplyContract
from procurement.contracts.services import contracts, terms
from procurement.contracts.services.contracts import Agreed, Parties
from procurement.contracts.workflows import AgreementSource
from procurement.ordering.models import OrderLine
from settlement.models.payment import Payable
from settlement.services.invoices import invoice_submit
from sunlight import scope
from sunlight.journal.refusals import Conflict, Invalid, NotThere, Refused
from sunlight.scope import Role
from tests.factories import catalog, orders
from tests.factories.pricing import priced
from tests.factories.settlement import paper, stated
from tests.procurement import kept
from tests.procurement.bargaining import act, make, now_of
from tests.regional import at, elsewhere

SELLER, BUYER, APPROVER = Role.SUPPLIER_SELLER, Role.HOSPITAL_BUYER, Role.HOSPITAL_APPROVER


def made(world, region: str, on, **term) -> SupplyContract:
    """A contract for a product of `region` that both agreed on at 90."""
    listing = catalog.listed(world, "120", region=region, listed_on=date(2019, 1, 1))
    if world.platform.code == "gd-sz":
        priced(world, listing, {"320000": "100"}, at=on)
    hospital, maker = world.organisations["hospital"], world.organisations["maker"]
    with scope.opened(world.system):
        agreed = Agreed(
            source_kind=AgreementSource.AWARD,
            source_id=listing.id,
            source_number="20260101000000000001",
            bargained_by=None,
            listing_id=listing.id,
            price_group=listing.price_group,
            price=Decimal("90.0000"),
            quantity=Decimal("100.000"),
            valid_to=on.date() + timedelta(days=364),
        )
        parties = Parties(world.platform.id, hospital.region, hospital, maker)
        return contracts.contract_make(actor=world.system, at=on, parties=parties, agreed=[agreed], **term)


def sign(world, contract, on, key="maker", role=SELLER):
    row = now_of(world, contract)
    return act(world.actor(key, role), contracts.contract_sign, on, contract_id=row.id, text_sha256=row.text_sha256)


def state(world, contract, on, days, key="maker", role=SELLER):
    return act(world.actor(key, role), terms.contract_term_state, on, contract_id=contract.id, payment_days=days)


@pytest.mark.clause("JS20-32", on="trade")
def test_in_jiangsu_nobody_signs_a_contract_without_a_payment_term(db):
    nanjing = elsewhere("js", "CN-JS-NJ")
    on = at("2022-03-01")
    contract = made(nanjing, "CN-JS", on)
    assert contract.payment_days is None
    assert "付款期限（自验收合格之日起的天数）由双方在签署本合同前约定（依据 JS20-32）" in contract.text
    with pytest.raises(Refused) as caught:
        sign(nanjing, contract, on)
    assert (caught.value.code, caught.value.field, caught.value.clauses) == (
        "payment_term_missing",
        "payment_days",
        ["JS20-32"],
    )
    assert caught.value.message == (
        f"合同 {contract.number} 没有约定付款期限，不能签署（依据 JS20-32：按合同约定付款）。请先在合同页面“付款期限”"
        "填写自验收合格起的天数（1 至 365 日），双方再按新文本签署。"
    )
    row = now_of(nanjing, contract)
    assert (row.seller_signed_at, row.version, row.text_sha256) == (None, 1, contract.text_sha256)
    assert kept.refusal(nanjing).reasons[0]["clause"] == "JS20-32"
    state(nanjing, contract, on, "60")
    row = now_of(nanjing, contract)
    assert (row.payment_days, row.version) == (60, 2) and row.text_sha256 != contract.text_sha256
    assert "自验收合格之日起 60 日内付清货款（依据 JS20-32，按合同约定付款）" in row.text
    assert "由双方在签署本合同前约定" not in row.text and row.text.endswith(contract.text.partition("六、其他")[2])
    with pytest.raises(Invalid) as caught:  # what was read before is signed no more
        act(
            nanjing.actor("maker", SELLER),
            contracts.contract_sign,
            on,
            contract_id=contract.id,
            text_sha256=contract.text_sha256,
        )
    assert caught.value.code == "hash_differs"
    sign(nanjing, contract, on)
    assert sign(nanjing, contract, on, "hospital", APPROVER).state == "IN_FORCE"


@pytest.mark.clause("GD25-4.8a", on="trade")
def test_in_guangdong_from_the_acts_first_day_to_its_last(db):
    gd = elsewhere("gd", "CN-GD")
    contract = made(gd, "CN-GD", at("2025-11-28"))
    before = made(gd, "CN-GD", at("2025-11-28"))
    sign(gd, before, at("2025-11-30"))  # the day before nobody asks
    with pytest.raises(Refused) as caught:
        sign(gd, contract, at("2025-12-01"))
    assert caught.value.clauses == ["GD25-4.8a"]
    with pytest.raises(Refused):
        sign(gd, contract, at("2026-11-01"))
    # The hospital signs what the firm signed before that day, and not without a term.
    with pytest.raises(Refused):
        sign(gd, before, at("2025-12-01"), "hospital", APPROVER)
    last = made(gd, "CN-GD", at("2030-11-29"))
    with pytest.raises(Refused):
        sign(gd, last, at("2030-11-30"))
    sign(gd, last, at("2030-12-02"))
    assert now_of(gd, last).seller_signed_at is not None


@pytest.mark.parametrize(
    ("platform", "region", "listed_in", "clause"),
    [("hb", "CN-HB-XN", "CN-HB", "HB20-5.4a"), ("sz", "CN-GD-SZ", "CN-GD", "SZ20-6.2b")],
)
def test_where_the_law_gives_the_days_a_contract_need_not(world, platform, region, listed_in, clause):
    there = world if platform == "sz" else elsewhere(platform, region)
    contract = made(there, listed_in, at("2026-03-02"))
    assert contract.payment_days == 30 and f"（依据 {clause}，期限不得长于 30 日）" in contract.text
    assert sign(there, contract, at("2026-03-02")).seller_signed_at is not None
    other = made(there, listed_in, at("2026-03-02"))
    with pytest.raises(Invalid) as caught:
        state(there, other, at("2026-03-02"), "31")
    assert (caught.value.code, caught.value.clauses) == ("bad_payment_days", [clause])
    assert now_of(there, other).payment_days == 30
    assert state(there, other, at("2026-03-02"), "15").payment_days == 15


def owed(world, contract, on) -> Payable:
    """Ordered, delivered, accepted and invoiced under a contract that both signed."""
    sign(world, contract, on)
    sign(world, contract, on, "hospital", APPROVER)
    with scope.opened(world.system):
        agreed = contract.agreements.get()
        line = orders.line(agreed, "100")
    order = orders.placed(world, agreed, at=on, lines=[line])
    with scope.opened(world.system):
        assert OrderLine.objects.get(order=order).payment_days == contract.payment_days
    order = orders.accepted_order(world, order, at=on)
    taken = orders.acceptance(world, orders.delivered(world, order, at=on), at=on)
    issuer = world.actor("distributor", Role.SUPPLIER_FINANCE)
    with scope.opened(issuer):
        lines = [stated(line) for line in taken.lines.select_related("delivery_line__order_line")]
        invoice = invoice_submit(actor=issuer, at=on, **paper(lines, issued_on=on.date()))
        return Payable.objects.get(invoice=invoice)


@pytest.mark.clause("JS20-32", on="trade")
def test_what_is_owed_in_jiangsu_is_due_by_the_contracts_term(db):
    nanjing = elsewhere("js", "CN-JS-NJ")
    payable = owed(nanjing, made(nanjing, "CN-JS", at("2022-03-01"), payment_days=60), at("2022-03-01"))
    assert (payable.due_on, payable.due_clause) == (date(2022, 4, 30), "JS20-32")


@pytest.mark.clause("GD25-4.8a", on="trade")
def test_what_is_owed_in_guangdong_is_due_by_the_contracts_term(db):
    gd = elsewhere("gd", "CN-GD")
    payable = owed(gd, made(gd, "CN-GD", at("2026-03-02"), payment_days=45), at("2026-03-02"))
    assert (payable.due_on, payable.due_clause) == (date(2026, 4, 16), "GD25-4.8a")


@pytest.mark.clause("SZ20-6.2b", on="trade")
@pytest.mark.parametrize(
    "days, due_on, clause", [(None, date(2026, 4, 1), "SZ20-6.2b"), (10, date(2026, 3, 12), "GD25-4.8a")]
)
def test_what_is_owed_in_shenzhen_is_due_in_thirty_days_or_earlier_by_contract(world, days, due_on, clause):
    payable = owed(world, made(world, "CN-GD", at("2026-03-02"), payment_days=days), at("2026-03-02"))
    assert (payable.due_on, payable.due_clause) == (due_on, clause)


def test_the_term_is_stated_by_the_two_sides_who_trade_and_before_anybody_signs(db):
    nanjing = elsewhere("js", "CN-JS-NJ")
    on = at("2022-03-01")
    contract = made(nanjing, "CN-JS", on)
    for key, role in (
        ("hospital", APPROVER),
        ("hospital", Role.HOSPITAL_FINANCE),
        ("maker", Role.SUPPLIER_FINANCE),
        ("operator", Role.OPERATOR_SUPPORT),
        ("regulator", Role.REGULATOR_OFFICER),
    ):
        with pytest.raises(Refused):
            state(nanjing, contract, on, "60", key, role)
    for key, role in (("other_maker", SELLER), ("other_hospital", BUYER)):
        with pytest.raises(NotThere):
            state(nanjing, contract, on, "60", key, role)
    for wrong in ("0", "366", "六十", "-1", "1.5", ""):
        with pytest.raises(Invalid) as caught:
            state(nanjing, contract, on, wrong)
        assert caught.value.field == "payment_days"
    assert (now_of(nanjing, contract).payment_days, now_of(nanjing, contract).version) == (None, 1)
    state(nanjing, contract, on, "60", "hospital", BUYER)
    state(nanjing, contract, on, "45")
    assert now_of(nanjing, contract).payment_days == 45
    sign(nanjing, contract, on)
    for key, role in (("maker", SELLER), ("hospital", BUYER)):
        with pytest.raises(Conflict) as caught:
            state(nanjing, contract, on, "30", key, role)
        assert caught.value.code == "already_signed"
    sign(nanjing, contract, on, "hospital", APPROVER)
    with pytest.raises(Conflict):
        state(nanjing, contract, on, "30")
    assert now_of(nanjing, contract).payment_days == 45


@pytest.mark.duty("contract", "sign_buyer", "bargain")
def test_who_stated_the_term_for_the_hospital_does_not_sign(db):
    nanjing = elsewhere("js", "CN-JS-NJ")
    on = at("2022-03-01")
    contract = made(nanjing, "CN-JS", on)
    buyer = nanjing.actor("hospital", BUYER)
    act(buyer, terms.contract_term_state, on, contract_id=contract.id, payment_days="60")
    sign(nanjing, contract, on)
    row = now_of(nanjing, contract)
    with pytest.raises(Refused) as caught:
        # The same person, an approver by now.
        moved_on = replace(buyer, roles=frozenset({APPROVER}))
        act(moved_on, contracts.contract_sign, on, contract_id=row.id, text_sha256=row.text_sha256)
    assert caught.value.code == "bargainer_may_not_sign"
    assert now_of(nanjing, contract).state == "SIGNING"


def test_an_offer_may_state_the_term_and_the_contract_carries_it(db):
    nanjing = elsewhere("js", "CN-JS-NJ")
    on = at("2022-03-01")
    listing = catalog.listed(nanjing, "120", region="CN-JS", listed_on=date(2019, 1, 1))
    priced(nanjing, listing, {}, at=on, publish=False)
    with pytest.raises(Invalid) as caught:
        make(nanjing, listing, "120", on, payment_days="400")
    assert (caught.value.code, caught.value.field) == ("bad_payment_days", "payment_days")
    offer = make(nanjing, listing, "120", on, payment_days="60")
    assert (offer.state, offer.payment_days) == ("ACCEPTED", 60)
    with scope.opened(nanjing.system):
        assert SupplyContract.objects.get().payment_days == 60


@pytest.mark.clause("HB20-5.4a", on="trade")
@pytest.mark.parametrize("days, due_on", [(None, date(2026, 4, 1)), (10, date(2026, 3, 12))])
def test_what_is_owed_in_hubei_is_due_by_contract_and_in_thirty_days_at_the_latest(db, days, due_on):
    there = elsewhere("hb", "CN-HB-XN")
    on = at("2026-03-02")
    payable = owed(there, made(there, "CN-HB", on, payment_days=days), on)
    assert (payable.due_on, payable.due_clause) == (due_on, "HB20-5.4a")
