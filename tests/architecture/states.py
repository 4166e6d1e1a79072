"""Checker of states: each is a member of its enum, so that a wrong word cannot be written."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.checks import ROOT, dotted, nodes, parsed, product_files

STATE = re.compile(r"(\w+__)?(state|conclusion)(__in)?")
STORED = re.compile(r"[A-Z][A-Z_]+")


def states_as_text(name: str, source: str) -> list[str]:
    """States written as text where their enum has a member: in a filter, an assignment by name, a comparison."""
    faults = []
    for node in nodes(parsed(source)):
        pairs = []
        if isinstance(node, ast.keyword) and STATE.fullmatch(node.arg or ""):
            pairs = [node.value]
        elif isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            pairs = sides if any(STATE.fullmatch(dotted(side, {}).rpartition(".")[2]) for side in sides) else []
        elif isinstance(node, ast.Dict):
            keys = [key.value if isinstance(key, ast.Constant) else "" for key in node.keys]
            pairs = [value for key, value in zip(keys, node.values, strict=True) if STATE.fullmatch(str(key))]
        values = [each for value in pairs for each in getattr(value, "elts", [value])]
        written = [each.value for each in values if isinstance(each, ast.Constant) and isinstance(each.value, str)]
        faults += [f"{name}: the state {text!r} is text; use its enum" for text in written if STORED.fullmatch(text)]
    return faults


def product_and_bench_files() -> Iterator[Path]:
    yield from product_files()
    yield from sorted((ROOT / "bench").rglob("*.py"))
