"""ISO 20022: statements (camt.053) and notifications (camt.054) read, orders (pain.001) written. Every message is checked
against its schema, as `pyiso20022` has it, before anything is taken from it or goes out."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from importlib import import_module
from typing import Any
from xml.etree import ElementTree

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from xsdata.exceptions import ParserError
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig
from xsdata.formats.dataclass.parsers.handlers import XmlEventHandler

from settlement.rules.instructions import Order
from settlement.services.bank_file import Booking, StatementFile, booked_on, read_fen, require_complete, truncated
from settlement.workflows.states import StatementForm
from sunlight.journal.refusals import Invalid
from sunlight.kernel.money import fen_text
from sunlight.scope.clock import SHANGHAI, business_date
from sunlight.sheets.reading import narrow

NAMESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:((?:camt\.053|camt\.054|pain\.001)\.001\.\d{2})")
# The versions banks send, and the one we write.
READ = {"camt.053.001.02", "camt.053.001.08", "camt.054.001.02", "camt.054.001.08"}
WRITTEN = "pain.001.001.09"
MOST_BYTES = 20 << 20
MOST_BOOKINGS = 20_000
# Which list of clearing members a CNAPS number is of, and what banks write where no reference was given.
CLEARING_SYSTEM = "CNAPS"
NOT_PROVIDED = "NOTPROVIDED"
_STRICT = ParserConfig(
    fail_on_unknown_properties=True, fail_on_unknown_attributes=True, fail_on_converter_warnings=True
)


def is_xml(content: bytes) -> bool:
    return content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def _not_xml(what: str) -> Invalid:
    return Invalid("not_a_bank_message", f"{what}。请上传银行发来的 camt.053 或 camt.054 原文件，不要改动。")


def _parsed(content: bytes, kind: str) -> ElementTree.Element:
    """The message's root, its tags without namespace, checked against its schema. Raises Invalid."""
    if len(content) > MOST_BYTES:
        raise Invalid("file_too_large", f"文件超过 {MOST_BYTES >> 20} MB，请拆分后分别上传。")
    try:
        # No document type: neither entities nor anything from elsewhere.
        root = fromstring(content, forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException, ValueError) as fault:
        raise _not_xml("文件不是完整的 XML，或含有不允许的实体定义") from fault
    match = NAMESPACE.fullmatch(root.tag.partition("}")[0].lstrip("{"))
    if match is None or match[1] not in READ or not match[1].startswith(kind):
        raise _not_xml(f"这不是平台能读的 {kind} 报文（版本 02 或 08）")
    require_valid(content, match[1])
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


@cache
def _document(message: str) -> type:
    name = message.replace(".", "_")
    return import_module(f"pyiso20022.{message[:4]}.{name}.{name}").Document


def require_valid(content: bytes, message: str) -> None:
    """Raises Invalid where a message breaks its schema: an unknown or missing element, a wrong code, length or pattern."""
    try:
        parsed = XmlParser(config=_STRICT, handler=XmlEventHandler).from_bytes(content, _document(message))
        fault = next(_faults(parsed, ""), "")
    except (ParserError, TypeError, ValueError) as broken:
        fault = str(broken)
    except Warning as broken:  # a value that its type does not know
        fault = str(broken)
    if fault:
        shown = narrow(fault)
        raise _not_xml(f"报文不符合 {message} 的结构定义：{shown if len(shown) <= 200 else shown[:199] + '…'}")


def _faults(value: Any, path: str) -> Iterator[str]:
    """What in a message breaks the limits that its schema sets to lengths, patterns, digits and numbers of elements."""
    for each in fields(value):
        found, limits = getattr(value, each.name), each.metadata
        here = f"{path}/{limits.get('name') or each.name}"
        many = found if isinstance(found, list) else [] if found is None else [found]
        if isinstance(found, list) and not limits.get("min_occurs", 0) <= len(found) <= limits.get("max_occurs", 10**9):
            yield f"{here}: {len(found)} 个"
        for one in many:
            if is_dataclass(one):
                yield from _faults(one, here)
            elif not isinstance(one, Enum):
                yield from _broken(one, limits, here)


