"""Finding what apps contribute by the names of their modules, so that nobody keeps a list of apps."""

from collections.abc import Iterable, Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

# The modules of an app or of one of its rooms. A folder of an app that is none of them is a room.
PARTS = (
    "rules",
    "workflows",
    "events",
    "models",
    "queries",
    "services",
    "web",
    "api",
    "tasks",
    "schedule",
    "subscribers",
    "navigation",
)
_NO_ROOMS = frozenset({*PARTS, "management", "migrations", "policy", "templatetags"})


def contributed(packages: Iterable[str], name: str) -> list[str]:
    """The modules called `name` of each package and of its rooms, in this order; where such
    a module is a package itself, every module in it. Imports none of them."""
    return [module for package in packages for module in _of(package, name)]


def load(packages: Iterable[str], name: str) -> list[ModuleType]:
    """As `contributed`, imported."""
    return [import_module(module) for module in contributed(packages, name)]


def _of(package: str, name: str) -> Iterator[str]:
    spec = find_spec(package)
    for place in (spec.submodule_search_locations or ()) if spec else ():
        yield from _in(Path(place), package, name)
        for room in sorted(each for each in Path(place).iterdir() if (each / "__init__.py").is_file()):
            if room.name not in _NO_ROOMS:
                yield from _in(room, f"{package}.{room.name}", name)


def _in(folder: Path, package: str, name: str) -> Iterator[str]:
    if (folder / f"{name}.py").is_file():
        yield f"{package}.{name}"
    elif (folder / name / "__init__.py").is_file():
        yield f"{package}.{name}"
        inner = sorted(each.stem for each in (folder / name).glob("*.py") if each.stem != "__init__")
        yield from (f"{package}.{name}.{module}" for module in inner)
