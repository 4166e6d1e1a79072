"""The check that whatever ends something for good asks the person again: the pages and endpoints from which a service makes
an `in_person` move have `step_up`."""

import ast
from collections.abc import Iterable, Iterator, Mapping

from tests.architecture.checks import dotted, imports_of, module_of, nodes, parsed

# What a module calls its machine by → the moves in person.
InPerson = Mapping[str, frozenset[str]]


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    yield from (each for each in tree.body if isinstance(each, ast.FunctionDef | ast.ClassDef))


def _moves(node: ast.AST, in_person: InPerson) -> bool:
    """Whether it makes such a move itself; one whose name is not written there may be any."""
    for call in ast.walk(node):
        if not (isinstance(call, ast.Call) and len(call.args) >= 3 and dotted(call.func, {}).endswith("moved")):
            continue
        table = in_person.get(dotted(call.args[0], {}).rpartition(".")[2], frozenset())
        named = {each.value for each in ast.walk(call.args[2]) if isinstance(each, ast.Constant)}
        if table and (not named or named & table):
            return True
    return False


def reaching(sources: Mapping[str, str], in_person: InPerson) -> set[str]:
    """The functions (`module.name`) of the services that make a move in person, themselves or by calling one that does."""
    found: set[str] = set()
    uses: dict[str, set[str]] = {}
    for name, source in sources.items():
        module, tree = module_of(name), parsed(source)
        if ".services" not in module:
            continue
        names = {each.name: f"{module}.{each.name}" for each in _functions(tree)} | imports_of(tree)
        for each in _functions(tree):
            mine = f"{module}.{each.name}"
            uses[mine] = _called(each, names)
            if _moves(each, in_person):
                found.add(mine)
    while more := {each for each, called in uses.items() if each not in found and called & found}:
        found |= more
    return found


def _called(node: ast.AST, names: Mapping[str, str]) -> set[str]:
    return {dotted(each, names) for each in ast.walk(node) if isinstance(each, ast.Name | ast.Attribute)}


def without_step_up(name: str, source: str, services: Iterable[str]) -> list[str]:
    """The pages and endpoints of a module that lead to one of `services` and do not ask the person again."""
    module = module_of(name)
    if ".web" not in module and ".api" not in module:
        return []
    tree, wanted = parsed(source), set(services)
    names = {each.name: f"{module}.{each.name}" for each in _functions(tree)} | imports_of(tree)
    inside = {f"{module}.{each.name}": each for each in _functions(tree)}
    reached = set(wanted)
    while more := {key for key, each in inside.items() if key not in reached and _called(each, names) & reached}:
        reached |= more
    faults = [
        f"{name}:{each.lineno}: {each.name} ends something for good and does not ask again: step_up"
        for key, each in inside.items()
        if key in reached and _is_face(each) and not _asks(each)
    ]
    faults += [
        f"{name}:{call.lineno}: an endpoint ends something for good and does not ask again: step_up"
        for call in nodes(tree)
        if isinstance(call, ast.Call) and dotted(call.func, {}).endswith("move_endpoint") and call.args
        if dotted(call.args[0], names) in wanted and not any(word.arg == "step_up" for word in call.keywords)
    ]
    return faults


def _is_face(node: ast.AST) -> bool:
    if isinstance(node, ast.ClassDef):
        return any(each.name in ("post", "put", "patch", "delete") for each in node.body if hasattr(each, "name"))
    return any(isinstance(each, ast.Call) and dotted(each.func, {}).endswith("page") for each in node.decorator_list)


def _asks(node: ast.AST) -> bool:
    if isinstance(node, ast.ClassDef):
        return any("step_up" in ast.unparse(each) for each in node.body if isinstance(each, ast.Assign))
    return any("step_up=" in ast.unparse(each) for each in node.decorator_list)