def _broken(value: Any, limits: Any, path: str) -> Iterator[str]:
    if isinstance(value, str):
        length = len(value)
        if not limits.get("min_length", 0) <= length <= limits.get("max_length", 10**9):
            yield f"{path}: {length} 个字符"
        if "pattern" in limits and re.fullmatch(limits["pattern"], value) is None:
            yield f"{path}: “{value}”"
    elif isinstance(value, Decimal):
        _, digits, exponent = value.as_tuple()
        if len(digits) > limits.get("total_digits", 99) or -int(exponent) > limits.get("fraction_digits", 99):
            yield f"{path}: {value}"


def _found(element: ElementTree.Element, *paths: str) -> str:
    """The text under the first of these paths that has some."""
    for path in paths:
        found = (element.findtext(path) or "").strip()
        if found:
            return narrow(found)
    return ""


def _fen(element: ElementTree.Element, field: str, *, allow_zero: bool = False) -> int:
    amount = element.find("Amt")
    if amount is None or amount.get("Ccy") != "CNY":
        raise Invalid("currency_unknown", f"{field}不是人民币（CNY）。监管账户只有人民币对账单。", field=field)
    return read_fen(_plain(amount.text or ""), field, allow_zero=allow_zero)


def _plain(amount: str) -> str:
    """`125.000` as `125`: a schema allows five decimals, of which ours are two."""
    return re.sub(r"(\.[0-9]{2})0+$", r"\1", amount.strip())


def _side(element: ElementTree.Element) -> str:
    return "CREDIT" if _found(element, "CdtDbtInd") == "CRDT" else "DEBIT"


def read_camt053(content: bytes) -> StatementFile:
    """The statement in a camt.053. Raises Invalid as `read_statement`."""
    root = _parsed(content, "camt.053")
    statements = root.findall("BkToCstmrStmt/Stmt")
    if len(statements) != 1:
        raise _not_xml(f"报文中有 {len(statements)} 份对账单，应为 1 份")
    (statement,) = statements
    opening, from_date = _balance(statement, ("OPBD", "PRCD"), "期初余额")
    closing, to_date = _balance(statement, ("CLBD",), "期末余额")
    bookings = _with_balances(opening, _bookings(statement))
    if (stated := _found(statement, "TxsSummry/TtlNtries/NbOfNtries")) and stated != str(len(_booked(statement))):
        raise truncated(f"报文写明 {stated} 笔，实际 {len(_booked(statement))} 笔", "明细笔数")
    start, end = _found(statement, "FrToDt/FrDtTm"), _found(statement, "FrToDt/ToDtTm")
    found = StatementFile(
        account_number=_account(statement),
        statement_number=_found(statement, "Id"),
        from_date=booked_on(start[:10], "起始日期") if start else from_date,
        to_date=booked_on(end[:10], "截止日期") if end else to_date,
        opening_fen=opening,
        closing_fen=closing,
        bookings=tuple(bookings),
        form=StatementForm.CAMT053.value,
    )
    for booking in found.bookings:
        if not found.from_date <= booking.booked_on <= found.to_date:
            raise Invalid("date_outside", f"交易日期 {booking.booked_on} 不在对账单起止日期内。", field="交易日期")
    require_complete(found)
    return found


def _account(element: ElementTree.Element) -> str:
    return _found(element, "Acct/Id/Othr/Id", "Acct/Id/IBAN").replace(" ", "")


def _balance(statement: ElementTree.Element, codes: tuple[str, ...], field: str):
    for code in codes:
        for balance in statement.findall("Bal"):
            if _found(balance, "Tp/CdOrPrtry/Cd") == code:
                fen = _fen(balance, field, allow_zero=True)
                if fen and _side(balance) == "DEBIT":
                    raise Invalid("balance_negative", f"{field}为透支。监管账户不应有透支，请向银行核实。", field=field)
                return fen, booked_on(_found(balance, "Dt/Dt", "Dt/DtTm")[:10], field)
    raise Invalid("header_missing", f"报文缺少{field}（{codes[0]}）。请向银行索取完整的 camt.053。", field=field)


