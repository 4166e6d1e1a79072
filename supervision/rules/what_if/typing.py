"""What an author types for a draft's value, read by the parameter's own type."""

import json
from typing import Any

from sunlight.kernel.facts import BadFacts, Number
from sunlight.kernel.policy import Parameter
from sunlight.kernel.reading import Unreadable, whole
from sunlight.kernel.rule import plain

MOST = 1_000_000_000
_DECIMAL = Number(12, 6, "数值")
_YES, _NO = ("是", "true", "1"), ("否", "false", "0")


def typed_value(parameter: Parameter, text: str) -> Any:
    """The value as a policy document states it. Raises Unreadable."""
    given = text.strip()
    if not given:
        raise Unreadable("missing", f"请填写“{parameter.label}”的值。", "value")
    if parameter.type == "integer":
        return whole(given, "value", f"“{parameter.label}”", least=0, most=MOST)
    if parameter.type == "decimal":
        try:
            return str(_DECIMAL.parse(given, "value"))
        except BadFacts:
            raise Unreadable("invalid", f"“{parameter.label}”须为数字，如 0.05，请更正。", "value") from None
    if parameter.type == "boolean":
        if given.lower() not in _YES + _NO:
            raise Unreadable("invalid", f"“{parameter.label}”请填“是”或“否”。", "value")
        return given.lower() in _YES
    return given if parameter.type == "text" else _structured(parameter, given)


def _structured(parameter: Parameter, given: str) -> Any:
    """A list or a record, as JSON; a list of codes may also be typed with commas."""
    try:
        value = json.loads(given)
    except (ValueError, RecursionError):
        if parameter.type == "list" and not given.startswith(("[", "{")):
            return [each.strip() for each in given.replace("，", ",").split(",") if each.strip()]
        raise Unreadable("invalid", f"“{parameter.label}”的结构有误，请按原值的格式（JSON）填写。", "value") from None
    if not isinstance(value, list if parameter.type == "list" else dict):
        raise Unreadable("invalid", f"“{parameter.label}”的结构有误，请按原值的格式（JSON）填写。", "value")
    return value


def as_typed(parameter: Parameter, value: Any) -> str:
    """A value as it would be typed again."""
    if parameter.type == "boolean":
        return "是" if value else "否"
    if parameter.type in ("list", "record"):
        return json.dumps(plain(value), ensure_ascii=False)
    return str(value)
