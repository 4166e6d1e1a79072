import pytest

from sunlight.scope import Role


@pytest.fixture
def admin(world, center):
    return world.actor("center", Role.PLATFORM_SYSTEM_ADMIN)
