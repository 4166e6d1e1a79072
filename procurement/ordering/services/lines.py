"""The lines of a basket as people and hospital systems write them, made into values."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from catalog.rules import code_normalise
from sunlight.journal.refusals import Invalid
from sunlight.kernel import reading
from sunlight.kernel.units import Units

_WITH_UNIT = re.compile(r"([0-9.]+)\s*([^0-9.\s]+)")
MOST_LINES = 500
LONGEST = {"plan_number": 40, "plan_line": 40, "own_product_code": 60, "pack_name": 20}
LABELS = {
    "plan_number": "采购计划号",
    "plan_line": "采购计划行号",
    "own_product_code": "院内产品编码",
    "pack_name": "包装",
}
LONGEST_CODE = 100
LONGEST_REQUEST = 40
MOST_REQUESTS = 50


@dataclass(frozen=True, slots=True)
class LineRequest:
    """One line: `quantity` of `pack_name`, or of the pricing unit where that is empty."""

    index: int
    code: str
    quantity: Decimal
    pack_name: str = ""
    agreement_id: int | None = None
    plan_number: str = ""
    plan_line: str = ""
    request_numbers: tuple[str, ...] = ()
    own_product_code: str = ""

    @property
    def plan(self) -> tuple[str, str]:
        return self.plan_number, self.plan_line

    def at(self, field: str) -> str:
        """Where in the input a field of this line stands."""
        return f"lines[{self.index}].{field}"

    def base_quantity(self, units: Units) -> Decimal:
        """The quantity in the pricing unit. Raises UnitError for a pack the product does not have."""
        return units.to_base(self.quantity, self.pack_name or units.base)


def read_lines(lines: Sequence[Mapping], plan_number: str) -> list[LineRequest]:
    """The lines as values; a line without its own plan number has the basket's. Raises Unreadable at
    every field that cannot be read, Invalid."""
    if not lines or isinstance(lines, str | Mapping):
        raise Invalid("no_lines", "订单至少要有一行产品。请从价格协议中选择产品。", field="lines")
    if len(lines) > MOST_LINES:
        raise Invalid("too_many_lines", f"一次最多 {MOST_LINES} 行，请分次提交。", field="lines")
    read = reading.Collected()
    wanted = [_line(read, index, line, plan_number) for index, line in enumerate(lines)]
    read.check()
    seen: set[tuple[str, str]] = set()
    for line in wanted:
        if line.plan_line and line.plan in seen:
            raise Invalid(
                "plan_line_twice",
                f"采购计划 {line.plan_number or '（无计划号）'} 的第 {line.plan_line} 行在本次提交中出现两次，请合并为一行。",
                field=line.at("plan_line"),
            )
        seen.add(line.plan)
    return wanted


def _line(read: reading.Collected, index: int, line: Mapping, plan_number: str) -> LineRequest:
    where = f"lines[{index}]"
    texts = {
        name: read(reading.text, line.get(name), f"{where}.{name}", LABELS[name], most=most, required=False) or ""
        for name, most in LONGEST.items()
    }
    code = read(
        reading.text,
        line.get("code"),
        f"{where}.code",
        " 27 位医保耗材编码（试剂 22 位）",
        most=LONGEST_CODE,
        missing="code_missing",
    )
    typed, pack_name = _quantity_and_pack(line.get("quantity"), texts["pack_name"])
    return LineRequest(
        index=index,
        code=code_normalise(code or ""),
        quantity=read(reading.quantity, typed, f"{where}.quantity"),
        pack_name=pack_name,
        agreement_id=read(reading.row_id, line.get("agreement_id"), f"{where}.agreement", "价格协议", required=False),
        plan_number=texts["plan_number"] or plan_number,
        plan_line=texts["plan_line"],
        request_numbers=_requests(read, line, where),
        own_product_code=texts["own_product_code"],
    )


def _quantity_and_pack(typed: object, pack_name: str) -> tuple[object, str]:
    """`40 盒` as one text, or the quantity with its pack stated apart."""
    if not pack_name and isinstance(typed, str):
        match = _WITH_UNIT.fullmatch(unicodedata.normalize("NFKC", typed[:100]).strip())
        if match:
            return match[1], match[2][: LONGEST["pack_name"]]
    return typed, pack_name


def _requests(read: reading.Collected, line: Mapping, where: str) -> tuple[str, ...]:
    given, field = line.get("request_numbers") or (), f"{where}.request_numbers"
    if isinstance(given, str) or len(given) > MOST_REQUESTS:
        raise Invalid("bad_requests", f"申请单号应为最多 {MOST_REQUESTS} 个的列表。", field=field)
    return tuple(read(reading.text, each, field, "申请单号", most=LONGEST_REQUEST) for each in given)
