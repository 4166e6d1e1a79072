"""What the tests of settlement share."""

import pytest

from tests.factories.settlement import funded, owed
from tests.settlement.paying import FEN


@pytest.fixture
def owes(world):
    """A payable of 1,250.00 yuan and the money for it."""
    payable = owed(world)
    funded(world, 10 * FEN)
    return payable
