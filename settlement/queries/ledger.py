"""Reading the ledger: accounts and what they hold, movements, and the proof that all of it adds up."""

from django.db.models import Count, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from settlement.models.ledger import Balance, Entry, Leg
from settlement.models.netting import Netting, Overpayment
from settlement.models.payment import Invoice, Payable, Payment, PaymentReturn, PaymentRun
from settlement.models.statement import BankStatement, StatementLine
from settlement.workflows.states import (
    AccountKind,
    InvoiceKind,
    NettingState,
    PayableState,
    PaymentState,
    ReturnState,
    RunState,
    StatementLineState,
    StatementState,
)
from sunlight.kernel.money import fen_text
from sunlight.scope import Actor

STANDS = Q(state__in=[NettingState.PENDING, NettingState.NETTED])
DEBITS = Coalesce(Sum("amount_fen", filter=Q(side="DEBIT")), 0)
CREDITS = Coalesce(Sum("amount_fen", filter=Q(side="CREDIT")), 0)


def available_fen(balance: Balance) -> int:
    """What an account holds, in fen: debits over credits for the bank, credits over debits for what is owed."""
    held = balance.debit_fen - balance.credit_fen
    return held if balance.kind == AccountKind.BANK else -held


def accounts_visible_to(actor: Actor):
    """The accounts (as balances) an organisation holds on its platform; the operator's and regulators' view is all."""
    rows = Balance.objects.select_related("account", "organisation")
    if actor.is_party:
        return rows.filter(platform_id=actor.platform_id, organisation_id=actor.organisation_id)
    return rows.filter(platform_id__in=actor.platform_ids)


def totals_by_kind(actor: Actor) -> list[tuple[str, int]]:
    """Label and fen held of each kind of account on the actor's platforms; the last three make up the first."""
    held = dict.fromkeys(AccountKind, 0)
    for row in (
        accounts_visible_to(actor)
        .values("kind")
        .annotate(debits=Sum("debit_fen"), credits=Sum("credit_fen"))
        .order_by("kind")
    ):
        balance = Balance(kind=row["kind"], debit_fen=row["debits"], credit_fen=row["credits"])
        held[AccountKind(row["kind"])] = available_fen(balance)
    return [(kind.label, fen) for kind, fen in held.items()]


def deposit_fen(actor: Actor) -> int:
    """What the actor's own hospital has in the supervised account, in fen, payments not yet made included."""
    balance = Balance.objects.filter(
        platform_id=actor.platform_id, organisation_id=actor.organisation_id, kind=AccountKind.DEPOSIT
    ).first()
    return available_fen(balance) if balance else 0


def promised_fen(*, platform_id: int, buyer_id: int) -> int:
    """Payments of a hospital that are approved and not made yet, in fen: what its deposit is promised to."""
    return Payment.objects.filter(
        platform_id=platform_id, buyer_id=buyer_id, state=PaymentState.PENDING, run__state=RunState.APPROVED
    ).aggregate(total=Coalesce(Sum("amount_fen"), 0))["total"]


def unbooked_fen(platform_id: int) -> int:
    """Bank debits no payment is known for yet, in fen: what the bank holds less than the ledger says."""
    return StatementLine.objects.filter(
        platform_id=platform_id, direction="DEBIT", entry=None, statement__state=StatementState.CONFIRMED
    ).aggregate(total=Coalesce(Sum("amount_fen"), 0))["total"]


def bank_fen(platform_id: int) -> int:
    """What the ledger says the bank holds, in fen."""
    balance = Balance.objects.filter(platform_id=platform_id, kind=AccountKind.BANK).first()
    return available_fen(balance) if balance else 0


def ledger_faults(platform_id: int) -> list[str]:
    """Every fault found by recomputing the platform's ledger from its legs, in words; an empty list means it holds."""
    return [
        *_entry_faults(platform_id),
        *_balance_faults(platform_id),
        *_payment_faults(platform_id),
        *_payable_faults(platform_id),
        *_red_faults(platform_id),
        *_bank_faults(platform_id),
    ]


def _entry_faults(platform_id: int) -> list[str]:
    legs = Leg.objects.filter(platform_id=platform_id)
    faults = [
        f"凭证 {row['entry__number']} 借贷不平：借 {fen_text(row['debits'])} 元，贷 {fen_text(row['credits'])} 元"
        for row in legs.values("entry__number").annotate(debits=DEBITS, credits=CREDITS).exclude(debits=F("credits"))
    ]
    faults += [
        f"凭证 {number} 没有分录"
        for number in Entry.objects.filter(platform_id=platform_id)
        .annotate(count=Count("legs"))
        .filter(count=0)
        .values_list("number", flat=True)
    ]
    total = legs.aggregate(debits=DEBITS, credits=CREDITS)
    if total["debits"] != total["credits"]:
        faults.append(f"总账借贷不平：借 {fen_text(total['debits'])} 元，贷 {fen_text(total['credits'])} 元")
    return faults


