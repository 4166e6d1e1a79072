"""Schemathesis on the OpenAPI document against the seeded demonstration: as a hospital, as a supplier, as nobody.

`SUNLIGHT_FUZZ_SECONDS` is the time for each (70); `SUNLIGHT_FUZZ_SEED` repeats a run. What it found is printed.
"""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connections

from sunlight import scope
from sunlight.scope import Role
from sunlight.scope.roles import OrganisationKind as Kind
from tests import databases

SECONDS = os.environ.get("SUNLIGHT_FUZZ_SECONDS", "70")
# A body of the right form may still be refused by law, state or another's rights: those are answers, not faults.
UNFIT = "positive_data_acceptance"
SEED = os.environ.get("SUNLIGHT_FUZZ_SEED", "20261122")


def token(database: str, kind: Kind) -> str:
    """A token of the demonstration's first hospital or manufacturer with every role of its kind."""
    from sunlight.tenancy import queries, services
    from sunlight.tenancy.models import Organisation, Platform

    home = databases.settings.DATABASES["default"]["NAME"]
    databases.point_at(database)
    try:
        system = next(a for a in queries.open_platform_actors() if a.platform_code == "gd-sz")
        with scope.opened(system):
            rows = Organisation.objects.filter(kind=kind).order_by("id")
            organisation = (rows.filter(is_manufacturer=True) if kind == Kind.SUPPLIER else rows)[0]
            return services.token_issue(
                actor=system, at=scope.now("gd-sz"), organisation=organisation,
                platform=Platform.objects.get(code="gd-sz"), name="fuzz", roles=[r for r in Role if r.kind == kind],
            )  # fmt: skip
    finally:
        connections.close_all()
        databases.point_at(home)


@pytest.mark.drill
@pytest.mark.parametrize("who", ["hospital", "supplier", "anonymous"])
def test_the_api_keeps_its_word(site, who, tmp_path):
    headers = []
    if who != "anonymous":
        with ThreadPoolExecutor(1) as pool:
            secret = pool.submit(token, site.database, Kind(who.upper())).result(60)
        headers = ["-H", f"Authorization: Bearer {secret}"]
    run = subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")), "run", f"{site}/api/schema/", *headers,
            "--checks", "all", "--exclude-checks", UNFIT, "--max-time", SECONDS, "--seed", SEED,
            "--workers", "1", "--continue-on-failure", "--no-color",
        ],
        cwd=tmp_path, capture_output=True, text=True, timeout=900,
    )  # fmt: skip
    sys.stdout.write(run.stdout + run.stderr)
    assert run.returncode == 0, run.stdout[-4000:]
