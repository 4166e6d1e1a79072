"""Invoices of whoever shipped: matched with order and acceptance; a matched one becomes a payable with its due day."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction

from procurement.receiving.services.acceptances import acceptance_invoiced
from settlement.events import INVOICE_SUBMITTED, INVOICE_VOIDED
from settlement.models.payment import Invoice, InvoiceLine, Payable
from settlement.queries.acceptances import AcceptedLine, accepted_lines
from settlement.queries.invoices import access_invoice
from settlement.rules.matching import Difference
from settlement.rules.payment import payment_due
from settlement.services.invoice_checks import Kept, admitted, differences_of, original_kept
from settlement.services.invoice_reading import Sent, Typed, read_invoice
from settlement.services.payables import COLUMNS, cancel
from settlement.services.turnover import turnover_counted, turnover_taken_back
from settlement.workflows.paying import INVOICE, PAYABLE, VERIFICATION
from settlement.workflows.states import InvoiceKind, InvoiceState, PayableState
from sunlight import scope
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere
from sunlight.journal.services import conflict_of, decide, record, service
from sunlight.kernel import reading
from sunlight.kernel.money import fen_text
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.scope.duties import moved

MOST_LINES = 500
LONGEST_REASON = 300
NUMBER_ONCE = "an_invoice_number_once"


@service
def invoice_submit(
    *,
    actor: Actor,
    at: datetime,
    number: str,
    issued_on: date | str,
    tax_rate: object,
    net: object,
    tax: object,
    amount: object,
    lines: Sequence[dict],
    code: str = "",
    kind: str = InvoiceKind.BLUE,
    original: Sent | dict | None = None,
) -> Invoice:
    """Hand in an invoice for accepted goods, by the finance of whoever shipped them: `lines` of `{acceptance_line (id),
    quantity, price, amount}`, numbers as typed; amounts in yuan, `tax_rate` like 0.13; the `original` as it was sent. It is
    compared with order, acceptance and original: MATCHED makes a payable due by law, MISMATCHED keeps every difference.

    Raises Forbidden, NotThere for a line that is not the actor's to invoice, Invalid naming each field (`invoice_admit`:
    dated before the goods left, no rate of that day), Conflict for a number handed in before by anybody or an acceptance
    that was reversed (SZ20-5.3.4, SZ20-6.2b)."""
    if not actor.has(Role.SUPPLIER_FINANCE):
        raise Forbidden("not_your_duty", "只有企业财务可以开具发票。请联系本企业管理员。")
    typed = read_invoice(
        kind=kind,
        code=code,
        number=number,
        issued_on=issued_on,
        tax_rate=tax_rate,
        net=net,
        tax=tax,
        amount=amount,
        lines=lines,
        original=original,
    )
    require_new_number(actor, typed.code, typed.number)
    taken = _accepted_lines(actor, typed.acceptance_lines)
    decision = admitted(actor, at, typed, taken)
    kept = original_kept(actor, at, typed, taken)
    differences = differences_of(actor, typed, taken, kept)
    invoice = _keep(actor, at, typed, taken, differences, kept)
    decide(decision, subject=("invoice", invoice.id), actor=actor, at=at, parties=_parties(invoice))
    payable = None
    if not differences:
        quantities = {line.id: said.quantity for said, line in zip(typed.lines, taken, strict=True)}
        acceptance_invoiced(actor=actor, at=at, amounts=quantities)
        payable = _payable(actor, at, invoice, taken)
        turnover_counted(actor, at, invoice)
    _record_submitted(actor, at, invoice, typed.lines, taken, payable)
    return invoice


def _keep(
    actor: Actor,
    at: datetime,
    typed: Typed,
    taken: Sequence[AcceptedLine],
    differences: Sequence[Difference],
    kept: Kept | None,
) -> Invoice:
    """The invoice with its lines, MATCHED where nothing differs."""
    first = taken[0]
    state = INVOICE.initial if differences else moved(INVOICE, INVOICE.initial, "match", actor.as_system())
    invoice = numbered_once(
        Invoice(
            platform_id=actor.platform_id,
            region_id=first.region_id,
            buyer_id=first.buyer_id,
            seller_id=first.seller_id,
            distributor_id=first.distributor_id,
            kind=typed.kind,
            issuer_id=actor.organisation_id,
            code=typed.code,
            number=typed.number,
            issued_on=typed.issued_on,
            tax_rate=typed.tax_rate,
            net_fen=typed.net_fen,
            tax_fen=typed.tax_fen,
            amount_fen=typed.total_fen,
            state=state,
            differences=[d.to_dict() for d in differences],
            original=kept.file if kept else None,
            original_read=kept is not None and kept.said.face is not None,
            verification=VERIFICATION.initial,
            submitted_at=at,
            **scope.by(actor, "submitted"),
        ),
    )
    InvoiceLine.objects.bulk_create(
        InvoiceLine(
            invoice=invoice,
            line_no=said.line_no,
            acceptance_line_id=line.id,
            quantity=said.quantity,
            price=said.price,
            amount_fen=said.amount_fen,
        )
        for said, line in zip(typed.lines, taken, strict=True)
    )
    return invoice


def numbered_once(invoice: Invoice) -> Invoice:
    """The invoice, written. The database keeps its number single over all platforms, where this actor sees nothing."""
    try:
        with transaction.atomic():
            invoice.save(force_insert=True)
    except IntegrityError as broken:
        if conflict_of(broken).code != NUMBER_ONCE:
            raise
        raise Conflict(
            "invoice_number_taken",
            f"发票 {invoice.number} 已在阳光交易平台提交过，同一张发票只能提交一次。请核对发票号码；"
            "如确为贵单位开具，请联系平台结算人员核查。",
            field="number",
        ) from broken
    return invoice


def require_new_number(actor: Actor, code: str, number: str) -> None:
    """Says more of an own invoice than of one behind the wall."""
    earlier = (
        Invoice.objects.filter(platform_id=actor.platform_id, issuer_id=actor.organisation_id, code=code, number=number)
        .exclude(state=InvoiceState.VOIDED)
        .first()
    )
    if earlier is not None:
        raise Conflict(
            "invoice_submitted_already",
            f"发票 {number} 已于 {business_date(earlier.submitted_at)} 提交（{earlier.get_state_display()}）。"
            "如需更正，请先作废原提交。",
            field="number",
            subject=("invoice", earlier.id),
        )


def _accepted_lines(actor: Actor, ids: Sequence[int]) -> list[AcceptedLine]:
    """The accepted lines, in order. Raises where one is not the actor's, named twice, reversed, or of another trade."""
    if not ids or len(ids) > MOST_LINES:
        raise Invalid("invoice_lines_count", f"一张发票须有 1 至 {MOST_LINES} 行明细。", field="lines")
    if len(set(ids)) < len(ids):
        raise Invalid("acceptance_line_twice", "同一验收明细在发票中出现两次，请合并为一行。", field="lines")
    found = accepted_lines(actor, ids, lock=True)
    for index, line_id in enumerate(ids):
        if line_id not in found:
            raise NotThere("可由贵单位开票的验收明细", field=f"lines[{index}].acceptance_line")
        if not found[line_id].is_confirmed:
            raise Conflict(
                "acceptance_reversed",
                f"验收单 {found[line_id].acceptance_number} 已冲销，不能开票。请等医院重新验收。",
                field=f"lines[{index}].acceptance_line",
            )
    taken = [found[line_id] for line_id in ids]
    if len({(line.buyer_id, line.seller_id, line.distributor_id, line.region_id) for line in taken}) > 1:
        raise Invalid("several_trades", "一张发票只能开给一家医院、对应一家生产企业的货物。请分开开票。", field="lines")
    return taken