def _booked(statement: ElementTree.Element) -> list[ElementTree.Element]:
    """The entries that are booked; what is only pending comes again."""
    return [entry for entry in statement.findall("Ntry") if _found(entry, "Sts/Cd", "Sts") == "BOOK"]


def _bookings(statement: ElementTree.Element) -> list[Booking]:
    found = []
    for entry in _booked(statement):
        parts = entry.findall("NtryDtls/TxDtls")
        if len(parts) > 1:
            found += _parts(entry, parts, len(found))
        else:
            found.append(_booking(entry, parts[0] if parts else entry, len(found) + 1, _fen(entry, "交易金额"), ""))
        if len(found) > MOST_BOOKINGS:
            raise Invalid("too_many_rows", f"对账单超过 {MOST_BOOKINGS} 笔，请按日拆分后分别上传。")
    return found


def _parts(entry: ElementTree.Element, parts: list[ElementTree.Element], before: int) -> list[Booking]:
    """An entry that books several payments at once, as one booking each. Their amounts make the entry's."""
    amounts = [_fen(part if part.find("Amt") is not None else _wrapped(part), "交易金额") for part in parts]
    if sum(amounts) != _fen(entry, "交易金额"):
        raise truncated(f"第 {before + 1} 笔的各明细合计 {fen_text(sum(amounts))} 与其金额不一致", "交易金额")
    return [
        _booking(entry, part, before + number, fen, f"/{number}")
        for number, (part, fen) in enumerate(zip(parts, amounts, strict=True), start=1)
    ]


def _wrapped(part: ElementTree.Element) -> ElementTree.Element:
    """Where the older version keeps a transaction's amount."""
    found = part.find("AmtDtls/TxAmt")
    return part if found is None else found


def _booking(entry: ElementTree.Element, part: ElementTree.Element, number: int, fen: int, suffix: str) -> Booking:
    serial = _found(entry, "AcctSvcrRef", "NtryDtls/TxDtls/Refs/AcctSvcrRef", "NtryRef")
    if not serial:
        raise Invalid("serial_missing", f"第 {number} 笔没有银行流水号（AcctSvcrRef）。", field="交易流水号")
    direction = _side(entry)
    other = "Dbtr" if direction == "CREDIT" else "Cdtr"
    texts = [narrow(each.text or "") for each in part.findall("RmtInf/Ustrd")]
    texts += [_found(part, "AddtlTxInf"), _found(entry, "AddtlNtryInf")]
    end_to_end = _found(part, "Refs/EndToEndId")
    returned = part.find("RtrInf")
    return Booking(
        number=number,
        serial=f"{serial}{suffix}",
        booked_on=booked_on(_found(entry, "BookgDt/Dt", "BookgDt/DtTm")[:10], "交易日期"),
        direction=direction,
        amount_fen=fen,
        balance_fen=0,
        counterparty_name=_fits(_found(part, f"RltdPties/{other}/Pty/Nm", f"RltdPties/{other}/Nm"), 200, "对方户名"),
        counterparty_account=_found(
            part, f"RltdPties/{other}Acct/Id/Othr/Id", f"RltdPties/{other}Acct/Id/IBAN"
        ).replace(" ", ""),
        reference=_fits(" ".join(each for each in dict.fromkeys(texts) if each), 500, "附言"),
        end_to_end="" if end_to_end == NOT_PROVIDED else end_to_end,
        return_code="" if returned is None else _found(returned, "Rsn/Cd") or "RTRN",
        return_reason="" if returned is None else _fits(_reason(returned), 200, "退回原因"),
    )


