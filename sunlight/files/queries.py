"""Reading kept files."""

from django.db.models import Q, QuerySet

from sunlight.files.models import StoredFile, Visibility
from sunlight.journal.refusals import NotThere
from sunlight.scope import Actor


def own_rows(rows: QuerySet, actor: Actor) -> QuerySet:
    """Those of `rows` that belong to the actor's organisation; for the platform's people those of their platforms."""
    if actor.is_party:
        return rows.filter(platform_id=actor.platform_id, organisation_id=actor.organisation_id)
    if actor.is_authenticated or actor.roles:
        return rows.filter(platform_id__in=actor.platform_ids)
    return rows.none()


def _open_to(actor: Actor) -> QuerySet:
    rows = StoredFile.objects.all()
    public = Q(visibility=Visibility.PUBLIC)
    if actor.is_party:
        named = Q(visibility=Visibility.PARTIES, parties__contains=[actor.organisation_id])
        return rows.filter(
            public | Q(platform_id=actor.platform_id) & (named | Q(organisation_id=actor.organisation_id))
        )
    if actor.is_authenticated or actor.roles:
        return rows.filter(public | Q(platform_id__in=actor.platform_ids))
    return rows.filter(public)


def files_visible_to(actor: Actor) -> QuerySet:
    """The files kept for the actor's own organisation (for the platform's people: the platform's own), newest first,
    without their content."""
    mine = Q(organisation_id=actor.organisation_id)
    if not actor.is_party:
        mine |= Q(organisation_id=None)
    return own_rows(StoredFile.objects.filter(mine), actor).defer("content").order_by("-id")


def access_file(actor: Actor, file_id: int) -> StoredFile:
    """One kept file with its content: the actor's own, one its organisation is named with, or a public one.
    Raises NotThere."""
    file = _open_to(actor).filter(id=file_id).first()
    if file is None:
        raise NotThere("这个文件")
    return file