def _payable(actor: Actor, at: datetime, invoice: Invoice, taken: list[AcceptedLine]) -> Payable:
    """What the hospital now owes, with the last day: of several acceptances and contracts the earliest counts."""
    accepted_on = min(line.accepted_on for line in taken)
    by_contract = [
        line.accepted_on + timedelta(days=line.payment_days) for line in taken if line.payment_days is not None
    ]
    contract_due_on = min(by_contract, default=None)
    law = scope.law(actor, accepted_on, region=invoice.region.code)
    decision = payment_due(law, accepted_on=accepted_on, contract_due_on=contract_due_on)
    due_on = decision.outcome["due_on"] if decision.regulated else contract_due_on
    payable = Payable(
        platform_id=invoice.platform_id,
        region_id=invoice.region_id,
        buyer_id=invoice.buyer_id,
        seller_id=invoice.seller_id,
        distributor_id=invoice.distributor_id,
        invoice=invoice,
        payee_id=invoice.issuer_id,
        amount_fen=invoice.amount_fen,
        open_fen=invoice.amount_fen,
        accepted_on=accepted_on,
        arrived_on=min(line.arrived_on for line in taken),
        due_on=due_on,
        due_clause=_due_clause(decision, due_on, accepted_on),
        state=PAYABLE.initial,
        created_at=at,
    )
    # What is owed no statement in the supplier's own scope may write.
    with scope.elevated(actor):
        payable.save(force_insert=True)
    decide(decision, subject=("payable", payable.id), actor=actor, at=at, parties=_parties(invoice))
    return payable


