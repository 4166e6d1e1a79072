"""Two hundred random edits of a superuser over all tables that money rests on, and over the journal itself."""

import os

import pytest

from tests.reconciliation.drilling import drill
from tests.reconciliation.tampering import Vandal


@pytest.mark.drill
def test_two_hundred_random_edits_are_found(demo_database, request):
    vandal = Vandal(demo_database, seed=0)
    try:
        missed = drill(vandal, request.config.getoption("randomly_seed", 0), int(os.environ.get("EDITS", "200")))
        assert missed == [], "\n".join(missed)
    finally:
        vandal.close()
