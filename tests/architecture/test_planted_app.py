"""An app that nobody below has heard of needs its line in the settings, the import contract and `urls`, and nothing else."""

import os
import re
import shutil
import subprocess
import sys

from sunlight.kernel.modules import contributed
from tests.architecture.checks import ROOT
from tests.architecture.test_contracts import copy, lint  # noqa: F401
from tests.house import INSTALLED

PLANTED = ROOT / "tests" / "planted"


def test_an_app_with_event_list_menu_rule_and_schedule_is_read_from_its_own_modules(db):
    """Its words in the trace, its page and to-do, its rule and example, its schedule: with two lines of settings and urls."""
    ran = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-n",
            "0",
            "-p",
            "no:randomly",
            "--ds=tests.planted.settings",
            str(PLANTED / "check_recalls.py"),
        ],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": f"{PLANTED}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-2000:]
    assert ran.stdout.count(".") >= 4


def test_every_app_fills_menu_and_news_at_start():
    """An app whose `ready` forgets its `navigation` or `subscribers` has no menu entry and hears nothing, without an error."""
    there = {module for part in ("navigation", "subscribers") for module in contributed(INSTALLED, part)}
    program = "import django, sys; django.setup(); print(*sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert len(there) > 15
    assert sorted(there - set(ran.stdout.split())) == []


def test_the_import_contract_takes_it_in_with_a_name_a_layer_and_a_container(copy, tmp_path):  # noqa: F811
    tree = tmp_path / "house"
    shutil.copytree(copy, tree)
    shutil.copytree(PLANTED / "recalls", tree / "recalls")
    contract = tree / "pyproject.toml"
    text = contract.read_text("utf-8")
    for before, after in (
        (r"(root_packages = \[)", r'\1"recalls", '),
        (r'(\n    )"supervision",\n', r'\1"recalls",\g<0>'),
        (r'(containers = \[\n    )"catalog"', r'\1"recalls", "catalog"'),
    ):
        text, count = re.subn(before, after, text, count=1)
        assert count == 1, before
    contract.write_text(text, "utf-8")
    ran = lint(tree)
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr
    # The contract holds it like any other: a lower app that calls it is seen.
    with (tree / "catalog" / "rules.py").open("a") as file:
        file.write("\nimport recalls.rules\n")
    ran = lint(tree)
    assert ran.returncode == 1
    assert "catalog.rules -> recalls.rules" in ran.stdout
