"""Every move goes through `moved`, and every duty of every table has a test in which its service bars somebody."""

import ast

import pytest

from supervision.management.commands.workflows import machines
from tests.architecture import checks

MACHINES = [machine for _, machine in machines()]
DUTIES = {(machine.name, move.name, duty.act) for machine in MACHINES for move in machine.table for duty in move.duties}
# What a service calls its machine by → the moves that bar somebody.
BARRING = {
    name: {move.name: {duty.act for duty in move.duties} for move in machine.table}
    for module, machine in machines()
    for name, value in vars(__import__(module, fromlist=["x"])).items()
    if value is machine
}


def test_every_duty_is_proven_by_a_test_of_its_service():
    marked = set()
    for file in sorted((checks.ROOT / "tests").rglob("test_*.py")):
        for node in checks.nodes(checks.parsed(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and checks.dotted(node.func, {}) == "pytest.mark.duty":
                marked.add(tuple(ast.literal_eval(each) for each in node.args))
    assert len(DUTIES) >= 16
    assert marked == DUTIES


def test_no_service_moves_or_compares_by_hand():
    faults = []
    for file in checks.product_files():
        faults += checks.moves_by_hand(checks.name_of(file), file.read_text("utf-8"), BARRING)
    assert not faults, "\n".join(faults)


BAD = [
    "ORDER.apply(order.state, 'place', role)\n",
    "from sunlight.scope.duties import same_person\n",
    "if duties.same_person(actor, order.placed_by):\n    pass\n",
    "moved(DELIVERY, delivery.state, 'accept', actor)\n",
    "moved(workflows.DELIVERY, delivery.state, 'accept', actor)\n",
    "moved(DELIVERY, delivery.state, move, actor)\n",
    "moved(OBJECTION, row.state, 'uphold' if yes else 'dismiss', actor)\n",
    "moved(DELIVERY, delivery.state, 'accept', actor, earlier={'oder': 1})\n",
]
GOOD = [
    "moved(DELIVERY, delivery.state, 'cancel', actor)\n",
    "moved(DELIVERY, delivery.state, 'accept', actor, earlier={'order': order.placed_by})\n",
    "moved(DELIVERY, delivery.state, 'accept', actor, earlier=earlier)\n",
    "moved(OFFER, offer.state, move, actor)\n",
]


@pytest.mark.parametrize("source", BAD)
def test_the_checker_sees_a_bad_sample(source):
    assert checks.moves_by_hand("procurement/services/x.py", source, BARRING)


@pytest.mark.parametrize("source", GOOD)
def test_the_checker_lets_a_good_sample_pass(source):
    assert checks.moves_by_hand("procurement/services/x.py", source, BARRING) == []


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_every_move_has_words(machine):
    assert [move.name for move in machine.table if not checks.CHINESE.search(move.words)] == []
    for move in machine.table:
        assert all(checks.CHINESE.search(duty.message) for duty in move.duties)
