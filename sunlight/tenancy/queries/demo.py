"""The demonstration's people."""

from collections import Counter

from sunlight import scope
from sunlight.scope import Role
from sunlight.scope.roles import ROLE_LABELS
from sunlight.tenancy.models import Membership


def demo_accounts() -> list[dict]:
    """The demonstration's people by platform and organisation, for its login page; empty in production, where none is marked so."""
    with scope.login_scope():
        rows = (
            Membership.objects.select_related("user", "organisation__region", "platform")
            .filter(user__is_demo=True, is_active=True, platform__is_open=True)
            .order_by("platform_id", "organisation_id", "id")
        )
        busy = Counter(m.platform_id for m in rows)
        return [
            {
                "username": m.user.username,
                "name": m.user.name,
                "organisation": m.organisation.name,
                "kind": m.organisation.kind,
                "region": m.organisation.region.name,
                "platform": m.platform.name,
                "roles": [ROLE_LABELS[Role(r)] for r in m.roles],
            }
            # The platform with most people, where most of the story happens, comes first.
            for m in sorted(rows, key=lambda m: -busy[m.platform_id])
        ]
