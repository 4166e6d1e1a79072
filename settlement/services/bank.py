"""The bank's side of the supervised account: statements imported as a whole, bookings identified or assigned."""

import re
from dataclasses import dataclass
from datetime import datetime

from settlement.events import BANK_STATEMENT_TAKEN, DEPOSIT_RECEIVED, PAYMENT_SETTLED, STATEMENT_LINE_ASSIGNED
from settlement.models.payment import Payment
from settlement.models.statement import BankStatement, StatementLine
from settlement.queries.ledger import bank_fen, unbooked_fen
from settlement.services.bank_file import Booking, StatementFile, read_statement
from settlement.services.ledger import (
    BANK,
    CLEARING,
    DEPOSIT,
    UNIDENTIFIED,
    Posting,
    Side,
    credit,
    debit,
    entries_post,
    lock_balance,
)
from settlement.workflows import PAYMENT, STATEMENT_LINE, PaymentState, StatementLineState
from sunlight import scope
from sunlight.files.services.files import file_store
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere
from sunlight.journal.services import record, service
from sunlight.kernel import reading
from sunlight.kernel.money import fen_text
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.scope.duties import moved
from sunlight.scope.roles import OrganisationKind
from sunlight.sheets import services as imports
from sunlight.tenancy.queries.organisations import hospitals_by_code, hospitals_of, owners_of_accounts

KIND = "bank_statement"
HOSPITAL_CODE = re.compile(r"H\d{11}")
PAYMENT_NUMBER = re.compile(r"(?<!\d)\d{20}(?!\d)")


@dataclass(frozen=True)
class Identified:
    """Whose booking it is: a hospital's money in, or a payment confirmed; otherwise why it could not be identified."""

    organisation_id: int | None = None
    payment: Payment | None = None
    finding: str = ""


def _require_settler(actor: Actor, what: str) -> None:
    if not actor.has(Role.OPERATOR_SETTLER):
        raise Forbidden("not_your_duty", f"只有平台结算员可以{what}。请联系平台运营机构。")


@service
def bank_statement_import(*, actor: Actor, at: datetime, name: str, content: bytes) -> BankStatement:
    """Import a statement of the supervised account: hospitals' money goes to their deposits, payments named in a
    debit's reference are settled, the rest waits to be assigned. By the settler.

    Raises Forbidden; Invalid if the file is not a complete statement of this account; Conflict if it, or a booking of
    it, was imported before (says by which run), or does not follow on from what was taken (SZ20-5.3.4)."""
    _require_settler(actor, "导入银行对账单")
    statement = read_statement(content)
    lock_balance(actor=actor, kind=BANK)
    file = file_store(actor=actor, at=at, name=name, content=content, content_type="text/csv")
    _require_new(actor, statement, file.sha256)
    _require_account_and_sequence(actor, at, statement)
    run = imports.import_run_start(actor=actor, at=at, kind=KIND, file=file)
    taken = BankStatement.objects.create(
        platform_id=actor.platform_id,
        import_run=run,
        account_number=statement.account_number,
        statement_number=statement.statement_number,
        from_date=statement.from_date,
        to_date=statement.to_date,
        opening_fen=statement.opening_fen,
        closing_fen=statement.closing_fen,
        line_count=len(statement.bookings),
        sha256=file.sha256,
        taken_at=at,
        **scope.by(actor, "taken"),
    )
    lines = _lines(actor, at, taken, statement.bookings)
    identified = sum(line.entry_id is not None and line.state == StatementLineState.IDENTIFIED for line in lines)
    facts = {
        "statement": statement.statement_number,
        "account": statement.account_number,
        "from": statement.from_date,
        "to": statement.to_date,
        "opening_fen": statement.opening_fen,
        "closing_fen": statement.closing_fen,
        "identified": identified,
        "unidentified": len(lines) - identified,
    }
    imports.import_run_finish(actor=actor, at=at, run=run, taken=len(lines), facts=facts)
    record(BANK_STATEMENT_TAKEN, subject=taken.id, actor=actor, at=at, payload=facts)
    return taken


