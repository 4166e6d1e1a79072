"""Keeping ways of looking at a list."""

from datetime import datetime

from sunlight import scope
from sunlight.journal.refusals import Forbidden, Invalid
from sunlight.journal.services import service
from sunlight.kernel import reading
from sunlight.saved_views.models import SavedView
from sunlight.saved_views.queries import access_view, views_of
from sunlight.saved_views.words import kept_by
from sunlight.scope import Actor

MOST_VIEWS = 30
LONGEST_NAME, LONGEST_QUERY = 40, 1000


@service
def view_save(
    *, actor: Actor, at: datetime, list_key: str, name: str, query: str, is_default: bool = False
) -> SavedView:
    """Keep the filters and order of a list under a name; the same name again is replaced. Raises Invalid for a list
    that is none, a name that is empty, too long or one too many, and for words the list cannot be asked with."""
    if actor.principal is None or actor.organisation_id is None:
        raise Forbidden("views_are_personal", "视图属于个人，请以个人账号保存。")
    words = kept_by(list_key)
    if words is None:
        raise Invalid("unknown_list", f"没有“{list_key[:60]}”这个列表。", field="list")
    name = reading.text(name, "name", "视图名称", most=LONGEST_NAME)
    if len(query) > LONGEST_QUERY:
        raise Invalid("query_too_long", "筛选条件太长，无法保存。请减少条件。", field="query")
    kept, own = words(query), views_of(actor, list_key)
    if own.exclude(name=name).count() >= MOST_VIEWS:
        raise Invalid("too_many_views", f"每个列表最多保存 {MOST_VIEWS} 个视图，请先删除不用的。", field="name")
    if is_default:
        own.filter(is_default=True).update(is_default=False)
    view, _ = SavedView.objects.update_or_create(
        platform_id=actor.platform_id,
        organisation_id=actor.organisation_id,
        saved_by_kind=actor.principal.kind,
        saved_by_id=actor.principal.id,
        list_key=list_key,
        name=name,
        defaults={"query": kept, "is_default": is_default, "saved_at": at, **scope.by(actor, "saved")},
    )
    return view


@service
def view_open_with(*, actor: Actor, at: datetime, view_id: int, is_default: bool) -> SavedView:
    """Let a list open with a view, or no longer. Raises NotThere."""
    view = access_view(actor, view_id)
    if is_default:
        views_of(actor, view.list_key).filter(is_default=True).update(is_default=False)
    view.is_default = is_default
    view.save(update_fields=["is_default"])
    return view


@service
def view_delete(*, actor: Actor, at: datetime, view_id: int) -> str:
    """Forget a view; returns its list. Raises NotThere."""
    view = access_view(actor, view_id)
    view.delete()
    return view.list_key
