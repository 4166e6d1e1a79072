"""The form of facts as data: one schema per rule gives validation, documentation, OpenAPI and the answer's numbers.

A kind turns JSON into a typed value (`parse`, raising BadFacts with the path), a typed value into JSON (`render`) and
itself into a JSON schema. Digits are ASCII digits; text that only looks like a number is malformed.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Protocol

from sunlight.kernel.money import round_half_up

FIRST_DAY, LAST_DAY = date(2004, 1, 1), date(2099, 12, 31)
_MOST_DIGITS = 400


class BadFacts(Exception):
    """Facts that cannot be judged. `code` is one of missing, wrong_type, malformed, out_of_range, unknown_value,
    unknown_key; `path` names the place (`facts.deals[3].price`); `message` is Chinese for the user."""

    def __init__(self, code: str, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.code = code
        self.path = path
        self.message = message

    def to_dict(self) -> dict[str, str]:
        """The `error` object of the rule service."""
        return {"code": self.code, "path": self.path, "message": self.message}


class Kind(Protocol):
    """A type of fact or outcome."""

    def parse(self, value: object, path: str) -> Any:
        """JSON value -> typed value. Raises BadFacts."""

    def render(self, value: Any) -> Any:
        """Typed value -> JSON value."""

    def schema(self) -> dict[str, Any]:
        """JSON schema of the JSON value."""


@dataclass(frozen=True, slots=True)
class Number:
    """Text `digits[.decimals]` -> Decimal; rendered with exactly `places` decimals, ROUND_HALF_UP."""

    whole: int
    places: int
    what: str
    at_most: int | None = None
    positive: bool = False

    def parse(self, value: object, path: str) -> Decimal:
        """Raises BadFacts: wrong_type unless text, malformed, out_of_range."""
        if not isinstance(value, str):
            raise BadFacts("wrong_type", path, f'{self.what}须为文本，例如 "12.50"，不得为 JSON 数字')
        if not re.fullmatch(self._pattern, value):
            raise BadFacts(
                "malformed", path, f"{self.what}须为至多 {self.whole} 位整数、{self.places} 位小数的数字文本"
            )
        number = Decimal(value)
        if self.at_most is not None and number > self.at_most:
            raise BadFacts("out_of_range", path, f"{self.what}不得大于 {self.at_most}")
        if self.positive and number == 0:
            raise BadFacts("out_of_range", path, f"{self.what}必须大于 0")
        return number

    @property
    def _pattern(self) -> str:
        return rf"[0-9]{{1,{self.whole}}}(\.[0-9]{{1,{self.places}}})?"

    def render(self, value: Decimal | Fraction | int) -> str:
        """Text with exactly `places` decimals."""
        return f"{round_half_up(value, self.places):.{self.places}f}"

    def schema(self) -> dict[str, Any]:
        """A string with the pattern."""
        return {"type": "string", "pattern": f"^{self._pattern}$", "example": f"12.{'5'.ljust(self.places, '0')}"}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A JSON number above zero, fractions allowed -> Decimal, exactly as written."""

    def parse(self, value: object, path: str) -> Decimal:
        """Raises BadFacts: wrong_type for text and booleans, malformed for NaN and infinity, out_of_range."""
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            raise BadFacts("wrong_type", path, "数量须为 JSON 数字")
        if isinstance(value, float):
            if not math.isfinite(value):
                raise BadFacts("malformed", path, "数量不是有限的数字")
            value = Decimal(repr(value))
        if isinstance(value, int) and abs(value) >= 10**_MOST_DIGITS:
            raise BadFacts("out_of_range", path, "数量过大")
        number = Decimal(value)
        if not number.is_finite():
            raise BadFacts("malformed", path, "数量不是有限的数字")
        if number <= 0:
            raise BadFacts("out_of_range", path, "数量必须大于 0")
        if abs(number.adjusted()) >= _MOST_DIGITS or len(number.as_tuple().digits) > 2 * _MOST_DIGITS:
            raise BadFacts("out_of_range", path, "数量过大或过小")
        return number

    def render(self, value: Decimal | int) -> int | float:
        """The number itself; an integer where it is one."""
        number = Decimal(value)
        return int(number) if number == number.to_integral_value() else float(number)

    def schema(self) -> dict[str, Any]:
        """A number above zero."""
        return {"type": "number", "exclusiveMinimum": 0, "example": 10}


