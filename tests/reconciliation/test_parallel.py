"""A payment and a difference at the same moment: one waits for the other."""

import threading

import pytest
from django.db import OperationalError, connection, connections, transaction

from sunlight import scope
from sunlight.journal.refusals import Conflict
from sunlight.reconciliation.services.gate import require_reconciled, stop_payments
from tests import world as worlds
from tests.reconciliation.test_services import stopped


@pytest.fixture
def world(own_database):
    return worlds.build()


def on_another_connection(call):
    """What `call` does on a connection that waits a tenth of a second for nobody: its result or what it raised."""
    outcome = []

    def run():
        try:
            with transaction.atomic():
                connection.cursor().execute("set local lock_timeout = '100ms'")
                outcome.append(call())
        except (OperationalError, Conflict) as raised:
            outcome.append(type(raised))
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(timeout=20)
    return outcome[0]


def within(actor, act):
    def call():
        with scope.opened(actor):
            act()
        return "done"

    return call


def test_what_is_found_waits_for_a_payment_that_was_let_through_and_no_other_slips_by(world):
    system = world.system
    with scope.opened(system):
        require_reconciled(actor=system, at=scope.now(), platform_id=world.platform.id)
        # A second payment goes on beside the first; a difference waits for both.
        assert (
            on_another_connection(
                within(system, lambda: require_reconciled(actor=system, at=scope.now(), platform_id=world.platform.id))
            )
            == "done"
        )
        assert on_another_connection(within(system, lambda: stop_payments(world.platform.id))) is OperationalError
    with scope.opened(system):
        stop_payments(world.platform.id)
        stopped(world)
        assert (
            on_another_connection(
                within(system, lambda: require_reconciled(actor=system, at=scope.now(), platform_id=world.platform.id))
            )
            is OperationalError
        )
    assert (
        on_another_connection(
            within(system, lambda: require_reconciled(actor=system, at=scope.now(), platform_id=world.platform.id))
        )
        is Conflict
    )
