"""What the bank is told to pay out: a batch is made by one settler, released by another, and only then goes out."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from settlement.events import (
    INSTRUCTION_ACKNOWLEDGED,
    INSTRUCTION_CANCELLED,
    INSTRUCTION_EXPORTED,
    INSTRUCTION_MADE,
    INSTRUCTION_RELEASED,
    INSTRUCTION_RETURNED,
)
from settlement.models.instruction import InstructionBatch, InstructionExport, InstructionLine
from settlement.models.payment import Payment, PaymentRun
from settlement.queries.instructions import access_batch
from settlement.queries.payments import access_run
from settlement.rules.instructions import Order, OrderLine, content_of
from settlement.services.bank import require_settler
from settlement.services.bank_xml import payment_file
from settlement.workflows.bank import INSTRUCTION
from settlement.workflows.states import InstructionForm, InstructionState, PaymentState
from sunlight import scope
from sunlight.journal.refusals import Conflict, Invalid
from sunlight.journal.services import record, service
from sunlight.kernel import reading
from sunlight.kernel.money import fen_text
from sunlight.numbering import platform_number
from sunlight.reconciliation.services.gate import require_reconciled
from sunlight.scope import Actor
from sunlight.scope.clock import business_date
from sunlight.scope.duties import moved
from sunlight.sheets.writing import csv_bytes
from sunlight.tenancy.queries.organisations import supervised_account

HEADINGS = ("平台付款编号", "收款户名", "收款开户行", "收款账号", "金额（元）", "附言")
MOST_REASON = 300
MOST_RELEASED = 200


@dataclass(frozen=True)
class ExportedFile:
    """A file of a released batch for the bank."""

    name: str
    content: bytes
    content_type: str
    export: InstructionExport


@service
def instruction_make(*, actor: Actor, at: datetime, run_id: int) -> InstructionBatch:
    """Put the payments of a hospital's run that are made, not confirmed by the bank and in no live batch into one, by a
    settler, for another to release. Raises NotThere, Conflict where there is none, or no account to pay from."""
    require_settler(actor, "编制银行指令批次")
    access_run(actor, run_id)
    run = PaymentRun.objects.select_for_update().get(pk=run_id)
    payments = list(
        run.payments.select_for_update(of=("self",))
        .filter(state=PaymentState.PAID)
        .exclude(pk__in=InstructionLine.objects.filter(is_live=True, payment__run=run).values("payment_id"))
        .order_by("id")
    )
    if not payments:
        raise Conflict(
            "nothing_to_instruct", f"付款批次 {run.number} 没有待发指令的付款。已在其他指令批次中的付款不能重复编入。"
        )
    payer = supervised_account(actor.platform_id)
    if payer is None or {p.payer_account_number for p in payments} != {payer.account_number}:
        raise Conflict(
            "payer_account_differs",
            "付款登记的付款账户不是现在的监管账户，不能发出指令。请联系平台运营机构核对监管账户。",
        )
    batch = InstructionBatch(
        number=platform_number(business_date(at)),
        platform_id=run.platform_id,
        region_id=run.region_id,
        buyer_id=run.buyer_id,
        run=run,
        payer_name=payer.account_name,
        payer_bank_name=payer.bank_name,
        payer_bank_code=payer.bank_code,
        payer_account_number=payer.account_number,
        total_fen=sum(p.amount_fen for p in payments),
        payment_count=len(payments),
        state=INSTRUCTION.initial,
        made_at=at,
        **scope.by(actor, "made"),
    )
    lines = [_line(batch, number, payment) for number, payment in enumerate(payments, start=1)]
    batch.sha256 = _hash(batch, lines)
    batch.save()
    InstructionLine.objects.bulk_create(lines)
    _record(INSTRUCTION_MADE, batch, actor, at, {"lines": [_line_facts(line) for line in lines]})
    return batch


def _line(batch: InstructionBatch, number: int, payment: Payment) -> InstructionLine:
    return InstructionLine(
        batch=batch,
        platform_id=batch.platform_id,
        region_id=batch.region_id,
        buyer_id=batch.buyer_id,
        line_no=number,
        payment=payment,
        payment_number=payment.number,
        payee_account_name=payment.payee_account_name,
        payee_bank_name=payment.payee_bank_name,
        payee_bank_code=payment.payee_bank_code,
        payee_account_number=payment.payee_account_number,
        amount_fen=payment.amount_fen,
        purpose=payment.purpose,
    )


def _line_facts(line: InstructionLine) -> dict:
    return {
        "payment": line.payment_number,
        "account_name": line.payee_account_name,
        "bank_name": line.payee_bank_name,
        "bank_code": line.payee_bank_code,
        "account": line.payee_account_number,
        "amount_fen": line.amount_fen,
        "purpose": line.purpose,
    }


def _order(batch: InstructionBatch, lines: Sequence[InstructionLine]) -> Order:
    return Order(
        number=batch.number,
        payer_name=batch.payer_name,
        payer_bank_name=batch.payer_bank_name,
        payer_bank_code=batch.payer_bank_code,
        payer_account=batch.payer_account_number,
        total_fen=batch.total_fen,
        lines=tuple(
            OrderLine(
                number=line.payment_number,
                payee=line.payee_account_name,
                bank=line.payee_bank_name,
                bank_code=line.payee_bank_code,
                account=line.payee_account_number,
                fen=line.amount_fen,
                purpose=line.purpose,
            )
            for line in lines
        ),
    )


def _hash(batch: InstructionBatch, lines: Sequence[InstructionLine]) -> str:
    said = json.dumps(content_of(_order(batch, lines)), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()


def _record(event, batch: InstructionBatch, actor: Actor, at: datetime, more: dict) -> None:
    record(
        event,
        subject=batch.id,
        actor=actor,
        at=at,
        version=batch.version,
        parties=[batch.buyer_id],
        payload={
            "number": batch.number,
            "run": batch.run_id,
            "payer_account": batch.payer_account_number,
            "total_fen": batch.total_fen,
            "payments": batch.payment_count,
            "sha256": batch.sha256,
            **more,
        },
    )


def _unchanged(batch: InstructionBatch) -> list[InstructionLine]:
    """The batch's lines, as they were hashed and as its payments still say. Raises Conflict where anything differs."""
    lines = list(batch.lines.select_related("payment").order_by("line_no"))
    told = [_line(batch, line.line_no, line.payment) for line in lines]
    if _hash(batch, lines) != batch.sha256 or _hash(batch, told) != batch.sha256:
        raise Conflict(
            "instruction_changed",
            f"指令批次 {batch.number} 的内容与编制时的校验码不一致，不能放行或导出。请作废后重新编制，并报告平台审计。",
            subject=("instruction", batch.id),
        )
    return lines


