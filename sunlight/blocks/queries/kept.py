"""Reading files and import runs."""

from django.db.models import Q, QuerySet

from sunlight.blocks.models.kept import ImportRun, RefusedRow, StoredFile, Visibility
from sunlight.journal.refusals import NotThere
from sunlight.scope import Actor


def _visible(rows: QuerySet, actor: Actor) -> QuerySet:
    if actor.is_party:
        return rows.filter(platform_id=actor.platform_id, organisation_id=actor.organisation_id)
    if actor.is_authenticated or actor.roles:
        return rows.filter(platform_id__in=actor.platform_ids)
    return rows.none()


def runs_visible_to(actor: Actor, *kinds: str) -> QuerySet:
    """Import runs the actor may see, of the given kinds (all by default), newest first; without the files' content."""
    rows = _visible(ImportRun.objects.select_related("file").defer("file__content"), actor)
    return (rows.filter(kind__in=kinds) if kinds else rows).order_by("-id")


def access_run(actor: Actor, run_id: int) -> ImportRun:
    """One run. Raises NotThere."""
    run = runs_visible_to(actor).filter(id=run_id).first()
    if run is None:
        raise NotThere("这次导入")
    return run


def refused_rows(run: ImportRun) -> QuerySet:
    """The rows a run refused, in the sheet's order."""
    return RefusedRow.objects.filter(run=run).order_by("row_number", "id")


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
    return _visible(StoredFile.objects.filter(mine), actor).defer("content").order_by("-id")


def access_file(actor: Actor, file_id: int) -> StoredFile:
    """One kept file with its content: the actor's own, one its organisation is named with, or a public one.
    Raises NotThere."""
    file = _open_to(actor).filter(id=file_id).first()
    if file is None:
        raise NotThere("这个文件")
    return file
