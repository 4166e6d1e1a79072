"""Reading saved views: nobody sees another's."""

from django.db.models import QuerySet

from sunlight.journal.refusals import NotThere
from sunlight.saved_views.models import SavedView
from sunlight.scope import Actor
from sunlight.scope.fields import principal_is


def views_of(actor: Actor, list_key: str = "") -> QuerySet[SavedView]:
    """The actor's own views, of one list where it is named, by name."""
    rows = SavedView.objects.filter(
        principal_is(actor.principal, "saved_by"),
        platform_id=actor.platform_id,
        organisation_id=actor.organisation_id,
    )
    return (rows.filter(list_key=list_key) if list_key else rows).order_by("list_key", "name")


def access_view(actor: Actor, view_id: int) -> SavedView:
    """One of the actor's own views. Raises NotThere."""
    found = views_of(actor).filter(id=view_id).first()
    if found is None:
        raise NotThere("这个视图")
    return found
