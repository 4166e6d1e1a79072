"""The commitment of truth is signed where a text asks for it: SZ24-3.2b where the draft binds, from its first day."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from catalog.queries.views import listing_view
from catalog.services import listings
from sunlight import scope
from sunlight.journal.models import Event
from sunlight.journal.refusals import Refused


@pytest.mark.clause("SZ24-3.2b", on="trade")
def test_an_application_is_signed_from_the_drafts_first_day_where_it_binds(catalogue, world):
    eve, day = (datetime(*on, 4, tzinfo=UTC) for on in ((2024, 12, 31), (2025, 1, 1)))
    other = catalogue.own_other
    another = {"codes": other.codes[:1], "certificate": {"number": other.certificate}}
    early, late = catalogue.draft(eve), catalogue.draft(day, **another)
    unsigned = {"commitment_sha256": ""}
    with pytest.raises(Refused) as refused:
        catalogue.call(listings.listing_submit, catalogue.lister, day, listing_id=late.id, **unsigned)
    assert (refused.value.clauses, refused.value.code) == (["SZ24-3.2b"], "commitment_missing")
    # No text asks the day before; where drafts only warn the reviewer reads a warning, and nothing is held up.
    before = catalogue.call(listings.listing_submit, catalogue.lister, eve, listing_id=early.id, **unsigned)
    warned = replace(catalogue.lister, drafts="warn")
    after = catalogue.call(listings.listing_submit, warned, day, listing_id=late.id, **unsigned)
    assert (before.state, after.state, after.commitment_text) == ("SUBMITTED", "SUBMITTED", "")
    reviewer = replace(catalogue.reviewer, drafts="warn")
    with scope.opened(reviewer):
        shown = {check.code: check for check in listing_view(reviewer, late.id, day.date()).checks}[
            "commitment_missing"
        ]
    assert (shown.ok, shown.warns, shown.clause, shown.is_draft) == (False, True, "SZ24-3.2b", True)
    assert "征求意见稿（演示加载）" in shown.message
    with scope.opened(world.system):
        kept = [event.payload["checks"] for event in Event.objects.filter(name="listing_submitted").order_by("id")]
    asked = [[c["status"] for c in checks if c["code"] == "commitment_missing"] for checks in kept]
    assert asked == [[], ["draft"]]
    # The 2020 plan's publication goes on where the draft ends nothing (A27).
    assert catalogue.call(listings.listing_approve, reviewer, day, listing_id=late.id).state == "PUBLICISED"
