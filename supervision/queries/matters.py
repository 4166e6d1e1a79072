"""Matters that somebody who watches must look into: what went wrong in the trade and has not been found out about yet.

A matter is a row of the trade that meets a condition. It is open for an organisation until the condition ends (the money is
paid, the goods are there) or the organisation keeps a finding about it; one that was urged to mend comes back on its day.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db.models import BigIntegerField, CharField, Exists, F, Min, Model, OuterRef, Q, QuerySet, Value

from procurement.ordering.models import Order
from procurement.receiving.models import Acceptance, Delivery
from procurement.receiving.queries import lateness as goods
from procurement.receiving.queries.lateness import shanghai_day
from procurement.receiving.workflows import AcceptanceState
from settlement.models.payment import Payable
from settlement.queries import lateness as money
from sunlight.journal.refusals import NotThere
from sunlight.scope import Actor, Role
from sunlight.scope.fields import done_by
from sunlight.scope.roles import OrganisationKind
from supervision import readers
from supervision.models import Finding
from supervision.queries.parts import figures_of
from supervision.workflows import FindingState

# Who finds out, and for whom it is therefore something to do.
FINDING_OUT = (Role.HOSPITAL_AUDITOR, Role.OPERATOR_SUPPORT, Role.REGULATOR_OFFICER)


@dataclass(frozen=True)
class Matter:
    """`rows(actor, today)` gives what the actor may see, annotated with `day` (the day that was missed, or on which it
    happened), `missing_fen` (what is missing), `what` (a number people know) and `why`; `subject` is the trace's type of the row; `figure` the figure of
    the overview whose authorities have it as their part, "" for one that is a hospital's own business."""

    key: str
    label: str
    hint: str
    # The parameters whose clauses it rests on, the first that is stated.
    basis: tuple[str, ...]
    rows: Callable[[Actor, date], QuerySet]
    subject: str
    figure: str = ""
    # Whether `day` is a day by which something had to be done.
    is_missed: bool = True


def _payments_late(actor: Actor, today: date) -> QuerySet:
    rows = money.payments_late(Payable.objects.visible_to(actor), today)
    # A held one is late like any other; its reason is said.
    return rows.annotate(what=F("invoice__number"), why=F("hold_reason")).select_related("buyer", "seller", "payee")


def _deliveries_late(actor: Actor, today: date) -> QuerySet:
    rows = goods.missing_of(goods.deliveries_late(Order.objects.visible_to(actor), today), today)
    return rows.annotate(what=F("number"), why=Value("", CharField())).select_related("buyer", "seller")


def _acceptances_late(actor: Actor, today: date) -> QuerySet:
    rows = goods.worth_of(goods.acceptances_late(Delivery.objects.visible_to(actor), today))
    return rows.annotate(what=F("number"), why=Value("", CharField())).select_related("buyer", "seller")


def _acceptances_reversed(actor: Actor, today: date) -> QuerySet:
    rows = Acceptance.objects.visible_to(actor).filter(state=AcceptanceState.REVERSED)
    day, no_sum = shanghai_day("reversed_at"), Value(None, BigIntegerField())
    return rows.annotate(day=day, missing_fen=no_sum, what=F("number"), why=F("reversal_reason")).select_related(
        "buyer", "seller"
    )


MATTERS: dict[str, Matter] = {
    matter.key: matter
    for matter in (
        Matter(
            "payments_late",
            "逾期未付的货款",
            "已过最迟付款日、还没有付清的货款。付清后自动移出。",
            ("settlement.payment_days", "settlement.payment_by_contract"),
            _payments_late,
            "payable",
            "late_payments",
        ),
        Matter(
            "deliveries_late",
            "逾期未送达的订单",
            "已过配送期限、还没有全部送达的订单。送达或关闭后自动移出。",
            ("delivery.alert_when_late", "delivery.days"),
            _deliveries_late,
            "order",
            "late_deliveries",
        ),
        Matter(
            "acceptances_late",
            "逾期未验收的到货",
            "到货后过了验收期限、还没有验收的配送单。验收后自动移出；货物没有送到的，由配送企业取消配送单。",
            ("acceptance.working_days",),
            _acceptances_late,
            "delivery",
            "late_acceptances",
        ),
        Matter(
            "acceptances_reversed",
            "被冲销的验收",
            "验收后又冲销的验收单，须查明原因。",
            (),
            _acceptances_reversed,
            "acceptance",
            is_missed=False,
        ),
    )
}