def _require_new(actor: Actor, statement: StatementFile, sha256: str) -> None:
    mine = BankStatement.objects.select_related("import_run__file").filter(platform_id=actor.platform_id)
    earlier = (
        mine.filter(sha256=sha256).first()
        or mine.filter(account_number=statement.account_number, statement_number=statement.statement_number).first()
    )
    if earlier is not None:
        raise Conflict(
            "statement_taken_already",
            f"对账单 {earlier.statement_number} 已于 {business_date(earlier.taken_at)} 由第 {earlier.import_run_id} 次导入入账"
            f"（文件 {earlier.import_run.file.name}），未重复入账。如需核对请查看该次导入。",
            field="对账单号",
            facts={"import_run": earlier.import_run_id, "statement": earlier.statement_number},
        )
    serials = [b.serial for b in statement.bookings]
    again = (
        StatementLine.objects.select_related("statement")
        .filter(platform_id=actor.platform_id, bank_serial__in=serials)
        .order_by("id")
        .first()
    )
    if again is not None:
        raise Conflict(
            "booking_taken_already",
            f"交易流水号 {again.bank_serial} 已在对账单 {again.statement.statement_number}"
            f"（第 {again.statement.import_run_id} 次导入）中入账，整份未入账。请核对是否为重复的对账单。",
            field="交易流水号",
            facts={"import_run": again.statement.import_run_id, "serial": again.bank_serial},
        )


def _require_account_and_sequence(actor: Actor, at: datetime, statement: StatementFile) -> None:
    owners = owners_of_accounts(
        platform_id=actor.platform_id, numbers=[statement.account_number], kind=OrganisationKind.OPERATOR
    )
    if not owners:
        raise Invalid(
            "not_the_supervised_account",
            f"账号 {statement.account_number} 不是本平台登记的监管账户。请上传监管账户的对账单。",
            field="账号",
            clause="SZ20-5.3.4",
        )
    if statement.to_date > business_date(at):
        raise Invalid("statement_from_the_future", "对账单截止日期晚于今天。请核对抬头。", field="截止日期")
    known = bank_fen(actor.platform_id) - unbooked_fen(actor.platform_id)
    if statement.opening_fen != known:
        raise Conflict(
            "statement_out_of_sequence",
            f"期初余额 {fen_text(statement.opening_fen)} 元与已入账的余额 {fen_text(known)} 元不衔接，"
            "中间可能缺少一份对账单。请按日期先后导入，第一份应从开户日（余额为 0）起。",
            field="期初余额",
            facts={"opening_fen": statement.opening_fen, "known_fen": known},
        )


def _lines(actor: Actor, at: datetime, taken: BankStatement, bookings: tuple[Booking, ...]) -> list[StatementLine]:
    """Keep the bookings, say whose they are, and enter the money."""
    found = _identify(actor, bookings)
    lines = StatementLine.objects.bulk_create(
        StatementLine(
            statement=taken,
            platform_id=actor.platform_id,
            bank_serial=b.serial,
            booked_on=b.booked_on,
            direction=b.direction,
            amount_fen=b.amount_fen,
            balance_fen=b.balance_fen,
            counterparty_name=b.counterparty_name,
            counterparty_account=b.counterparty_account,
            reference=b.reference,
            state=STATEMENT_LINE.initial,
            finding=whose.finding,
        )
        for b, whose in zip(bookings, found, strict=True)
    )
    entered = [
        (line, whose) for line, whose in zip(lines, found, strict=True) if line.direction == "CREDIT" or whose.payment
    ]
    postings = [_posting(line, whose) for line, whose in entered]
    entries = entries_post(actor=actor, at=at, postings=postings) if postings else []
    for (line, whose), entry in zip(entered, entries, strict=True):
        line.entry = entry
        line.organisation_id, line.payment = whose.organisation_id, whose.payment
        if whose.organisation_id or whose.payment:
            line.state = moved(STATEMENT_LINE, line.state, "identify", actor.as_system())
        _settle_or_record(actor, at, line)
    StatementLine.objects.bulk_update(lines, ["entry", "organisation", "payment", "state"])
    return lines


