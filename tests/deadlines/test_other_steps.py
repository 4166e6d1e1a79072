"""The clock on signatures and on invoices (GD25-5.10a): who owes the next step, until when, and what ends it."""

from datetime import date

import pytest

from procurement.contracts.services import contracts
from procurement.receiving.models import AcceptanceLine
from procurement.receiving.services.acceptances import acceptance_reverse
from settlement.services.invoices import invoice_submit, invoice_void
from sunlight import scope
from sunlight.scope import Role
from tests.deadlines.limits import events, limits, messages, swept, told
from tests.factories import catalog, orders
from tests.factories.pricing import priced
from tests.factories.settlement import paper, stated
from tests.procurement.bargaining import accept, act, make
from tests.regional import at

MADE = at("2026-03-02")  # a Monday


def offered(world):
    listing = catalog.listed(world, "120", listed_on=date(2019, 1, 1))
    priced(world, listing, {"320000": "100"}, at=MADE)
    return accept(world, [make(world, listing, "99.5", MADE)], MADE)


def sign(world, contract, on, key, role):
    actor = world.actor(key, role)
    return act(actor, contracts.contract_sign, on, contract_id=contract.id, text_sha256=contract.text_sha256)


@pytest.mark.clause("GD25-5.10a", on="trade")
def test_the_firm_then_the_hospital_owe_their_signature(world):
    contract = offered(world)
    (firms,) = limits(world, kind="contract_sign")
    assert (firms.owes_id, firms.awaits_id, firms.due_on) == (world.maker.id, world.hospital.id, date(2026, 3, 9))
    assert (firms.clause, firms.demanded_by, firms.number) == ("ASSUMPTION-A90", "GD25-5.10a", contract.number)
    sign(world, contract, at("2026-03-05"), "maker", Role.SUPPLIER_SELLER)
    firms, hospitals = limits(world, kind="contract_sign")
    assert (firms.state, firms.done_on) == ("DONE", date(2026, 3, 5))
    assert (hospitals.owes_id, hospitals.awaits_id) == (world.hospital.id, world.maker.id)
    assert (hospitals.started_on, hospitals.due_on) == (date(2026, 3, 5), date(2026, 3, 12))
    sign(world, contract, at("2026-03-12"), "hospital", Role.HOSPITAL_APPROVER)
    assert [each.state for each in limits(world, kind="contract_sign")] == ["DONE", "DONE"]
    assert swept(world, at("2026-03-20")) == 0


@pytest.mark.clause("GD25-5.10a", on="trade")
def test_an_unsigned_contract_is_late_by_number_and_both_sides_know(world):
    contract = offered(world)
    assert swept(world, at("2026-03-09", 23)) == 0
    assert swept(world, at("2026-03-10", 0)) == 1
    (event,) = events(world)
    told(world, event)
    firm, hospital = messages(world)
    assert (firm.organisation_id, hospital.organisation_id) == (world.maker.id, world.hospital.id)
    assert firm.title == f"合同 {contract.number} 已超过时限：签署合同"
    assert limits(world)[0].about in firm.body and world.hospital.name in firm.body


def test_a_contract_that_ended_is_signed_by_nobody(world):
    contract = offered(world)
    seller = world.actor("maker", Role.SUPPLIER_SELLER)
    act(seller, contracts.contract_end, at("2026-03-04"), contract_id=contract.id, reason="停产")
    assert [each.state for each in limits(world, kind="contract_sign")] == ["CANCELLED"]


def lines_of(world, acceptance) -> list[AcceptanceLine]:
    with scope.opened(world.system):
        rows = AcceptanceLine.objects.filter(acceptance=acceptance).select_related("delivery_line__order_line")
        return list(rows.order_by("id"))


def invoice(world, acceptance, on, **part):
    issuer = world.actor("distributor", Role.SUPPLIER_FINANCE)
    with scope.opened(issuer):
        lines = [stated(line, **part) for line in lines_of(world, acceptance)]
        return invoice_submit(actor=issuer, at=on, **paper(lines, issued_on=on.date()))


@pytest.mark.clause("GD25-5.10a", on="trade")
def test_whoever_delivered_owes_an_invoice_in_ten_working_days(world):
    acceptance = orders.acceptance(world, at=MADE)
    (limit,) = limits(world, kind="invoice")
    assert (limit.owes_id, limit.awaits_id) == (world.distributor.id, world.hospital.id)
    assert (limit.started_on, limit.due_on) == (date(2026, 3, 2), date(2026, 3, 16))
    assert (limit.clause, limit.demanded_by) == ("ASSUMPTION-A91", "GD25-5.10a")
    invoice(world, acceptance, at("2026-03-16"))
    assert [each.state for each in limits(world, kind="invoice")] == ["DONE"]


def test_part_of_an_acceptance_invoiced_leaves_the_limit(world):
    acceptance = orders.acceptance(world, at=MADE)
    invoice(world, acceptance, at("2026-03-03"), quantity="40")
    assert [each.state for each in limits(world, kind="invoice")] == ["OPEN"]
    invoice(world, acceptance, at("2026-03-04"), quantity="60")
    assert [each.state for each in limits(world, kind="invoice")] == ["DONE"]


def test_an_invoice_taken_back_is_owed_again_until_the_same_day(world):
    acceptance = orders.acceptance(world, at=MADE)
    made = invoice(world, acceptance, at("2026-03-03"))
    issuer = world.actor("distributor", Role.SUPPLIER_FINANCE)
    act(issuer, invoice_void, at("2026-03-20"), invoice_id=made.id, reason="开错")
    (limit,) = limits(world, kind="invoice")
    assert (limit.state, limit.due_on, limit.done_on) == ("OPEN", date(2026, 3, 16), None)
    assert swept(world, at("2026-03-20")) == 1
    invoice(world, acceptance, at("2026-03-21"))
    (limit,) = limits(world, kind="invoice")
    assert (limit.state, limit.passed_on) == ("DONE", date(2026, 3, 20))
    assert len(events(world)) == 1


def test_a_late_invoice_taken_back_is_late_still_and_told_once(world):
    acceptance = orders.acceptance(world, at=MADE)
    assert swept(world, at("2026-03-17")) == 1
    made = invoice(world, acceptance, at("2026-03-18"))
    issuer = world.actor("distributor", Role.SUPPLIER_FINANCE)
    act(issuer, invoice_void, at("2026-03-20"), invoice_id=made.id, reason="开错")
    assert [each.state for each in limits(world, kind="invoice")] == ["PASSED"]
    assert swept(world, at("2026-03-21")) == 0 and len(events(world)) == 1


def test_what_is_accepted_no_more_is_not_invoiced(world):
    acceptance = orders.acceptance(world, at=MADE)
    other = world.actor("hospital", Role.HOSPITAL_RECEIVER, person="other")
    act(other, acceptance_reverse, at("2026-03-03"), acceptance_id=acceptance.id, reason="数量有误")
    assert [each.state for each in limits(world, kind="invoice")] == ["CANCELLED"]


def test_what_was_wholly_refused_is_not_invoiced(world):
    orders.acceptance(world, at=MADE, rejected=["100"])
    assert limits(world, kind="invoice") == []
