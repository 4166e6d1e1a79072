"""Invoices that nobody could have: number, day, rate, kind, and a fen too much."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from procurement.ordering.models import OrderLine
from settlement.models.payment import Invoice, Payable
from sunlight import scope
from sunlight.journal.models import Decision
from sunlight.journal.refusals import Conflict, Invalid
from sunlight.scope import Role
from sunlight.tenancy.models import Platform
from tests.factories.settlement import accepted, stated
from tests.settlement.test_services_invoices import fresh, submit, void


@pytest.fixture
def issuer(world):
    return world.actor("distributor", Role.SUPPLIER_FINANCE)


def test_a_number_is_handed_in_once_by_whoever_it_is(world, issuer):
    line = accepted(world)
    first = submit(issuer, [stated(line, quantity="1")])
    with pytest.raises(Conflict) as refused:
        submit(issuer, [stated(line, quantity="2")], number=first.number)
    assert refused.value.code == "invoice_submitted_already"
    # The tax office gives each number once: another issuer's is somebody's mistake, and nothing says whose the first is.
    other = accepted(world, distributor="other_distributor")
    actor = world.actor("other_distributor", Role.SUPPLIER_FINANCE)
    with pytest.raises(Conflict) as refused:
        submit(actor, [stated(other)], number=first.number)
    assert (refused.value.code, refused.value.field) == ("invoice_number_taken", "number")
    assert refused.value.subject is None and "配送" not in refused.value.message
    assert fresh(world, other).invoiced_quantity == 0
    void(issuer, first)
    assert submit(actor, [stated(other)], number=first.number).state == "MATCHED"


def test_a_number_is_handed_in_once_over_all_platforms(world, issuer):
    first = submit(issuer, [stated(accepted(world))])
    with scope.opened(world.system):
        other = Platform.objects.create(code="other", name="另一平台", region=world.platform.region, is_open=True)
    there = replace(world.system, platform_id=other.id, platform_code=other.code, platform_ids=(other.id,))
    with scope.opened(there):
        assert not Invoice.objects.filter(number=first.number).exists()
        copied = {
            f.attname: getattr(first, f.attname) for f in Invoice._meta.concrete_fields if f.attname not in ("id",)
        }
        with pytest.raises(IntegrityError, match="an_invoice_number_once"), transaction.atomic():
            Invoice.objects.create(**copied | {"platform_id": other.id})


@pytest.mark.clause("ASSUMPTION-A85", on="rule")
def test_an_invoice_is_not_older_than_its_goods(world, issuer):
    line = accepted(world)
    today = scope.today()
    for day in (date(1990, 1, 1), today - timedelta(days=1)):
        with pytest.raises(Invalid) as refused:
            submit(issuer, [stated(line)], issued_on=day)
        assert (refused.value.code, refused.value.field) == ("invoice_before_the_goods", "issued_on")
        assert f"开票日期 {day} 早于货物发出之日 {today}" in refused.value.message
    assert refused.value.clauses == ["ASSUMPTION-A85"]
    assert fresh(world, line).invoiced_quantity == 0
    invoice = submit(issuer, [stated(line)])
    with scope.opened(world.system):
        kept = Decision.objects.get(rule="invoice.admit", subject_type="invoice", subject_id=invoice.id)
        assert (kept.rule, kept.allowed) == ("invoice.admit", True)


@pytest.mark.clause("VAT26-10", "VAT26-11", "VAT26-24", "VAT23-2", on="rule")
@pytest.mark.parametrize("rate", ["0.9999", "0.16", "0.17", "0.1301", "0.02"])
def test_a_rate_that_no_law_knows_is_refused(world, issuer, rate):
    line = accepted(world)
    with pytest.raises(Invalid) as refused:
        submit(issuer, [stated(line)], tax_rate=rate)
    assert (refused.value.code, refused.value.field) == ("tax_rate_not_in_force", "tax_rate")
    assert "可用：13%、9%、6%、3%、1%、0%" in refused.value.message


def test_day_and_rate_are_refused_at_once(world, issuer):
    with pytest.raises(Invalid) as refused:
        submit(issuer, [stated(accepted(world))], tax_rate="0.9999", issued_on=scope.today() + timedelta(days=1))
    assert [(i["field"], i["code"]) for i in refused.value.items] == [
        ("issued_on", "invoice_from_the_future"),
        ("tax_rate", "tax_rate_not_in_force"),
    ]


def test_a_red_invoice_is_handed_in_elsewhere(world, issuer):
    for kind, code in (("RED", "red_invoice_elsewhere"), ("PINK", "invoice_kind_unknown")):
        with pytest.raises(Invalid) as refused:
            submit(issuer, [stated(accepted(world))], kind=kind)
        assert (refused.value.code, refused.value.field) == (code, "kind")


def test_two_invoices_of_an_order_line_never_exceed_it_by_a_fen(world, issuer):
    """0.005 × 51.04 is 0.26 twice; the order line of 0.01 is 0.51."""
    line = accepted(world, price="51.04", quantity="0.01")
    first = submit(issuer, [stated(line, quantity="0.005")])
    over = submit(issuer, [stated(line, quantity="0.005")])
    assert (first.state, first.amount_fen, over.state) == ("MATCHED", 26, "MISMATCHED")
    assert over.differences[0]["message"] == (
        "第 1 行金额与订单行尚未开票的余额不符（分次开票合计不超过订单行金额）：应为 0.25，发票为 0.26"
    )
    assert submit(issuer, [stated(line, quantity="0.005", amount="0.25")]).state == "MATCHED"
    with scope.opened(world.system):
        owed_fen = sum(Payable.objects.values_list("amount_fen", flat=True))
        assert owed_fen == OrderLine.objects.get().amount_fen == 51
