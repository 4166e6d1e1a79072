"""Schemathesis on the OpenAPI document against the seeded demonstration: as a machine of every kind of organisation, and as
nobody. Requests of the right form carry ids and values that the client's lists show (`fuzz_hooks.py`).

`SUNLIGHT_FUZZ_EXAMPLES` is how often each operation is called at least (4), `SUNLIGHT_FUZZ_SECONDS` the time beyond (60);
`SUNLIGHT_FUZZ_SEED` repeats a run. What it found is printed.
"""

import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, resolve

from sunlight import scope
from sunlight.scope import Role
from sunlight.scope.roles import OrganisationKind as Kind
from sunlight.tenancy.models import Organisation, Platform
from sunlight.tenancy.queries.actors import open_platform_actors
from sunlight.tenancy.queries.clients import scopes_of
from tests.api import harvest
from tests.machines import token_of
from tests.security import bodies

EXAMPLES = os.environ.get("SUNLIGHT_FUZZ_EXAMPLES", "4")
SECONDS = os.environ.get("SUNLIGHT_FUZZ_SECONDS", "60")
# A body of the right form may still be refused by law, state or another's rights: those are answers, not faults.
UNFIT = "positive_data_acceptance"
# A refusal by If-Match may come before the body is looked at: RFC 9110, 13.2.1.
CONFIG = """
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 422, 429]
"""
SEED = os.environ.get("SUNLIGHT_FUZZ_SEED", "20261122")
# These try every operation; the others, what their roles may call.
EVERYTHING = ("hospital", "supplier", "anonymous")
CLIENTS = (*EVERYTHING, "operator", "regulator")
# What an answer says before the endpoint itself was asked.
TURNED_AWAY = {"not_authenticated", "authentication_failed", "permission_denied"}


def token(kind: Kind) -> str:
    """A token of the demonstration's first hospital, manufacturer, … with every role of its kind."""
    system = next(a for a in open_platform_actors() if a.platform_code == "gd-sz")
    with scope.opened(system):
        platform = Platform.objects.get(code="gd-sz")
        rows = Organisation.objects.filter(kind=kind).order_by("id")
        if kind == Kind.SUPPLIER:
            rows = rows.filter(is_manufacturer=True)
        if kind == Kind.REGULATOR:
            rows = rows.filter(region_id=platform.region_id)
        return token_of(system, rows[0], platform, *scopes_of(kind), name="fuzz", at=scope.now("gd-sz"))


@pytest.fixture(scope="module")
def document(site):
    return harvest.get(f"{site}/api/schema/?format=json", {})


@pytest.fixture(scope="module")
def fuzzed(site, document, tmp_path_factory):
    """`fuzzed(who)`: of each run of Schemathesis (the process, [(operation, status, code)] of its calls); once a client."""
    done = {}

    def run(who: str):
        if who not in done:
            done[who] = _run(who, site, document, tmp_path_factory.mktemp(who))
        return done[who]

    return run


def _run(who: str, site, document: dict, folder: Path):
    headers = {} if who == "anonymous" else {"Authorization": f"Bearer {site.do(lambda: token(Kind(who.upper())))}"}
    (folder / "pool.json").write_text(json.dumps(harvest.harvest(str(site), document, headers)), "utf-8")
    (folder / "schemathesis.toml").write_text(CONFIG, "utf-8")
    own = [f"--include-operation-id={each}" for each in callable_by(document, who)]
    (folder / "openapi.json").write_text(json.dumps(document), "utf-8")
    common = [
        "openapi.json",
        "--url",
        str(site),
        *[word for name, value in headers.items() for word in ("-H", f"{name}: {value}")],
    ]
    # However slow the machine: each operation that is open to the client some times, then for a time whatever comes.
    return [
        _schemathesis(folder, "each", *common, *own, "--phases", "examples,fuzzing", "--max-examples", EXAMPLES),
        _schemathesis(folder, "rest", *common, *([] if who in EVERYTHING else own), "--max-time", SECONDS),
    ]


def _schemathesis(folder: Path, name: str, *words: str):
    """(the finished process, its calls)."""
    run = subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")),
            "run",
            *words,
            "--checks",
            "all",
            "--exclude-checks",
            UNFIT,
            "--seed",
            SEED,
            "--workers",
            "1",
            "--continue-on-failure",
            "--no-color",
            "--output-sanitize",
            "false",
            "--report",
            "har",
            "--report-har-path",
            f"{name}.har",
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=3600,
        env={
            **os.environ,
            "SCHEMATHESIS_HOOKS": "tests.api.fuzz_hooks",
            "SUNLIGHT_FUZZ_POOL": str(folder / "pool.json"),
            "PYTHONPATH": str(Path(__file__).parents[2]),
        },
    )
    sys.stdout.write(run.stdout + run.stderr)
    return run, list(calls(json.loads((folder / f"{name}.har").read_text("utf-8"))))


def callable_by(document: dict, who: str) -> list[str]:
    """Ids of the operations that some role of this kind of organisation may call, or anybody."""
    return [
        operation["operationId"]
        for methods in document["paths"].values()
        for operation in methods.values()
        if not operation["x-roles"] or any(Role(role).kind == who.upper() for role in operation["x-roles"])
    ]


def calls(har: dict):
    """(operation, status, problem's code) of every call that reached an endpoint of ours."""
    for entry in har["log"]["entries"]:
        try:
            route = resolve(urlsplit(entry["request"]["url"]).path).route
        except (Resolver404, ValueError):
            continue
        answer = entry["response"]
        try:
            code = json.loads(answer["content"].get("text") or "null").get("code", "")
        except (ValueError, AttributeError):
            code = ""
        yield f"{entry['request']['method']} /{bodies.template(route)}", answer["status"], code


@pytest.mark.drill
@pytest.mark.parametrize("who", CLIENTS)
def test_the_api_keeps_its_word(fuzzed, who):
    statuses = Counter()
    for run, answers in fuzzed(who):
        assert run.returncode == 0, run.stdout[-4000:]
        statuses += Counter(status for _, status, _ in answers)
    sys.stdout.write(f"\n{who}: {dict(sorted(statuses.items()))}\n")
    assert max(statuses) < 500


@pytest.mark.drill
def test_every_operation_let_some_client_in(fuzzed, document):
    """Otherwise nothing but its door was tried."""
    said = defaultdict(Counter)
    for who in CLIENTS:
        for operation, status, code in (call for _, answers in fuzzed(who) for call in answers):
            said[operation][status if code not in TURNED_AWAY else "turned away"] += 1
    operations = [f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods]
    taken = [each for each in operations if any(str(status).startswith("2") for status in said[each])]
    sys.stdout.write(f"\n{len(taken)} of {len(operations)} operations answered with 2xx at least once; the others:\n")
    sys.stdout.writelines(f"  {each} {dict(said[each])}\n" for each in operations if each not in taken)
    # 406 and 429 are said before anybody is asked who he is.
    never = [each for each in operations if not set(said[each]) - {"turned away", 401, 406, 429}]
    assert never == []
