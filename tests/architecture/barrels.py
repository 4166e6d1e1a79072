"""A part of an app (`queries`, `services`, `models` …) is imported by its modules: its `__init__` collects no names."""

import ast
from pathlib import PurePosixPath

from sunlight.kernel.modules import PARTS
from tests.architecture import checks


def barrels(name: str, source: str) -> list[str]:
    """Names that the `__init__` of a part takes from its own modules. It may import the modules themselves, to load them."""
    path = PurePosixPath(name)
    if path.name != "__init__.py" or path.parent.name not in PARTS:
        return []
    own = checks.module_of(name)
    return [
        f"{name}:{node.lineno}: collects names of {node.module}; import them from there"
        for node in checks.parsed(source).body
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(f"{own}.")
    ]
