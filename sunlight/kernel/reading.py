"""Typed input, read once: whatever a page's form or the API's JSON holds, made into a value or refused.

Every face passes on what was typed and every service reads it here, so that a field is refused alike wherever it is
typed: the same code, the same field, the same words. Nothing is ever cut: what is longer than its column is refused
with the limit. `field` says where the value stood, `label` what people call it.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sunlight.kernel.money import MoneyError, parse_price, parse_quantity
from sunlight.kernel.policy import Value

LARGEST_ID = 2**63 - 1

_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DIGITS = re.compile(r"[0-9]{1,19}")
_LAYOUT = "\n\t"


class Unreadable(ValueError):
    """Something typed that cannot be what was asked for. `code` is stable, `message` is Chinese for the user: what is
    wrong with which field, and what to type instead; `basis` are the values of the policy that ask for it.
    `others` are further faults of the same input."""

    def __init__(
        self,
        code: str,
        message: str,
        field: str,
        *,
        basis: Sequence[Value] = (),
        others: Sequence["Unreadable"] = (),
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.field = code, message, field
        self.basis, self.others = tuple(basis), tuple(others)

    @property
    def items(self) -> list[dict[str, str]]:
        """Every fault, where there are several."""
        faults = [self, *self.others] if self.others else []
        return [{"field": each.field, "code": each.code, "message": each.message} for each in faults]


class Collected:
    """Reads several fields and refuses with all their faults at once.

    read = Collected()
    lot, made = read(text, given, "lot", "批号", most=60), read(day, given, "produced_on", "生产日期")
    read.check()
    """

    def __init__(self) -> None:
        self.faults: list[Unreadable] = []

    def __call__(self, reader: Callable, *args, **kwargs) -> Any:
        """What `reader` returns, None where it refuses."""
        try:
            return reader(*args, **kwargs)
        except Unreadable as fault:
            self.faults.append(fault)
            return None

    def check(self) -> None:
        """Raises Unreadable where something was refused."""
        if self.faults:
            first, *others = self.faults
            raise Unreadable(first.code, first.message, first.field, basis=first.basis, others=others)


def text(
    typed: object,
    field: str,
    label: str,
    *,
    most: int,
    required: bool = True,
    missing: str = "missing",
    way_out: str = "",
    separator: str = "",
) -> str:
    """Text of at most `most` characters, without outer white space, invisible characters and carriage returns. Nothing
    typed is `missing` (the code) where it is required, else empty; `way_out` is added to that refusal. A
    scanner's control character passes as `separator`."""
    if typed is None:
        typed = ""
    if not isinstance(typed, str):
        raise Unreadable("invalid", f"{label}须为文本，请重新填写。", field)
    kept = "".join(_visible(typed.replace("\r\n", "\n").replace("\r", "\n"))).strip()
    if any(unicodedata.category(each) in ("Cc", "Cs") and each not in _LAYOUT + separator for each in kept):
        raise Unreadable("invalid", f"{label}含有无法显示的控制字符，请删除后重新填写。", field)
    if not kept and required:
        raise Unreadable(missing, f"请填写{label}（{most} 字以内）{way_out}。", field)
    if len(kept) > most:
        raise Unreadable("too_long", f"{label}有 {len(kept)} 个字，不能超过 {most} 个字，请缩短。", field)
    return kept


def reason(typed: object, *, label: str = "原因", most: int = 500, field: str = "reason", way_out: str = "") -> str:
    """Why somebody does what another will ask about: text that may not be missing."""
    return text(typed, field, label, most=most, missing="reason_missing", way_out=way_out)


def day(typed: object, field: str, label: str, *, required: bool = True) -> date | None:
    """A day: a date, or typed as 2026-08-31 (digits of full width are forgiven). None where nothing was typed."""
    if typed is None or (isinstance(typed, str) and not typed.strip()):
        return _nothing(required, f"请填写{label}，如 2026-08-31。", field)
    if isinstance(typed, date) and not isinstance(typed, datetime):
        return typed
    shown = unicodedata.normalize("NFKC", typed[:100]).strip() if isinstance(typed, str) else ""
    try:
        if _ISO_DAY.fullmatch(shown):
            return date.fromisoformat(shown)
    except ValueError:
        pass
    raise Unreadable("bad_date", f"{label}不是日期，请按“年-月-日”填写，如 2026-08-31。", field)


def row_id(typed: object, field: str, label: str, *, required: bool = True) -> int | None:
    """The id of a row: a whole number or its digits. None where nothing was chosen; -1, which no row has, for a number
    that the database does not count to, so that it is not there like any other that names nothing."""
    if typed is None or (isinstance(typed, str) and not typed.strip()):
        return _nothing(required, f"请选择{label}。", field)
    if isinstance(typed, str) and re.fullmatch(r"[0-9]+", typed.strip()):
        typed = int(typed) if _DIGITS.fullmatch(typed.strip()) else -1
    if isinstance(typed, bool) or not isinstance(typed, int):
        raise Unreadable("invalid", f"{label}须为编号（整数），请从列表中重新选择。", field)
    return possible_id(typed)


def possible_id(given: object) -> int:
    """An id as a path names it; -1, which no row has, for what cannot be one."""
    return given if isinstance(given, int) and not isinstance(given, bool) and 0 < given <= LARGEST_ID else -1


def whole(typed: object, field: str, label: str, *, least: int, most: int, code: str = "invalid") -> int:
    """A whole number within its bounds, as a number or its digits."""
    if isinstance(typed, str) and _DIGITS.fullmatch(typed.strip()):
        typed = int(typed)
    if isinstance(typed, bool) or not isinstance(typed, int) or not least <= typed <= most:
        raise Unreadable(code, f"{label}须为 {least} 至 {most} 的整数，请更正。", field)
    return typed


def whole_or(typed: object, otherwise: Any) -> Any:
    """A whole number that a page carries along, such as how far a list is open: `otherwise` for anything else."""
    return int(typed) if isinstance(typed, str) and _DIGITS.fullmatch(typed) and len(typed) < 19 else otherwise


def price(typed: object, field: str = "price") -> Decimal:
    """A unit price with at most 4 decimals. The refusals are `parse_price`'s."""
    return _number(lambda: parse_price(typed), field)


def quantity(typed: object, field: str = "quantity") -> Decimal:
    """A quantity above zero with at most 3 decimals. The refusals are `parse_quantity`'s."""
    return _number(lambda: parse_quantity(typed), field)


def _number(parse: Callable[[], Decimal], field: str) -> Decimal:
    try:
        return parse()
    except MoneyError as error:
        raise Unreadable(error.code, f"{error.message}。", field) from error


def _nothing(required: bool, message: str, field: str) -> None:
    if required:
        raise Unreadable("missing", message, field)


def _visible(typed: str) -> list[str]:
    """The characters but those that nobody sees: zero-width spaces, marks of direction and of byte order."""
    return [each for each in typed if unicodedata.category(each) != "Cf"]
