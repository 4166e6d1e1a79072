"""Every move of every table that needs another person is refused to the same one, in whatever way they seem to be two.
`make test` asks one in four, `make walls` all."""

import pytest

from sunlight.scope import Role
from sunlight.scope.duties import Barred, Held, InPersonOnly, moved
from sunlight.scope.roles import OrganisationKind as Kind
from supervision.management.commands.workflows import machines
from tests.oneself import WAYS, WAYS_FOR_GOOD, Oneself, mandated

KEYS = {Kind.HOSPITAL: "hospital", Kind.SUPPLIER: "maker", Kind.OPERATOR: "operator", Kind.REGULATOR: "regulator"}
# Found in the tables: a move that is new is asked from the day it is written.
PAIRS = [
    pytest.param(machine, move, duty, id=f"{machine.name}.{move.name}<{duty.act}")
    for _, machine in machines()
    for move in machine.table
    for duty in move.duties
]


def _role(move) -> Role:
    """A role of the move that a machine may have, else any of the organisations of the world."""
    found = sorted(role for role in move.by if role.kind in KEYS)
    return next((role for role in found if not role.endswith("_ADMIN")), found[0])


@pytest.mark.parametrize(("machine", "move", "duty"), PAIRS)
def test_one_human_is_never_two(world, machine, move, duty, sampled):
    role = _role(move)
    me, passed = Oneself(world, KEYS[role.kind]), []
    for name, way in (WAYS_FOR_GOOD if move.in_person else WAYS).items():
        if not sampled(machine.name, move.name, duty.act, name, of=4):
            continue
        first, second = way(me, role, role)
        earlier = {each.act: None for each in move.duties} | {duty.act: first.acting}
        try:
            moved(machine, min(move.from_states), move.name, mandated(second, machine.name, move.name), earlier=earlier)
        except (Barred, Held, InPersonOnly):
            continue
        passed.append(name)
    assert passed == []


def test_two_people_are_two(world):
    """The same machinery lets another person pass: it is not a wall against everybody."""
    me, refused = Oneself(world, "hospital"), []
    for _, machine in machines():
        for move in machine.table:
            if not move.duties or _role(move).kind != Kind.HOSPITAL:
                continue
            role = _role(move)
            first, second, robot = me.person(role), me.person(role), me.machine(role)
            for who in (
                second,
                *([mandated(robot, machine.name, move.name)] if move.mandate or not move.in_person else []),
            ):
                earlier = {each.act: first.acting for each in move.duties}
                try:
                    moved(machine, min(move.from_states), move.name, who, earlier=earlier)
                except Barred:
                    refused.append((machine.name, move.name, str(who.principal)))
    assert refused == []
