"""A reminder that is rung twice at once tells once: the second waits for the first, and then finds it told."""

import threading
from datetime import datetime, timedelta

import pytest
from django.db import OperationalError, connection, connections

from catalog.services.reminders import certificates_remind
from procurement.receiving.services.reminders import orders_overdue_record
from settlement.services.reminders import payables_remind
from sunlight import scope
from sunlight.journal.models import Event
from sunlight.scope.clock import SHANGHAI
from tests import world as worlds
from tests.factories import catalog, orders, settlement

MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)


@pytest.fixture(scope="module")
def world(module_database):
    return worlds.build()


def certificate_ends(world) -> datetime:
    with scope.opened(world.system):
        certificate = catalog.CertificateFactory(valid_until=MORNING.date() + timedelta(days=30))
    catalog.listed(world, certificate=certificate)
    return MORNING


def order_is_late(world) -> datetime:
    return orders.accepted_order(world, at=MORNING).delivery_due_at + timedelta(days=1)


def payment_is_late(world) -> datetime:
    return datetime.combine(settlement.owed(world).due_on + timedelta(days=1), MORNING.timetz())


CASES = [
    (certificate_ends, certificates_remind, "certificate_expiring"),
    (order_is_late, orders_overdue_record, "order_overdue"),
    (payment_is_late, payables_remind, "payment_overdue"),
]


@pytest.mark.parametrize(("happens", "remind", "told"), CASES, ids=[told for *_, told in CASES])
def test_two_at_once_tell_once(world, happens, remind, told):
    at, second = happens(world), []

    def meanwhile():
        """On a connection of its own, while the first is not yet committed."""
        try:
            with scope.opened(world.system):
                with connection.cursor() as cursor:
                    cursor.execute("set local lock_timeout = '100ms'")
                second.append(remind(actor=world.system, at=at))
        except OperationalError as waited:
            second.append(waited.__cause__.pgcode)
        finally:
            connections.close_all()

    with scope.opened(world.system):
        assert remind(actor=world.system, at=at) == 1
        thread = threading.Thread(target=meanwhile)
        thread.start()
        thread.join(timeout=30)
    assert second == ["55P03"]  # it waited; with patience it finds nothing to tell
    with scope.opened(world.system):
        assert remind(actor=world.system, at=at) == 0
        assert Event.objects.filter(name=told).count() == 1