def _identify(actor: Actor, bookings: tuple[Booking, ...]) -> list[Identified]:
    """Whose each booking is, in a number of statements that does not grow with them."""
    credits = [b for b in bookings if b.direction == "CREDIT"]
    owners = owners_of_accounts(
        platform_id=actor.platform_id,
        numbers=[b.counterparty_account for b in credits if b.counterparty_account],
        kind=OrganisationKind.HOSPITAL,
    )
    by_code = hospitals_by_code(
        platform_id=actor.platform_id, codes=[c for b in credits for c in HOSPITAL_CODE.findall(b.reference)]
    )
    numbers = {n for b in bookings if b.direction == "DEBIT" for n in PAYMENT_NUMBER.findall(b.reference)}
    payments = {
        p.number: p
        for p in Payment.objects.select_for_update(of=("self",))
        .filter(platform_id=actor.platform_id, number__in=numbers)
        .order_by("id")
    }
    found = []
    for booking in bookings:
        if booking.direction == "CREDIT":
            found.append(_whose(booking, owners, by_code))
        else:
            found.append(_payment_of(booking, payments))
    return found


def _whose(booking: Booking, owners: dict[str, set[int]], by_code: dict[str, int]) -> Identified:
    by_account = owners.get(booking.counterparty_account, set())
    by_reference = {by_code[c] for c in HOSPITAL_CODE.findall(booking.reference) if c in by_code}
    if len(by_account) > 1 and len(by_account & by_reference) == 1:
        by_account = by_account & by_reference
    hospitals = by_account | by_reference
    if len(hospitals) == 1:
        return Identified(organisation_id=hospitals.pop())
    if hospitals:
        return Identified(finding="对方账号与附言中的医院编码指向不同的医院")
    return Identified(finding="对方账号未登记，附言中没有医院编码")


def _payment_of(booking: Booking, payments: dict[str, Payment]) -> Identified:
    """The paid payment a debit names; each is confirmed by one booking only."""
    named = [payments[n] for n in set(PAYMENT_NUMBER.findall(booking.reference)) if n in payments]
    if len(named) != 1:
        return Identified(finding="附言中没有平台付款编号，或编号不是待到账的付款")
    found = _settleable(named[0], booking.amount_fen)
    if found.payment:
        del payments[found.payment.number]
    return found


def _settleable(payment: Payment, amount_fen: int) -> Identified:
    if payment.state != PaymentState.PAID:
        return Identified(finding=f"付款 {payment.number} 当前为“{payment.get_state_display()}”，不能确认到账")
    if payment.amount_fen != amount_fen:
        return Identified(finding=f"金额与付款 {payment.number}（{fen_text(payment.amount_fen)} 元）不一致")
    return Identified(payment=payment)


def _posting(line: StatementLine, whose: Identified) -> Posting:
    if line.direction == "DEBIT":
        legs = _settling(whose.payment)
        return Posting(f"statement_line:{line.id}", "settle", legs, line.booked_on, f"银行划拨 {whose.payment.number}")
    kind = DEPOSIT if whose.organisation_id else UNIDENTIFIED
    owner = credit(kind, line.amount_fen, whose.organisation_id)
    memo = f"入金 {line.counterparty_name} {line.reference}".strip()
    return Posting(f"statement_line:{line.id}", "receive", (debit(BANK, line.amount_fen), owner), line.booked_on, memo)


def _settling(payment: Payment) -> tuple[Side, Side]:
    return debit(CLEARING, payment.amount_fen, payment.payee_id), credit(BANK, payment.amount_fen)


def _settle_or_record(actor: Actor, at: datetime, line: StatementLine) -> None:
    """Settle the payment that a booking confirms, or record money that a hospital has paid in."""
    if line.payment is not None:
        _settle(actor, at, line)
    elif line.organisation_id is not None:
        record(
            DEPOSIT_RECEIVED,
            subject=line.id,
            actor=actor,
            at=at,
            parties=[line.organisation_id],
            payload={
                "hospital": line.organisation_id,
                "amount_fen": line.amount_fen,
                "booked_on": line.booked_on,
                "serial": line.bank_serial,
                "reason": line.assign_reason,
            },
        )


