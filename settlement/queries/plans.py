"""What the bookings of a statement would do, line by line: shown to both settlers, and done when the second confirms."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from settlement.models.instruction import InstructionLine
from settlement.models.payment import Payment
from settlement.models.statement import BankNotice, BankStatement, StatementLine
from settlement.workflows.states import InstructionState, Meaning, PaymentState
from sunlight import scope
from sunlight.kernel.money import fen_text
from sunlight.kernel.policy import Value
from sunlight.scope import Actor
from sunlight.scope.roles import OrganisationKind
from sunlight.tenancy.queries.organisations import hospitals_by_code, owners_of_accounts

# Whole words: a code inside a longer number or name is no code.
HOSPITAL_CODE = re.compile(r"(?<![0-9A-Za-z])H[0-9]{11}(?![0-9A-Za-z])")
PAYMENT_NUMBER = re.compile(r"(?<![0-9A-Za-z])[0-9]{20}(?![0-9A-Za-z])")
SENT_BACK = re.compile("退汇|汇款退回|付款退回|挂账退回|来账退回|冲正|抹账")
NOTICED = ("end_to_end", "return_code", "return_reason", "counterparty_name", "counterparty_account", "reference")


@dataclass(frozen=True)
class Planned:
    """What one booking would be: the move of its line, whose it is, and why where a person has to look."""

    line: StatementLine
    move: str
    meaning: str = ""
    organisation_id: int | None = None
    payment: Payment | None = None
    finding: str = ""

    @property
    def facts(self) -> list:
        payment = self.payment.number if self.payment else None
        return [self.line.id, self.move, self.meaning, self.organisation_id, payment, self.finding]


@dataclass
class Known:
    """What is looked up once for all bookings; payments change as the bookings are gone through in order."""

    owners: dict[str, set[int]]
    codes: dict[str, int]
    payments: dict[str, Payment]
    instructed: set[int]
    return_days: int | None
    settled: dict[int, object] = field(default_factory=dict)
    returned: set[int] = field(default_factory=set)


def words_of(text: str, pattern: re.Pattern) -> list[str]:
    """The identifiers in free text, as whole words; full-width forms are read as plain ones."""
    return pattern.findall(unicodedata.normalize("NFKC", text))


def numbers_of(line: StatementLine) -> set[str]:
    """The platform's payment numbers that a booking names: given back by the bank, or in its text."""
    return set(words_of(f"{line.end_to_end} {line.reference}", PAYMENT_NUMBER))


def says_return(line: StatementLine) -> bool:
    """Whether the bank says that money came back, by code or in words."""
    return bool(line.return_code) or SENT_BACK.search(f"{line.reference} {line.return_reason}") is not None


def plan_of(actor: Actor, lines: Sequence[StatementLine], *, lock: bool = False) -> list[Planned]:
    """What each booking would be, in the order of the statement, in a number of queries that does not grow with them. With
    `lock` the payments named are locked until the transaction ends."""
    _complete(actor, lines)
    known = _known(actor, lines, lock)
    return [_credit(line, known) if line.direction == "CREDIT" else _debit(line, known) for line in lines]


def plan_digest(statement: BankStatement, plan: Sequence[Planned]) -> str:
    """The hash of a statement and of what it would do: who confirms says with it what they have seen."""
    said = [statement.sha256, statement.closing_fen, [each.facts for each in plan]]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def _complete(actor: Actor, lines: Sequence[StatementLine]) -> None:
    """Add what a notification of the bank said of the same bookings."""
    serials = [line.bank_serial for line in lines]
    notices = {
        (n.bank_serial, n.direction, n.amount_fen): n
        for n in BankNotice.objects.filter(platform_id=actor.platform_id, bank_serial__in=serials)
    }
    for line in lines if notices else ():
        notice = notices.get((line.bank_serial, line.direction, line.amount_fen))
        for name in NOTICED if notice else ():
            setattr(line, name, getattr(line, name) or getattr(notice, name))


def _known(actor: Actor, lines: Sequence[StatementLine], lock: bool) -> Known:
    credits = [line for line in lines if line.direction == "CREDIT"]
    numbers = {number for line in lines for number in numbers_of(line)}
    rows = Payment.objects.filter(platform_id=actor.platform_id, number__in=numbers).order_by("id")
    payments = {p.number: p for p in (rows.select_for_update(of=("self",)) if lock else rows)}
    days = scope.law(actor, _last_day(lines)).find("bank.return_days") if lines else None
    return Known(
        owners=owners_of_accounts(
            platform_id=actor.platform_id,
            numbers=[line.counterparty_account for line in credits if line.counterparty_account],
            kind=OrganisationKind.HOSPITAL,
        ),
        codes=hospitals_by_code(
            platform_id=actor.platform_id,
            codes=[code for line in credits for code in words_of(line.reference, HOSPITAL_CODE)],
        ),
        payments=payments,
        instructed=instructed_of(payments.values()),
        return_days=days.value if days else None,
    )


def _last_day(lines: Sequence[StatementLine]):
    return max(line.booked_on for line in lines)


def instructed_of(payments) -> set[int]:
    """Ids of the payments that the bank was told to make, in a file that went out."""
    return set(
        InstructionLine.objects.filter(
            payment__in=list(payments),
            is_live=True,
            batch__state__in=[InstructionState.RELEASED, InstructionState.ACKNOWLEDGED],
            batch__export_count__gt=0,
        ).values_list("payment_id", flat=True)
    )