@service
def instructions_release(*, actor: Actor, at: datetime, hashes: dict[int, str]) -> list[InstructionBatch]:
    """Release batches, by another settler than made each, who says with each one's hash what they have seen; all or none.
    Only then may a file go to the bank. Raises Invalid for none, NotThere, IllegalMove, Forbidden (made one of them),
    Conflict where one is another than was seen, or while the reconciliation found what nobody has released (SZ20-5.3.4)."""
    require_settler(actor, "放行银行指令批次")
    if not hashes or len(hashes) > MOST_RELEASED:
        raise Invalid("batches_count", f"请选择 1 至 {MOST_RELEASED} 个待复核的指令批次。", field="batches")
    return [_release(actor, at, batch_id, hashes[batch_id]) for batch_id in sorted(hashes)]


def _release(actor: Actor, at: datetime, batch_id: int, seen: str) -> InstructionBatch:
    batch = access_batch(actor, batch_id, lock=True)
    subject = ("instruction", batch.id)
    batch.state = moved(INSTRUCTION, batch.state, "release", actor, earlier={"make": batch.made_by}, subject=subject)
    require_reconciled(actor=actor, at=at, platform_id=batch.platform_id, subject=subject)
    if seen != batch.sha256:
        raise Conflict(
            "instruction_differs",
            f"指令批次 {batch.number} 的校验码与您看到的不同。请刷新页面，逐笔核对后再放行。",
            field="sha256",
            subject=subject,
        )
    _unchanged(batch)
    batch.released_at = at
    batch.version += 1
    batch.save(update_fields=["state", "released_at", *scope.stamp(batch, "released", actor), "version"])
    _record(INSTRUCTION_RELEASED, batch, actor, at, {})
    return batch


@service
def instruction_cancel(*, actor: Actor, at: datetime, batch_id: int, reason: str) -> InstructionBatch:
    """Cancel a batch that was not released, by a settler, with the reason: its payments may go into another. Raises
    NotThere, IllegalMove, Invalid without a reason."""
    require_settler(actor, "作废银行指令批次")
    batch = access_batch(actor, batch_id, lock=True)
    batch.state = moved(INSTRUCTION, batch.state, "cancel", actor)
    _end(actor, at, batch, reason, "作废原因")
    _record(INSTRUCTION_CANCELLED, batch, actor, at, {"reason": batch.end_reason})
    return batch


def _end(actor: Actor, at: datetime, batch: InstructionBatch, reason: str, label: str) -> None:
    batch.end_reason = reading.reason(reason, label=label, most=MOST_REASON)
    batch.ended_at = at
    batch.version += 1
    who = scope.stamp(batch, "ended", actor)
    batch.save(update_fields=["state", "end_reason", "ended_at", *who, "version"])
    batch.lines.update(is_live=False)


