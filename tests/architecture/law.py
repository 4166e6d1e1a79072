"""The law is handed in, never typed: no global policy beyond scope and loader, no clause id beyond rules and policy."""

import ast
import re

from tests.architecture.checks import CLAUSE, imports_of, module_of, nodes, parsed

LOADED = ("sunlight.acts.current_policy", "sunlight.acts.load_policy")
# The scope hands the policy on; the loader loads it.
HOLDERS = re.compile(r"^sunlight\.(acts|scope\.law)(\.|$)")
# Rules are the clauses' own place; they say themselves which they carry out.
RULES = re.compile(r"(^|\.)rules(\.|$)|^sunlight\.(acts|kernel)(\.|$)")


def global_policy(name: str, source: str) -> list[str]:
    """The loaded policy asked for by a module: take the `Law` of the scope, so that another policy can be handed in."""
    if HOLDERS.match(module_of(name)):
        return []
    return [
        f"{name}: asks for the loaded policy; take scope.law or scope.policy"
        for target in imports_of(parsed(source)).values()
        if target in LOADED
    ]


def law_without_drafts(name: str, source: str) -> list[str]:
    """A law made without the platform's switch for drafts: `scope.law(actor, day)` has it."""
    if HOLDERS.match(module_of(name)) or module_of(name).startswith("sunlight.kernel"):
        return []
    return [
        f"{name}:{node.lineno}: a law without the platform's drafts; take scope.law"
        for node in nodes(parsed(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("law", "find", "at", "every")
        and {"region", "on"} <= (given := {each.arg for each in node.keywords})
        and "drafts" not in given
    ]


def clause_ids_typed(name: str, source: str) -> list[str]:
    """Clause ids in texts of the program: a refusal takes a value of the policy or a rule's reason, which is dated, of its
    region and says whether it is a draft's. Docstrings may cite."""
    if RULES.search(module_of(name)):
        return []
    tree = parsed(source)
    documents = {
        id(node.body[0].value)
        for node in nodes(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return [
        f"{name}:{node.lineno}: the clause {found.group(0)} is typed; take law.basis(key) or the rule's reason"
        for node in nodes(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents
        if (found := CLAUSE.search(node.value))
    ]
