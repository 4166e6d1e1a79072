import pytest

from sunlight import scope
from sunlight.scope import Role
from sunlight.scope.roles import OrganisationKind
from sunlight.tenancy.services.organisations import organisation_register


@pytest.fixture
def center(world):
    """The platform's own organisation, whose people run it."""
    with scope.opened(world.system):
        world.organisations["center"] = organisation_register(
            actor=world.system,
            at=scope.now(),
            platform=world.platform,
            kind=OrganisationKind.PLATFORM,
            name="测试平台管理中心",
            credit_code="11440300455755084Y",
            region_code="CN-GD-SZ",
            profile={"legal_representative": "主任"},
        )
    return world.organisations["center"]


@pytest.fixture
def admin(world, center):
    return world.actor("center", Role.PLATFORM_SYSTEM_ADMIN)
