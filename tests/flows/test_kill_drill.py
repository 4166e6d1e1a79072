"""kill -9 in the middle of payments: the ledger balances, every payment is made once, what was acknowledged is there."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.core.management import call_command
from django.db import connections

from settlement.models.ledger import Entry
from settlement.models.payment import Payable, Payment, PaymentRun
from settlement.queries.ledger import ledger_faults
from settlement.services.runs import run_approve
from settlement.tasks import runs_continue
from sunlight import scope
from sunlight.scope import Role
from tests import databases
from tests import world as worlds
from tests.factories import catalog
from tests.factories.settlement import funded, owed, prepared
from tests.flows.processes import DEADLINE, Process, Web, Worker
from tests.machines import actor_of, mandate, token_of

EACH = 125_000  # fen: 100 × 12.50 yuan


def until(condition) -> None:
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        Event().wait(0.01)


def paid(world) -> int:
    with scope.opened(world.system):
        return Payment.objects.filter(state="PAID").count()


def require_whole(world, count: int) -> None:
    """Every payment made once, each with its entry; the ledger recomputed from its legs has no fault."""
    with scope.opened(world.system):
        assert list(Payment.objects.values_list("state", flat=True)) == ["PAID"] * count
        assert set(Payable.objects.values_list("state", flat=True)) == {"PAID"}
        assert set(PaymentRun.objects.values_list("state", flat=True)) == {"DONE"}
        sources = sorted(Entry.objects.filter(purpose="pay").values_list("source", flat=True))
        assert sources == sorted(f"payment:{n}" for n in Payment.objects.values_list("number", flat=True))
        assert ledger_faults(world.platform.id) == []
    call_command("verify_ledger", platform="gd-sz")


CONTINUE = "import django; django.setup(); from settlement.tasks import runs_continue; runs_continue()"


@pytest.mark.kills
def test_a_worker_killed_in_the_middle_of_a_payment_leaves_it_unmade_and_the_rest_goes_on(
    own_database, tmp_path, monkeypatch
):
    world = worlds.build()
    listing = catalog.listed(world)
    monkeypatch.setattr("settlement.services.runs.INLINE_PAYMENTS", 0)
    run = prepared(world, [owed(world, listing=listing) for _ in range(20)])
    funded(world, 20 * EACH)
    second = world.actor("hospital", Role.HOSPITAL_FINANCE, person="second")
    with scope.opened(second):
        run_approve(actor=second, at=scope.now(), run_id=run.id)
    worker = Process(own_database, tmp_path / "worker.log", "-c", CONTINUE)
    # Somebody holds the eighth payable, so the worker stands still in the middle of that payment's transaction.
    with databases.owner(own_database) as owner, owner.cursor() as cursor, scope.opened(world.system):
        eighth = run.payments.order_by("id")[7].payable_id
        Payable.objects.select_for_update().get(pk=eighth)
        worker.start()

        def stands() -> bool:
            cursor.execute(
                "select count(*) from pg_locks join pg_stat_activity using (pid)"
                " where not granted and datname = current_database()"
            )
            return cursor.fetchone()[0] > 0

        until(stands)
        worker.kill()
    assert paid(world) == 7
    with scope.opened(world.system):
        assert ledger_faults(world.platform.id) == []
    # The killed worker's lock goes with its connection; then the rest is taken up.
    until(lambda: runs_continue() or paid(world) == 20)
    until(lambda: paid(world) == 20 and not runs_continue())
    require_whole(world, 20)


@pytest.mark.kills
def test_web_and_worker_killed_in_the_middle_of_200_payments(own_database, tmp_path, capsys):
    world = worlds.build()
    listing = catalog.listed(world)
    # Small runs are paid by the web process, large ones by the worker.
    sizes = [5] * 16 + [40] * 3
    groups = [[owed(world, listing=listing).id for _ in range(size)] for size in sizes]
    funded(world, sum(sizes) * EACH)
    first, second = (
        token_of(world.system, world.hospital, world.platform, Role.HOSPITAL_FINANCE, name=name)
        for name in ("prepares", "approves")
    )
    mandate(world, actor_of(second), "payment_run", "approve")
    connections.close_all()
    web, worker = Web(own_database, tmp_path / "web.log"), Worker(own_database, tmp_path / "worker.log", tmp_path)
    try:
        first_start = web.start().wait()
        worker.start()
        with ThreadPoolExecutor(8) as clients:
            acknowledged = [clients.submit(pay, web, first, second, n, ids) for n, ids in enumerate(groups)]
            until(lambda: paid(world) >= 40)
            web.kill()
            at_first, recovered = paid(world), web.start().wait()
            until(lambda: paid(world) >= 100)
            web.kill()
            worker.kill()
            at_second = paid(world)
            web.start()
            worker.start()
            runs = [future.result() for future in acknowledged]
        until(lambda: paid(world) == sum(sizes))
        with scope.opened(world.system):
            until(lambda: not PaymentRun.objects.exclude(state="DONE").exists())
            known = dict(PaymentRun.objects.values_list("id", "payment_count"))
    finally:
        web.kill()
        worker.kill()
    require_whole(world, sum(sizes))
    assert known == dict(runs)
    # Nothing is to be recovered but the process: 5 s, or on a loaded machine what its very first start took, and half again
    # for the clients and the worker that meanwhile go on.
    assert recovered <= max(5, 1.5 * first_start)
    with capsys.disabled():
        sys.stdout.write(
            f"\nkilled web at {at_first} and web and worker at {at_second} of {sum(sizes)} payments;"
            f" first answer after {recovered:.1f} s (first start {first_start:.1f} s); {len(known)} runs, every payment once, ledger whole\n"
        )


def pay(web: Web, first: str, second: str, n: int, payable_ids: list[int]) -> tuple[int, int]:
    """Prepare and approve a run as two machines of the hospital; its acknowledged id and size."""
    status, run = web.insist(
        "POST",
        "/api/v1/payment-runs/",
        {"payables": payable_ids},
        **{"Authorization": f"Bearer {first}", "Idempotency-Key": f"prepare {n}"},
    )
    assert status == 201, run
    status, approved = web.insist(
        "POST",
        f"/api/v1/payment-runs/{run['id']}/approve/",
        {},
        **{"Authorization": f"Bearer {second}", "Idempotency-Key": f"approve {n}"},
    )
    assert status == 202, approved
    return run["id"], run["payments"]