def _settle(actor: Actor, at: datetime, line: StatementLine) -> None:
    payment = line.payment
    payment.state = moved(PAYMENT, payment.state, "settle", actor.as_system())
    payment.settled_on = line.booked_on
    payment.version += 1
    payment.save(update_fields=["state", "settled_on", "version"])
    record(
        PAYMENT_SETTLED,
        subject=payment.id,
        actor=actor,
        at=at,
        parties=[payment.buyer_id, payment.seller_id, payment.distributor_id],
        version=payment.version,
        payload={"payment": payment.number, "settled_on": line.booked_on, "serial": line.bank_serial},
    )


@service
def statement_line_assign(
    *,
    actor: Actor,
    at: datetime,
    line_id: int,
    reason: str,
    organisation_id: int | str | None = None,
    payment_number: str = "",
) -> StatementLine:
    """Say whose an unidentified booking is, with the reason: a credit a hospital's, a debit the payment it confirms.
    By the settler. Raises Forbidden, NotThere, Invalid (no reason, no such hospital or payment), IllegalMove."""
    _require_settler(actor, "认领银行流水")
    line = StatementLine.objects.select_for_update().filter(platform_id=actor.platform_id, pk=line_id).first()
    if line is None:
        raise NotThere("这笔银行流水")
    line.state = moved(STATEMENT_LINE, line.state, "assign", actor)
    read = reading.Collected()
    reason = read(reading.reason, reason, label="认领依据", most=300, way_out="，如电话确认、回单编号")
    organisation_id = read(reading.row_id, organisation_id, "organisation", "医院", required=False)
    payment_number = read(reading.text, payment_number, "payment", "平台付款编号", most=20, required=False)
    read.check()
    line.assigned_at, line.assign_reason = at, reason
    scope.stamp(line, "assigned", actor)
    if line.direction == "CREDIT":
        _assign_credit(actor, at, line, organisation_id)
    else:
        # The same order as an import takes them in: the bank's account first.
        lock_balance(actor=actor, kind=BANK)
        _assign_debit(actor, at, line, payment_number)
    line.save()
    _settle_or_record(actor, at, line)
    record(
        STATEMENT_LINE_ASSIGNED,
        subject=line.id,
        actor=actor,
        at=at,
        parties=[line.organisation_id] if line.organisation_id else [],
        payload={
            "serial": line.bank_serial,
            "amount_fen": line.amount_fen,
            "hospital": line.organisation_id,
            "payment": line.payment.number if line.payment else None,
            "reason": line.assign_reason,
        },
    )
    return line


def _assign_credit(actor: Actor, at: datetime, line: StatementLine, organisation_id: int | None) -> None:
    hospital = next((h for h in hospitals_of(actor.platform_id) if h.id == organisation_id), None)
    if hospital is None:
        raise Invalid("hospital_unknown", "请选择本平台登记的医院作为款项归属。", field="organisation")
    line.organisation_id = hospital.id
    entries_post(
        actor=actor,
        at=at,
        postings=[
            Posting(
                f"statement_line:{line.id}",
                "assign",
                (debit(UNIDENTIFIED, line.amount_fen), credit(DEPOSIT, line.amount_fen, hospital.id)),
                business_date(at),
                f"认领 {line.assign_reason}",
            )
        ],
    )


def _assign_debit(actor: Actor, at: datetime, line: StatementLine, payment_number: str) -> None:
    payment = (
        Payment.objects.select_for_update(of=("self",))
        .filter(platform_id=actor.platform_id, number=payment_number)
        .first()
    )
    if payment is None:
        raise Invalid("payment_unknown", "请填写这笔支出对应的 20 位平台付款编号。", field="payment")
    found = _settleable(payment, line.amount_fen)
    if found.payment is None:
        raise Conflict("payment_not_settleable", f"{found.finding}。请核对付款编号。", field="payment")
    line.payment = payment
    (line.entry,) = entries_post(actor=actor, at=at, postings=[_posting(line, found)])
