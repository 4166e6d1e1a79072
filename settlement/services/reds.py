"""Red invoices (红字发票) of an issuer: what is not paid yet of the blue one is owed no more, what is paid already the issuer
owes back."""

from datetime import date, datetime

from procurement.receiving.services.acceptances import acceptance_invoiced
from settlement.events import RED_INVOICE_SUBMITTED
from settlement.models.netting import Overpayment
from settlement.models.payment import Invoice, Payable
from settlement.rules.matching import compare_faces
from settlement.rules.netting import Blue, Fault, Red, red_faults
from settlement.services.invoice_checks import Kept, keep_file
from settlement.services.invoice_reading import Sent, TypedRed, read_red
from settlement.services.invoices import numbered_once, require_new_number
from settlement.services.payables import COLUMNS, redden
from settlement.services.turnover import turnover_taken_back
from settlement.workflows.paying import INVOICE, VERIFICATION
from settlement.workflows.states import InvoiceKind, InvoiceState, RedReason
from sunlight import scope
from sunlight.journal.refusals import Forbidden, Invalid
from sunlight.journal.services import record, service
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.scope.duties import moved
from sunlight.tenancy.queries.organisations import credit_codes


@service
def red_invoice_submit(
    *,
    actor: Actor,
    at: datetime,
    blue_number: str,
    number: str,
    issued_on: date | str,
    net: object,
    tax: object,
    amount: object,
    reason: str,
    blue_code: str = "",
    original: Sent | dict | None = None,
) -> Invoice:
    """Hand in a digital red invoice, by the finance of whoever issued the blue one (`blue_number`, `blue_code` of a paper
    one); amounts in yuan with or without their sign, `reason` of `RedReason`. The blue one's payable is open by as much
    less, and cancelled at 0; what of it is paid or in a run becomes an overpayment of the hospital's. Where the blue one
    was issued wrongly its goods may be invoiced again.

    Raises Forbidden, Invalid naming each field (no such matched blue one, dated before it, above what is left of it, other
    figures than its original's), Conflict for a number handed in before by anybody (SZ20-5.3.4)."""
    if not actor.has(Role.SUPPLIER_FINANCE):
        raise Forbidden("not_your_duty", "只有企业财务可以开具发票。请联系本企业管理员。")
    typed = read_red(
        blue_code=blue_code,
        blue_number=blue_number,
        number=number,
        issued_on=issued_on,
        net=net,
        tax=tax,
        amount=amount,
        reason=reason,
        original=original,
    )
    require_new_number(actor, "", typed.number)
    blue = _locked_blue(actor, typed)
    kept = keep_file(actor, at, typed.original, [blue.buyer_id, blue.seller_id, blue.distributor_id])
    tolerance = scope.law(actor, typed.issued_on).at("invoice.tax_tolerance_fen").value
    faults = red_faults(_red(typed, business_date(at)), _blue(blue), tolerance_fen=tolerance)
    faults += _original_faults(actor, typed, blue, kept)
    if faults:
        items = [{"field": each.field, "code": each.code, "message": each.message} for each in faults]
        raise Invalid(faults[0].code, "".join(each.message for each in faults), field=faults[0].field, items=items)
    red = _keep(actor, at, typed, blue, kept)
    blue.reddened_fen += typed.amount_fen
    blue.version += 1
    payable = Payable.objects.select_for_update().get(invoice=blue)
    taken = redden(payable, typed.amount_fen, actor.as_system(), at)
    # What is owed and owed back, no statement in a party's own scope may write.
    with scope.elevated(actor):
        blue.save(update_fields=["reddened_fen", "version"])
        payable.save(update_fields=COLUMNS)
        overpayment = _overpayment(at, red, typed.amount_fen - taken)
    if typed.reason == RedReason.ERROR:
        given_back = {line.acceptance_line_id: -line.quantity for line in blue.lines.all()}
        acceptance_invoiced(actor=actor, at=at, amounts=given_back)
    turnover_taken_back(actor, at, blue)
    _record(actor, at, red, payable, taken, overpayment)
    return red


