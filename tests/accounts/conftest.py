from dataclasses import replace

import pytest

from sunlight.tenancy import profile


@pytest.fixture(autouse=True)
def demanded(monkeypatch):
    """Nobody must have a second factor; `demanded(*roles)` says who must, from then on."""

    def demand(*roles):
        for name, kept in list(profile.PROFILES.items()):
            monkeypatch.setitem(profile.PROFILES, name, replace(kept, second_factor_for=frozenset(roles)))

    demand()
    return demand
