"""Written prompts for late payment (督促函): what was written about a payable, what was not answered."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from django.db.models import QuerySet

from settlement.models.payment import Payable
from settlement.workflows.states import PayableState
from sunlight.letters.models import Letter
from sunlight.letters.queries import letters_about, unanswered
from sunlight.letters.workflows import LetterKind, LetterState
from sunlight.scope import Actor
from sunlight.scope.clock import business_date

SUBJECT = "payable"
# In these a prompt is still being written, or its term may be running.
PREPARED = (LetterState.DRAFT, LetterState.SUBMITTED, LetterState.SENT)
RUNNING = (LetterState.DELIVERED, LetterState.ACKNOWLEDGED)


def unanswered_prompts(actor: Actor, payable_ids: Collection[int], on: date) -> dict[int, int]:
    """How many written prompts about each payable were unanswered on a day (`letters.queries.unanswered`, A60, A96); one
    that has none is left out. The same number for hospital, payee and authority, in one query."""
    return unanswered(actor, SUBJECT, payable_ids, on, kind=LetterKind.PROMPT)


def letters_about_payable(actor: Actor, payable_id: int) -> QuerySet[Letter]:
    """The letters about a payable that the actor may see, newest first."""
    return letters_about(actor, SUBJECT, payable_id)


def prompted(rows: Collection[int], today: date) -> dict[int, Letter]:
    """Of these payables those about which a prompt is being written, or has a term that runs, each with that letter."""
    letters = Letter.objects.filter(kind=LetterKind.PROMPT, subjects__subject_type=SUBJECT)
    letters = letters.filter(subjects__subject_id__in=list(rows))
    open_ones = letters.filter(state__in=PREPARED) | letters.filter(state__in=RUNNING, due_on__gte=today)
    found: dict[int, Letter] = {}
    for letter in open_ones.distinct().prefetch_related("subjects").order_by("id"):
        found |= {each.subject_id: letter for each in letter.subjects.all() if each.subject_type == SUBJECT}
    return {key: letter for key, letter in found.items() if key in set(rows)}


def still_late(actor: Actor, at: datetime, ids: Sequence[int]) -> str:
    """What keeps a prompt about these payables from being sent: those of them that are owed no more."""
    late = Payable.objects.filter(
        id__in=ids, state__in=(PayableState.OPEN, PayableState.IN_RUN), due_on__lt=business_date(at)
    )
    paid = Payable.objects.filter(id__in=ids).exclude(id__in=late.values("id"))
    numbers = list(paid.order_by("id").values_list("invoice__number", flat=True)[:5])
    return f"发票 {'、'.join(numbers)} 的货款已付清或不再应付，督促函所列事项已变化。" if numbers else ""