def _reason(returned: ElementTree.Element) -> str:
    said = [_found(returned, "Rsn/Prtry"), *(narrow(each.text or "") for each in returned.findall("AddtlInf"))]
    return " ".join(each for each in said if each)


def _fits(text: str, most: int, field: str) -> str:
    if len(text) > most:
        raise Invalid("too_long", f"{field}超过 {most} 个字符。", field=field)
    return text


def _with_balances(opening: int, bookings: list[Booking]) -> list[Booking]:
    """The balance after each booking, which the message itself does not state."""
    found, balance = [], opening
    for each in bookings:
        balance += each.amount_fen if each.direction == "CREDIT" else -each.amount_fen
        found.append(Booking(**{**vars(each), "balance_fen": balance}))
    return found


def read_camt054(content: bytes) -> list[tuple[str, str, Booking]]:
    """The bookings a camt.054 tells of, each with the message's id and the account. Raises Invalid."""
    root = _parsed(content, "camt.054")
    message = _found(root, "BkToCstmrDbtCdtNtfctn/GrpHdr/MsgId")
    return [
        (message, _account(notification), booking)
        for notification in root.findall("BkToCstmrDbtCdtNtfctn/Ntfctn")
        for booking in _bookings(notification)
    ]


def _put(parent: ElementTree.Element, path: str, text: str = "", **attributes: str) -> ElementTree.Element:
    """Add the elements of a path, the last with the text."""
    for tag in path.split("/"):
        parent = ElementTree.SubElement(parent, tag)
    parent.attrib.update(attributes)
    parent.text = text or None
    return parent


def payment_file(order: Order, at: datetime) -> bytes:
    """A pain.001 that orders these payments in yuan, each with its platform number as the end-to-end id, which the bank gives
    back; banks by their CNAPS number where it is known. Raises Invalid where it would break the schema."""
    root = ElementTree.Element("Document", xmlns=f"urn:iso:std:iso:20022:tech:xsd:{WRITTEN}")
    message = _put(root, "CstmrCdtTrfInitn")
    count, total = str(len(order.lines)), fen_text(order.total_fen)
    header = _put(message, "GrpHdr")
    _put(header, "MsgId", order.number)
    _put(header, "CreDtTm", at.astimezone(SHANGHAI).isoformat(timespec="seconds"))
    _put(header, "NbOfTxs", count)
    _put(header, "CtrlSum", total)
    _put(header, "InitgPty/Nm", order.payer_name)
    group = _put(message, "PmtInf")
    _put(group, "PmtInfId", order.number)
    _put(group, "PmtMtd", "TRF")
    _put(group, "BtchBookg", "false")
    _put(group, "NbOfTxs", count)
    _put(group, "CtrlSum", total)
    _put(group, "ReqdExctnDt/Dt", business_date(at).isoformat())
    _put(group, "Dbtr/Nm", order.payer_name)
    account = _put(group, "DbtrAcct")
    _put(account, "Id/Othr/Id", order.payer_account)
    _put(account, "Ccy", "CNY")
    _agent(group, "DbtrAgt", order.payer_bank_name, order.payer_bank_code)
    for line in order.lines:
        payment = _put(group, "CdtTrfTxInf")
        _put(payment, "PmtId/EndToEndId", line.number)
        _put(payment, "Amt/InstdAmt", fen_text(line.fen), Ccy="CNY")
        _agent(payment, "CdtrAgt", line.bank, line.bank_code)
        _put(payment, "Cdtr/Nm", line.payee)
        _put(payment, "CdtrAcct/Id/Othr/Id", line.account)
        _put(payment, "RmtInf/Ustrd", line.number)
    content = ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)
    require_valid(content, WRITTEN)
    return content


def _agent(parent: ElementTree.Element, tag: str, name: str, code: str) -> None:
    bank = _put(parent, f"{tag}/FinInstnId")
    if code:
        member = _put(bank, "ClrSysMmbId")
        _put(member, "ClrSysId/Cd", CLEARING_SYSTEM)
        _put(member, "MmbId", code)
    _put(bank, "Nm", name)
