"""The check that only `readers` modules say which roles may read."""

import ast
import re
from collections.abc import Iterator

from tests.architecture.checks import dotted, imports_of, module_of, nodes, parsed

FACES = re.compile(r"(^|\.)(web|api|navigation|menu|faces)(\.|$)")
ROLE = re.compile(r"^sunlight\.scope\.(roles\.)?Role(\.\w+)?$")
READ = re.compile(r"\.readers\.\w+$|\.ANYBODY$")


def readers_of_its_own(name: str, source: str) -> list[str]:
    """A face that lists roles, or lets others read than the app's readers. One role is a duty and may be named; a duty of
    several is named by the service or the machine whose it is."""
    if not FACES.search(module_of(name)):
        return []
    tree = parsed(source)
    names = imports_of(tree)
    faults = []
    for node in nodes(tree):
        if any(_several(names, given) for given in _collections(names, node)):
            faults.append(f"{name}:{node.lineno}: lists roles; ask the app's readers")
        faults += [
            f"{name}:{value.lineno}: {ast.unparse(value)} may read; ask the app's readers"
            for value in _reading(names, node)
            if not READ.search(dotted(value, names))
        ]
    return faults


def _collections(names: dict[str, str], node: ast.AST) -> Iterator[list[ast.AST]]:
    """What a node puts together: the elements of a literal, the arguments of what declares a page or a menu entry, and all
    roles where a constant is made of them."""
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        yield node.elts
    elif isinstance(node, ast.Call) and dotted(node.func, names).endswith((".pages.page", ".navigation.add")):
        yield node.args
    elif isinstance(node, ast.Assign) and all(
        isinstance(each, ast.Name) and each.id.isupper() for each in node.targets
    ):
        for each in ast.walk(node.value):
            made = each.iter if isinstance(each, ast.comprehension) else None
            if isinstance(each, ast.Call) and len(each.args) == 1:
                made = each.args[0]
            if made is not None and ROLE.match(dotted(made, names)) and dotted(made, names).endswith(".Role"):
                yield [made, made]


def _several(names: dict[str, str], given: list[ast.AST]) -> bool:
    roles = [each for each in given if ROLE.match(dotted(each, names))]
    return len(roles) > 1 or bool(roles) and any(isinstance(each, ast.Starred) for each in given)


def _reading(names: dict[str, str], node: ast.AST) -> Iterator[ast.AST]:
    """Who a node lets read: the roles of a GET, of a page that is only read, of a menu entry."""
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == "GET":
                yield value
    elif isinstance(node, ast.Call):
        called = dotted(node.func, names)
        is_read = called.endswith(".pages.page") and not any(word.arg == "methods" for word in node.keywords)
        if is_read or called.endswith(".navigation.add"):
            starred = (each.value for each in node.args if isinstance(each, ast.Starred))
            # The menu may name a page differently for two halves of its readers.
            yield from (each for each in starred if not isinstance(each, ast.BinOp))
