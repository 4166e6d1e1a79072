"""Reading import runs and the rows they refused."""

from django.db.models import Q, QuerySet

from sunlight.files.queries import own_rows
from sunlight.journal.refusals import NotThere
from sunlight.scope import Actor, Role
from sunlight.scope.fields import done_by
from sunlight.sheets.models import ImportRun, RefusedRow
from sunlight.sheets.readers import kinds_read_by


def runs_visible_to(actor: Actor, *kinds: str) -> QuerySet:
    """Import runs the actor may see, of the given kinds (all by default), newest first; without the files' content."""
    rows = own_rows(ImportRun.objects.select_related("file").defer("file__content"), actor)
    return (rows.filter(kind__in=kinds) if kinds else rows).order_by("-id")


def access_run(actor: Actor, run_id: int) -> ImportRun:
    """One run: the actor's own, or of a kind whose rows it reads. Raises NotThere."""
    rows = runs_visible_to(actor)
    if not actor.has(Role.SYSTEM):
        rows = rows.filter(done_by(actor, "started_by") | Q(kind__in=kinds_read_by(actor)))
    run = rows.filter(id=run_id).first()
    if run is None:
        raise NotThere("这次导入")
    return run


def refused_rows(run: ImportRun) -> QuerySet:
    """The rows a run refused, in the sheet's order."""
    return RefusedRow.objects.filter(run=run).order_by("row_number", "id")