def _locked_blue(actor: Actor, typed: TypedRed) -> Invoice:
    """The blue invoice, locked. Raises Invalid for one that is not the actor's, or does not stand."""
    blue = (
        Invoice.objects.visible_to(actor)
        .select_for_update(of=("self",))
        .filter(
            issuer_id=actor.organisation_id,
            kind=InvoiceKind.BLUE,
            state=InvoiceState.MATCHED,
            code=typed.blue_code,
            number=typed.blue_number,
        )
        .first()
    )
    if blue is None:
        raise Invalid(
            "blue_invoice_unknown",
            f"贵单位没有号码为 {typed.blue_number} 的已匹配蓝字发票。请核对红字发票备注栏中的蓝字发票号码；"
            "不一致的发票请直接作废。",
            field="blue_number",
        )
    return blue


def _red(typed: TypedRed, today: date) -> Red:
    is_whole = typed.reason == RedReason.ERROR
    return Red(typed.issued_on, today, typed.net_fen, typed.tax_fen, typed.amount_fen, is_whole)


def _blue(blue: Invoice) -> Blue:
    return Blue(blue.issued_on, blue.tax_rate, blue.amount_fen, blue.reddened_fen, blue.lines.count())


def _original_faults(actor: Actor, typed: TypedRed, blue: Invoice, kept: Kept | None) -> list[Fault]:
    """Where the original is no red invoice, or says something else than was typed."""
    if kept is None or kept.said.face is None:
        return []
    if not kept.said.is_red:
        return [Fault("original", "original_is_blue", "原件不是红字发票。请上传这张红字发票的原件。")]
    codes = credit_codes([actor.organisation_id, blue.buyer_id])
    face = typed.face(seller=codes[actor.organisation_id], buyer=codes[blue.buyer_id])
    return [
        Fault("original", "original_differs", f"{each.message}。请照原件更正。")
        for each in compare_faces(typed=face, original=kept.said.face)
    ]


def _keep(actor: Actor, at: datetime, typed: TypedRed, blue: Invoice, kept: Kept | None) -> Invoice:
    return numbered_once(
        Invoice(
            platform_id=blue.platform_id,
            region_id=blue.region_id,
            buyer_id=blue.buyer_id,
            seller_id=blue.seller_id,
            distributor_id=blue.distributor_id,
            kind=InvoiceKind.RED,
            reddens=blue,
            red_reason=typed.reason,
            issuer_id=blue.issuer_id,
            number=typed.number,
            issued_on=typed.issued_on,
            tax_rate=blue.tax_rate,
            net_fen=typed.net_fen,
            tax_fen=typed.tax_fen,
            amount_fen=typed.amount_fen,
            state=moved(INVOICE, INVOICE.initial, "match", actor.as_system()),
            original=kept.file if kept else None,
            original_read=kept is not None and kept.said.face is not None,
            verification=VERIFICATION.initial,
            submitted_at=at,
            **scope.by(actor, "submitted"),
        )
    )


def _overpayment(at: datetime, red: Invoice, fen: int) -> Overpayment | None:
    if not fen:
        return None
    return Overpayment.objects.create(
        platform_id=red.platform_id,
        region_id=red.region_id,
        buyer_id=red.buyer_id,
        seller_id=red.seller_id,
        distributor_id=red.distributor_id,
        red=red,
        payee_id=red.issuer_id,
        amount_fen=fen,
        open_fen=fen,
        created_at=at,
    )


def _record(
    actor: Actor, at: datetime, red: Invoice, payable: Payable, taken: int, overpayment: Overpayment | None
) -> None:
    record(
        RED_INVOICE_SUBMITTED,
        subject=red.id,
        actor=actor,
        at=at,
        parties=[red.buyer_id, red.seller_id, red.distributor_id],
        payload={
            "number": red.number,
            "issued_on": red.issued_on,
            "blue": red.reddens_id,
            "blue_number": red.reddens.number,
            "red_reason": red.red_reason,
            "net_fen": red.net_fen,
            "tax_fen": red.tax_fen,
            "amount_fen": red.amount_fen,
            "original": red.original_id,
            "original_sha256": red.original.sha256 if red.original else "",
            "hospital": red.buyer_id,
            "payable": payable.id,
            "reddened_fen": taken,
            "open_fen": payable.open_fen,
            "payable_state": payable.state,
            "overpayment": overpayment.id if overpayment else None,
            "overpaid_fen": overpayment.amount_fen if overpayment else 0,
        },
    )