@dataclass(frozen=True, slots=True)
class Integer:
    """A JSON integer, from `least` to `most` where they are given; `nonzero` refuses 0."""

    nonzero: bool = False
    least: int | None = None
    most: int | None = None

    def parse(self, value: object, path: str) -> int:
        """Raises BadFacts: wrong_type unless an integer, out_of_range for a forbidden zero or beyond its bounds."""
        if isinstance(value, bool) or not isinstance(value, int):
            raise BadFacts("wrong_type", path, "须为整数")
        if self.nonzero and value == 0:
            raise BadFacts("out_of_range", path, "不得为 0")
        if self.least is not None and value < self.least:
            raise BadFacts("out_of_range", path, f"不得小于 {self.least}")
        if self.most is not None and value > self.most:
            raise BadFacts("out_of_range", path, f"不得大于 {self.most}")
        return value

    def render(self, value: int) -> int:
        """The number itself."""
        return value

    def schema(self) -> dict[str, Any]:
        """An integer."""
        bounds = {"minimum": self.least, "maximum": self.most}
        return {"type": "integer", "example": 10} | {key: bound for key, bound in bounds.items() if bound is not None}


@dataclass(frozen=True, slots=True)
class Day:
    """`YYYY-MM-DD`, 2004-01-01 to 2099-12-31 -> date."""

    def parse(self, value: object, path: str) -> date:
        """Raises BadFacts: wrong_type unless text, malformed, out_of_range."""
        if not isinstance(value, str):
            raise BadFacts("wrong_type", path, "日期须为文本 YYYY-MM-DD")
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            raise BadFacts("malformed", path, "日期须为 YYYY-MM-DD，例如 2026-03-01")
        try:
            day = date.fromisoformat(value)
        except ValueError:
            raise BadFacts("malformed", path, f"没有 {value} 这一天") from None
        if not FIRST_DAY <= day <= LAST_DAY:
            raise BadFacts("out_of_range", path, f"日期须在 {FIRST_DAY} 至 {LAST_DAY} 之间")
        return day

    def render(self, value: date) -> str:
        """ISO text."""
        return value.isoformat()

    def schema(self) -> dict[str, Any]:
        """A date string."""
        return {"type": "string", "format": "date", "example": "2026-03-01"}


@dataclass(frozen=True, slots=True)
class Bool:
    """true or false; 0, 1 and text are wrong."""

    def parse(self, value: object, path: str) -> bool:
        """Raises BadFacts wrong_type."""
        if not isinstance(value, bool):
            raise BadFacts("wrong_type", path, "须为 true 或 false")
        return value

    def render(self, value: bool) -> bool:
        """The value itself."""
        return value

    def schema(self) -> dict[str, Any]:
        """A boolean."""
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Text:
    """Any text, or text of one pattern."""

    pattern: str | None = None
    what: str = "此项"

    def parse(self, value: object, path: str) -> str:
        """Raises BadFacts: wrong_type, malformed."""
        if not isinstance(value, str):
            raise BadFacts("wrong_type", path, f"{self.what}须为文本")
        if self.pattern is not None and not re.fullmatch(self.pattern, value):
            raise BadFacts("malformed", path, f"{self.what}格式不正确")
        return value

    def render(self, value: str) -> str:
        """The text itself."""
        return value

    def schema(self) -> dict[str, Any]:
        """A string."""
        return {"type": "string"} | ({"pattern": f"^{self.pattern}$"} if self.pattern else {})


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few codes, each with its word for people."""

    labels: Mapping[str, str]

    @property
    def codes(self) -> tuple[str, ...]:
        """What may be given, in the order of the labels."""
        return tuple(self.labels)

    def parse(self, value: object, path: str) -> str:
        """Raises BadFacts: wrong_type, unknown_value."""
        if not isinstance(value, str):
            raise BadFacts("wrong_type", path, "须为文本")
        if value not in self.labels:
            raise BadFacts("unknown_value", path, f"只能是：{'、'.join(self.codes)}")
        return value

    def render(self, value: str) -> str:
        """The code itself."""
        return str(value)

    def schema(self) -> dict[str, Any]:
        """An enumeration."""
        return {"type": "string", "enum": list(self.codes)}


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of one kind -> tuple; `filled` refuses an empty one."""

    item: Kind
    filled: bool = False

    def parse(self, value: object, path: str) -> tuple[Any, ...]:
        """Raises BadFacts: wrong_type, out_of_range for a forbidden empty list, and the items' own."""
        if not isinstance(value, list | tuple):
            raise BadFacts("wrong_type", path, "须为列表")
        if self.filled and not value:
            raise BadFacts("out_of_range", path, "列表不得为空")
        return tuple(self._item(item, f"{path}[{index}]") for index, item in enumerate(value))

    def _item(self, value: object, path: str) -> Any:
        if value is None:
            raise BadFacts("missing", path, "缺少此项")
        return self.item.parse(value, path)

    def render(self, value: Sequence[Any]) -> list[Any]:
        """A list of rendered items."""
        return [self.item.render(item) for item in value]

    def schema(self) -> dict[str, Any]:
        """An array."""
        return {"type": "array", "items": self.item.schema()} | ({"minItems": 1} if self.filled else {})


