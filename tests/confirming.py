"""The second person, where a test needs a change of rights to be confirmed and is about something else."""

from datetime import timedelta

from sunlight import scope
from sunlight.approval.models import ApprovalChain
from sunlight.approval.services import chain_set
from sunlight.scope import Role
from sunlight.tenancy.services.changes import change_confirm


def confirmed(actor, change, at=None):
    """`actor` confirms a change."""
    with scope.opened(actor):
        return change_confirm(actor=actor, at=at or scope.now(actor.platform_code), change_id=change.pk)


def second_admin(world, key: str = "hospital"):
    role = Role.HOSPITAL_ADMIN if "hospital" in key else Role.SUPPLIER_ADMIN
    return world.actor(key, role, person="second")


def chain_in_force(world, steps, at=None, key: str = "hospital") -> ApprovalChain:
    """A chain for orders that counts today: asked for by one administrator and confirmed by another the day before."""
    at = (at or scope.now(world.platform.code)) - timedelta(days=1)
    admin = world.actor(key, Role.HOSPITAL_ADMIN)
    with scope.opened(admin):
        change = chain_set(actor=admin, at=at, matter="order", steps=steps)
    confirmed(second_admin(world, key), change, at)
    with scope.opened(admin):
        return ApprovalChain.objects.latest("id")
