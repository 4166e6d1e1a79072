"""Bank statements of the supervised account: read and checked as a whole by one settler, booked when another confirms."""

from collections.abc import Sequence
from datetime import datetime

from settlement.events import (
    BANK_STATEMENT_CONFIRMED,
    BANK_STATEMENT_REJECTED,
    BANK_STATEMENT_TAKEN,
    STATEMENT_LINES_BOOKED,
    STATEMENT_LINES_TAKEN,
)
from settlement.models.statement import BankStatement, StatementLine
from settlement.queries.bank import access_statement
from settlement.queries.ledger import bank_fen, unbooked_fen
from settlement.queries.plans import Planned, ceilings_by, plan_digest, plan_of, to_acknowledge
from settlement.services.bank_file import StatementFile
from settlement.services.booking import book
from settlement.services.ledger import BANK, lock_balance
from settlement.services.statement_file import read_statement
from settlement.workflows.bank import STATEMENT, STATEMENT_LINE
from settlement.workflows.states import SUPERVISED, StatementLineState, StatementState
from sunlight import scope
from sunlight.files.services.files import file_store
from sunlight.journal.refusals import Conflict, Forbidden, Invalid
from sunlight.journal.services import record, service
from sunlight.kernel import reading
from sunlight.kernel.money import MoneyError, fen_text, parse_amount_fen
from sunlight.kernel.policy import Value
from sunlight.kernel.rule import cited
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.scope.duties import moved
from sunlight.scope.roles import OrganisationKind
from sunlight.sheets import services as imports
from sunlight.tenancy.queries.organisations import owners_of_accounts

KIND = "bank_statement"
# Lines of one event: a statement of many is told in several.
LINES_AN_EVENT = 500


def require_settler(actor: Actor, what: str) -> None:
    """Raises Forbidden for anybody but the operator's settlers."""
    if not actor.has(Role.OPERATOR_SETTLER):
        raise Forbidden("not_your_duty", f"只有平台结算员可以{what}。请联系平台运营机构。")


@service
def bank_statement_import(*, actor: Actor, at: datetime, name: str, content: bytes) -> BankStatement:
    """Take a statement of the supervised account in, by a settler: it is read and checked and its lines are kept, and
    nothing is booked until another settler has confirmed it.

    Raises Forbidden; Invalid if the file is not a complete statement of this account; Conflict if it, or a booking of
    it, was imported before (says by which run), or does not follow on from what was taken (SZ20-5.3.4)."""
    require_settler(actor, "导入银行对账单")
    statement = read_statement(content)
    lock_balance(actor=actor, kind=BANK)
    file = file_store(actor=actor, at=at, name=name, content=content, content_type=statement.content_type)
    _require_new(actor, statement, file.sha256)
    _require_account(actor, at, statement)
    _require_sequence(actor, statement.opening_fen, waiting=True)
    run = imports.import_run_start(actor=actor, at=at, kind=KIND, file=file)
    taken = BankStatement.objects.create(
        platform_id=actor.platform_id,
        import_run=run,
        form=statement.form,
        account_number=statement.account_number,
        statement_number=statement.statement_number,
        from_date=statement.from_date,
        to_date=statement.to_date,
        opening_fen=statement.opening_fen,
        closing_fen=statement.closing_fen,
        in_fen=sum(b.amount_fen for b in statement.bookings if b.direction == "CREDIT"),
        out_fen=sum(b.amount_fen for b in statement.bookings if b.direction == "DEBIT"),
        line_count=len(statement.bookings),
        sha256=file.sha256,
        state=STATEMENT.initial,
        taken_at=at,
        **scope.by(actor, "taken"),
    )
    lines = _keep(actor, taken, statement)
    facts = _facts(taken)
    imports.import_run_finish(actor=actor, at=at, run=run, taken=len(lines), facts=facts)
    record(BANK_STATEMENT_TAKEN, subject=taken.id, actor=actor, at=at, payload=facts)
    _record_lines(STATEMENT_LINES_TAKEN, actor, at, taken, [_line_facts(line) for line in lines])
    return taken


def _facts(statement: BankStatement) -> dict:
    return {
        "statement": statement.statement_number,
        "form": statement.form,
        "account": statement.account_number,
        "from": statement.from_date,
        "to": statement.to_date,
        "opening_fen": statement.opening_fen,
        "closing_fen": statement.closing_fen,
        "in_fen": statement.in_fen,
        "out_fen": statement.out_fen,
        "lines": statement.line_count,
        "sha256": statement.sha256,
    }


