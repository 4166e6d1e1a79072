"""The checker of typed input: only `sunlight.kernel.reading` makes values of what people and clients typed."""

import ast
import re

from tests.architecture.checks import module_of, nodes, parsed

# Where typed input arrives and where it is judged.
PLACES = re.compile(r"(^|\.)(services|queries|rules|web|api)(\.|$)")
READERS = {"_day", "_date", "_text", "_note", "_whole", "_reason"}
PARSERS = {"fromisoformat", "strptime", "parse_date", "isdigit", "isdecimal", "isnumeric"}
PARSING = PARSERS | {"strip", "int", "isinstance"}
# Not typed: a job's own payload, the digits of a credit code, a bank's own ways to write a day in its file.
NOT_TYPED = {
    "sunlight/web/lists/taking.py": {"fromisoformat"},
    "sunlight/tenancy/rules.py": {"isdigit"},
    "settlement/services/bank_file.py": {"strptime"},
}


def reads_by_itself(name: str, source: str) -> list[str]:
    """A reader of typed input written by hand: by its name, by what it calls, by the refusal it raises, or a text that
    is cut in silence."""
    if not PLACES.search(module_of(name)):
        return []
    faults = []
    for node in nodes(parsed(source)):
        if isinstance(node, ast.FunctionDef) and node.name in READERS and _calls(node) & PARSING:
            faults.append(f"{name}:{node.lineno}: {node.name} reads typed input, sunlight.kernel.reading does that")
        elif isinstance(node, ast.Call | ast.Attribute) and (called := _called(node)) in PARSERS:
            if called not in NOT_TYPED.get(name, ()):
                faults.append(f"{name}:{node.lineno}: {called}, sunlight.kernel.reading does that")
        elif isinstance(node, ast.Constant) and node.value == "reason_missing":
            faults.append(f"{name}:{node.lineno}: refuses a reason by itself, reading.reason does that")
        elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice) and _called(node.value) == "strip":
            if ".GET." in ast.unparse(node):
                continue  # what is searched for is kept nowhere
            faults.append(f"{name}:{node.lineno}: cuts a text that was typed, reading.text refuses it")
    return faults


def _called(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Call):
        return getattr(node.func, "attr", getattr(node.func, "id", ""))
    return ""


def _calls(function: ast.FunctionDef) -> set[str]:
    return {_called(node) for node in ast.walk(function) if isinstance(node, ast.Call)}
