"""No package of the product's lock is under AGPL or GPL; LGPL only where it is linked as a library and named here."""

import re
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
LGPL_ALLOWED = {"psycopg2-binary"}
NAME = re.compile(r"^([a-z0-9][a-z0-9._-]*)==", re.MULTILINE)
LOCKED = NAME.findall((ROOT / "requirements.lock").read_text(encoding="utf-8"))

AFFERO = re.compile(r"\bAGPL|Affero", re.IGNORECASE)
LESSER = re.compile(r"\bLGPL|Lesser General Public|Library General Public", re.IGNORECASE)
GENERAL = re.compile(r"\bGPL|General Public Licen[cs]e|\bGPLv?\d", re.IGNORECASE)


def words_of(package: metadata.PackageMetadata) -> list[str]:
    """What a distribution says of its licence; the long text of a licence file is not what it says in its fields."""
    classifiers = [c for c in package.get_all("Classifier", []) if c.startswith("License ::")]
    fields = [package.get("License-Expression") or "", (package.get("License") or "").strip().split("\n")[0]]
    return [word for word in [*classifiers, *fields] if word]


def verdict(words: list[str], name: str) -> str:
    """Why the licence may not be in the product; empty where it may."""
    if not words:
        return "says nothing of its licence"
    # Of "MIT OR GPL-2.0" we take MIT.
    choices = [choice for word in words for choice in re.split(r"\s+OR\s+", word)]
    free = [c for c in choices if not (AFFERO.search(c) or LESSER.search(c) or GENERAL.search(c))]
    if any(" OR " in word for word in words) and free:
        return ""
    for word in words:
        if AFFERO.search(word):
            return f"AGPL: {word}"
        if LESSER.search(word):
            if name not in LGPL_ALLOWED:
                return f"LGPL, not named here: {word}"
        elif GENERAL.search(word):
            return f"GPL: {word}"
    return ""


def installed(name: str) -> metadata.PackageMetadata | None:
    try:
        return metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return None


def test_the_lock_is_read():
    assert {"django", "psycopg2-binary", "celery"} <= set(LOCKED) and len(LOCKED) > 30


@pytest.mark.parametrize("name", LOCKED)
def test_licence(name):
    found = installed(name)
    if found is None:
        # A universal lock names packages for other systems and versions of Python.
        marker = re.search(rf"^{re.escape(name)}==[^\n]*;", (ROOT / "requirements.lock").read_text("utf-8"), re.M)
        assert marker, f"{name} is locked for this system but not installed"
        return
    assert verdict(words_of(found), name) == ""


@pytest.mark.parametrize(
    ("words", "refused"),
    [
        (["License :: OSI Approved :: GNU Affero General Public License v3"], True),
        (["AGPL-3.0-only"], True),
        (["GPL-2.0-or-later"], True),
        (["License :: OSI Approved :: GNU General Public License v3 (GPLv3)"], True),
        (["GNU Lesser General Public License v3"], True),
        ([], True),
        (["MIT"], False),
        (["MIT OR GPL-2.0-only"], False),
        (["Apache-2.0 OR BSD-3-Clause"], False),
    ],
)
def test_the_verdict(words, refused):
    assert bool(verdict(words, "some-package")) is refused


def test_lgpl_where_it_is_named():
    assert verdict(["LGPL with exceptions"], "psycopg2-binary") == ""