def _line_facts(line: StatementLine) -> dict:
    return {
        "id": line.id,
        "serial": line.bank_serial,
        "booked_on": line.booked_on,
        "direction": line.direction,
        "amount_fen": line.amount_fen,
        "balance_fen": line.balance_fen,
        "name": line.counterparty_name,
        "account": line.counterparty_account,
        "reference": line.reference,
        "end_to_end": line.end_to_end,
        "return_code": line.return_code,
        "return_reason": line.return_reason,
    }


def _record_lines(event, actor: Actor, at: datetime, statement: BankStatement, facts: Sequence[dict]) -> None:
    for start in range(0, len(facts), LINES_AN_EVENT):
        payload = {"statement": statement.statement_number, "lines": facts[start : start + LINES_AN_EVENT]}
        record(event, subject=statement.id, actor=actor, at=at, payload=payload)


def _keep(actor: Actor, taken: BankStatement, statement: StatementFile) -> list[StatementLine]:
    return StatementLine.objects.bulk_create(
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
            end_to_end=b.end_to_end,
            return_code=b.return_code,
            return_reason=b.return_reason,
            state=STATEMENT_LINE.initial,
        )
        for b in statement.bookings
    )


def _require_new(actor: Actor, statement: StatementFile, sha256: str) -> None:
    """Nothing of it was taken before; what was rejected may come again."""
    mine = BankStatement.objects.select_related("import_run__file").filter(platform_id=actor.platform_id)
    mine = mine.exclude(state=StatementState.REJECTED)
    earlier = (
        mine.filter(sha256=sha256).first()
        or mine.filter(account_number=statement.account_number, statement_number=statement.statement_number).first()
    )
    if earlier is not None:
        raise Conflict(
            "statement_taken_already",
            f"对账单 {earlier.statement_number} 已于 {business_date(earlier.taken_at)} 由第 {earlier.import_run_id} 次导入"
            f"（文件 {earlier.import_run.file.name}），未重复导入。如需核对请查看该次导入。",
            field="对账单号",
            facts={"import_run": earlier.import_run_id, "statement": earlier.statement_number},
        )
    serials = [b.serial for b in statement.bookings]
    again = (
        StatementLine.objects.select_related("statement")
        .filter(platform_id=actor.platform_id, bank_serial__in=serials)
        .exclude(state=StatementLineState.DROPPED)
        .order_by("id")
        .first()
    )
    if again is not None:
        raise Conflict(
            "booking_taken_already",
            f"交易流水号 {again.bank_serial} 已在对账单 {again.statement.statement_number}"
            f"（第 {again.statement.import_run_id} 次导入）中，整份未入账。请核对是否为重复的对账单。",
            field="交易流水号",
            facts={"import_run": again.statement.import_run_id, "serial": again.bank_serial},
        )


def _require_account(actor: Actor, at: datetime, statement: StatementFile) -> None:
    owners = owners_of_accounts(
        platform_id=actor.platform_id, numbers=[statement.account_number], kind=OrganisationKind.OPERATOR
    )
    if not owners:
        raise Invalid(
            "not_the_supervised_account",
            f"账号 {statement.account_number} 不是本平台登记的监管账户。请上传监管账户的对账单。",
            field="账号",
            basis=scope.basis(actor, at, SUPERVISED),
        )
    if statement.to_date > business_date(at):
        raise Invalid("statement_from_the_future", "对账单截止日期晚于今天。请核对抬头。", field="截止日期")


def _require_sequence(actor: Actor, opening_fen: int, *, waiting: bool = False) -> None:
    """A statement opens at what is booked; one that is only taken in may follow another that waits as well."""
    known = bank_fen(actor.platform_id) - unbooked_fen(actor.platform_id)
    follows = {known}
    if waiting:
        rows = BankStatement.objects.filter(platform_id=actor.platform_id, state=StatementState.RECEIVED)
        follows.update(rows.values_list("closing_fen", flat=True))
    if opening_fen not in follows:
        raise Conflict(
            "statement_out_of_sequence",
            f"期初余额 {fen_text(opening_fen)} 元与已入账的余额 {fen_text(known)} 元不衔接，"
            "中间可能缺少一份对账单。请按日期先后导入和确认，第一份应从开户日（余额为 0）起。",
            field="期初余额",
            facts={"opening_fen": opening_fen, "known_fen": known},
        )


