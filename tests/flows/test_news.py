"""What happens in the trade reaches those it concerns, through the journal, once: over the real services of each app."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from catalog.services.listings import listing_suspend
from catalog.services.reminders import certificates_remind
from procurement.ordering.services.orders import order_decline
from procurement.receiving.services.reminders import orders_overdue_record
from settlement.services.reminders import payables_remind
from sunlight import scope
from sunlight.journal import relay
from sunlight.journal.models import Event
from sunlight.kernel.workdays import official
from sunlight.messages import queries
from sunlight.messages.models import Message
from sunlight.scope import Role
from sunlight.scope.clock import SHANGHAI
from tests.factories import catalog, orders, settlement

MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)


def travels(world, at=MORNING) -> None:
    while relay.deliver_pending(actor=world.system, at=at):
        pass


def messages_of(world, key: str, role: Role) -> list[str]:
    """What one role of an organisation was told, the kinds in order of time."""
    actor = world.actor(key, role)
    with scope.opened(actor):
        return [row.kind for row in queries.messages_visible_to(actor).order_by("id")]


@pytest.mark.clause("GD25-5.10b", "SZ20-6.1b", "SZ20-4.1", on="rule")
def test_a_late_order_is_told_once_to_the_parties_and_reported_to_those_whose_part_it_is(world):
    order = orders.accepted_order(world, at=MORNING)
    late = order.delivery_due_at + timedelta(days=1)
    for _ in range(2):
        with scope.opened(world.system):
            assert orders_overdue_record(actor=world.system, at=order.delivery_due_at) == 0
            orders_overdue_record(actor=world.system, at=late)
        travels(world, late)
    assert messages_of(world, "hospital", Role.HOSPITAL_BUYER) == ["order_answered", "order_overdue"]
    for key, role in (("maker", Role.SUPPLIER_SELLER), ("distributor", Role.SUPPLIER_SHIPPER)):
        actor = world.actor(key, role)
        with scope.opened(actor):
            assert [m.title for m in queries.to_acknowledge(actor)] == [f"订单 {order.number} 已逾期，请立即发货"]
    assert messages_of(world, "other_hospital", Role.HOSPITAL_BUYER) == []
    assert messages_of(world, "operator", Role.OPERATOR_SUPPORT) == ["anomaly_reported"]
    assert messages_of(world, "regulator", Role.REGULATOR_OFFICER) == ["anomaly_reported"]


@pytest.mark.clause("SZ20-6.2b", on="rule")
def test_what_is_due_is_told_five_working_days_before_and_what_is_late_once(world):
    payable = settlement.owed(world)
    before = datetime.combine(official().shift(payable.due_on, -6).on, MORNING.timetz())
    said = []
    for at in (
        before,
        datetime.combine(official().shift(payable.due_on, -4).on, MORNING.timetz()),
        datetime.combine(payable.due_on, MORNING.timetz()),
        datetime.combine(payable.due_on + timedelta(days=1), MORNING.timetz()),
        datetime.combine(payable.due_on + timedelta(days=9), MORNING.timetz()),
    ):
        with scope.opened(world.system):
            said.append(payables_remind(actor=world.system, at=at))
        travels(world, at)
    assert said == [0, 1, 0, 1, 0]
    assert messages_of(world, "hospital", Role.HOSPITAL_FINANCE) == ["payment_due", "payment_late"]
    assert messages_of(world, "hospital", Role.HOSPITAL_AUDITOR) == ["payment_late"]
    assert messages_of(world, "distributor", Role.SUPPLIER_FINANCE) == ["receivable_late"]
    assert messages_of(world, "hospital", Role.HOSPITAL_BUYER) == []
    assert messages_of(world, "regulator", Role.REGULATOR_CHIEF) == ["anomaly_reported"]
    with scope.opened(world.system):
        assert Event.objects.filter(name="payment_overdue", subject_id=payable.id).count() == 1


def test_a_certificate_is_announced_sixty_days_before_its_end_and_once_it_has_ended(world):
    last = MORNING.date() + timedelta(days=60)
    certificate = catalog.CertificateFactory
    with scope.opened(world.system):
        certificate = certificate(valid_until=last)
    catalog.listed(world, certificate=certificate)
    said = []
    for days in (-1, 0, 30, 60, 61, 90):
        with scope.opened(world.system):
            said.append(certificates_remind(actor=world.system, at=MORNING + timedelta(days=days)))
    travels(world)
    assert said == [0, 1, 0, 0, 1, 0]
    assert messages_of(world, "maker", Role.SUPPLIER_LISTER) == ["certificate_expiring", "certificate_expired"]
    assert messages_of(world, "other_maker", Role.SUPPLIER_LISTER) == []


def test_answers_refusals_and_payments_find_the_other_side(world):
    declined = orders.placed(world, at=MORNING)
    seller = world.actor("maker", Role.SUPPLIER_SELLER)
    with scope.opened(seller):
        order_decline(actor=seller, at=MORNING, order_id=declined.id, reason="停产")
    orders.acceptance(world, at=MORNING, rejected=["1"])
    listing = catalog.listed(world)
    with scope.opened(world.system):
        listing_suspend(actor=world.system, at=MORNING, listing_id=listing.id, reason="迟报价格", clause="JS20-13c")
    travels(world)
    assert messages_of(world, "hospital", Role.HOSPITAL_BUYER) == ["order_answered", "order_answered"]
    assert messages_of(world, "distributor", Role.SUPPLIER_SHIPPER) == ["goods_refused"]
    assert messages_of(world, "maker", Role.SUPPLIER_LISTER) == ["listing_stopped"]
    with scope.opened(world.system):
        bodies = list(
            Message.objects.filter(kind__in=["goods_refused", "listing_stopped"]).values_list("body", flat=True)
        )
    assert "批号 LOT2026A 拒收 1.000：外包装破损" in bodies
    assert "迟报价格（依据 JS20-13c）" in bodies


def test_an_invoice_that_does_not_match_comes_back_to_its_issuer(world):
    line = settlement.accepted(world)
    finance = world.actor("distributor", Role.SUPPLIER_FINANCE)
    with scope.opened(finance):
        settlement.invoice_submit(
            actor=finance, at=scope.now(), **settlement.paper([settlement.stated(line, price=Decimal("12.6000"))])
        )
    travels(world)
    assert messages_of(world, "distributor", Role.SUPPLIER_FINANCE) == ["invoice_mismatched"]
