"""Which moves a machine may make under a mandate: those whose table says so, found in every app's workflows."""

from functools import cache

from django.apps import apps

from sunlight.kernel.machine import Machine, Move
from sunlight.kernel.modules import load
from sunlight.scope import Role
from sunlight.scope.roles import NO_MACHINES


@cache
def moves_under_mandate() -> dict[tuple[str, str], Move]:
    """(machine, move) → its row."""
    modules = load([app.name for app in apps.get_app_configs()], "workflows")
    machines = {each.name: each for module in modules for each in vars(module).values() if isinstance(each, Machine)}
    return {(machine.name, move.name): move for machine in machines.values() for move in machine.table if move.mandate}


def roles_for(machine: str, move: str) -> frozenset[Role]:
    """The roles in which a machine may make it under a mandate; none for what no mandate covers."""
    found = moves_under_mandate().get((machine, move))
    return frozenset(found.by) - NO_MACHINES if found else frozenset()
