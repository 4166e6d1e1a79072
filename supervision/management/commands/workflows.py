from importlib import import_module
from pathlib import Path

from django.apps import apps
from django.core.management.base import BaseCommand
from django.utils.module_loading import module_has_submodule

from sunlight.kernel.machine import Machine, mermaid
from sunlight.scope.roles import ROLE_LABELS, Role

HEAD = """# Workflows

Generated from the state tables: `manage.py workflows > docs/workflows.md`. Every move not listed is refused.
"""


def machines() -> list[tuple[str, Machine]]:
    """Every state table of every app and of its rooms, with the module it stands in."""
    found = []
    for app in apps.get_app_configs():
        names = [f"{app.name}.workflows"] if module_has_submodule(app.module, "workflows") else []
        names += [f"{app.name}.{file.parent.name}.workflows" for file in sorted(Path(app.path).glob("*/workflows.py"))]
        for name in names:
            found += [(name, machine) for machine in vars(import_module(name)).values() if isinstance(machine, Machine)]
    return found


def markdown() -> str:
    parts = [HEAD]
    for module, machine in machines():
        words = "，".join(f"{state.value} {state.label}" for state in machine.states)
        parts.append(f"\n## {machine.name}\n\n`{module}` · {words}\n\n```mermaid\n{mermaid(machine)}```\n")
        parts.append("\n| move | from | to | by | conditions |\n| --- | --- | --- | --- | --- |\n")
        for move in machine.table:
            by = "、".join(ROLE_LABELS[Role(role)] for role in sorted(move.by))
            conditions = [
                *(["four eyes"] if move.four_eyes else []),
                *(f"not who did: {d}" for d in sorted(move.incompatible)),
            ]
            parts.append(
                f"| {move.name} | {', '.join(sorted(move.from_states))} | {move.to_state} | {by} | {'; '.join(conditions)} |\n"
            )
    return "".join(parts)


class Command(BaseCommand):
    help = "Prints docs/workflows.md: every state table with its diagram."

    def handle(self, *args, **options):
        self.stdout.write(markdown(), ending="")
