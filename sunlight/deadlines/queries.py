"""Reading time limits, for those whose trade they belong to and those who watch it."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Case, Count, IntegerField, Min, Q, QuerySet, Value, When

from sunlight.deadlines.kinds import KINDS, DeadlineKind
from sunlight.deadlines.models import Deadline
from sunlight.deadlines.workflows import OWED, DeadlineState
from sunlight.kernel.workdays import official
from sunlight.scope import Actor
from sunlight.scope.readers import may_read

# Owed and late before owed, and both before what has ended.
_RANK = Case(
    When(state=DeadlineState.PASSED, then=Value(0)),
    When(state=DeadlineState.OPEN, then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)


def kinds_for(actor: Actor) -> list[str]:
    """The kinds of which the actor may read what they are about."""
    return [kind.key for kind in KINDS.values() if may_read(actor, kind.subject_type)]


def deadlines_visible_to(actor: Actor) -> QuerySet[Deadline]:
    """Time limits of the actor's trades, or of those it watches; what has passed first, then by day."""
    rows = Deadline.objects.visible_to(actor).filter(kind__in=kinds_for(actor))
    return rows.select_related("owes", "awaits", "region").order_by(_RANK, "due_on", "id")


def late_among(rows: QuerySet[Deadline], today: date) -> QuerySet[Deadline]:
    """Those still owed whose day is over, found by the nightly run or not."""
    return rows.filter(Q(state=DeadlineState.PASSED) | Q(state=DeadlineState.OPEN, due_on__lt=today))


def deadline_of(actor: Actor, kind: DeadlineKind, subject_id: int) -> Deadline | None:
    """The latest limit of a step, for the page of what it is about."""
    rows = deadlines_visible_to(actor).filter(kind=kind.key, subject_type=kind.subject_type, subject_id=subject_id)
    return rows.order_by("-id").first()


def late_figures(actor: Actor, today: date, *, side: str) -> tuple[int, date | None]:
    """How many steps the actor's organisation owes (`side` "owes") or waits for ("awaits") past their day, and the
    longest overdue day."""
    mine = deadlines_visible_to(actor).filter(**{f"{side}_id": actor.organisation_id})
    found = late_among(mine, today).order_by().aggregate(count=Count("id"), first=Min("due_on"))
    return found["count"], found["first"]


def _of(kind: DeadlineKind, subject_ids: Iterable[int]) -> QuerySet[Deadline]:
    rows = Deadline.objects.select_for_update(of=("self",)).order_by("id")
    return rows.filter(kind=kind.key, subject_type=kind.subject_type, subject_id__in=list(subject_ids))


def owed(kind: DeadlineKind, subject_ids: Iterable[int]) -> list[Deadline]:
    """The limits that run or have passed for a step of these rows, locked."""
    return list(_of(kind, subject_ids).filter(state__in=OWED))


def last_done(kind: DeadlineKind, subject_ids: Iterable[int]) -> list[Deadline]:
    """The latest limit of each of these rows that was met, locked."""
    met = _of(kind, subject_ids).filter(state=DeadlineState.DONE)
    return list({row.subject_id: row for row in met}.values())


def over(actor: Actor, today: date, limit: int) -> list[Deadline]:
    """Up to `limit` limits of the actor's platform that run and whose day is over, locked, the oldest first; those locked by
    others are left out."""
    return list(
        Deadline.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("region")
        .filter(platform_id=actor.platform_id, state=DeadlineState.OPEN, due_on__lt=today)
        .order_by("due_on", "id")[:limit]
    )


def published_since(actor: Actor, limit: int) -> list[Deadline]:
    """Up to `limit` provisional limits that run into a year whose calendar is published by now, locked."""
    years = official().years
    if not years:
        return []
    return list(
        Deadline.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("region")
        .filter(
            platform_id=actor.platform_id, state=DeadlineState.OPEN, is_provisional=True, due_on__year__lte=max(years)
        )
        .order_by("due_on", "id")[:limit]
    )