def matters_of(actor: Actor) -> list[Matter]:
    """What the actor's organisation looks into: a hospital all that is its own, an authority its part (SZ20-4.1), the
    operator what it reports (SZ20-6.1b)."""
    if not actor.has(*readers.MATTERS):
        return []
    if actor.kind == OrganisationKind.HOSPITAL:
        return list(MATTERS.values())
    figures = figures_of(actor)
    return [matter for matter in MATTERS.values() if matter.figure and matter.figure in figures]


def matter_named(actor: Actor, key: str) -> Matter:
    """Raises NotThere for one that is not the actor's part."""
    found = next((matter for matter in matters_of(actor) if matter.key == key), None)
    if found is None:
        raise NotThere("这类核查事项")
    return found


def _findings_in_force(actor: Actor, matter: Matter, today: date) -> QuerySet:
    """Findings of the actor's organisation that leave nothing to do about a row for now."""
    return Finding.objects.filter(
        Q(follow_up_on=None) | Q(follow_up_on__gt=today),
        organisation_id=actor.organisation_id,
        platform_id=OuterRef("platform_id"),
        matter=matter.key,
        matter_id=OuterRef("pk"),
        is_latest=True,
    ).exclude(state=FindingState.RETURNED)


def open_rows(actor: Actor, matter: Matter, today: date) -> QuerySet:
    """The rows of a matter that the actor's organisation has still to look into, the longest missed first."""
    return matter.rows(actor, today).filter(~Exists(_findings_in_force(actor, matter, today))).order_by("day", "id")


def open_figures(actor: Actor, matter: Matter, today: date) -> tuple[int, date | None]:
    """The number of rows to look into, and the longest missed day, if it is about one."""
    rows = open_rows(actor, matter, today).order_by()
    count = rows.count()
    if not count or not matter.is_missed:
        return count, None
    return count, rows.aggregate(first=Min("day"))["first"]


def access_matter(actor: Actor, key: str, row_id: int, today: date) -> tuple[Matter, Model]:
    """A matter's row, whether it is still open for the actor or looked into already. Raises NotThere."""
    matter = matter_named(actor, key)
    row = matter.rows(actor, today).filter(id=row_id).first()
    if row is None:
        raise NotThere("这一事项")
    return matter, row


def findings_visible_to(actor: Actor) -> QuerySet:
    """What the actor's organisation found out, newest first."""
    if not actor.has(*readers.FINDINGS):
        return Finding.objects.none()
    return Finding.objects.filter(
        organisation_id=actor.organisation_id, platform_id__in=actor.platform_ids or [actor.platform_id]
    ).order_by("-id")


def findings_about(actor: Actor, matter: Matter, row_id: int) -> list[Finding]:
    """What the actor's organisation found out about one row, newest first."""
    return list(findings_visible_to(actor).filter(matter=matter.key, matter_id=row_id))


def access_finding(actor: Actor, finding_id: int) -> Finding:
    """Raises NotThere."""
    found = findings_visible_to(actor).filter(id=finding_id).first()
    if found is None:
        raise NotThere("这份核查记录")
    return found


def findings_to_decide(actor: Actor) -> QuerySet:
    """What somebody else of the actor's authority proposes to act on."""
    waiting = findings_visible_to(actor).filter(state=FindingState.PROPOSED, is_latest=True)
    return waiting.exclude(done_by(actor, "noted_by"))
