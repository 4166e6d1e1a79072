"""The clock on invoices: from the acceptance on, until all that was accepted is invoiced (GD25-5.10a, A91). Each runs in the
transaction of the step."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import F

from procurement.ordering.models import OrderLine
from procurement.receiving.models import Acceptance, AcceptanceLine
from procurement.receiving.steps import INVOICE
from sunlight.deadlines.services import Step, deadlines_cancel, deadlines_done, deadlines_open, deadlines_reopen
from sunlight.deadlines.words import named
from sunlight.scope import Actor


def invoice_awaited(acceptance: Acceptance, accepted: Iterable[OrderLine], *, actor: Actor, at: datetime) -> None:
    """Whoever delivered owes an invoice for what was accepted; for nothing accepted, none."""
    about = named(line.national_code.product_name for line in accepted)
    if not about:
        return
    step = Step(
        kind=INVOICE,
        subject_id=acceptance.id,
        number=acceptance.number,
        about=about,
        region=acceptance.region,
        buyer_id=acceptance.buyer_id,
        seller_id=acceptance.seller_id,
        distributor_id=acceptance.distributor_id,
        owes_id=acceptance.distributor_id or acceptance.seller_id,
        awaits_id=acceptance.buyer_id,
        started_on=acceptance.accepted_on,
    )
    deadlines_open(actor=actor, at=at, steps=[step])


def invoices_counted(acceptance_ids: Collection[int], *, actor: Actor, at: datetime) -> None:
    """What was invoiced or taken back of these acceptances: wholly invoiced, nothing is owed; else it is, as before."""
    lines = AcceptanceLine.objects.filter(
        acceptance_id__in=acceptance_ids, invoiced_quantity__lt=F("accepted_quantity")
    )
    left = set(lines.values_list("acceptance_id", flat=True))
    deadlines_done(actor=actor, at=at, kind=INVOICE, subject_ids=set(acceptance_ids) - left)
    deadlines_reopen(actor=actor, at=at, kind=INVOICE, subject_ids=left)


def invoice_given_up(acceptance: Acceptance, *, actor: Actor, at: datetime) -> None:
    """What is accepted no more is not invoiced."""
    deadlines_cancel(actor=actor, at=at, kind=INVOICE, subject_ids=[acceptance.id])