def _balance_faults(platform_id: int) -> list[str]:
    summed = {
        row["account_id"]: (row["debits"], row["credits"])
        for row in Leg.objects.filter(platform_id=platform_id)
        .values("account_id")
        .annotate(debits=DEBITS, credits=CREDITS)
    }
    faults = []
    for balance in Balance.objects.filter(platform_id=platform_id).select_related("organisation").order_by("id"):
        name = f"{balance.get_kind_display()}（{balance.organisation.name if balance.organisation else '平台'}）"
        if summed.pop(balance.account_id, (0, 0)) != (balance.debit_fen, balance.credit_fen):
            faults.append(f"账户 {name} 余额与分录合计不符")
        if available_fen(balance) < 0:
            faults.append(f"账户 {name} 余额为负：{fen_text(available_fen(balance))} 元")
    return faults + [f"账户 {account_id} 有分录而没有余额" for account_id in summed]


def _payment_faults(platform_id: int) -> list[str]:
    entries = {}
    for leg in Leg.objects.filter(platform_id=platform_id, entry__purpose="pay", side="DEBIT").select_related("entry"):
        entries.setdefault(leg.entry.source, []).append((leg.entry_id, leg.amount_fen, leg.organisation_id))
    faults = []
    for payment in Payment.objects.filter(platform_id=platform_id).order_by("id").iterator():
        found = entries.pop(f"payment:{payment.number}", [])
        paid = payment.state in (PaymentState.PAID, PaymentState.SETTLED, PaymentState.RETURNED)
        expected = [(payment.entry_id, payment.amount_fen, payment.buyer_id)] if paid else []
        if found != expected:
            faults.append(
                f"付款 {payment.number}（{payment.get_state_display()}）的记账凭证有 {len(found)} 个，与付款不符"
            )
    return faults + [f"记账来源 {source} 没有对应的付款" for source in entries] + _return_faults(platform_id)


def _return_faults(platform_id: int) -> list[str]:
    """What came back of each payment is what the ledger gave the hospital back, and what its returns add up to."""
    legs = Leg.objects.filter(platform_id=platform_id, entry__purpose__startswith="return", side="CREDIT")
    given = {
        row["entry__source"]: row["fen"]
        for row in legs.values("entry__source").annotate(fen=Sum("amount_fen")).order_by("entry__source")
    }
    confirmed = PaymentReturn.objects.filter(payment=OuterRef("pk"), state=ReturnState.CONFIRMED)
    summed = confirmed.values("payment").annotate(fen=Sum("amount_fen")).values("fen")
    faults = []
    rows = Payment.objects.filter(platform_id=platform_id).annotate(came_back=Coalesce(Subquery(summed), 0))
    for payment in rows.filter(Q(returned_fen__gt=0) | Q(came_back__gt=0)).order_by("id"):
        in_ledger = given.pop(f"payment:{payment.number}", 0)
        if {payment.returned_fen, payment.came_back, in_ledger} != {payment.returned_fen}:
            faults.append(
                f"付款 {payment.number} 记为退回 {fen_text(payment.returned_fen)} 元，"
                f"退汇记录合计 {fen_text(payment.came_back)} 元，记账 {fen_text(in_ledger)} 元，三者不符"
            )
    return faults + [f"退汇记账来源 {source} 没有对应的付款" for source in given]


