"""The law stands once: each dated parameter is read by code, or says in its YAML why no code reads it."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from sunlight.acts import ROOT, current_policy, parameter_files

# Folders with policy hold the product's code; the demonstration tells a story and decides nothing.
_PACKAGES = sorted({path.relative_to(ROOT).parts[0] for path in parameter_files()} | {"sunlight", "supervision"})


def _sources() -> Iterator[Path]:
    for package in _PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            if not {"migrations", "demo"} & set(path.relative_to(ROOT).parts):
                yield path


def _opening(node: ast.JoinedStr) -> str:
    first = node.values[0]
    return first.value if isinstance(first, ast.Constant) else ""


def keys_read(source: str) -> set[str]:
    """Patterns of the keys that a module reads: its texts that look like a key, `{…}` in an f-string standing for one
    word. What a rule declares as `parameters=` is not yet read, and a docstring is no text of its own."""
    tree = ast.parse(source)
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
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "." in node.value:
            found.add(re.escape(node.value))
        elif isinstance(node, ast.JoinedStr) and re.match(r"[a-z_]+\.", _opening(node)):
            parts = [re.escape(p.value) if isinstance(p, ast.Constant) else "[a-z_]+" for p in node.values]
            found.add("".join(parts))
    return found


@cache
def _patterns() -> re.Pattern:
    return re.compile("|".join(sorted({each for path in _sources() for each in keys_read(path.read_text("utf-8"))})))


def is_read(key: str) -> bool:
    return _patterns().fullmatch(key) is not None


@pytest.mark.parametrize("key", sorted(current_policy().parameters))
def test_each_parameter_is_read_or_says_why_not(key):
    parameter = current_policy().parameters[key]
    if parameter.stated_only:
        assert not is_read(key), f"{key} ({parameter.file}) is read by code: take its `stated_only` away"
    else:
        assert is_read(key), f"no code reads {key} ({parameter.file}): delete it, or say `stated_only:` why"


def test_a_declared_parameter_alone_is_not_read():
    declared = '@rule("x", parameters=("pay.days",))\ndef x(read):\n    "Read by pay.days."\n'
    assert not any(re.fullmatch(pattern, "pay.days") for pattern in keys_read(declared))
    assert keys_read('def x(read):\n    return read.at("pay.days")\n') == {re.escape("pay.days")}
    (pattern,) = keys_read('def x(read, kind):\n    return read.find(f"cap.{kind}.ratio")\n')
    assert re.fullmatch(pattern, "cap.filed.ratio") and not re.fullmatch(pattern, "cap.a.b.ratio")
