"""Which parameters a trade reads: what services, tasks, subscribers, pages and the API lead to, by the names they use.

Every top-level name of a module is a node; it leads to the names it uses, of its own module or imported. A rule that
nothing leads to is answered by the rule service alone, and so are the parameters that only it reads.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from sunlight.acts import ROOT, parameter_files
from tests.architecture.checks import imports_of, module_of

# Folders with policy hold the product's code; the demonstration tells a story and decides nothing.
PACKAGES = sorted({path.relative_to(ROOT).parts[0] for path in parameter_files()} | {"sunlight", "supervision"})
# What people, machines and the clock begin with.
BEGIN = re.compile(r"\.(services|web|api|tasks|subscribers|navigation|schedule)(\.|$)")
# Answers about any rule by its name: that asks no parameter.
GENERIC = re.compile(r"\.(rulebook|rulesdoc|examples)(\.|$)|\.management\.")


def sources() -> Iterator[Path]:
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            if not {"migrations", "demo"} & set(path.relative_to(ROOT).parts):
                yield path


def _opening(node: ast.JoinedStr) -> str:
    first = node.values[0]
    return first.value if isinstance(first, ast.Constant) else ""


def keys_read(tree: ast.AST) -> set[str]:
    """Patterns of the keys that code reads: its texts that look like a key, `{…}` in an f-string standing for one
    word. What a rule declares as `parameters=` is not yet read, and a docstring is no text of its own."""
    declared = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword) and node.arg == "parameters"
        for inner in ast.walk(node.value)
    }
    pieces = {id(piece) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for piece in node.values}
    found = set()
    for node in ast.walk(tree):
        if id(node) in declared | pieces:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"[a-z_.]+", node.value):
            if "." in node.value:
                found.add(re.escape(node.value))
        elif isinstance(node, ast.JoinedStr) and re.match(r"[a-z_]+\.", _opening(node)):
            parts = [re.escape(p.value) if isinstance(p, ast.Constant) else "[a-z_]+" for p in node.values]
            found.add("".join(parts))
    return found


@dataclass
class Node:
    """A top-level name: the keys its text holds and the full names it uses."""

    keys: set[str] = field(default_factory=set)
    uses: set[str] = field(default_factory=set)


def _names(statement: ast.stmt) -> list[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [statement.name]
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    return [each.id for target in targets if target for each in ast.walk(target) if isinstance(each, ast.Name)]


def graph_of(modules: dict[str, str]) -> dict[str, Node]:
    """Full name → node, of modules given with their source."""
    graph: dict[str, Node] = {}
    for module, source in modules.items():
        tree = ast.parse(source)
        imported = imports_of(tree)
        own = {name: f"{module}.{name}" for statement in tree.body for name in _names(statement)}
        known = imported | own
        for statement in tree.body:
            if isinstance(statement, ast.Import | ast.ImportFrom):
                continue
            # What stands bare in a module, such as a registration, happens with the module.
            names = [own[name] for name in _names(statement)] or [f"{module}."]
            for name in names:
                node = graph.setdefault(name, Node())
                node.keys |= keys_read(statement)
                node.uses |= set(_used(statement, known))
        for name in own.values():
            graph[name].uses.add(f"{module}.")
    return graph


def _used(statement: ast.stmt, known: dict[str, str]) -> Iterator[str]:
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and node.id in known:
            yield known[node.id]
        elif isinstance(node, ast.Attribute):
            parts, inner = [node.attr], node.value
            while isinstance(inner, ast.Attribute):
                parts.append(inner.attr)
                inner = inner.value
            if isinstance(inner, ast.Name) and inner.id in known:
                yield ".".join([known[inner.id], *reversed(parts)])


def reached_in(graph: dict[str, Node]) -> set[str]:
    """The nodes that whatever begins leads to."""
    waiting = [name for name in graph if BEGIN.search(name.rsplit(".", 1)[0] + ".") and not GENERIC.search(name)]
    reached: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in reached or name not in graph:
            continue
        reached.add(name)
        waiting += graph[name].uses
    return reached


def patterns(graph: dict[str, Node], names: set[str]) -> re.Pattern:
    return re.compile("|".join(sorted({key for name in names for key in graph[name].keys})))


@cache
def _graph() -> dict[str, Node]:
    return graph_of({module_of(p.relative_to(ROOT).as_posix()): p.read_text("utf-8") for p in sources()})


@cache
def _patterns(*, of_trade: bool) -> re.Pattern:
    graph = _graph()
    return patterns(graph, reached_in(graph) if of_trade else set(graph))


def is_read(key: str) -> bool:
    """Whether any code reads it."""
    return _patterns(of_trade=False).fullmatch(key) is not None


def is_read_by_trade(key: str) -> bool:
    """Whether a service, task, subscriber, page or the API leads to code that reads it."""
    return _patterns(of_trade=True).fullmatch(key) is not None