@service
def instruction_acknowledge(*, actor: Actor, at: datetime, batch_id: int, bank_reference: str) -> InstructionBatch:
    """Keep that the bank has taken a batch on, with its reference, by a settler. Raises NotThere, IllegalMove, Invalid
    without the reference, Conflict where no file went out."""
    require_settler(actor, "登记银行受理")
    batch = access_batch(actor, batch_id, lock=True)
    batch.state = moved(INSTRUCTION, batch.state, "acknowledge", actor)
    reference = reading.text(bank_reference, "bank_reference", "银行受理编号", most=60)
    if not batch.export_count:
        raise Conflict("instruction_not_out", f"指令批次 {batch.number} 还没有导出过，银行不会受理。请先导出指令文件。")
    batch.acknowledged_at, batch.bank_reference = at, reference
    batch.version += 1
    who = scope.stamp(batch, "acknowledged", actor)
    batch.save(update_fields=["state", "acknowledged_at", "bank_reference", *who, "version"])
    _record(INSTRUCTION_ACKNOWLEDGED, batch, actor, at, {"bank_reference": reference})
    return batch


@service
def instruction_return(*, actor: Actor, at: datetime, batch_id: int, reason: str) -> InstructionBatch:
    """Keep that the bank returned a batch as a whole and paid nothing of it, by another settler than released it, with the
    bank's notice: its payments may go into a new batch. Raises NotThere, IllegalMove, Forbidden (released it), Invalid
    without a reason, Conflict where some of it was paid."""
    require_settler(actor, "登记银行整批退回")
    batch = access_batch(actor, batch_id, lock=True)
    subject = ("instruction", batch.id)
    batch.state = moved(
        INSTRUCTION, batch.state, "return_all", actor, earlier={"release": batch.released_by}, subject=subject
    )
    # The payments are locked, so that none is settled meanwhile.
    payments = Payment.objects.select_for_update(of=("self",)).filter(pk__in=batch.lines.values("payment_id"))
    done = [p.number for p in payments.order_by("id") if p.state != PaymentState.PAID]
    if done:
        raise Conflict(
            "instruction_paid_in_part",
            f"指令批次 {batch.number} 中的付款 {done[0]} 等 {len(done)} 笔银行已有结果，不能登记整批退回。请逐笔办理退汇。",
            subject=subject,
        )
    _end(actor, at, batch, reason, "银行退回依据")
    _record(INSTRUCTION_RETURNED, batch, actor, at, {"reason": batch.end_reason})
    return batch


@service
def instruction_export(
    *, actor: Actor, at: datetime, batch_id: int, form: str = InstructionForm.CSV.value, reason: str = ""
) -> ExportedFile:
    """The file of a released batch for the bank, as CSV or pain.001, by a settler; kept with who took it. From the second
    on the reason must be said, for what the bank gets twice it may pay twice.

    Raises NotThere, Invalid (form, reason), Conflict where the batch is not released or was changed, or while the
    reconciliation found what nobody has released (SZ20-5.3.4)."""
    require_settler(actor, "导出银行指令")
    batch = access_batch(actor, batch_id, lock=True)
    if form not in InstructionForm.values():
        raise Invalid("form_unknown", "请选择指令文件的格式：CSV 或 PAIN001。", field="form")
    if batch.state not in (InstructionState.RELEASED, InstructionState.ACKNOWLEDGED):
        raise Conflict(
            "instruction_not_released",
            f"指令批次 {batch.number} 当前为“{batch.get_state_display()}”，不能导出。须由另一位结算员放行。",
            subject=("instruction", batch.id),
        )
    require_reconciled(actor=actor, at=at, platform_id=batch.platform_id, subject=("instruction", batch.id))
    reason = (
        reading.reason(reason, label=f"第 {batch.export_count + 1} 次导出的原因", most=MOST_REASON)
        if batch.export_count
        else reading.text(reason, "reason", "导出原因", most=MOST_REASON, required=False)
    )
    order = _order(batch, _unchanged(batch))
    content, suffix, content_type = _file(order, at, InstructionForm(form))
    batch.export_count += 1
    batch.version += 1
    batch.save(update_fields=["export_count", "version"])
    export = InstructionExport.objects.create(
        batch=batch,
        platform_id=batch.platform_id,
        count=batch.export_count,
        form=form,
        sha256=hashlib.sha256(content).hexdigest(),
        reason=reason,
        exported_at=at,
        **scope.by(actor, "exported"),
    )
    facts = {"form": form, "export_count": batch.export_count, "file_sha256": export.sha256, "reason": reason}
    _record(INSTRUCTION_EXPORTED, batch, actor, at, facts)
    return ExportedFile(f"instruction-{batch.number}-{export.count}.{suffix}", content, content_type, export)


def _file(order: Order, at: datetime, form: InstructionForm) -> tuple[bytes, str, str]:
    if form == InstructionForm.PAIN001:
        return payment_file(order, at), "xml", "application/xml"
    rows = [(o.number, o.payee, o.bank, o.account, fen_text(o.fen), o.number) for o in order.lines]
    return csv_bytes(HEADINGS, rows), "csv", "text/csv; charset=utf-8"