@service
def bank_statement_confirm(
    *, actor: Actor, at: datetime, statement_id: int, digest: str, acknowledged: object = "", note: str = ""
) -> BankStatement:
    """Confirm a statement, by another settler than imported it, who has seen what it would do (`digest`): hospitals' money
    goes to their deposits, payments named in a debit are settled, returned ones open again, and the rest waits for two
    people. Above a ceiling the amount must be typed (`acknowledged`, in yuan).

    Raises NotThere, IllegalMove, Forbidden (imported it), Invalid without the amount, Conflict where it does not follow
    on, or would do something else by now (SZ20-5.3.4)."""
    require_settler(actor, "确认银行对账单")
    statement = access_statement(actor, statement_id, lock=True)
    subject = ("bank_statement", statement.id)
    state = moved(STATEMENT, statement.state, "confirm", actor, earlier={"import": statement.taken_by}, subject=subject)
    note = reading.text(note, "note", "确认意见", most=300, required=False)
    lock_balance(actor=actor, kind=BANK)
    _require_sequence(actor, statement.opening_fen)
    lines = list(statement.lines.select_for_update(of=("self",)).order_by("id"))
    plan = plan_of(actor, lines, lock=True)
    if digest != plan_digest(statement, plan):
        raise Conflict(
            "plan_changed",
            "对账单将要入账的内容与您看到的不同。请刷新页面，逐笔核对后再确认。",
            field="digest",
            subject=subject,
        )
    statement.acknowledged_fen = acknowledge(
        to_acknowledge(actor, statement, lines), acknowledged, ceilings_by(actor, statement.to_date)
    )
    statement.state, statement.decided_at, statement.decision_note = state, at, note
    statement.version += 1
    who = scope.stamp(statement, "decided", actor)
    columns = ("state", "decided_at", *who, "decision_note", "acknowledged_fen", "version")
    statement.save(update_fields=columns)
    _book(actor, at, statement, plan)
    return statement


def acknowledge(asked_fen: int, typed: object, by: Sequence[Value], field: str = "acknowledged") -> int | None:
    """The amount that was typed again where one is asked for, by the ceilings' values. Raises Invalid where it is another, or
    none."""
    if not asked_fen:
        return None
    given = reading.text(
        typed if isinstance(typed, str) else str(typed or ""), field, "确认金额", most=40, required=False
    )
    try:
        fen = parse_amount_fen(given.replace(",", "")) if given else 0
    except MoneyError:
        fen = 0
    if fen != asked_fen:
        raise Invalid(
            "amount_not_acknowledged",
            f"金额超过须再次确认的限额{cited(by)}。核对银行回单后，请在“确认金额”中填写 {fen_text(asked_fen)}。",
            field=field,
            facts={"asked_fen": asked_fen},
        )
    return fen


def _book(actor: Actor, at: datetime, statement: BankStatement, plan: Sequence[Planned]) -> None:
    book(actor, at, statement, plan)
    facts = {
        **_facts(statement),
        "identified": sum(each.move == "identify" for each in plan),
        "proposed": sum(each.move == "suggest" for each in plan),
        "unidentified": sum(each.move == "set_aside" for each in plan),
        "acknowledged_fen": statement.acknowledged_fen,
        "note": statement.decision_note,
    }
    version = statement.version
    record(BANK_STATEMENT_CONFIRMED, subject=statement.id, actor=actor, at=at, payload=facts, version=version)
    _record_lines(
        STATEMENT_LINES_BOOKED,
        actor,
        at,
        statement,
        [
            {
                "id": line.id,
                "serial": line.bank_serial,
                "state": line.state,
                "meaning": line.meaning,
                "hospital": line.organisation_id,
                "payment": each.payment.number if each.payment else None,
                "entry": line.entry.number if line.entry_id else None,
                "finding": line.finding,
            }
            for each in plan
            for line in [each.line]
        ],
    )


@service
def bank_statement_reject(*, actor: Actor, at: datetime, statement_id: int, reason: str) -> BankStatement:
    """Turn a statement away that waits, by a settler (also whoever imported it), with the reason: nothing of it is booked,
    and the right one may be imported. Raises NotThere, IllegalMove, Invalid without a reason."""
    require_settler(actor, "拒收银行对账单")
    statement = access_statement(actor, statement_id, lock=True)
    statement.state = moved(STATEMENT, statement.state, "reject", actor)
    reason = reading.reason(reason, label="拒收原因", most=300)
    lines = list(statement.lines.select_for_update(of=("self",)).order_by("id"))
    for line in lines:
        line.state = moved(STATEMENT_LINE, line.state, "drop", actor)
        line.version += 1
    StatementLine.objects.bulk_update(lines, ["state", "version"])
    statement.decided_at, statement.decision_note = at, reason
    statement.version += 1
    who = scope.stamp(statement, "decided", actor)
    statement.save(update_fields=["state", "decided_at", *who, "decision_note", "version"])
    record(
        BANK_STATEMENT_REJECTED,
        subject=statement.id,
        actor=actor,
        at=at,
        version=statement.version,
        payload={"statement": statement.statement_number, "sha256": statement.sha256, "reason": reason},
    )
    return statement