def _credit(line: StatementLine, known: Known) -> Planned:
    if says_return(line):
        return _return(line, known)
    by_account = known.owners.get(line.counterparty_account, set()) if line.counterparty_account else set()
    by_reference = {known.codes[c] for c in words_of(line.reference, HOSPITAL_CODE) if c in known.codes}
    if len(by_account) > 1 and len(by_account & by_reference) == 1:
        by_account = by_account & by_reference
    hospitals = by_account | by_reference
    if len(hospitals) == 1 and by_account:
        return Planned(line, "identify", Meaning.DEPOSIT, hospitals.pop())
    if len(hospitals) == 1:
        finding = "对方账号未登记，仅附言中有医院编码，须由另一位结算员核实"
        return Planned(line, "suggest", Meaning.DEPOSIT, hospitals.pop(), finding=finding)
    if hospitals:
        return Planned(line, "set_aside", finding="对方账号与附言中的医院编码指向不同的医院")
    return Planned(line, "set_aside", finding="对方账号未登记，附言中没有医院编码")


def _debit(line: StatementLine, known: Known) -> Planned:
    """The paid payment a debit names; each is confirmed by one booking only."""
    named = [known.payments[n] for n in numbers_of(line) if n in known.payments]
    if len(named) != 1:
        return Planned(line, "set_aside", finding="附言中没有平台付款编号，或编号不是待到账的付款")
    payment = named[0]
    if payment.id in known.settled:
        return Planned(line, "set_aside", finding=f"付款 {payment.number} 已由本对账单的另一笔流水确认，疑似重复付款")
    if finding := why_not_settled(payment, line.amount_fen, payment.id in known.instructed):
        return Planned(line, "set_aside", finding=finding)
    known.settled[payment.id] = line.booked_on
    return Planned(line, "identify", Meaning.SETTLEMENT, payment=payment)


def why_not_settled(payment: Payment, amount_fen: int, instructed: bool) -> str:
    """Why a debit of this amount does not confirm the payment; empty where it does."""
    if payment.state != PaymentState.PAID:
        return f"付款 {payment.number} 当前为“{payment.get_state_display()}”，不能确认到账"
    if payment.amount_fen != amount_fen:
        return f"金额与付款 {payment.number}（{fen_text(payment.amount_fen)} 元）不一致"
    if not instructed:
        return f"付款 {payment.number} 还没有向银行发出指令，不应有这笔支出"
    return ""


def _return(line: StatementLine, known: Known) -> Planned:
    """The payment that came back, where nothing about it is in doubt; otherwise a person says so and another agrees."""
    named = [known.payments[n] for n in numbers_of(line) if n in known.payments]
    if len(named) != 1:
        return Planned(line, "set_aside", finding="银行退回的款项，附言中没有平台付款编号")
    payment = named[0]
    finding = _doubt(line, payment, known)
    if finding:
        return Planned(line, "set_aside", finding=finding)
    known.returned.add(payment.id)
    return Planned(line, "identify", Meaning.RETURN, payment=payment)


def _doubt(line: StatementLine, payment: Payment, known: Known) -> str:
    settled_on = known.settled.get(payment.id, payment.settled_on)
    is_settled = payment.state == PaymentState.SETTLED or payment.id in known.settled
    if payment.state == PaymentState.RETURNED or payment.id in known.returned:
        return f"付款 {payment.number} 已退汇过，疑似重复退回"
    if not is_settled:
        return f"付款 {payment.number} 的支出还没有到账确认，请先认领支出流水"
    if line.amount_fen != payment.amount_fen - payment.returned_fen:
        left = fen_text(payment.amount_fen - payment.returned_fen)
        return f"退回金额与付款 {payment.number}（{left} 元）不一致，可能是部分退回"
    if known.return_days is not None and (line.booked_on - settled_on).days > known.return_days:
        return f"付款 {payment.number} 到账已超过 {known.return_days} 天，须核实是否为退汇"
    return ""


def ceilings(actor: Actor, on) -> tuple[int | None, int | None]:
    """The amounts above which a confirming person is asked again, for a line and for a statement, in fen; None where the
    region sets none."""
    law = scope.law(actor, on)
    found = [law.find(key) for key in ("bank.line_ceiling", "bank.statement_ceiling")]
    return tuple(None if each is None else each.value * 100 for each in found)


def ceilings_by(actor: Actor, on) -> tuple[Value, ...]:
    """The values that set these amounts."""
    law = scope.law(actor, on)
    return (*law.basis("bank.line_ceiling"), *law.basis("bank.statement_ceiling"))


def to_acknowledge(actor: Actor, statement: BankStatement, lines: Sequence[StatementLine]) -> int:
    """What a confirming person has to type in fen: the statement's turnover where it is above its ceiling, else the sum of
    the lines above theirs; 0 where nothing is."""
    of_line, of_statement = ceilings(actor, statement.to_date)
    turnover = statement.in_fen + statement.out_fen
    if of_statement is not None and turnover > of_statement:
        return turnover
    return sum(line.amount_fen for line in lines if of_line is not None and line.amount_fen > of_line)
