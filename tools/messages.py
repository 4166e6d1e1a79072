"""The catalogue of the English interface: which texts there are, which lack a translation, and the compiled file.

    python -m tools.messages          bring the catalogue up to date, compile it, name what is not translated

Texts are found without running anything: what templates mark, and every Chinese literal of the faces and of the tables of
words below. Refusals, law and what people typed are not among them: they stay Chinese and are marked so
(`sunlight/web/language.py`).
"""

import ast
import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "sunlight" / "locale" / "en" / "LC_MESSAGES"
PO, MO = FOLDER / "django.po", FOLDER / "django.mo"
# Faces, and the modules whose literals are words for events, states and figures: of every app and of its rooms.
PARTS = ("web.py", "web/**/*.py", "navigation.py", "navigation/*.py", "workflows.py", "workflows/*.py", "events.py")
WORDS = (
    "sunlight/web/**/*.py", "sunlight/scope/roles.py", "sunlight/files/filetypes.py", "supervision/queries/figures.py",
    "supervision/queries/matters.py", "supervision/queries/parts.py",
)  # fmt: skip
# Tables of words inside modules that hold other Chinese too.
TABLES = (("pricing/queries/nightly.py", "REACHES"), ("pricing/queries/nightly.py", "ZONES"))  # fmt: skip
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
CHINESE = re.compile(r"[\u4e00-\u9fff]")
MARKED = re.compile(r"(?:gettext|_)\(u?(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')\)")
# A refusal keeps its words; so do bare sentences about our own mistakes.
REFUSALS = {"Invalid", "Refused", "Forbidden", "Conflict", "NotThere", "Duty", "ValueError", "_problem"}
# So do the contents of the journal: `labels({…})`, `event(…, labels={…})`.
CONTENTS = {"labels", "Label"}


def of_template(source: str) -> Iterator[str]:
    """The texts a template marks, as Django will look them up."""
    for literal in MARKED.findall(templatize(source)):
        yield ast.literal_eval(literal)


def of_python(source: str, table: str = "") -> Iterator[str]:
    """The Chinese literals of a module, or of one table in it: no docstrings, no pieces of f-strings, no refusals."""
    tree: ast.AST = ast.parse(source)
    if table:
        tree = next(n for n in ast.walk(tree) if isinstance(n, ast.Assign) and getattr(n.targets[0], "id", "") == table)
    left_out: set[int] = set()
    for node in ast.walk(tree):
        is_call = isinstance(node, ast.Call) and getattr(node.func, "id", "") in REFUSALS | CONTENTS
        is_labels = isinstance(node, ast.keyword) and node.arg in CONTENTS
        if isinstance(node, ast.JoinedStr) or is_call or is_labels:
            left_out |= {
                id(each) for each in ast.walk(node) if isinstance(each, ast.Constant) and not _is_marked(node, each)
            }
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            left_out.add(id(node.value))
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and id(node) not in left_out and CHINESE.search(node.value):
            yield node.value


def _is_marked(within: ast.AST, constant: ast.Constant) -> bool:
    """Whether a literal is an argument of gettext somewhere inside `within`."""
    return any(
        isinstance(call, ast.Call) and getattr(call.func, "id", "") in ("_", "gettext") and constant in call.args
        for call in ast.walk(within)
    )


def python_files() -> Iterator[Path]:
    """The Python files whose Chinese literals are texts of the interface."""
    for pattern in WORDS:
        yield from ROOT.glob(pattern)
    for app in (file.parent for pattern in ("*/apps.py", "sunlight/*/apps.py") for file in ROOT.glob(pattern)):
        for part in PARTS:
            yield from app.glob(part)
            yield from app.glob(f"*/{part}")


def msgids() -> set[str]:
    """Every text of the interface."""
    found: set[str] = set()
    for file in (ROOT / "templates").rglob("*.html"):
        found |= set(of_template(file.read_text("utf-8")))
    for file in python_files():
        found |= set(of_python(file.read_text("utf-8")))
    for name, table in TABLES:
        found |= set(of_python((ROOT / name).read_text("utf-8"), table))
    return {text for text in found if text.strip()}


def read() -> Catalog:
    if not PO.exists():
        return Catalog(locale="en")
    with PO.open("rb") as file:
        return read_po(file, locale="en")


def updated(catalog: Catalog, texts: set[str]) -> Catalog:
    """A catalogue of exactly these texts with the translations that are known, in the order of the texts, without dates:
    the same texts give the same file."""
    made = Catalog(
        locale="en", project="sunlight", charset="utf-8", fuzzy=False, header_comment="# The English interface of Sunlight."
    )  # fmt: skip
    for text in sorted(texts):
        known = catalog.get(text)
        made.add(text, known.string if known is not None and not known.fuzzy else "")
    return made


def compiled(catalog: Catalog) -> bytes:
    out = io.BytesIO()
    write_mo(out, _undated(catalog))
    return out.getvalue()


def _undated(catalog: Catalog) -> Catalog:
    """What is translated, with dates that stay: the same texts give the same bytes."""
    kept = Catalog(locale="en", charset="utf-8", fuzzy=False, creation_date=LONG_AGO, revision_date=LONG_AGO)
    for message in catalog:
        if message.id and message.string:
            kept.add(message.id, message.string)
    return kept


def po_bytes(catalog: Catalog) -> bytes:
    out = io.BytesIO()
    write_po(out, catalog, width=120, omit_header=True, sort_output=True)
    header = (
        b'# The English interface of Sunlight; made by `make messages`.\nmsgid ""\nmsgstr ""\n'
        b'"Content-Type: text/plain; charset=utf-8\\n"\n"Language: en\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
    )
    return header + out.getvalue().lstrip()


def main() -> int:
    catalog = updated(read(), msgids())
    FOLDER.mkdir(parents=True, exist_ok=True)
    PO.write_bytes(po_bytes(catalog))
    MO.write_bytes(compiled(catalog))
    missing = [message.id for message in catalog if message.id and not message.string]
    for text in missing:
        sys.stdout.write(f"{text!r}\n")
    sys.stdout.write(f"{len(catalog)} texts, {len(missing)} without English\n")
    return bool(missing)


if __name__ == "__main__":
    sys.exit(main())
