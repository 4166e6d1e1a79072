"""Reading instruction batches; a hospital sees those of its own runs, with their hash."""

from django.db.models import Count, Exists, OuterRef, Q

from settlement.models.instruction import InstructionBatch, InstructionLine
from settlement.models.payment import Payment, PaymentRun
from settlement.queries.payments import runs_visible_to, with_accounts
from settlement.workflows.states import InstructionState, PaymentState
from sunlight.journal.refusals import NotThere
from sunlight.scope import Actor
from sunlight.scope.fields import done_by
from sunlight.scope.roles import OrganisationKind


def batches_visible_to(actor: Actor, *, state: str = ""):
    """Instruction batches, newest first: a hospital's own, the operator's and regulators' those of the platform."""
    rows = InstructionBatch.objects.select_related("buyer", "run")
    if actor.kind == OrganisationKind.HOSPITAL:
        rows = rows.filter(platform_id=actor.platform_id, buyer_id=actor.organisation_id)
    elif actor.is_party or not actor.platform_ids:
        rows = rows.none()
    else:
        rows = rows.filter(platform_id__in=actor.platform_ids, region_id__in=actor.region_ids)
    return (rows.filter(state=state) if state else rows).order_by("-id")


def access_batch(actor: Actor, batch_id: int, *, lock: bool = False) -> InstructionBatch:
    """One batch. Raises NotThere."""
    batch = batches_visible_to(actor).filter(pk=batch_id).first()
    if batch is None:
        raise NotThere("这个银行指令批次")
    return InstructionBatch.objects.select_for_update().get(pk=batch_id) if lock else batch


def batches_of(run: PaymentRun):
    """A run's batches, the first first."""
    return run.batches.order_by("id")


def lines_of(actor: Actor, batch: InstructionBatch):
    return with_accounts(batch.lines.select_related("payment"), actor).order_by("line_no")


def exports_of(batch: InstructionBatch):
    return batch.exports.order_by("count")


def _uninstructed():
    """Payments that are made and in no live batch."""
    live = InstructionLine.objects.filter(payment=OuterRef("pk"), is_live=True)
    return Payment.objects.filter(Q(state=PaymentState.PAID) & ~Exists(live))


def waits_for_instruction(run: PaymentRun) -> bool:
    """Whether something of a run has not been put into an order to the bank."""
    return _uninstructed().filter(run=run).exists()


def runs_to_instruct(actor: Actor):
    """Runs with payments that are made and in no live batch, the oldest first, with how many."""
    waiting = _uninstructed()
    rows = runs_visible_to(actor).filter(payments__in=waiting)
    return rows.annotate(waiting_count=Count("payments", filter=Q(payments__in=waiting), distinct=True)).order_by("id")


def batches_to_release(actor: Actor):
    """Batches that wait for somebody else than made them."""
    waiting = batches_visible_to(actor, state=InstructionState.MADE)
    return waiting.exclude(done_by(actor, "made_by"))
