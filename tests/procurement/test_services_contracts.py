"""Contracts: canonical text, two signatures on its hash, in force by the second, ended."""

import hashlib
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError

from procurement.bargaining.models.offers import Offer
from procurement.contracts import queries
from procurement.contracts.models import SupplyContract
from procurement.contracts.services import contracts as services
from procurement.contracts.workflows import CONTRACT, AgreementSource, ContractState
from sunlight import scope
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere, Refused
from sunlight.scope import Role
from tests.factories.procurement import agreed, offer
from tests.procurement.bargaining import accept, act, counts, events, make, now_of, shanghai, signed
from tests.procurement.test_services_offers_moves import HOME, PEOPLE

SIGN = services.contract_sign


class _Unknown(str):
    label = "抽签"


CALLS = {
    "sign_seller": lambda actor, at, row: act(actor, SIGN, at, contract_id=row.id, text_sha256=row.text_sha256),
    "end": lambda actor, at, row: act(actor, services.contract_end, at, contract_id=row.id, reason="停产"),
}
CALLS["sign_buyer"] = CALLS["sign_seller"]


@pytest.fixture
def contract(world, product, at):
    return accept(world, [make(world, product, "99.5", at, quantity="40 盒")], at)


def _in_force(world, actor, on):
    with scope.opened(actor):
        return list(queries.agreements_in_force(actor, on).values_list("price", flat=True))


@pytest.mark.clause("SZ20-6.2b", "SZ24-3.4c", on="rule")
def test_the_second_signature_puts_it_in_force(world, contract, at):
    buyer = world.actor("hospital", Role.HOSPITAL_BUYER)
    day = date(2026, 3, 2)
    seller, approver = world.actor("maker", Role.SUPPLIER_SELLER), world.actor("hospital", Role.HOSPITAL_APPROVER)
    after_seller = act(seller, SIGN, at, contract_id=contract.id, text_sha256=contract.text_sha256)
    assert (after_seller.state, after_seller.seller_signed_by) == ("SIGNING", seller.acting)
    assert _in_force(world, buyer, day) == []
    after_both = act(approver, SIGN, at, contract_id=contract.id, text_sha256=contract.text_sha256)
    assert (after_both.state, after_both.buyer_signed_by) == ("IN_FORCE", approver.acting)
    assert [str(price) for price in _in_force(world, buyer, day)] == ["99.5000"]
    made, first, second = events(world, "contract_made") + events(world, "contract_signed")
    assert {e.payload["text_sha256"] for e in (made, first, second)} == {contract.text_sha256}
    assert [e.payload["side"] for e in (first, second)] == ["seller", "buyer"]
    (agreement,) = events(world, "agreement_made")
    assert agreement.payload["price"] == "99.5000"


@pytest.mark.clause("SZ20-6.2b", "SZ24-3.6", on="rule")
def test_the_text_is_canonical_and_says_everything(world, contract, product):
    row = now_of(world, contract)
    assert row.text_sha256 == hashlib.sha256(row.text.encode()).hexdigest()
    for part in (
        "甲方（采购方）：测试市第一人民医院",
        "统一社会信用代码：12440300455755033K",
        "乙方（供应方）：测试医疗器械有限公司",
        "统一社会信用代码：91440300MA5F00026U",
        "单价：99.5000 元/个；约定数量：2000 个；金额：199000.00 元",
        "壹拾玖万玖仟元整",
        "自 2026-03-02 起至 2027-03-01 止",
        "甲方不指定配送企业（依据",
        "SZ24-3.6",
        "GD25-5.10c",
        "30 日内付清货款（依据 SZ20-6.2b",
        product.price_group.generic_code,
        product.price_group.certificate.number,
        row.number,
    ):
        assert part in row.text, part
    assert row.payment_days == 30


def test_the_hash_that_was_read_is_the_one_signed(world, contract, at):
    seller = world.actor("maker", Role.SUPPLIER_SELLER)
    for wrong in ("", "0" * 64, contract.text_sha256.upper()):
        with pytest.raises(Invalid) as caught:
            act(seller, SIGN, at, contract_id=contract.id, text_sha256=wrong)
        assert caught.value.field == "text_sha256"
    assert now_of(world, contract).seller_signed_at is None


def test_an_altered_text_is_never_signed(world, contract, at):
    with scope.opened(world.system):
        SupplyContract.objects.filter(id=contract.id).update(text=contract.text + "附加条款")
    with pytest.raises(Conflict) as caught:
        CALLS["sign_seller"](world.actor("maker", Role.SUPPLIER_SELLER), at, contract)
    assert caught.value.code == "text_altered"


