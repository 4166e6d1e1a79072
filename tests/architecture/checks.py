"""Checkers of the written rules: each takes source text and returns faults in words, so that each can be shown a bad
sample. `test_rules.py` runs them over the whole product."""

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from sunlight.kernel.modules import PARTS
from tests.house import APPS

ROOT = Path(__file__).resolve().parent.parent.parent
# A folder of an app that is none of an app's modules is a room: `procurement.ordering`.
ROOM = rf"(\.(?!(?:{'|'.join(PARTS)}|management|migrations)\b)\w+)?"
KITS = ("files", "sheets", "jobs", "answers", "saved_views")
FEATURES = ("messages", "registration", "approval", "publicity", "deadlines", "webhooks", "reconciliation")
FOUNDATION = tuple(
    f"sunlight.{name}" for name in ("scope", "journal", "tenancy", *KITS, "web", "api", *FEATURES, "accounts")
)
# Labels that differ from the folder: Django has an app `messages` itself.
LABELS = {"messages": "sunlight_messages"}
LONGEST_FILE, LONGEST_FUNCTION = 400, 60


@cache
def parsed(source: str) -> ast.Module:
    """The syntax tree of a file, read by several rules; nobody changes it."""
    return ast.parse(source)


@cache
def nodes(tree: ast.AST) -> list[ast.AST]:
    """All nodes of a tree, walked once for several rules."""
    return list(ast.walk(tree))


def product_files() -> Iterator[Path]:
    """Our Python files that run in production, without migrations."""
    for package in ("sunlight", *APPS):
        for file in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in file.parts:
                yield file


