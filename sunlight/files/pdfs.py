"""Looks for what a PDF would run when it is opened: scripts and programs (ISO 32000-1, 12.6.4).

It is read twice: as a reader follows its cross-references, object streams included, and as plain bytes, since a file may be
broken on purpose for us and not for a viewer. Either finding refuses it. An action that only turns to a page is none.
"""

import io
import re
import zlib
from collections.abc import Iterator

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, PdfObject

# More objects than a document of our limits has; it would take us minutes.
MOST_OBJECTS = 100_000
_MOST_INFLATED = 8 << 20
_KEYS = frozenset({"/JS", "/JavaScript"})
_ACTIONS = frozenset({"/JavaScript", "/Launch"})
# What stands between `stream` and `endstream` is data, in which any bytes may come together by chance.
_STREAM = re.compile(rb"(<<(?:(?!endobj).){0,2000}?>>)\s*stream\r?\n(.*?)endstream", re.DOTALL)
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_NAME = re.compile(rb"/(?:JS|JavaScript|Launch)(?=[\s/<>()\[\]{}%]|$)")


class Unfit(Exception):
    """A PDF that nobody can look into: locked by a password, or of too many objects."""


def runs_something(content: bytes) -> bool:
    """Whether opening the file would run a script or start a program. Raises Unfit."""
    return _names_one(content) or any(map(_is_action, _dictionaries(content)))


def _names_one(content: bytes) -> bool:
    """Whether the plain bytes, or an object stream among them, name such an action."""
    if _named_in(_STREAM.sub(rb"\1", content)):
        return True
    streams = (found for found in _STREAM.finditer(content) if b"ObjStm" in _unescaped(found[1]))
    return any(_named_in(_inflated(found[2])) for found in streams)


def _named_in(content: bytes) -> bool:
    return _NAME.search(_unescaped(content)) is not None


def _unescaped(content: bytes) -> bytes:
    """Names without their escapes: `/J#53` is `/JS`."""
    return _ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), content)


def _inflated(content: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(content, _MOST_INFLATED)
    except zlib.error:
        return content


def _dictionaries(content: bytes) -> Iterator[DictionaryObject]:
    """Every dictionary of the file, those of object streams included; none of a file that cannot be read as a PDF."""
    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
        # Many are locked for changes alone and open with an empty password.
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unfit
        numbers = {(number, version) for version, found in reader.xref.items() for number in found}
        numbers |= {(number, 0) for number in reader.xref_objStm}
    except Unfit:
        raise
    except Exception:  # noqa: BLE001 whatever a broken file makes of a reader: the bytes were looked at
        return
    if len(numbers) > MOST_OBJECTS:
        raise Unfit
    for number, version in sorted(numbers):
        try:
            found = reader.get_object(IndirectObject(number, version, reader))
        except (PyPdfError, ValueError, KeyError, TypeError, RecursionError, AssertionError):
            continue
        yield from _within(found)


def _within(given: PdfObject | None) -> Iterator[DictionaryObject]:
    """The dictionaries that stand in an object itself; what it refers to is an object of its own."""
    waiting = [given]
    while waiting:
        each = waiting.pop()
        if isinstance(each, DictionaryObject):
            yield each
            waiting += [each.raw_get(key) for key in each]
        elif isinstance(each, ArrayObject):
            waiting += list(each)


def _is_action(found: DictionaryObject) -> bool:
    if not _KEYS.isdisjoint(found):
        return True
    try:
        return found.get("/S") in _ACTIONS
    except (PyPdfError, ValueError, KeyError, RecursionError):
        return False
