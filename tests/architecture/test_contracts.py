"""The import-linter contracts of pyproject.toml hold, and each of them is able to fail."""

import shutil
import subprocess
import sys
import tomllib
from itertools import chain, pairwise
from pathlib import Path

import pytest

from sunlight.kernel.modules import PARTS
from tests.house import APPS

ROOT = Path(__file__).resolve().parent.parent.parent
LINTER = Path(sys.executable).parent / "lint-imports"
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
CONTRACTS = {contract["id"]: contract for contract in SETTINGS["contracts"]}

FEATURES = ("registration", "approval", "messages", "publicity", "deadlines", "webhooks", "reconciliation")


def file_of(tree: Path, module: str) -> Path:
    """The file of `module` in `tree`: an existing module or package, else a module to be made."""
    path = tree.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def faces(package: str) -> set[str]:
    """The pages and the API of a package, where it has them."""
    return {f"{package}.{part}" for part in ("web", "api") if file_of(ROOT, f"{package}.{part}").exists()}


# Kits and features with queries and services.
ROOMS = ("files", "sheets", "jobs", "saved_views", *FEATURES)
# contract: (module that imports, what it must not import)
VIOLATIONS = {
    "packages": [
        ("catalog.planted", "procurement.ordering.models"),
        ("sunlight.kernel.money", "sunlight.scope.actor"),
        ("sunlight.web.planted", "sunlight.api.views"),
        ("sunlight.journal.planted", "sunlight.tenancy.models"),
        # Kits: sheets read files, and that is all they know of each other.
        ("sunlight.files.planted", "sunlight.sheets.models"),
        ("sunlight.jobs.planted", "sunlight.sheets.models"),
        ("sunlight.numbering", "sunlight.answers.models"),
        ("sunlight.saved_views.planted", "sunlight.jobs.models"),
        # Features: each may send a message, none knows another.
        ("sunlight.web.context", "sunlight.messages.queries"),
        ("sunlight.messages.planted", "sunlight.publicity.models"),
        ("sunlight.registration.planted", "sunlight.approval.models"),
        ("sunlight.approval.planted", "sunlight.webhooks.models"),
        ("sunlight.publicity.planted", "sunlight.registration.models"),
        ("sunlight.webhooks.planted", "sunlight.accounts.clients"),
        ("sunlight.letters", "sunlight.approval.models"),
        ("sunlight.accounts.planted", "sunlight.experts"),
        ("sunlight.operations.planted", "tools.embedded.place"),
        ("settlement.tasks", "tools.messages"),
    ],
    "modules": [
        ("catalog.queries", "catalog.services"),
        ("pricing.models", "pricing.queries"),
        ("pricing.readers", "pricing.events"),
        ("procurement.web.planted", "procurement.api.urls"),
        ("procurement.ordering.web.planted", "procurement.ordering.api.planted"),
        ("procurement.receiving.queries.planted", "procurement.receiving.services.deliveries"),
        ("sunlight.tenancy.queries", "sunlight.tenancy.services"),
        *((f"sunlight.{room}.queries", f"sunlight.{room}.services") for room in ROOMS),
    ],
    "rooms": [
        ("procurement.contracts.planted", "procurement.bargaining.queries.offers"),
        ("procurement.filing.planted", "procurement.bargaining.planted"),
        ("procurement.rounds", "procurement.negotiation"),
        ("procurement.bargaining.planted", "procurement.ordering.workflows"),
        ("procurement.ordering.planted", "procurement.receiving.models"),
        ("procurement.receiving.planted", "procurement.returns"),
        ("procurement.returns", "procurement.subscribers"),
        ("procurement.readers", "procurement.contracts.workflows"),
    ],
    "modules-of-rooms": [
        ("procurement.ordering.queries.planted", "procurement.bargaining.services.offers"),
        ("procurement.receiving.services.planted", "procurement.ordering.web.lists"),
        ("procurement.receiving.models", "procurement.contracts.queries"),
    ],
    "models-by-module": [("supervision.planted", "procurement.models")],
    "pure": [
        ("catalog.rules", "django.db"),
        ("pricing.rules.planted", "celery"),
        ("procurement.ordering.workflows", "django.conf"),
        ("procurement.receiving.rules.planted", "django.db"),
        ("sunlight.tenancy.rules", "sunlight.scope.session"),
        ("sunlight.kernel.period", "django.utils"),
        ("sunlight.jobs.workflows", "celery"),
        ("sunlight.approval.chains", "django.db"),
    ],
    "kernel-reads-nothing": [("sunlight.kernel.policyload", "yaml")],
    "faces-and-models": [
        ("catalog.web.planted", "catalog.models"),
        ("procurement.api.planted", "sunlight.tenancy.models"),
        ("procurement.bargaining.web.planted", "procurement.bargaining.models.offers"),
        ("procurement.web.planted", "procurement.ordering.models"),
        ("sunlight.accounts.web.planted", "sunlight.tenancy.models"),
        ("sunlight.web.planted", "sunlight.files.models"),
        ("sunlight.publicity.web", "sunlight.publicity.models"),
        ("sunlight.webhooks.api", "sunlight.webhooks.models"),
        ("sunlight.registration.navigation", "sunlight.registration.models"),
    ],
    "no-http-below": [
        ("settlement.services", "rest_framework.serializers"),
        ("sunlight.sheets.planted", "drf_spectacular.utils"),
        ("sunlight.messages.services.planted", "rest_framework.serializers"),
        ("sunlight.webhooks.outbound", "rest_framework"),
        ("procurement.ordering.services.planted", "rest_framework.serializers"),
    ],
    "embedded": [("tools.embedded.errors", "django.conf")],
    **{f"faces-of-{feature}": [("sunlight.accounts.planted", f"sunlight.{feature}.web")] for feature in FEATURES},
    **{
        f"faces-of-{app}": [
            ("supervision.web.planted" if app != "supervision" else "credit.planted", face)
            for face in sorted(faces(app))
        ]
        for app in APPS
        if faces(app)
    },
    "faces-of-procurement": [
        ("supervision.web.planted", "procurement.web.urls"),
        ("settlement.api.planted", "procurement.ordering.api.render"),
    ],
}