def test_the_hospital_signs_after_the_firm_and_nobody_twice(world, contract, at):
    seller, approver = world.actor("maker", Role.SUPPLIER_SELLER), world.actor("hospital", Role.HOSPITAL_APPROVER)
    with pytest.raises(Conflict) as caught:
        CALLS["sign_buyer"](approver, at, contract)
    assert caught.value.code == "seller_signs_first"
    CALLS["sign_seller"](seller, at, contract)
    with pytest.raises(Conflict) as caught:
        CALLS["sign_seller"](seller, at, contract)
    assert caught.value.code == "already_signed"
    CALLS["sign_buyer"](approver, at, contract)
    with pytest.raises(Conflict):
        CALLS["sign_buyer"](approver, at, contract)
    assert len(events(world, "contract_signed")) == 2


@pytest.mark.duty("contract", "sign_buyer", "bargain")
def test_who_bargained_does_not_sign_for_the_hospital(world, product, at):
    # No membership holds both any more; the duty bars by itself.
    both = world.actor("hospital", Role.HOSPITAL_APPROVER, person="both")
    both = replace(both, roles=both.roles | {Role.HOSPITAL_BUYER})
    contract = accept(world, [make(world, product, "99", at, actor=both)], at)
    CALLS["sign_seller"](world.actor("maker", Role.SUPPLIER_SELLER), at, contract)
    before = counts(world)
    with pytest.raises(Forbidden) as caught:
        CALLS["sign_buyer"](both, at, contract)
    assert caught.value.code == "bargainer_may_not_sign"
    assert counts(world) == before
    assert CALLS["sign_buyer"](world.actor("hospital", Role.HOSPITAL_APPROVER), at, contract).state == "IN_FORCE"


def _in_state(world, product, state, at):
    if state == ContractState.SIGNING:
        return agreed(world, product, at=at, state=state, buyer_signed_at=None).contract
    return agreed(world, product, at=at, state=state, ended_at=at if state == ContractState.ENDED else None).contract


@pytest.mark.parametrize(
    ("key", "role"),
    [
        ("other_hospital", Role.HOSPITAL_APPROVER),
        ("other_maker", Role.SUPPLIER_SELLER),
        ("distributor", Role.SUPPLIER_SELLER),
    ],
)
def test_a_stranger_finds_no_contract(world, contract, at, key, role):
    for call in CALLS.values():
        with pytest.raises(NotThere):
            call(world.actor(key, role), at, contract)


def test_every_move_the_table_does_not_hold_is_refused(world, product, at):
    actors = {role: world.actor(HOME[role.kind], role) for role in PEOPLE}
    rows = {state: _in_state(world, product, state, at) for state in ContractState}
    before = counts(world)
    for role, actor in actors.items():
        own = "sign_seller" if HOME[role.kind] == "maker" else "sign_buyer"
        for state, row in rows.items():
            for move in (own, "end"):
                if not CONTRACT.may(state, move, role):
                    with pytest.raises(Refused):
                        CALLS[move](actor, at, row)
                    assert now_of(world, row).state == state, (state, move, role)
    assert counts(world) == before


@pytest.mark.parametrize("state", [ContractState.SIGNING, ContractState.IN_FORCE])
@pytest.mark.parametrize("role", [Role.HOSPITAL_APPROVER, Role.SUPPLIER_SELLER])
def test_either_side_ends_it_with_a_reason(world, product, at, state, role):
    row = _in_state(world, product, state, at)
    actor = world.actor(HOME[role.kind], role)
    with pytest.raises(Invalid):
        act(actor, services.contract_end, at, contract_id=row.id, reason=" ")
    ended = CALLS["end"](actor, at, row)
    assert (ended.state, ended.end_reason, ended.ended_at) == ("ENDED", "停产", at)
    assert _in_force(world, world.actor("hospital", Role.HOSPITAL_BUYER), date(2026, 3, 2)) == []


def test_an_agreement_is_used_within_its_days(world, contract, at):
    signed(world, contract, at)
    buyer = world.actor("hospital", Role.HOSPITAL_BUYER)
    days = [date(2026, 3, 1), date(2026, 3, 2), date(2027, 3, 1), date(2027, 3, 2)]
    assert [len(_in_force(world, buyer, day)) for day in days] == [0, 1, 1, 0]


@pytest.mark.clause("SZ24-3.4c", on="rule")
def test_the_latest_agreement_of_a_product_is_the_one_to_draw_on(world, product, at):
    agreed(world, product, price="95", at=shanghai("2026-01-05 10:00"))
    agreed(world, product, price="90", at=shanghai("2026-02-02 10:00"))
    agreed(world, product, price="70", buyer="other_hospital", at=shanghai("2026-02-02 10:00"))
    buyer = world.actor("hospital", Role.HOSPITAL_BUYER)
    assert [str(price) for price in _in_force(world, buyer, date(2026, 3, 2))] == ["90.0000"]


