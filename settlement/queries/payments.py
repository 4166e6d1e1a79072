"""Reading payment runs and payments."""

from dataclasses import dataclass

from django.db.models import Count, F, Q, Sum, Value
from django.db.models.functions import Coalesce, Concat, Right

from settlement.models.netting import Netting
from settlement.models.payment import InvoiceLine, Payable, Payment, PaymentRun
from settlement.workflows.states import PaymentState, RunState
from sunlight.journal.refusals import NotThere
from sunlight.kernel.masking import SHOWN, STARS
from sunlight.scope import Actor
from sunlight.scope.fields import done_by, who_did
from sunlight.scope.principal import Acted
from sunlight.scope.roles import OrganisationKind
from sunlight.tenancy.readers import PAYEE_ACCOUNTS

MADE_STATES = (PaymentState.PAID, PaymentState.SETTLED, PaymentState.RETURNED)
MADE = Q(payments__state__in=MADE_STATES)


def runs_visible_to(actor: Actor, *, state: str = ""):
    """Payment runs of the actor's hospital (the operator's and regulators' view is the platform's), newest first, with
    how many payments were made."""
    rows = PaymentRun.objects.select_related("buyer")
    if actor.kind == OrganisationKind.HOSPITAL:
        rows = rows.filter(platform_id=actor.platform_id, buyer_id=actor.organisation_id)
    elif actor.kind == OrganisationKind.SUPPLIER or not actor.platform_ids:
        rows = rows.none()
    else:
        rows = rows.filter(platform_id__in=actor.platform_ids, region_id__in=actor.region_ids)
    if state:
        rows = rows.filter(state=state)
    unconfirmed = Count("payments", filter=Q(payments__state=PaymentState.PAID))
    return rows.annotate(made_count=Count("payments", filter=MADE), unconfirmed_count=unconfirmed).order_by("-id")


def access_run(actor: Actor, run_id: int, *, lock: bool = False) -> PaymentRun:
    """One run. Raises NotThere."""
    run = runs_visible_to(actor).filter(pk=run_id).first()
    if run is None:
        raise NotThere("这个付款批次")
    return PaymentRun.objects.select_for_update().get(pk=run_id) if lock else run


@dataclass(frozen=True)
class RunProgress:
    """How far an approved run is: payments and fen, made and in all."""

    made: int
    total: int
    made_fen: int
    total_fen: int

    @property
    def percent(self) -> int:
        return 100 * self.made // self.total if self.total else 100


def runs_to_approve(actor: Actor) -> int:
    """Prepared runs of the actor's hospital that wait for a second person; those the actor prepared are not counted."""
    waiting = PaymentRun.objects.filter(
        platform_id=actor.platform_id, buyer_id=actor.organisation_id, state=RunState.PREPARED
    )
    return waiting.exclude(done_by(actor, "prepared_by")).count()


def progress_of(run: PaymentRun) -> RunProgress:
    made = run.payments.filter(state__in=MADE_STATES).aggregate(count=Count("id"), fen=Coalesce(Sum("amount_fen"), 0))
    return RunProgress(made["count"], run.payment_count, made["fen"], run.total_fen)


def with_accounts(rows, actor: Actor, path: str = ""):
    """The rows with `account_shown`: the payee's account number for who may see it whole, its end for everybody else; `path`
    leads to the row that keeps it."""
    number = F(f"{path}payee_account_number")
    whole = PAYEE_ACCOUNTS.admits(actor)
    return rows.annotate(account_shown=number if whole else Concat(Value(STARS), Right(number, SHOWN)))


def payments_visible_to(actor: Actor, *, state: str = "", run_id: int | None = None):
    """Payments the actor may see, newest first. The run itself is the hospital's alone, so it is not joined."""
    rows = Payment.objects.visible_to(actor).select_related("buyer", "payee", "payable__invoice", "entry")
    if state:
        rows = rows.filter(state=state)
    if run_id is not None:
        rows = rows.filter(run_id=run_id)
    return with_accounts(rows, actor).order_by("-id")


def access_payment(actor: Actor, payment_id: int) -> Payment:
    """One payment. Raises NotThere."""
    payment = payments_visible_to(actor).filter(pk=payment_id).first()
    if payment is None:
        raise NotThere("这笔付款")
    return payment


def payables_of(run: PaymentRun) -> set[int]:
    """Ids of the payables that a run pays or nets."""
    return {
        *run.payments.values_list("payable_id", flat=True),
        *run.nettings.values_list("payable_id", flat=True),
    }


def nettings_of(run: PaymentRun):
    """What a run sets against its payables, in its own order."""
    return run.nettings.select_related("payable__invoice", "payable__payee", "overpayment__red").order_by("id")


def payments_of_payable(actor: Actor, payable: Payable):
    """A payable's payments that the actor may see, the oldest first."""
    return Payment.objects.visible_to(actor).filter(payable=payable).order_by("id")


def nettings_of_payable(actor: Actor, payable: Payable):
    """What is set against a payable, the oldest first."""
    return Netting.objects.visible_to(actor).filter(payable=payable).select_related("overpayment__red").order_by("id")


def payments_of(actor: Actor, run: PaymentRun):
    """A run's payments in its own order."""
    return with_accounts(run.payments.select_related("payee", "payable__invoice"), actor).order_by("id")


def acceptors_of(payable_ids) -> set[Acted | None]:
    """Who accepted the goods behind these payables."""
    invoices = Payable.objects.filter(pk__in=payable_ids).values("invoice_id")
    lines = InvoiceLine.objects.filter(invoice__in=invoices)
    return who_did(lines, "accepted_by", path="acceptance_line__acceptance__")


def pending_payments(run_id: int) -> list[int]:
    """Ids of an approved run's payments still to be made, in order."""
    return list(
        Payment.objects.filter(run_id=run_id, state=PaymentState.PENDING, run__state=RunState.APPROVED)
        .order_by("id")
        .values_list("id", flat=True)
    )


def approved_runs(platform_id: int) -> list[int]:
    """Ids of the platform's approved runs that are not done, the oldest first."""
    return list(
        PaymentRun.objects.filter(platform_id=platform_id, state=RunState.APPROVED)
        .order_by("id")
        .values_list("id", flat=True)
    )
