"""The form of a rule's facts: how each is typed, and what was typed as the rule service takes it, with its faults."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sunlight import scope
from sunlight.kernel.facts import BadFacts, Bool, Choice, Day, Integer, ListOf, Quantity, Record, Text
from sunlight.kernel.facts import Field as Fact
from sunlight.kernel.rule import Rule

# A paste of this many lines is a file, not a trial.
MOST_LINES = 2000
_YES = {"true": True, "是": True, "1": True, "y": True, "yes": True, "公立": True}
_NO = {"false": False, "否": False, "0": False, "n": False, "no": False, "非公立": False}


@dataclass(frozen=True)
class Input:
    """One field of a rule's form: how it is typed, what stands in it, what is wrong with it."""

    name: str
    label: str
    control: str
    required: bool
    value: str = ""
    error: str = ""
    options: tuple[tuple[str, str], ...] = ()
    columns: tuple[str, ...] = ()


def as_text(kind, value) -> str:
    if isinstance(kind, ListOf):
        return "\n".join(as_text(kind.item, item) for item in value)
    if isinstance(kind, Record):
        cells = [(each, value.get(each.name)) for each in kind.fields]
        return "\t".join("" if cell is None else as_text(each.kind, cell) for each, cell in cells)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def inputs_of(rule: Rule, typed: Mapping[str, str], errors: Mapping[str, str] | None = None) -> list[Input]:
    """The form of a rule's facts with what was typed and what is wrong with it."""
    errors = errors or {}
    return [
        Input(
            name=f"f.{fact.name}",
            label=fact.label,
            control=_control(fact.kind),
            required=fact.required,
            value=typed.get(f"f.{fact.name}", ""),
            error=errors.get(f"f.{fact.name}", ""),
            options=_options(fact),
            columns=_columns(fact.kind),
        )
        for fact in rule.facts_record.fields
    ]


def _control(kind) -> str:
    if isinstance(kind, ListOf):
        return "rows"
    if isinstance(kind, Bool | Choice):
        return "choice"
    return "date" if isinstance(kind, Day) else "number" if isinstance(kind, Integer | Quantity) else "text"


def _options(fact: Fact) -> tuple[tuple[str, str], ...]:
    if isinstance(fact.kind, Bool):
        return (("true", "是"), ("false", "否"))
    if isinstance(fact.kind, Choice):
        return tuple(fact.kind.labels.items())
    return ()


def _columns(kind) -> tuple[str, ...]:
    if not isinstance(kind, ListOf):
        return ()
    if not isinstance(kind.item, Record):
        return ("每行一个",)
    return tuple(_column(each) for each in kind.item.fields)


def _column(fact: Fact) -> str:
    words = f"（{'、'.join(label for _, label in _options(fact))}）" if _options(fact) else ""
    return f"{fact.label}{words}{'' if fact.required else '（可空）'}"


def read_law(typed: Mapping[str, str], suffix: str, errors: dict[str, str]) -> tuple[str, str]:
    """The region and the date typed, `suffix` for the second; what is wrong with them goes into `errors`."""
    region, on = typed.get("region", "").strip(), _clean(typed.get("date", ""))
    if region not in scope.policy().regions:
        errors[f"region{suffix}"] = "请选择地区"
    try:
        Day().parse(on, "date")
    except BadFacts as bad:
        errors[f"date{suffix}"] = bad.message if on else "请填写日期"
    return region, on


def read_facts(rule: Rule, typed: Mapping[str, str], errors: dict[str, str]) -> dict[str, Any]:
    """The facts typed, as the rule service takes them; what is wrong with them goes into `errors`."""
    facts: dict[str, Any] = {}
    for fact in rule.facts_record.fields:
        text = typed.get(f"f.{fact.name}", "")
        try:
            facts[fact.name] = _value(fact, text, f"facts.{fact.name}")
        except BadFacts as bad:
            errors[f"f.{fact.name}"] = bad.message
    return facts


def _value(fact: Fact, text: str, path: str):
    """What was typed for one fact as the rule service takes it; None where nothing was. Raises BadFacts."""
    if isinstance(fact.kind, ListOf):
        return _lines(fact, text, path)
    if not isinstance(fact.kind, Text):
        text = _clean(text)
    if not text.strip():
        if fact.required:
            raise BadFacts("missing", path, f"请填写“{fact.label}”")
        return None
    value = _typed(fact, text, path)
    fact.kind.parse(value, path)
    return value


def _clean(text: str) -> str:
    """As typed or pasted, without what Excel and Chinese keyboards add: full-width digits, blanks, thousands separators."""
    return unicodedata.normalize("NFKC", text).strip().replace(",", "")


def _typed(fact: Fact, text: str, path: str):
    kind = fact.kind
    if isinstance(kind, Integer | Quantity):
        return _number(text, path, whole=isinstance(kind, Integer))
    if isinstance(kind, Bool):
        word = text.strip().lower()
        if word not in _YES and word not in _NO:
            raise BadFacts("wrong_type", path, "请填“是”或“否”")
        return word in _YES
    if isinstance(kind, Choice):
        by_label = {label: code for code, label in kind.labels.items()}
        code = by_label.get(text.strip(), text.strip())
        if code not in kind.labels:
            raise BadFacts("unknown_value", path, f"只能是：{'、'.join(by_label)}")
        return code
    return text.replace("/", "-") if isinstance(kind, Day) else text


def _number(text: str, path: str, *, whole: bool):
    if not re.fullmatch(r"-?[0-9]{1,9}" if whole else r"-?[0-9]{1,15}(\.[0-9]{1,15})?", text):
        raise BadFacts("wrong_type", path, "须为整数" if whole else "须为数字")
    return int(text) if whole else Decimal(text)


def _lines(fact: Fact, text: str, path: str) -> list:
    """Rows pasted from a spreadsheet, one per line, cells parted by tabs (or commas, typed by hand). Blank lines are
    left out. Raises BadFacts with the line's number."""
    lines = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if len(lines) > MOST_LINES:
        raise BadFacts("out_of_range", path, f"最多 {MOST_LINES} 行，现有 {len(lines)} 行。请分批试算")
    values = []
    for number, line in lines:
        try:
            values.append(_line(fact.kind.item, line, path))
        except BadFacts as bad:
            raise BadFacts(bad.code, path, f"第 {number} 行{bad.message}") from None
    fact.kind.parse(values, path)
    return values


def _line(item, line: str, path: str):
    if not isinstance(item, Record):
        value = _clean(line)
        item.parse(value, path)
        return value
    cells = [cell.strip() for cell in (line.split("\t") if "\t" in line else line.replace("，", ",").split(","))]
    while cells and not cells[-1]:
        cells.pop()
    if len(cells) > len(item.fields):
        raise BadFacts("malformed", path, f"有 {len(cells)} 列，应为 {len(item.fields)} 列")
    found = {}
    for fact, cell in zip(item.fields, [*cells, *[""] * len(item.fields)], strict=False):
        try:
            found[fact.name] = _value(fact, cell, path)
        except BadFacts as bad:
            raise BadFacts(bad.code, path, f"“{fact.label}”：{bad.message}") from None
    return found
