"""The catalogue of the English interface: which texts there are, which lack a translation, and the compiled file.

    python -m tools.messages          bring the catalogue up to date, compile it, name what is not translated

Babel finds what templates and Python mark. In pages, menus and the tables of words named below a text needs no mark: every
Chinese literal there is one, so that none can be forgotten (docs/adr/0007-english-pages.md). Refusals, law and what people
typed stay Chinese.
"""

import ast
import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "sunlight" / "locale" / "en" / "LC_MESSAGES"
PO, MO = FOLDER / "django.po", FOLDER / "django.mo"
PACKAGES = ("sunlight", *sorted(file.parent.name for file in ROOT.glob("*/apps.py")))
# Modules whose literals are texts: faces, and tables of words for events, states and figures, of every app and its rooms.
PARTS = ("web.py", "web/**/*.py", "navigation.py", "navigation/*.py", "workflows.py", "workflows/*.py", "events.py")
WORDS = (
    "sunlight/web/**/*.py",
    "sunlight/scope/roles.py",
    "sunlight/files/filetypes.py",
    "procurement/ordering/rules/levels.py",
    "settlement/rules/degrees.py",
    "supervision/queries/figures.py",
    "supervision/queries/late.py",
    "supervision/queries/matters.py",
    "supervision/queries/parts.py",
    "supervision/rules/what_if/kinds.py",
)
# What marks a text, and the argument that is one.
KEYWORDS = {
    "_": None,
    "gettext": None,
    "message_kind": (2,),
    "deadline_kind": (2,),
    "change_kind": (2,),
    "gettext_noop": None,
}
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# A refusal keeps its words; so do bare sentences about our own mistakes.
REFUSALS = {"Invalid", "Refused", "Forbidden", "Conflict", "NotThere", "Duty", "ValueError", "_problem"}
# So do the contents of the journal: `labels({…})`, `event(…, labels={…})`.
CONTENTS = {"labels", "Label"}


def from_template(file, keywords, comment_tags, options):
    """Babel's method for templates: Django turns one into marked texts among filling, which the method for Python reads
    once its lines are not indented at random."""
    filled = "\n".join(line.lstrip() for line in templatize(file.read().decode()).splitlines())
    return extract_python(io.BytesIO(filled.encode()), keywords, comment_tags, options)


def from_words(file, keywords, comment_tags, options) -> Iterator[tuple[int, str, str, list[str]]]:
    """Babel's method for modules whose Chinese literals are all texts: no docstrings, no f-strings, nothing of a refusal or of
    the journal's contents."""
    tree = ast.parse(file.read())
    left_out = {id(part) for node in ast.walk(tree) if _stays(node) for part in ast.walk(node)}
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and id(node) not in left_out and CHINESE.search(node.value):
            yield node.lineno, "", node.value, []


def _stays(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return getattr(node.func, "id", "") in REFUSALS | CONTENTS
    if isinstance(node, ast.keyword):
        return node.arg in CONTENTS
    return isinstance(node, ast.JoinedStr) or isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def word_files() -> Iterator[Path]:
    for pattern in WORDS:
        yield from ROOT.glob(pattern)
    for app in (file.parent for package in PACKAGES for file in (ROOT / package).rglob("apps.py")):
        for part in PARTS:
            yield from app.glob(part)
            yield from app.glob(f"*/{part}")


@cache
def msgids() -> frozenset[str]:
    """Every text of the interface."""
    methods = [
        (from_template, (ROOT / "templates").rglob("*.html")),
        (extract_python, (file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))),
        (from_words, word_files()),
    ]
    found = (
        text for method, files in methods for file in files for _, text, *_ in extract_from_file(method, file, KEYWORDS)
    )
    # Of `_(row["name"])` Babel takes the key for a text.
    return frozenset(text for text in found if not text.isascii())


def read() -> Catalog:
    if not PO.exists():
        return Catalog(locale="en")
    with PO.open("rb") as file:
        return read_po(file, locale="en")


def updated(catalog: Catalog, texts: frozenset[str]) -> Catalog:
    """A catalogue of exactly these texts with the translations that are known, in the order of the texts, without dates:
    the same texts give the same file."""
    made = Catalog(
        locale="en",
        project="sunlight",
        charset="utf-8",
        fuzzy=False,
        header_comment="# The English interface of Sunlight.",
    )
    for text in sorted(texts):
        known = catalog.get(text)
        made.add(text, known.string if known is not None and not known.fuzzy else "")
    return made


def compiled(catalog: Catalog) -> bytes:
    out = io.BytesIO()
    write_mo(out, _with_fixed_dates(catalog))
    return out.getvalue()


def _with_fixed_dates(catalog: Catalog) -> Catalog:
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
