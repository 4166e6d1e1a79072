"""The check that whatever ends something for good asks the person again: the pages and endpoints from which a service makes
an `in_person` move have `step_up`."""

import ast
from collections.abc import Iterable, Iterator, Mapping

from tests.architecture.checks import dotted, imports_of, module_of, nodes, parsed

CHANGES = frozenset({"post", "put", "patch", "delete"})
# What a module calls its machine by → its moves, and those of them in person.
Tables = Mapping[str, tuple[frozenset[str], frozenset[str]]]


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    yield from (each for each in tree.body if isinstance(each, ast.FunctionDef | ast.ClassDef))


def _constants(node: ast.AST) -> set[str]:
    return {each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str)}


def reaching(sources: Mapping[str, str], tables: Tables) -> set[str]:
    """The functions (`module.name`) of the services that make a move in person, themselves or by calling one that does. A
    helper that is told which move to make makes what its callers name."""
    found: set[str] = set()
    told: dict[str, str] = {}  # a helper that is told the move → the machine
    calls: dict[str, list[tuple[str, set[str]]]] = {}
    for name, source in sources.items():
        module, tree = module_of(name), parsed(source)
        if ".services" not in module:
            continue
        names = {each.name: f"{module}.{each.name}" for each in _functions(tree)} | imports_of(tree)
        for each in _functions(tree):
            mine = f"{module}.{each.name}"
            made = [call for call in ast.walk(each) if isinstance(call, ast.Call)]
            calls[mine] = [(dotted(call.func, names), _constants(call)) for call in made]
            for call in made:
                table = dotted(call.args[0], {}).rpartition(".")[2] if len(call.args) >= 3 else ""
                if not dotted(call.func, {}).endswith("moved") or table not in tables:
                    continue
                moves, in_person = tables[table]
                # The name of the move, or the names among which the function chooses.
                named = (_constants(call.args[2]) & moves) or (_constants(each) & moves)
                if named & in_person:
                    found.add(mine)
                elif not named:
                    told[mine] = table
    while True:
        before = len(found), len(told)
        for mine, made in calls.items():
            for called, constants in made:
                moves, in_person = tables[told[called]] if called in told else (frozenset(), frozenset())
                if called in found or constants & in_person:
                    found.add(mine)
                elif called in told and not constants & moves:
                    told.setdefault(mine, told[called])
        if before == (len(found), len(told)):
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
    # A table of moves of a page or of endpoints leads there too.
    tables = {
        f"{module}.{target.id}": each
        for each in tree.body
        if isinstance(each, ast.Assign)
        for target in each.targets
        if isinstance(target, ast.Name)
    }
    names |= {key.rpartition(".")[2]: key for key in tables}
    both = inside | tables
    reached = set(wanted)
    while more := {key for key, each in both.items() if key not in reached and _called(each, names) & reached}:
        reached |= more
    faults = [
        f"{name}:{each.lineno}: {each.name} ends something for good and does not ask again: step_up"
        for key, each in inside.items()
        if key in reached and _is_face(each) and not _asks(each, inside, names)
    ]
    # Endpoints made by a function of a service.
    made = [call for each in tree.body if not isinstance(each, ast.FunctionDef | ast.ClassDef) for call in nodes(each)]
    faults += [
        f"{name}:{call.lineno}: an endpoint ends something for good and does not ask again: step_up"
        for call in made
        if ".api" in module and isinstance(call, ast.Call) and call.args and dotted(call.args[0], names) in wanted
        if not any(word.arg == "step_up" for word in call.keywords)
    ]
    return faults


def _is_face(node: ast.AST) -> bool:
    if isinstance(node, ast.ClassDef):
        return any(getattr(each, "name", "") in CHANGES for each in node.body)
    return any(isinstance(each, ast.Call) and dotted(each.func, {}).endswith("page") for each in node.decorator_list)


def _asks(node: ast.AST, inside: Mapping[str, ast.AST], names: Mapping[str, str]) -> bool:
    if not isinstance(node, ast.ClassDef):
        return any("step_up=" in ast.unparse(each) for each in node.decorator_list)
    if any("step_up" in ast.unparse(each) for each in node.body if isinstance(each, ast.Assign)):
        return True
    return any(_asks(inside[base], inside, names) for each in node.bases if (base := dotted(each, names)) in inside)