def lint(where: Path) -> subprocess.CompletedProcess:
    """lint-imports over the tree at `where`, which the interpreter sees before anything else."""
    return subprocess.run(
        [LINTER, "--config", where / "pyproject.toml", "--no-cache"],
        cwd=where,
        env={"PYTHONPATH": str(where), "PATH": "", "PYTHONUTF8": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    """Our Python files alone, in a temporary folder."""
    target = tmp_path_factory.mktemp("house")
    for package in SETTINGS["root_packages"]:
        for file in (ROOT / package).rglob("*.py"):
            if "migrations" in file.parts:
                continue
            place = target / file.relative_to(ROOT)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, place)
    shutil.copyfile(ROOT / "pyproject.toml", target / "pyproject.toml")
    return target


def test_every_contract_has_a_violation_to_fail_on():
    assert set(VIOLATIONS) == set(CONTRACTS)


def test_every_package_of_sunlight_stands_in_the_contracts():
    layers = {name.strip(" ()") for layer in CONTRACTS["packages"]["layers"] for name in layer.split("|")}
    folder = ROOT / "sunlight"
    found = {f"sunlight.{file.parent.name}" for file in folder.glob("*/__init__.py")}
    assert found | {f"sunlight.{file.stem}" for file in folder.glob("[a-z]*.py")} <= layers
    for package in found - {"sunlight.demo"}:
        has = {part for part in PARTS if file_of(ROOT, f"{package}.{part}").exists()}
        if has & {"models", "queries", "services"}:
            assert package in CONTRACTS["modules"]["containers"]
        if faces(package) and package not in ("sunlight.accounts", "sunlight.operations"):
            assert faces(package) == set(protected(package))


def protected(package: str) -> list[str]:
    """What the contract `faces-of-…` of a package protects; nothing where there is none."""
    return CONTRACTS.get(f"faces-of-{package.removeprefix('sunlight.')}", {}).get("protected_modules", [])


@pytest.mark.parametrize("app", APPS)
def test_every_app_stands_in_the_contracts(app):
    assert app in SETTINGS["root_packages"]
    assert app in CONTRACTS["packages"]["layers"]
    assert app in CONTRACTS["modules"]["containers"]
    assert faces(app) <= set(protected(app))


def test_every_room_stands_in_the_contracts_of_modules():
    rooms = {
        folder.name
        for folder in (ROOT / "procurement").iterdir()
        if (folder / "__init__.py").exists() and folder.name not in {*PARTS, "migrations"}
    }
    assert rooms >= {"contracts", "bargaining", "ordering", "receiving"}
    assert {f"procurement.{room}" for room in rooms} <= set(CONTRACTS["modules"]["containers"])
    held = {name for layer in CONTRACTS["modules-of-rooms"]["layers"] for name in layer.split(" : ")}
    for room in rooms:
        for module in ("web", "api", "services", "queries", "models"):
            there = file_of(ROOT, f"procurement.{room}.{module}").exists()
            assert (f"procurement.{room}.{module}" in held) == there, (room, module)


def test_all_contracts_hold(copy):
    ran = lint(copy)
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr
    assert f"{len(CONTRACTS)} kept, 0 broken" in ran.stdout


@pytest.fixture(scope="module")
def broken(tmp_path_factory, copy) -> dict[str, list[str]]:
    """What lint-imports says of each contract, by its name, where all violations are planted at once."""
    tree = tmp_path_factory.mktemp("broken") / "house"
    shutil.copytree(copy, tree)
    for importer, imported in chain.from_iterable(VIOLATIONS.values()):
        if imported.split(".")[0] in SETTINGS["root_packages"]:
            file_of(tree, imported).touch()
        with file_of(tree, importer).open("a") as file:
            file.write(f"\nimport {imported}\n")
    (tree / "procurement" / "nowhere.py").touch()
    ran = lint(tree)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert f"0 kept, {len(CONTRACTS)} broken" in ran.stdout
    outcomes: dict[str, list[str]] = {}
    # Each broken contract's name stands above a line of dashes, what breaks it below.
    lines = ran.stdout.splitlines()
    for line, under in pairwise(lines):
        if under and set(under) == {"-"}:
            outcomes[line] = []
        elif outcomes:
            outcomes[next(reversed(outcomes))].append(line.strip(" -"))
    return outcomes


@pytest.mark.parametrize("contract", VIOLATIONS)
def test_a_planted_violation_breaks(broken, contract):
    outcomes = broken[CONTRACTS[contract]["name"]]
    for importer, imported in VIOLATIONS[contract]:
        seen = imported if imported.split(".")[0] in SETTINGS["root_packages"] else imported.split(".")[0]
        assert any(line.startswith(f"{importer} -> {seen}") for line in outcomes), (
            f"{importer} -> {imported}: {outcomes}"
        )


def test_a_module_outside_the_rooms_is_seen(broken):
    assert any("procurement.nowhere" in line for line in broken[CONTRACTS["rooms"]["name"]])
