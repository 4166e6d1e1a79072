"""政策试算: what a draft would have made of what happened; nothing of what happened changes."""

from datetime import date, timedelta

import pytest
from django.apps import apps
from django.db import connection

from sunlight import acts, scope
from sunlight.jobs.models import Job
from sunlight.jobs.services.jobs import job_claim, job_continue, job_resume, job_stop
from sunlight.journal.models import Decision
from sunlight.journal.refusals import Forbidden, Invalid, NotThere, Refused
from sunlight.kernel import rulebook
from sunlight.rules import RULES
from sunlight.scope import Role
from supervision.models import PolicyDraft, WhatIfChange, WhatIfRun, WhatIfSum
from supervision.queries.what_if import drafts as drafting
from supervision.queries.what_if import runs as queries
from supervision.rules.what_if.amending import amended, of_text
from supervision.rules.what_if.edits import changes
from supervision.services.what_if import drafts as services
from supervision.services.what_if import runs as running
from supervision.services.what_if.runs import what_if_start
from tests.background import run_to_end
from tests.factories.catalog import listed
from tests.factories.pricing import deal, priced
from tests.factories.settlement import owed
from tests.procurement.bargaining import make, shanghai
from tests.supervision.what_if import (
    begun,
    changed,
    draft,
    edited,
    officer,
    paid_within,
    sums,
    tried,
    without_the_line,
)

SINCE = date(2019, 1, 1)


def product(world, at, price="120", line="100"):
    listing = listed(world, price, listed_on=SINCE)
    priced(world, listing, {"320000": line}, at=at)
    return listing


def refused(world, listing, price, at):
    with pytest.raises(Refused):
        make(world, listing, price, at)


@pytest.fixture
def bargained(world):
    """On 2026-03-02, line 100 and listed price 120: an offer at 90 made, one at 110 and one at 130 refused."""
    at = shanghai("2026-03-02 10:00")
    low, between, high = (product(world, at) for _ in range(3))
    made = make(world, low, "90", at)
    refused(world, between, "110", at)
    refused(world, high, "130", at)
    return {"made": made, "between": between.price_group_id, "high": high.price_group_id, "at": at}


def test_a_bound_that_ends_frees_exactly_what_it_alone_refused(world, bargained):
    run = tried(world, without_the_line(world))
    assert changed(world, run) == {(0, "freed", "price_group", bargained["between"])}
    assert sums(world, run)[0, "freed", ""][0] == 1
    assert {key for _, _, key in sums(world, run, "clause")} == {"SZ24-3.3c"}
    assert run.totals["judged"] == 1 and run.totals["refusals"] == 2 and run.totals["unjudged"] == [{}]
    with scope.opened(officer(world)):
        kept = WhatIfChange.objects.get(run=run)
    assert "高于价格预警线 100.00 元" in kept.before and kept.after.startswith("受理")
    assert kept.buyer_id == world.organisations["hospital"].id and kept.seller_id == world.organisations["maker"].id
