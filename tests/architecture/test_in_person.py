"""What ends something for good is done by a person who has just confirmed who they are."""

import pytest

from supervision.management.commands.workflows import machines
from tests.architecture import checks
from tests.architecture.in_person import reaching, without_step_up

TABLES = {
    name: (
        frozenset(move.name for move in machine.table),
        frozenset(move.name for move in machine.table if move.in_person),
    )
    for module, machine in machines()
    for name, value in vars(__import__(module, fromlist=["x"])).items()
    if value is machine and any(move.in_person for move in machine.table)
}
SOURCES = {checks.name_of(file): file.read_text("utf-8") for file in checks.product_files()}


def test_every_page_and_endpoint_of_a_move_in_person_asks_again():
    services = reaching(SOURCES, TABLES)
    assert {
        "settlement.services.runs.run_approve",
        "procurement.contracts.services.contracts.contract_sign",
        "procurement.ordering.services.approvals.order_approval_decide",
        "procurement.receiving.services.acceptances.acceptance_reverse",
        "sunlight.tenancy.services.mandates.mandate_confirm",
    } <= services
    faults = [fault for name, source in SOURCES.items() for fault in without_step_up(name, source, services)]
    assert not faults, "\n".join(faults)


def test_what_no_mandate_covers_gives_rights():
    """Only what moves goods and money may be mandated; nothing that gives rights ever is."""
    mandated = {(machine.name, move.name) for _, machine in machines() for move in machine.table if move.mandate}
    assert mandated >= {("payment_run", "approve"), ("contract", "sign_buyer"), ("approval", "approve")}
    assert not {name for name, _ in mandated} & {"mandate", "machine_duty", "access_change"}


SERVICE = {
    "x/services/runs.py": """
def run_pay(*, actor, at):
    _decide(actor, 'pay')
def run_reject(*, actor, at):
    _decide(actor, 'reject')
def _decide(actor, move):
    _move(actor, move)
def _move(actor, move):
    moved(RUN, run.state, move, actor)
"""
}
PAGE = "from x.services.runs import run_pay\n{}def pay(request):\n    run_pay(actor=1, at=2)\n"
HELPED = "from x.services.runs import run_pay\ndef _do():\n    run_pay(actor=1, at=2)\n@page(R)\ndef pay(request):\n    _do()\n"
API = "from x.services.runs import run_pay\nclass Pay(Endpoint):\n    {}\n    def post(self, request):\n        run_pay()\n"


@pytest.mark.parametrize(
    ("name", "source", "bad"),
    [
        ("x/web/runs.py", PAGE.format("@page(R, methods=('POST',))\n"), True),
        ("x/web/runs.py", PAGE.format("@page(R, methods=('POST',), step_up=True)\n"), False),
        ("x/web/runs.py", HELPED, True),
        ("x/api/runs.py", API.format("roles = {}"), True),
        ("x/api/runs.py", API.format("step_up = frozenset({'POST'})"), False),
        ("x/web/runs.py", PAGE.format("@page(R, methods=('POST',))\n").replace("run_pay", "run_reject"), False),
        ("x/api/runs.py", "from x.services import runs\nPay = move_endpoint(runs.run_pay, R, 'x')\n", True),
        (
            "x/api/runs.py",
            "from x.services import runs\nPay = move_endpoint(runs.run_pay, R, 'x', step_up=True)\n",
            False,
        ),
    ],
)
def test_the_checker_sees_a_bad_sample(name, source, bad):
    services = reaching(SERVICE, {"RUN": (frozenset({"pay", "reject"}), frozenset({"pay"}))})
    assert bool(without_step_up(name, source, services)) is bad
