import re
from dataclasses import replace

import pytest
import time_machine

from sunlight import scope
from sunlight.scope import Role
from sunlight.scope.roles import OrganisationKind
from sunlight.tenancy import profile
from sunlight.tenancy.delivery import letters_written
from sunlight.tenancy.services.letters import letters_send
from tests.confirming import second_admin


@pytest.fixture(autouse=True)
def demanded(monkeypatch):
    """Nobody must have a second factor; `demanded(*roles)` says who must, from then on."""

    def demand(*roles):
        for name, kept in list(profile.PROFILES.items()):
            monkeypatch.setitem(profile.PROFILES, name, replace(kept, second_factor_for=frozenset(roles)))

    demand()
    return demand


class Letters:
    """What the owners of accounts get on their own phones and mail."""

    def sent(self, at=None) -> list[dict]:
        """Everything sent so far, the latest first."""
        letters_send(at=at or scope.now())
        return letters_written(most=1000)

    def code(self, letter) -> str:
        """The secret of a link."""
        return re.search(r"/account/link/#([A-Za-z0-9_-]+)", letter["text"])[1]

    def link(self, at=None) -> str:
        """The secret of the latest link."""
        return next(self.code(each) for each in self.sent(at) if "/account/link/" in each["text"])


@pytest.fixture
def letters(settings, tmp_path):
    settings.LETTER_DIRECTORY = str(tmp_path)
    return Letters()


@pytest.fixture
def clock():
    with time_machine.travel("2026-06-01T02:00:00Z", tick=False) as traveller:
        yield traveller


@pytest.fixture
def admin(clock, world):
    return world.actor("hospital", Role.HOSPITAL_ADMIN)


@pytest.fixture
def second(admin, world):
    return second_admin(world)


@pytest.fixture
def keeper(admin, world):
    actor = world.actor("operator", Role.OPERATOR_SUPPORT, person="keeper")
    return replace(actor, kind=OrganisationKind.PLATFORM, roles=frozenset({Role.PLATFORM_SECURITY_ADMIN}))
