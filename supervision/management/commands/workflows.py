from django.apps import apps
from django.core.management.base import BaseCommand

from sunlight.kernel.machine import Machine, mermaid
from sunlight.kernel.modules import load
from sunlight.scope.roles import Role

HEAD = """# Workflows

Generated from the state tables: `manage.py workflows > docs/workflows.md`. Every move not listed is refused.
"""


def machines() -> list[tuple[str, Machine]]:
    """Every state table of every app, with the module it stands in: an app's `workflows`, or those of its rooms."""
    found: dict[str, tuple[str, Machine]] = {}
    for module in load([app.name for app in apps.get_app_configs()], "workflows"):
        for value in vars(module).values():
            if isinstance(value, Machine):
                found.setdefault(value.name, (module.__name__, value))
    return list(found.values())


def markdown() -> str:
    parts = [HEAD]
    for module, machine in machines():
        words = "，".join(f"{state.value} {state.label}" for state in machine.states)
        parts.append(f"\n## {machine.name}\n\n`{module}` · {words}\n\n```mermaid\n{mermaid(machine)}```\n")
        parts.append("\n| move | words | from | to | by | conditions |\n| --- | --- | --- | --- | --- | --- |\n")
        for move in machine.table:
            states = ", ".join(sorted(move.from_states))
            by = "、".join(Role(role).label for role in sorted(move.by))
            conditions = [
                *([f"four eyes: not who did: {move.four_eyes.act}"] if move.four_eyes else []),
                *(f"not who did: {duty.act}" for duty in move.incompatible),
            ]
            parts.append(
                f"| {move.name} | {move.words} | {states} | {move.to_state} | {by} | {'; '.join(conditions)} |\n"
            )
    return "".join(parts)


class Command(BaseCommand):
    help = "Prints docs/workflows.md: every state table with its diagram."

    def handle(self, *args, **options):
        self.stdout.write(markdown(), ending="")