def all_files() -> Iterator[Path]:
    """Every Python file of the project but generated migrations."""
    for folder in ("sunlight", *APPS, "tests", "bench", "tools"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            if not (file.parent.name == "migrations" and file.name == "0001_schema.py"):
                yield file


def name_of(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def module_of(name: str) -> str:
    """`catalog/services/listing.py` → `catalog.services.listing`."""
    return name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def package_of(module: str) -> str:
    """The app or foundation package a module belongs to: `catalog`, `sunlight.tenancy`."""
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "sunlight" else parts[0]


def imports_of(tree: ast.Module) -> dict[str, str]:
    """Local name → what it stands for, from every import of the file, also those inside functions."""
    names: dict[str, str] = {}
    for node in nodes(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def dotted(node: ast.AST, names: dict[str, str]) -> str:
    """The full name an attribute chain stands for, seen through the imports: `timezone.now` → `django.utils.timezone.now`.
    Calls and subscripts in the chain are left out: `Order.objects.filter(…).update` → `….Order.objects.filter.update`."""
    parts: list[str] = []
    while True:
        if isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Subscript):
            node = node.value
        else:
            break
    if not isinstance(node, ast.Name):
        return ".".join(["?", *reversed(parts)])
    return ".".join([names.get(node.id, node.id), *reversed(parts)])


def too_long(name: str, source: str) -> list[str]:
    """Files over 400 lines, functions over 60."""
    faults = []
    lines = source.count("\n")
    if lines > LONGEST_FILE:
        faults.append(f"{name}: {lines} lines, {LONGEST_FILE} allowed")
    for node in nodes(parsed(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = node.end_lineno - node.lineno + 1
            if length > LONGEST_FUNCTION:
                faults.append(f"{name}:{node.lineno}: {node.name} has {length} lines, {LONGEST_FUNCTION} allowed")
    return faults


CLOCKS = {
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
    "django.utils.timezone.now",
    "django.utils.timezone.localdate",
    "django.utils.timezone.localtime",
    "django.db.models.functions.Now",
    "time.time",
    "time.time_ns",
    "time.localtime",
    "time.gmtime",
}
SQL_CLOCK = re.compile(
    r"\b(now\(\)|current_timestamp|current_date|localtimestamp|clock_timestamp|statement_timestamp)", re.I
)
SQL = re.compile(r"\b(select|insert|update|default)\b", re.I)


def clocks(name: str, source: str) -> list[str]:
    """Every clock but `scope.now`: Python's, Django's, the database's, and fields that set themselves."""
    tree = parsed(source)
    names = imports_of(tree)
    faults = []
    for node in nodes(tree):
        if isinstance(node, ast.Attribute | ast.Name) and dotted(node, names) in CLOCKS:
            faults.append(f"{name}:{node.lineno}: {dotted(node, names)}")
        elif isinstance(node, ast.keyword) and node.arg in ("auto_now", "auto_now_add"):
            faults.append(f"{name}:{node.value.lineno}: {node.arg}")
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            # Prose may speak of now(); SQL does not use it.
            faults += [
                f"{name}:{node.lineno}: {sql}" for sql in SQL_CLOCK.findall(node.value) if SQL.search(node.value)
            ]
    return faults


WRITING = {"create", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "update", "delete", "save"}
WRITING_SQL = re.compile(r"\b(insert\s+into|update\s+\w+\s+set|delete\s+from|truncate\s+\w+|copy\s+\w+\s*\()")
# Who writes a table besides its room's services: the journal, and sessions by their nature.
ROOMS = (*APPS, *(f"sunlight.{name}" for name in ("tenancy", "accounts", *KITS, *FEATURES)))
WRITERS = re.compile(
    rf"^(({'|'.join(APPS)}){ROOM}\.services(\.|$)"
    rf"|({'|'.join(map(re.escape, ROOMS))})\.services(\.|$)"
    r"|sunlight\.journal\.(services|sealer|relay|checkpoints)$|sunlight\.tenancy\.sessions$)"
)
# Tables by their app's label, with the package that owns them; the longest label counts.
OWNERS = {LABELS.get(room.split(".")[-1], room.split(".")[-1]): room for room in (*ROOMS, "sunlight.journal")}


def model_writes(name: str, source: str) -> list[tuple[int, str, str]]:
    """(line, method, dotted chain) of every call that writes a model, as far as the text shows it."""
    tree = parsed(source)
    names = imports_of(tree)
    found = []
    for node in nodes(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            method, chain = node.func.attr, dotted(node.func, names)
            by_manager = re.search(r"\.(objects|lines|deliveries|payments|agreements|legs)\b|_set\b", chain)
            by_row = method in ("save", "delete") and not re.search(r"session|storage|serializer|form\b|^super", chain)
            by_query = method in ("update", "delete") and re.search(
                r"\.(filter|exclude|all|select_for_update)\.", chain
            )
            if method in WRITING and (by_manager or by_row or by_query):
                found.append((node.lineno, method, chain))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and WRITING_SQL.search(node.value.lower()):
            found.append((node.lineno, "SQL", node.value.strip()[:60]))
    return found


def owner_of(table: str) -> str:
    """The package a table of ours belongs to; nothing for one that is not ours."""
    labels = [label for label in OWNERS if table.startswith(f"{label}_")]
    return OWNERS[max(labels, key=len)] if labels else ""


def writes_outside_services(name: str, source: str) -> list[str]:
    """Writes of models anywhere but in the services of the model's own app."""
    module = module_of(name)
    faults = []
    for line, method, chain in model_writes(name, source):
        if not WRITERS.match(module):
            faults.append(f"{name}:{line}: {chain} writes a model outside services")
            continue
        owner = re.match(rf"((?:sunlight\.)?\w+){ROOM}\.models\b", chain)
        if method == "SQL":
            table = re.search(r"(?:into|update|from|copy|truncate(?: table)?)\s+(\w+)", chain, re.I)
            if table and owner_of(table.group(1)) not in ("", package_of(module)):
                faults.append(f"{name}:{line}: writes {table.group(1)}, another app's table")
        elif owner and owner.group(1) != package_of(module):
            faults.append(f"{name}:{line}: {chain} writes another app's model")
    return faults


def model_habits(name: str, source: str) -> list[str]:
    """`save` overrides and signals: effects that nobody called."""
    tree = parsed(source)
    faults = []
    for target in imports_of(tree).values():
        if re.match(r"django\.(dispatch|db\.models\.signals|core\.signals|contrib\.auth\.signals)", target):
            faults.append(f"{name}: uses signals ({target})")
    if re.search(r"(^|\.)models(\.|$)", module_of(name)):
        for node in nodes(tree):
            if isinstance(node, ast.ClassDef):
                for item in node.body:
                    if isinstance(item, ast.FunctionDef) and item.name in ("save", "delete", "clean", "full_clean"):
                        faults.append(f"{name}:{item.lineno}: {node.name}.{item.name} is overridden")
    return faults


FACES_READ_THE_CLOCK = re.compile(r"(^|\.)(services|queries|models)(\.|$)")
SCOPE_CLOCKS = {f"sunlight.scope.{where}{what}" for where in ("", "clock.") for what in ("now", "today")}


def clock_in_the_domain(name: str, source: str) -> list[str]:
    """The clock read by a service, query or model: faces and tasks read it and pass `at`."""
    module = module_of(name)
    if not FACES_READ_THE_CLOCK.search(module) or module.startswith("sunlight.journal"):
        return []
    tree = parsed(source)
    names = imports_of(tree)
    return [
        f"{name}:{node.lineno}: reads the clock; take `at`"
        for node in nodes(tree)
        if isinstance(node, ast.Call) and dotted(node.func, names) in SCOPE_CLOCKS
    ]


FACES = "web|api|urls|navigation|faces|apps"
BELOW_FACES = re.compile(
    rf"^(sunlight\.(kernel|acts|scope|journal|tenancy|numbering|{'|'.join(KITS)})(\.|$)"
    rf"|sunlight\.({'|'.join(FEATURES)})\.(?!({FACES})(\.|$))"
    rf"|\w+{ROOM}\.(rules|workflows|models|queries|services|tasks|subscribers)(\.|$))"
)
HTTP = re.compile(r"^(django\.(http|shortcuts|views|urls|template|middleware|contrib\.messages)|rest_framework)(\.|$)")


def http_below_faces(name: str, source: str) -> list[str]:
    """HTTP known to a module below the faces. import-linter sees Django only as a whole, so this looks closer."""
    if not BELOW_FACES.match(module_of(name)):
        return []
    return [f"{name}: knows {target}" for target in imports_of(parsed(source)).values() if HTTP.match(target)]


ADVISORY = re.compile(r"\bpg_\w*advisory\w*lock")


def locks_of_its_own(name: str, source: str) -> list[str]:
    """Advisory locks taken anywhere but by `scope.alone`, which names and numbers them all alike."""
    return [
        f"{name}:{number}: takes an advisory lock; use scope.alone"
        for number, line in enumerate(source.splitlines(), 1)
        if ADVISORY.search(line)
    ]


REFUSALS = {"Refused", "Invalid", "Conflict", "Forbidden", "NotThere", "Unreadable"}
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def refusals_not_in_chinese(name: str, source: str) -> list[str]:
    """Refusals whose message, as far as the text shows it, a user could not read."""
    tree = parsed(source)
    faults = []
    for node in nodes(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in REFUSALS:
            message = node.args[0 if node.func.id == "NotThere" else 1 :][:1]
            texts = [t for arg in message for t in (arg.values if isinstance(arg, ast.JoinedStr) else [arg])]
            written = "".join(t.value for t in texts if isinstance(t, ast.Constant) and isinstance(t.value, str))
            if re.search("[A-Za-z]", written) and not CHINESE.search(written):
                faults.append(f"{name}:{node.lineno}: {written!r} is no Chinese message")
    return faults


def moves_by_hand(name: str, source: str, barring: dict[str, dict[str, set[str]]]) -> list[str]:
    """What goes past `moved`: a table applied, people compared, a move that bars somebody made without saying who did the
    earlier acts. `barring`: the name of a machine → move → the acts that bar from it."""
    if ".services." not in f"{module_of(name)}.":
        return []
    faults = []
    for node in nodes(parsed(source)):
        imported = [alias.name for alias in node.names] if isinstance(node, ast.ImportFrom) else []
        if "same_person" in imported or (isinstance(node, ast.Attribute) and node.attr == "same_person"):
            faults.append(f"{name}:{node.lineno}: compares people by hand; let the move's duties say so")
        if not isinstance(node, ast.Call):
            continue
        called = dotted(node.func, {}).rpartition(".")[2]
        if called == "apply" and isinstance(node.func, ast.Attribute):
            faults.append(f"{name}:{node.lineno}: makes a move by hand; use `moved`")
        elif called == "moved" and len(node.args) >= 3:
            table = barring.get(dotted(node.args[0], {}).rpartition(".")[2], {})
            given = {each.value for each in ast.walk(node.args[2]) if isinstance(each, ast.Constant)} & table.keys()
            asked = set().union(*(table[move] for move in given or table))
            earlier = next((word.value for word in node.keywords if word.arg == "earlier"), None)
            if isinstance(earlier, ast.Dict):
                asked -= {ast.literal_eval(key) for key in earlier.keys}
            if asked and (earlier is None or isinstance(earlier, ast.Dict)):
                faults.append(f"{name}:{node.lineno}: does not say who did: {', '.join(sorted(asked))}")
    return faults


def ids_calculated(name: str, source: str) -> list[str]:
    """Arithmetic on ids: a number that means something else by its sign or size. Kinds stand beside numbers instead."""

    def is_id(node: ast.AST) -> bool:
        if isinstance(node, ast.BoolOp):
            return any(map(is_id, node.values))
        called = getattr(node, "id", getattr(node, "attr", ""))
        return isinstance(node, ast.Name | ast.Attribute) and re.search(r"(^|_)(id|pk)$", called) is not None

    faults = []
    for node in nodes(parsed(source)):
        negated = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and is_id(node.operand)
        counted = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub | ast.Mult)
        counted = counted and (is_id(node.left) or is_id(node.right))
        sized = isinstance(node, ast.Compare) and any(
            isinstance(op, ast.Lt | ast.Gt | ast.LtE | ast.GtE) for op in node.ops
        )
        sized = sized and is_id(node.left) and isinstance(node.comparators[0], ast.Constant)
        if negated or counted or sized:
            faults.append(f"{name}:{node.lineno}: calculates with an id")
    return faults


UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX)\b|raise NotImplementedError|pytest\.(skip|mark\.skip|mark\.xfail|xfail)")


def unfinished(name: str, source: str) -> list[str]:
    """What says that work is missing: notes to self, stubs, skipped tests."""
    return [
        f"{name}:{number}: {found.group(0)}"
        for number, line in enumerate(source.splitlines(), 1)
        if (found := UNFINISHED.search(line))
    ]


CLAUSE = re.compile(r"\b(?:[A-Z]{2,4}\d{2}|ASSUMPTION)-(?:A?\d+(?:\.\d+)*[a-z]?)")


def clauses_cited(text: str) -> set[str]:
    return set(CLAUSE.findall(text))


def unknown_clauses(name: str, text: str, index: Iterable[str], acts: Iterable[str]) -> list[str]:
    """Clause ids of our acts that the index does not hold."""
    known, acts = set(index), set(acts)
    return [
        f"{name}: {cited} is not in the index"
        for cited in sorted(clauses_cited(text))
        if cited.rpartition("-")[0] in acts and cited not in known
    ]


def uncited_values(parameters, acts, clauses) -> list[str]:
    """Policy values that do not cite an article of an act in force for as long as they hold. A text not at hand is loaded
    by an assumption that says so."""
    faults = []
    for value in (value for parameter in parameters for value in parameter.values):
        where = f"{value.key} from {value.valid_from}"
        act, clause = acts.get(value.act), clauses.get(value.clause)
        if act is None or clause is None:
            faults.append(f"{where}: cites {value.act} {value.clause}, which is not there")
            continue
        if clause.act not in (value.act, "ASSUMPTION"):
            faults.append(f"{where}: {value.clause} is not of {value.act}")
        if not value.article:
            faults.append(f"{where}: no article")
        if not act.in_force_on(value.valid_from):
            faults.append(f"{where}: {value.act} binds not on this day")
        if value.valid_to and not act.in_force_on(value.valid_to):
            faults.append(f"{where}: outlives {value.act}")
    return faults
