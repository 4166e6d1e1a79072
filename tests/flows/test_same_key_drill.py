"""The same Idempotency-Key fifty times at once, over real processes: one effect, one answer, however the calls fall."""

import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from procurement.ordering.models import DeliveryPoint, Order
from settlement.models.ledger import Entry
from settlement.models.payment import Payment, PaymentRun
from settlement.queries.ledger import ledger_faults
from sunlight import scope
from sunlight.journal.models import Event
from sunlight.scope.roles import OrganisationKind as Kind
from sunlight.scope.roles import Role
from sunlight.tenancy.queries.clients import scopes_of
from sunlight.webhooks.models import Webhook
from tests import world as worlds
from tests.factories import catalog, orders
from tests.factories.settlement import funded, owed
from tests.flows.processes import Web
from tests.machines import actor_of, mandate, token_of

TIMES, EACH = 50, 125_000  # fen a payable: 100 × 12.50 yuan
POINT = {
    "code": "77",
    "name": "新库房",
    "address": "测试路 7 号",
    "contact_name": "库管员",
    "contact_phone": "0755-26000000",
}


def rush(web: Web, token: str, path: str, body: dict, key: str) -> list[tuple[int, dict]]:
    """The answers to the same POST sent fifty times at the same moment."""
    gate = Barrier(TIMES)

    def send(_):
        gate.wait(60)
        return web.call("POST", path, body, **{"Authorization": f"Bearer {token}", "Idempotency-Key": key})

    with ThreadPoolExecutor(TIMES) as clients:
        return list(clients.map(send, range(TIMES)))


def require_one_answer(web: Web, token: str, path: str, body: dict, key: str) -> dict:
    """All who were answered got the same; the others were told that it is in flight, and get it when they ask again."""
    answers = rush(web, token, path, body, key)
    done = [answer for status, answer in answers if status < 300]
    waiting = [answer["code"] for status, answer in answers if status == 409]
    assert len(done) + len(waiting) == TIMES, Counter(status for status, _ in answers)
    assert set(waiting) <= {"in_flight"}
    assert done and all(answer == done[0] for answer in done)
    again = web.insist("POST", path, body, **{"Authorization": f"Bearer {token}", "Idempotency-Key": key})
    assert again[1] == done[0]
    sys.stdout.write(f"{path}: {len(done)} answered, {len(waiting)} told to wait, one effect\n")
    return done[0]


@pytest.mark.kills
def test_fifty_at_once_have_one_effect(own_database, tmp_path):
    world = worlds.build()
    owing = [owed(world, listing=catalog.listed(world)).id for _ in range(3)]
    funded(world, len(owing) * EACH)
    agreed, where = orders.agreement(world), orders.point(world)
    with scope.opened(world.system):
        basket = orders.line(agreed)
        basket["agreement"] = basket.pop("agreement_id")
        first = token_of(world.system, world.hospital, world.platform, *scopes_of(Kind.HOSPITAL), name="first")
        second = token_of(world.system, world.hospital, world.platform, Role.HOSPITAL_FINANCE, name="second")
        watching = token_of(world.system, world.regulator, world.platform, Role.REGULATOR_AUDITOR, name="watching")
        before = Order.objects.count()
    mandate(world, actor_of(second), "payment_run", "approve")
    connections.close_all()
    web = Web(own_database, tmp_path / "web.log").start()
    try:
        web.wait()
        require_one_answer(web, first, "/api/v1/delivery-points/", POINT, "point")
        require_one_answer(
            web, watching, "/api/v1/webhooks/", {"name": "HIS", "url": "https://hooks.example.cn/"}, "hook"
        )
        body = {"lines": [basket], "delivery_point": where.id, "plan_number": "P-50"}
        require_one_answer(web, first, "/api/v1/orders/", body, "order")
        run = require_one_answer(web, first, "/api/v1/payment-runs/", {"payables": owing}, "run")
        require_one_answer(web, second, f"/api/v1/payment-runs/{run['id']}/approve/", {}, "approve")
    finally:
        web.kill()
    with scope.opened(world.system):
        assert DeliveryPoint.objects.filter(code="77").count() == 1
        assert Webhook.objects.count() == 1
        assert Order.objects.count() == before + 1
        assert PaymentRun.objects.count() == 1
        assert Payment.objects.filter(state="PAID").count() == len(owing)
        assert Entry.objects.filter(purpose="pay").count() == len(owing)
        assert Event.objects.filter(name="webhook_registered").count() == 1
        assert ledger_faults(world.platform.id) == []
