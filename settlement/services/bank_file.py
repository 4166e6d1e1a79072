"""A bank statement of the supervised account as the bank's export writes it (docs/formats.md): a header block of
`name,value` lines, the heading line, one line per booking. It is read or refused as a whole: a statement is one fact."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from settlement.workflows.states import StatementForm
from sunlight.journal.refusals import Invalid
from sunlight.kernel.money import MoneyError, fen_text, parse_amount_fen
from sunlight.sheets.reading import Layout, Row, heading_key, narrow, read_sheet

LAYOUT = Layout(
    "bank_statement",
    "银行对账单明细",
    ("交易流水号", "交易日期", "收支方向", "交易金额", "账户余额", "对方户名", "对方账号", "附言"),
)
# What banks call the same line of the header block.
HEADER = {
    "account_number": ("账号", "账户号"),
    "statement_number": ("对账单号", "对账单编号"),
    "from_date": ("起始日期", "开始日期"),
    "to_date": ("截止日期", "终止日期", "结束日期"),
    "opening": ("期初余额", "上期余额"),
    "closing": ("期末余额", "本期余额"),
    "line_count": ("明细笔数", "笔数", "总笔数"),
}
DIRECTIONS = {"收": "CREDIT", "收入": "CREDIT", "贷": "CREDIT", "支": "DEBIT", "支出": "DEBIT", "借": "DEBIT"}
LENGTHS = {"交易流水号": 60, "对方户名": 200, "对方账号": 40, "附言": 200}
MOST_HEADER_LINES = 40
MOST_LINES = 20_000
MOST_FAULTS = 50
_GROUPED = re.compile(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?")
_DATE_FORMS = ("%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%Y.%m.%d")


@dataclass(frozen=True)
class Booking:
    """One line: `number` is its line in the file; amounts in fen."""

    number: int
    serial: str
    booked_on: date
    direction: str
    amount_fen: int
    balance_fen: int
    counterparty_name: str
    counterparty_account: str
    reference: str
    end_to_end: str = ""
    return_code: str = ""
    return_reason: str = ""


@dataclass(frozen=True)
class StatementFile:
    """A statement as any form of file says it."""

    account_number: str
    statement_number: str
    from_date: date
    to_date: date
    opening_fen: int
    closing_fen: int
    bookings: tuple[Booking, ...]
    form: str = StatementForm.CSV.value

    @property
    def content_type(self) -> str:
        return "text/csv" if self.form == StatementForm.CSV else "application/xml"


def read_csv(content: bytes) -> StatementFile:
    """The statement in `content` (CSV, UTF-8 or GB18030). Raises Invalid, with one item a faulty line, where it is not
    one, a line cannot be read, or count, running balances and closing balance do not agree: a file cut in half."""
    lines = _text(content).splitlines(keepends=True)
    start = next((n for n, line in enumerate(lines) if heading_key(line).startswith("交易流水号")), None)
    if start is None or start > MOST_HEADER_LINES:
        raise Invalid(
            "not_a_statement",
            "这不是银行对账单：没有找到以“交易流水号”开头的明细表头。请上传银行导出的对账单 CSV（格式见 docs/formats.md）。",
        )
    header = _header(lines[:start])
    bookings = _bookings("".join(lines[start:]), start, header)
    if header["line_count"] != len(bookings):
        raise truncated(f"抬头写明 {header['line_count']} 笔，实际 {len(bookings)} 笔", "明细笔数")
    found = StatementFile(
        **{k: header[k] for k in ("account_number", "statement_number", "from_date", "to_date")},
        opening_fen=header["opening"],
        closing_fen=header["closing"],
        bookings=bookings,
    )
    require_complete(found)
    return found


def _text(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        return text
    raise Invalid("not_a_statement", "文件不是 UTF-8 或 GB18030 编码的 CSV。请从网银导出对账单 CSV 后原样上传。")


def _header(lines: list[str]) -> dict:
    found: dict[str, str] = {}
    for line in lines:
        name, _, value = line.replace("，", ",").replace("：", ",").partition(",")
        key = next((k for k, names in HEADER.items() if heading_key(name) in names), None)
        if key:
            found.setdefault(key, narrow(value).strip("\"', \t"))
    missing = [names[0] for key, names in HEADER.items() if not found.get(key)]
    if missing:
        raise Invalid(
            "header_missing",
            f"对账单抬头缺少：{'、'.join(missing)}。请上传银行导出的完整对账单，不要删改抬头。",
            field=missing[0],
        )
    if not re.fullmatch(r"[0-9]{1,6}", found["line_count"]):
        raise Invalid("header_invalid", f"明细笔数“{found['line_count'][:20]}”不是整数。", field="明细笔数")
    for key in ("account_number", "statement_number"):
        if len(found[key]) > 40:
            raise Invalid("header_invalid", f"{HEADER[key][0]}超过 40 个字符。", field=HEADER[key][0])
    return {
        "account_number": found["account_number"].replace(" ", ""),
        "statement_number": found["statement_number"],
        "from_date": booked_on(found["from_date"], "起始日期"),
        "to_date": booked_on(found["to_date"], "截止日期"),
        "opening": read_fen(found["opening"], "期初余额", allow_zero=True),
        "closing": read_fen(found["closing"], "期末余额", allow_zero=True),
        "line_count": int(found["line_count"]),
    }


def _bookings(text: str, offset: int, header: dict) -> tuple[Booking, ...]:
    if header["line_count"] == 0 and not text.partition("\n")[2].strip():
        return ()
    bookings, faults = [], []
    for row in read_sheet(text.encode("utf-8"), [LAYOUT], most_rows=MOST_LINES).rows:
        try:
            bookings.append(_booking(row, row.number + offset, header))
        except Invalid as fault:
            faults.append({"row": row.number + offset, "field": fault.field, "message": fault.message})
    if faults:
        shown = "；".join(f"第 {f['row']} 行 {f['message']}" for f in faults[:3])
        raise Invalid(
            "statement_lines_invalid",
            f"对账单有 {len(faults)} 行无法读取，整份未入账：{shown}。请从银行重新导出后上传。",
            field=faults[0]["field"],
            items=faults[:MOST_FAULTS],
        )
    return tuple(bookings)


def _booking(row: Row, number: int, header: dict) -> Booking:
    if row.fault:
        raise Invalid("row_broken", row.fault)
    cells = {heading: narrow(row[heading]).lstrip("'") for heading in LAYOUT.headings}
    for heading, most in LENGTHS.items():
        if len(cells[heading]) > most:
            raise Invalid("too_long", f"{heading}超过 {most} 个字符。", field=heading)
    if not cells["交易流水号"]:
        raise Invalid("serial_missing", "交易流水号为空。", field="交易流水号")
    if cells["收支方向"] not in DIRECTIONS:
        raise Invalid("direction_unknown", f"收支方向“{cells['收支方向'][:10]}”应为“收”或“支”。", field="收支方向")
    day = booked_on(cells["交易日期"], "交易日期")
    if not header["from_date"] <= day <= header["to_date"]:
        raise Invalid("date_outside", f"交易日期 {day} 不在对账单起止日期内。", field="交易日期")
    return Booking(
        number=number,
        serial=cells["交易流水号"],
        booked_on=day,
        direction=DIRECTIONS[cells["收支方向"]],
        amount_fen=read_fen(cells["交易金额"], "交易金额"),
        balance_fen=read_fen(cells["账户余额"], "账户余额", allow_zero=True),
        counterparty_name=cells["对方户名"],
        counterparty_account=cells["对方账号"].replace(" ", ""),
        reference=cells["附言"],
    )


def require_complete(statement: StatementFile) -> None:
    """Days, serials and every running balance agree. Raises Invalid."""
    if statement.from_date > statement.to_date:
        raise Invalid("header_invalid", "起始日期晚于截止日期。请核对对账单抬头。", field="起始日期")
    balance, serials = statement.opening_fen, set()
    for booking in statement.bookings:
        if booking.serial in serials:
            raise Invalid(
                "serial_twice",
                f"第 {booking.number} 行：交易流水号 {booking.serial} 在本文件中重复。",
                field="交易流水号",
            )
        serials.add(booking.serial)
        balance += booking.amount_fen if booking.direction == "CREDIT" else -booking.amount_fen
        if balance != booking.balance_fen:
            raise truncated(
                f"第 {booking.number} 行账户余额应为 {fen_text(balance)}，写的是 {fen_text(booking.balance_fen)}",
                "账户余额",
            )
    if balance != statement.closing_fen:
        written = fen_text(statement.closing_fen)
        raise truncated(f"期末余额应为 {fen_text(balance)}，抬头写的是 {written}", "期末余额")


def truncated(what: str, field: str) -> Invalid:
    """The refusal of a file in which something is missing."""
    return Invalid(
        "statement_not_whole",
        f"对账单不完整：{what}。文件可能被截断或改动，整份未入账。请从银行重新导出完整的对账单。",
        field=field,
    )


def booked_on(text: str, field: str) -> date:
    """A day as banks write it. Raises Invalid."""
    for form in _DATE_FORMS:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a bank's day has no zone
        except ValueError:
            continue
    raise Invalid("date_invalid", f"{field}“{text[:20]}”不是日期，应如 2026-07-20。", field=field)


def read_fen(text: str, field: str, *, allow_zero: bool = False) -> int:
    """An amount as banks write it, in fen. Raises Invalid."""
    try:
        return parse_amount_fen(text.replace(",", "") if _GROUPED.fullmatch(text) else text, allow_zero=allow_zero)
    except MoneyError as error:
        raise Invalid("amount_invalid", f"{field}：{error.message}。", field=field) from error
