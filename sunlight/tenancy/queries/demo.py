"""The demonstration's people."""

from sunlight import scope
from sunlight.scope import Role
from sunlight.scope.roles import ROLE_LABELS
from sunlight.tenancy.models import Membership


def demo_accounts() -> list[dict]:
    """The demonstration's people by organisation, for its login page; empty in production, where none is marked so."""
    with scope.login_scope():
        rows = (
            Membership.objects.select_related("user", "organisation", "platform")
            .filter(user__is_demo=True, is_active=True, platform__is_open=True)
            .order_by("platform_id", "organisation_id", "id")
        )
        return [
            {
                "username": m.user.username,
                "name": m.user.name,
                "organisation": m.organisation.name,
                "kind": m.organisation.kind,
                "platform": m.platform.name,
                "roles": [ROLE_LABELS[Role(r)] for r in m.roles],
            }
            for m in rows
        ]
