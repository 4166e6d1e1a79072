"""Invoices of whoever shipped: matched with order and acceptance; a matched one becomes a payable with its due day."""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from procurement.receiving.services.acceptances import acceptance_invoiced
from settlement.events import INVOICE_SUBMITTED, INVOICE_VOIDED
from settlement.models.payment import Invoice, InvoiceLine, Payable
from settlement.queries.acceptances import AcceptedLine, accepted_lines
from settlement.queries.invoices import access_invoice
from settlement.rules.matching import Difference, StatedLine, TakenLine, match
from settlement.rules.payment import payment_due
from settlement.workflows import INVOICE, PAYABLE, InvoiceState, PayableState
from sunlight import scope
from sunlight.acts import current_policy
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere
from sunlight.journal.services import decide, record, service
from sunlight.kernel import reading
from sunlight.kernel.money import MoneyError, parse_amount_fen, parse_price, parse_quantity
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.scope.duties import moved

MOST_LINES = 500
LONGEST_REASON = 300
_DIGITAL = re.compile(r"[0-9]{20}")
_PAPER_CODE, _PAPER_NUMBER = re.compile(r"[0-9]{10}|[0-9]{12}"), re.compile(r"[0-9]{8}")
_RATE = re.compile(r"0(\.[0-9]{1,4})?")


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
) -> Invoice:
    """Hand in an invoice for accepted goods, by the finance of whoever shipped them: `lines` of `{acceptance_line (id),
    quantity, price, amount}`, numbers as typed; amounts in yuan, `tax_rate` like 0.13. It is compared with order and
    acceptance line by line: MATCHED makes a payable due by law, MISMATCHED keeps every difference.

    Raises Forbidden, NotThere for a line that is not the actor's to invoice, Invalid naming the field, Conflict for a
    number handed in before or an acceptance that was reversed (SZ20-5.3.4, SZ20-6.2b)."""
    if not actor.has(Role.SUPPLIER_FINANCE):
        raise Forbidden("not_your_duty", "只有企业财务可以开具发票。请联系本企业管理员。")
    read = reading.Collected()
    code = read(reading.text, code, "code", "发票代码", most=20, required=False)
    number = read(reading.text, number, "number", "发票号码", most=20, required=False)
    issued_on = read(reading.day, issued_on, "issued_on", "开票日期")
    sums = {
        "net_fen": read(_fen, net, "net"),
        "tax_fen": read(_fen, tax, "tax", allow_zero=True),
        "total_fen": read(_fen, amount, "amount"),
    }
    ids = [
        read(reading.row_id, line["acceptance_line"], f"lines[{index}].acceptance_line", "验收明细")
        for index, line in enumerate(lines)
    ]
    stated = [read(_stated, line_no, line) for line_no, line in enumerate(lines, start=1)]
    read.check()
    rate = _require_form(at, code, number, issued_on, tax_rate)
    _require_new_number(actor, code, number)
    taken = _accepted_lines(actor, ids)
    differences = match(
        [(said, TakenLine(line.price, line.open_quantity)) for said, line in zip(stated, taken, strict=True)],
        tax_rate=rate,
        **sums,
    )
    invoice = _keep(actor, at, code, number, issued_on, rate, sums, differences, stated, taken)
    payable = None
    if not differences:
        quantities = {line.id: said.quantity for said, line in zip(stated, taken, strict=True)}
        acceptance_invoiced(actor=actor, at=at, amounts=quantities)
        payable = _payable(actor, at, invoice, taken)
    _record_submitted(actor, at, invoice, stated, taken, payable)
    return invoice


