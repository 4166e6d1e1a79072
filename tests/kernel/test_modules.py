"""What an app contributes is found by the names of its modules, in its rooms too and nowhere else."""

import sys

import pytest

from sunlight.kernel.modules import contributed, load


@pytest.fixture
def packages(tmp_path, monkeypatch):
    """`harbour` with a room, a package of rules, and faces and commands that are called the same; `quay` with nothing."""
    for path in (
        "harbour/__init__.py",
        "harbour/events.py",
        "harbour/rules/__init__.py",
        "harbour/rules/berths.py",
        "harbour/dock/__init__.py",
        "harbour/dock/rules.py",
        "harbour/web/__init__.py",
        "harbour/web/rules.py",
        "harbour/management/__init__.py",
        "harbour/management/rules.py",
        "harbour/drawer/rules.py",
        "quay/__init__.py",
    ):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f'PLACE = "{path}"\n')
    monkeypatch.syspath_prepend(str(tmp_path))
    yield ["quay", "harbour"]
    for name in [name for name in sys.modules if name.partition(".")[0] in ("harbour", "quay")]:
        del sys.modules[name]


def test_modules_of_apps_and_rooms_are_found_without_importing_them(packages):
    assert contributed(packages, "rules") == ["harbour.rules", "harbour.rules.berths", "harbour.dock.rules"]
    assert contributed(packages, "events") == ["harbour.events"]
    assert contributed(["quay", "nowhere"], "rules") == []
    assert not [name for name in sys.modules if name.startswith("harbour.")]


def test_load_imports_what_is_found(packages):
    places = [module.PLACE for module in load(packages, "rules")]
    assert places == ["harbour/rules/__init__.py", "harbour/rules/berths.py", "harbour/dock/rules.py"]