def test_a_contract_whose_days_are_over_ends_by_itself(world, contract, at):
    signed(world, contract, at)
    assert act(world.system, services.contracts_expire, shanghai("2027-03-01 23:59:59")) == 0
    assert act(world.system, services.contracts_expire, shanghai("2027-03-02 00:00")) == 1
    ended = now_of(world, contract)
    assert (ended.state, ended.end_reason) == ("ENDED", "合同期限至 2027-03-01 届满")
    with pytest.raises(Forbidden):
        act(world.actor("maker", Role.SUPPLIER_SELLER), services.contracts_expire, at)


def test_the_database_holds_a_contract_in_force_to_two_signatures(world, contract):
    from django.db import IntegrityError, transaction

    with scope.opened(world.system), pytest.raises(IntegrityError), transaction.atomic():
        SupplyContract.objects.filter(id=contract.id).update(state="IN_FORCE")


def test_the_wall_hides_offers_and_contracts_without_any_filter(world, product, contract):
    offer(world, product, buyer="other_hospital")
    for key, role, offers, contracts in (
        ("hospital", Role.HOSPITAL_BUYER, 1, 1),
        ("other_hospital", Role.HOSPITAL_BUYER, 1, 0),
        ("private_hospital", Role.HOSPITAL_BUYER, 0, 0),
        ("maker", Role.SUPPLIER_SELLER, 2, 1),
        ("other_maker", Role.SUPPLIER_SELLER, 0, 0),
    ):
        with scope.opened(world.actor(key, role)):
            assert (Offer.objects.count(), SupplyContract.objects.count()) == (offers, contracts)


def _awarded(world, product, at, *, source_id=7, bargained_by=None, kind=AgreementSource.AWARD):
    """A contract made of an award, which bargaining knows nothing of."""
    terms = services.Agreed(
        source_kind=kind,
        source_id=source_id,
        source_number="ZX-2026-0007",
        bargained_by=bargained_by,
        listing_id=product.id,
        price_group=product.price_group,
        price=Decimal("64.2"),
        quantity=Decimal("300"),
        valid_to=date(2028, 3, 1),
    )
    with scope.opened(world.system):
        return services.contract_make(
            actor=world.system,
            at=at,
            parties=services.Parties(world.platform.id, world.hospital.region, world.hospital, product.manufacturer),
            agreed=[terms],
        )


def test_an_award_becomes_a_contract_that_orders_draw_on(world, product, at):
    contract = now_of(world, _awarded(world, product, at))
    assert "单价：64.2000 元/个；约定数量：300 个" in contract.text
    assert "中选编号：ZX-2026-0007" in contract.text
    signed(world, contract, at)
    buyer = world.actor("hospital", Role.HOSPITAL_BUYER)
    with scope.opened(buyer):
        (agreement,) = queries.agreements_in_force(buyer, date(2028, 3, 1))
        assert (agreement.source_kind, agreement.source_id, str(agreement.price)) == ("AWARD", 7, "64.2000")
        assert queries.agreement_from(buyer, AgreementSource.AWARD, 7) == agreement
        assert queries.agreement_from(buyer, AgreementSource.OFFER, 7) is None
    (made,) = events(world, "agreement_made")
    assert (made.payload["source_kind"], made.payload["source"]) == ("AWARD", 7)


def test_who_bargained_an_award_may_not_sign_it(world, product, at):
    both = world.actor("hospital", Role.HOSPITAL_APPROVER)
    contract = _awarded(world, product, at, bargained_by=both.acting)
    act(world.actor("maker", Role.SUPPLIER_SELLER), SIGN, at, contract_id=contract.id, text_sha256=contract.text_sha256)
    with pytest.raises(Forbidden) as caught:
        act(both, SIGN, at, contract_id=contract.id, text_sha256=contract.text_sha256)
    assert caught.value.code == "bargainer_may_not_sign"
    assert now_of(world, contract).state == "SIGNING"


@pytest.mark.parametrize(
    ("kind", "rule"),
    [(AgreementSource.AWARD, "a_source_is_agreed_on_once"), (_Unknown("LOTTERY"), "agreement_source_is_known")],
)
def test_a_source_is_known_and_agreed_on_once(world, product, at, kind, rule):
    _awarded(world, product, at)
    with pytest.raises(IntegrityError, match=rule):
        _awarded(world, product, at, kind=kind)
    assert _awarded(world, product, at, source_id=8).id