@dataclass(frozen=True, slots=True)
class MapOf:
    """An object of one kind of value, for outcomes."""

    item: Kind

    def parse(self, value: object, path: str) -> dict[str, Any]:
        """Raises BadFacts."""
        if not isinstance(value, Mapping):
            raise BadFacts("wrong_type", path, "须为对象")
        return {str(key): self.item.parse(item, f"{path}.{key}") for key, item in value.items()}

    def render(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """An object of rendered items."""
        return {key: self.item.render(item) for key, item in value.items()}

    def schema(self) -> dict[str, Any]:
        """An object with free keys."""
        return {"type": "object", "additionalProperties": self.item.schema()}


@dataclass(frozen=True, slots=True)
class Field:
    """One named fact or outcome. `attr` is the Python name where JSON's is a keyword (`from`). Of a list, `decided_by` names
    the outcome that one of its rows gave: that row is marked where the evidence is shown."""

    name: str
    kind: Kind
    label: str
    required: bool = True
    default: Any = None
    attr: str = ""
    decided_by: str = ""

    @property
    def python_name(self) -> str:
        """The keyword argument this field becomes."""
        return self.attr or self.name


@dataclass(frozen=True, slots=True)
class Record:
    """An object with known fields -> `build(**typed)`; null counts as absent, another name is refused."""

    fields: tuple[Field, ...]
    build: Callable[..., Any] = dict

    def parse(self, value: object, path: str) -> Any:
        """Raises BadFacts: wrong_type, missing, unknown_key, and the fields' own, in the order of the fields."""
        if not isinstance(value, Mapping):
            raise BadFacts("wrong_type", path, "须为对象")
        typed: dict[str, Any] = {}
        for field in self.fields:
            given = value.get(field.name)
            if given is not None:
                typed[field.python_name] = field.kind.parse(given, f"{path}.{field.name}")
            elif field.required:
                raise BadFacts("missing", f"{path}.{field.name}", f"缺少“{field.label}”（{field.name}）")
            else:
                typed[field.python_name] = field.default
        known = {field.name for field in self.fields}
        for name in value:
            if name not in known:
                raise BadFacts("unknown_key", f"{path}.{name}", f"没有名为“{name}”的事实")
        return self.build(**typed)

    def render(self, value: Any) -> dict[str, Any]:
        """An object with every field; null where there is no value."""
        read = value.get if isinstance(value, Mapping) else lambda name: getattr(value, name)
        rendered = {}
        for field in self.fields:
            item = read(field.python_name)
            rendered[field.name] = None if item is None else field.kind.render(item)
        return rendered

    def schema(self) -> dict[str, Any]:
        """An object with its fields."""
        properties = {}
        for field in self.fields:
            shape = field.kind.schema()
            properties[field.name] = shape | {"description": field.label}
            if not field.required:
                properties[field.name]["nullable"] = True
        return {
            "type": "object",
            "properties": properties,
            "required": [field.name for field in self.fields if field.required],
            "additionalProperties": False,
        }


PRICE = Number(12, 4, "价格")
AMOUNT = Number(14, 2, "金额")
POSITIVE_AMOUNT = Number(14, 2, "金额", positive=True)
RATIO = Number(3, 2, "比例")
SHARE = Number(14, 4, "占比")
SCORE = Number(3, 2, "得分", at_most=100)
QUANTITY = Quantity()
DAY = Day()
BOOL = Bool()
TEXT = Text()
COUNT = Integer()
PROVINCE = Text(r"[0-9]{6}", "省份代码（GB/T 2260 六位数字）")