def _payable_faults(platform_id: int) -> list[str]:
    """What is open of a payable is what red invoices, standing payments and nettings leave; a finished run has nothing left
    to pay."""
    standing = Q(state__in=[PaymentState.PENDING, PaymentState.PAID, PaymentState.SETTLED])
    kept = Payment.objects.filter(standing, payable=OuterRef("pk")).values("payable")
    taken = kept.annotate(fen=Sum(F("amount_fen") - F("returned_fen"))).values("fen")
    nettings = Netting.objects.filter(STANDS, payable=OuterRef("pk")).values("payable")
    netted = nettings.annotate(fen=Sum("amount_fen")).values("fen")
    payables = Payable.objects.filter(platform_id=platform_id).annotate(
        taken=Coalesce(Subquery(taken), 0) + Coalesce(Subquery(netted), 0)
    )
    faults = [
        f"应付款 {row.id}（{row.get_state_display()}）未付 {fen_text(row.open_fen)} 元，"
        f"应为 {fen_text(0 if row.state == PayableState.CANCELLED else row.amount_fen - row.reddened_fen - row.taken)} 元"
        for row in payables.exclude(state=PayableState.CANCELLED, taken=0, open_fen=0).order_by("id")
        if row.open_fen != row.amount_fen - row.reddened_fen - row.taken
    ]
    waiting = Payment.objects.filter(platform_id=platform_id, state=PaymentState.PENDING).values("payable_id")
    faults += [
        f"应付款 {pk} 标记为已付，却有未划拨的付款"
        for pk in Payable.objects.filter(platform_id=platform_id, state=PayableState.PAID, pk__in=waiting)
        .order_by("id")
        .values_list("id", flat=True)
    ]
    return faults + [
        f"付款批次 {number} 已完成，却有未划拨的付款"
        for number in PaymentRun.objects.filter(
            platform_id=platform_id, state=RunState.DONE, payments__state=PaymentState.PENDING
        )
        .distinct()
        .values_list("number", flat=True)
    ]


def _red_faults(platform_id: int) -> list[str]:
    """A blue invoice is reddened by what its red ones sum up to, which its payable and their overpayments share; of an
    overpayment is open what nettings and refunds leave."""
    reds = Invoice.objects.filter(reddens=OuterRef("pk")).values("reddens").annotate(fen=Sum("amount_fen"))
    overs = Overpayment.objects.filter(red__reddens=OuterRef("pk")).values("red__reddens")
    owed = Payable.objects.filter(invoice=OuterRef("pk"))
    blues = Invoice.objects.filter(platform_id=platform_id, kind=InvoiceKind.BLUE).annotate(
        summed=Coalesce(Subquery(reds.values("fen")), 0),
        over=Coalesce(Subquery(overs.annotate(fen=Sum("amount_fen")).values("fen")), 0),
        off=Coalesce(Subquery(owed.values("reddened_fen")), 0),
    )
    faults = [
        f"发票 {row.number} 记为已红冲 {fen_text(row.reddened_fen)} 元，红字发票合计 {fen_text(row.summed)} 元，"
        f"冲减应付 {fen_text(row.off)} 元，应退款 {fen_text(row.over)} 元，不符"
        for row in blues.filter(Q(reddened_fen__gt=0) | Q(summed__gt=0) | Q(over__gt=0) | Q(off__gt=0)).order_by("id")
        if row.reddened_fen != row.summed or row.summed != row.off + row.over
    ]
    nettings = Netting.objects.filter(STANDS, overpayment=OuterRef("pk")).values("overpayment")
    refunds = StatementLine.objects.filter(overpayment=OuterRef("pk"), state=StatementLineState.ASSIGNED)
    overpayments = Overpayment.objects.filter(platform_id=platform_id).annotate(
        netted=Coalesce(Subquery(nettings.annotate(fen=Sum("amount_fen")).values("fen")), 0),
        came=Coalesce(Subquery(refunds.values("overpayment").annotate(fen=Sum("amount_fen")).values("fen")), 0),
    )
    return faults + [
        f"红冲应退款 {row.id} 未结 {fen_text(row.open_fen)} 元，应为 {fen_text(row.amount_fen - row.netted - row.came)} 元"
        for row in overpayments.order_by("id")
        if row.open_fen != row.amount_fen - row.netted - row.came or row.refunded_fen != row.came
    ]


def _bank_faults(platform_id: int) -> list[str]:
    """The ledger's bank account agrees with the last statement, less debits nobody has been found for yet."""
    confirmed = BankStatement.objects.filter(platform_id=platform_id, state=StatementState.CONFIRMED)
    last = confirmed.order_by("-to_date", "-id").first()
    if last is None:
        return []
    ledger, unbooked = bank_fen(platform_id), unbooked_fen(platform_id)
    if ledger - unbooked == last.closing_fen:
        return []
    return [
        f"账面银行存款 {fen_text(ledger)} 元，减未匹配支出 {fen_text(unbooked)} 元，"
        f"与对账单 {last.statement_number} 期末余额 {fen_text(last.closing_fen)} 元不符"
    ]


def unidentified_count(platform_id: int) -> int:
    """Bookings for which nobody has proposed whose they are."""
    return StatementLine.objects.filter(platform_id=platform_id, state=StatementLineState.UNIDENTIFIED).count()