def _due_clause(decision, payable_due_on: date | None, accepted_on: date) -> str:
    """The clause the due day comes from: that of the law's own days where they set it, else that of paying by contract."""
    used = {p.key: p for p in decision.parameters}
    days, by_contract = used.get("settlement.payment_days"), used.get("settlement.payment_by_contract")
    if days and payable_due_on == accepted_on + timedelta(days=days.value):
        return days.source
    return by_contract.source if by_contract else ""


def _parties(row) -> list[int | None]:
    return [row.buyer_id, row.seller_id, row.distributor_id]


def _record_submitted(actor, at, invoice: Invoice, stated, taken, payable: Payable | None) -> None:
    record(
        INVOICE_SUBMITTED,
        subject=invoice.id,
        actor=actor,
        at=at,
        parties=_parties(invoice),
        payload={
            "kind": invoice.kind,
            "code": invoice.code,
            "number": invoice.number,
            "issued_on": invoice.issued_on,
            "state": invoice.state,
            "tax_rate": invoice.tax_rate,
            "net_fen": invoice.net_fen,
            "tax_fen": invoice.tax_fen,
            "amount_fen": invoice.amount_fen,
            "differences": invoice.differences,
            "original": invoice.original_id,
            "original_sha256": invoice.original.sha256 if invoice.original else "",
            "original_read": invoice.original_read,
            "payable": payable.id if payable else None,
            "due_on": payable.due_on if payable else None,
            "due_clause": payable.due_clause if payable else "",
            "lines": [
                {
                    "acceptance": line.acceptance_number,
                    "order_line": line.order_line_number,
                    "quantity": said.quantity,
                    "price": said.price,
                    "amount_fen": said.amount_fen,
                }
                for said, line in zip(stated, taken, strict=True)
            ],
        },
    )


@service
def invoice_void(*, actor: Actor, at: datetime, invoice_id: int, reason: str) -> Invoice:
    """Take back an invoice before it is paid, by its issuer's finance, with the reason: its payable is cancelled and the
    quantities may be invoiced again. Raises NotThere, Invalid without a reason, IllegalMove, Conflict once it is being paid."""
    invoice = access_invoice(actor, invoice_id, lock=True)
    if invoice.issuer_id != actor.organisation_id:
        raise NotThere("这张发票")
    was_matched = invoice.state == InvoiceState.MATCHED
    _require_voidable(invoice)
    invoice.state = moved(INVOICE, invoice.state, "void", actor)
    reason = reading.reason(reason, label="作废原因", most=LONGEST_REASON)
    if was_matched:
        payable = Payable.objects.select_for_update().get(invoice=invoice)
        if payable.state != PayableState.OPEN or payable.open_fen != payable.amount_fen:
            raise Conflict(
                "invoice_being_paid",
                f"发票 {invoice.number} 的货款{payable.get_state_display()}，不能作废。请联系医院财务驳回付款，或以红字发票处理退货。",
                subject=("invoice", invoice.id),
            )
        cancel(payable, actor.as_system())
        with scope.elevated(actor):
            payable.save(update_fields=COLUMNS)
        given_back = {line.acceptance_line_id: -line.quantity for line in invoice.lines.all()}
        acceptance_invoiced(actor=actor, at=at, amounts=given_back)
    invoice.voided_at = at
    invoice.version += 1
    invoice.save(update_fields=["state", "voided_at", "version"])
    if was_matched:
        turnover_taken_back(actor, at, invoice)
    record(
        INVOICE_VOIDED,
        subject=invoice.id,
        actor=actor,
        at=at,
        parties=_parties(invoice),
        version=invoice.version,
        payload={"number": invoice.number, "reason": reason, "was_matched": was_matched},
    )
    return invoice


def _require_voidable(invoice: Invoice) -> None:
    """A red invoice, and a blue one that has red ones, are settled by further invoices only."""
    if invoice.kind == InvoiceKind.RED:
        raise Conflict(
            "red_invoice_stays",
            f"红字发票 {invoice.number} 提交后不能作废。确实开错的，请与医院核对后另开蓝字发票。",
            subject=("invoice", invoice.id),
        )
    if invoice.reddened_fen:
        raise Conflict(
            "invoice_reddened",
            f"发票 {invoice.number} 已被红冲 {fen_text(invoice.reddened_fen, grouped=True)} 元，不能作废。余额请继续以红字发票冲回。",
            subject=("invoice", invoice.id),
        )
