"""Clients that fetch tokens for an organisation's own systems."""

from datetime import datetime

from django.db.models import Q

from sunlight.journal.refusals import NotThere
from sunlight.scope import Actor, Role
from sunlight.scope.roles import NO_MACHINES, OrganisationKind
from sunlight.tenancy.models import OAuthClient, OAuthSecret


def scopes_of(kind: OrganisationKind | None) -> list[Role]:
    """The roles a machine of this kind of organisation may have: no administrator's."""
    return [role for role in Role if kind is not None and role.kind == kind and role not in NO_MACHINES]


def oauth_clients_visible_to(actor: Actor):
    """The organisation's own clients, newest first."""
    rows = OAuthClient.objects.order_by("-id")
    if not actor.is_party:
        return rows.none()
    return rows.filter(organisation_id=actor.organisation_id, platform_id=actor.platform_id)


def lock_oauth_client(actor: Actor, client_pk: int) -> OAuthClient:
    """One of the organisation's clients, locked. Raises NotThere."""
    found = oauth_clients_visible_to(actor).filter(id=client_pk).select_for_update(of=("self",)).first()
    if found is None:
        raise NotThere("这个接口客户端")
    return found


def oauth_client_by_id(client_id: str) -> OAuthClient | None:
    """In the login scope: the client, if it may fetch tokens."""
    return OAuthClient.objects.filter(client_id=client_id, disabled_at=None, platform__is_open=True).first()


def oauth_secrets_of(found: OAuthClient, at: datetime) -> list[OAuthSecret]:
    """In the login scope: the secrets that hold."""
    return list(OAuthSecret.objects.filter(Q(ends_at=None) | Q(ends_at__gt=at), client=found))
