"""A checker of the written rules, like those of `checks`: states are named by their enums."""

import ast
import re
from collections.abc import Iterator

from tests.architecture.checks import nodes, parsed

VALUE = re.compile(r"[A-Z][A-Z_]+")
FIELD = re.compile(r"(.*__)?state(__in|__exact)?")


def bare_states(name: str, source: str) -> list[str]:
    """States written as strings, where a word misspelt finds nothing and says nothing."""
    return [f"{name}:{line}: {value} is a bare string" for line, value in sorted(set(_found(source)))]


def _found(source: str) -> Iterator[tuple[int, str]]:
    for node in nodes(parsed(source)):
        if isinstance(node, ast.keyword) and FIELD.fullmatch(node.arg or ""):
            yield from _values(node.value)
        elif isinstance(node, ast.Compare) and any(map(_is_state, (node.left, *node.comparators))):
            for each in (node.left, *node.comparators):
                yield from _values(each)
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "state":
                    yield from _values(value)


def _is_state(node: ast.AST) -> bool:
    return getattr(node, "attr", getattr(node, "id", "")) == "state"


def _values(node: ast.AST) -> Iterator[tuple[int, str]]:
    inner = node.elts if isinstance(node, ast.List | ast.Tuple | ast.Set) else [node]
    for each in inner:
        if isinstance(each, ast.Constant) and isinstance(each.value, str) and VALUE.fullmatch(each.value):
            yield each.lineno, each.value
