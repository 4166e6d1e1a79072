"""Reading reconciliations and what they found."""

from django.db.models import QuerySet

from sunlight.journal.declared import label_of
from sunlight.journal.refusals import NotThere
from sunlight.journal.rowfacts import ROWS
from sunlight.reconciliation import readers
from sunlight.reconciliation.models import Discrepancy, Reconciliation
from sunlight.reconciliation.queries.comparing import CHAIN, VERSIONS
from sunlight.reconciliation.workflows import DiscrepancyState
from sunlight.scope import Actor, Role
from sunlight.scope.fields import done_by
from sunlight.scope.readers import admits, may_read
from sunlight.scope.roles import OrganisationKind

WORDS = {VERSIONS: "封存的数据版本", CHAIN: "日志封存链"}


def reconciliations_visible_to(actor: Actor) -> QuerySet:
    """The runs of the actor's platforms, newest first."""
    if not (actor.has(Role.SYSTEM) or admits(readers.RECONCILIATIONS, actor)):
        return Reconciliation.objects.none()
    return Reconciliation.objects.filter(platform_id__in=_platforms(actor)).order_by("-id")


def discrepancies_visible_to(actor: Actor, *, state: str = "") -> QuerySet:
    """What was found on the actor's platforms, newest first."""
    if not (actor.has(Role.SYSTEM) or admits(readers.DISCREPANCIES, actor)):
        return Discrepancy.objects.none()
    rows = Discrepancy.objects.filter(platform_id__in=_platforms(actor))
    return (rows.filter(state=state) if state else rows).order_by("-id")


def _platforms(actor: Actor) -> tuple[int | None, ...]:
    return actor.platform_ids or (actor.platform_id,)


def access_discrepancy(actor: Actor, discrepancy_id: int, *, lock: bool = False) -> Discrepancy:
    """Raises NotThere."""
    found = discrepancies_visible_to(actor).filter(pk=discrepancy_id)
    row = (found.select_for_update(of=("self",)) if lock else found).first()
    if row is None:
        raise NotThere("这件对账差异")
    return row


def lock_discrepancy(actor: Actor, discrepancy_id: int) -> Discrepancy:
    """The row, locked. Raises NotThere."""
    return access_discrepancy(actor, discrepancy_id, lock=True)


def unreleased(platform_id: int) -> QuerySet:
    """What stops the platform's payments, the oldest first."""
    return Discrepancy.objects.filter(platform_id=platform_id).exclude(state=DiscrepancyState.RELEASED).order_by("id")


def seen_by(run: Reconciliation) -> QuerySet:
    """What a walk found, new or again."""
    return Discrepancy.objects.filter(platform_id=run.platform_id, last_seen=run).order_by("id")


def to_look_into(actor: Actor) -> int:
    """How many wait for the audit to look into them."""
    return discrepancies_visible_to(actor, state=DiscrepancyState.OPEN).count()


def to_release(actor: Actor) -> int:
    """How many were looked into by somebody else and wait to be released."""
    return discrepancies_visible_to(actor, state=DiscrepancyState.LOOKED).exclude(done_by(actor, "looked_by")).count()


def word_of(relation: str) -> str:
    """What a table is called."""
    return ROWS[relation].words if relation in ROWS else WORDS.get(relation, relation)


def columns_for(actor: Actor, row: Discrepancy) -> list[dict]:
    """The columns that differ, with their words; the values only for the platform's audit and
    whoever may read payees' accounts (SZ20-4.1)."""
    shows = actor.kind == OrganisationKind.PLATFORM or may_read(actor, "payee_account")
    return [
        {"column": each["column"], "label": _word(each["column"])}
        | ({"said": each["said"], "found": each["found"]} if shows else {"said": "***", "found": "***"})
        for each in row.columns
    ]


def _word(column: str) -> str:
    label = label_of(column)
    return label.words if label else column
