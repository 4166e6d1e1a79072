"""What an author types for a draft's value, read by the parameter's own type."""

import json
from typing import Any

from sunlight.kernel.policy import Parameter
from sunlight.kernel.reading import Unreadable
from sunlight.kernel.rule import plain

_YES, _NO = ("是", "true", "1"), ("否", "false", "0")


def typed_value(parameter: Parameter, text: str) -> Any:
    """The value as a policy document states it. Raises Unreadable."""
    given = text.strip()
    if not given:
        raise Unreadable("missing", f"请填写“{parameter.label}”的值。", "value")
    if parameter.type == "integer":
        if not given.lstrip("-").isascii() or not given.lstrip("-").isdigit() or len(given) > 9:
            raise Unreadable("invalid", f"“{parameter.label}”须为整数，请更正。", "value")
        return int(given)
    if parameter.type == "decimal":
        whole, _, rest = given.partition(".")
        if not (f"{whole}{rest}".isascii() and f"{whole}{rest}".isdigit() and whole and len(given) <= 20):
            raise Unreadable("invalid", f"“{parameter.label}”须为数字，如 0.05，请更正。", "value")
        return given
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