def _keep(
    actor: Actor,
    at: datetime,
    code: str,
    number: str,
    issued_on: date,
    rate: Decimal,
    sums: dict,
    differences: list[Difference],
    stated: list[StatedLine],
    taken: list[AcceptedLine],
) -> Invoice:
    """The invoice with its lines, MATCHED where nothing differs."""
    first = taken[0]
    state = INVOICE.initial if differences else moved(INVOICE, INVOICE.initial, "match", actor.as_system())
    invoice = Invoice.objects.create(
        platform_id=actor.platform_id,
        region_id=first.region_id,
        buyer_id=first.buyer_id,
        seller_id=first.seller_id,
        distributor_id=first.distributor_id,
        issuer_id=actor.organisation_id,
        code=code,
        number=number,
        issued_on=issued_on,
        tax_rate=rate,
        net_fen=sums["net_fen"],
        tax_fen=sums["tax_fen"],
        amount_fen=sums["total_fen"],
        state=state,
        differences=[d.to_dict() for d in differences],
        submitted_at=at,
        **scope.by(actor, "submitted"),
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
        for said, line in zip(stated, taken, strict=True)
    )
    return invoice


def _require_form(at: datetime, code: str, number: str, issued_on: date, tax_rate: object) -> Decimal:
    digital = not code and _DIGITAL.fullmatch(number)
    paper = _PAPER_CODE.fullmatch(code) and _PAPER_NUMBER.fullmatch(number)
    if not digital and not paper:
        raise Invalid(
            "invoice_number_invalid",
            "发票号码不正确：数电发票填 20 位号码、代码留空；其他发票填 10 或 12 位代码和 8 位号码。",
            field="number",
        )
    if issued_on > business_date(at):
        raise Invalid("invoice_from_the_future", "开票日期晚于今天，请核对。", field="issued_on")
    text = str(tax_rate).strip()
    if not _RATE.fullmatch(text):
        raise Invalid("tax_rate_invalid", "税率应写作小数，如 0.13；免税写 0。", field="tax_rate")
    return Decimal(text)


def _require_new_number(actor: Actor, code: str, number: str) -> None:
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


def _fen(typed: object, field: str, *, allow_zero: bool = False) -> int:
    try:
        return parse_amount_fen(typed, allow_zero=allow_zero)
    except MoneyError as error:
        raise reading.Unreadable(f"{field}_{error.code}", f"{error.message}。", field) from error


def _stated(line_no: int, line: dict) -> StatedLine:
    where = f"lines[{line_no - 1}]"
    try:
        return StatedLine(
            line_no, parse_quantity(line["quantity"]), parse_price(line["price"]), parse_amount_fen(line["amount"])
        )
    except MoneyError as error:
        raise reading.Unreadable(f"line_{error.code}", f"第 {line_no} 行：{error.message}。", where) from error


def _accepted_lines(actor: Actor, ids: Sequence[int]) -> list[AcceptedLine]:
    """The accepted lines, in order. Raises where one is not the actor's, named twice, reversed, or of another trade."""
    if not ids or len(ids) > MOST_LINES:
        raise Invalid("invoice_lines_count", f"一张发票须有 1 至 {MOST_LINES} 行明细。", field="lines")
    if len(set(ids)) < len(ids):
        raise Invalid("acceptance_line_twice", "同一验收明细在发票中出现两次，请合并为一行。", field="lines")
    found = accepted_lines(actor, ids)
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
    law = current_policy().law(region=invoice.region.code, on=accepted_on, drafts=actor.drafts)
    decision = payment_due(law, accepted_on=accepted_on, contract_due_on=contract_due_on)
    due_on = decision.outcome["due_on"] if decision.regulated else contract_due_on
    payable = Payable.objects.create(
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
            "code": invoice.code,
            "number": invoice.number,
            "issued_on": invoice.issued_on,
            "state": invoice.state,
            "tax_rate": invoice.tax_rate,
            "net_fen": invoice.net_fen,
            "tax_fen": invoice.tax_fen,
            "amount_fen": invoice.amount_fen,
            "differences": invoice.differences,
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
        payable.state, payable.open_fen = moved(PAYABLE, payable.state, "cancel", actor.as_system()), 0
        payable.version += 1
        payable.save(update_fields=["state", "open_fen", "version"])
        given_back = {line.acceptance_line_id: -line.quantity for line in invoice.lines.all()}
        acceptance_invoiced(actor=actor, at=at, amounts=given_back)
    invoice.voided_at = at
    invoice.version += 1
    invoice.save(update_fields=["state", "voided_at", "version"])
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
