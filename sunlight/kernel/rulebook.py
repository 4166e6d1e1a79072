"""The rule service's engine: a request as JSON gave it -> the answer, or a located error; never a traceback.

Errors are looked for in this order: rule, region, date, drafts, facts (in the order of the rule's schema, then facts
of other names), then what only the law of the day demands.
"""

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NoReturn

from sunlight.kernel.facts import DAY, BadFacts
from sunlight.kernel.policy import Drafts, Policy
from sunlight.kernel.rule import Decision, Rule

OWN_KEYS = ("rule", "region", "date", "facts", "drafts")


def loads(text: str | bytes, path: str) -> Any:
    """JSON with exact numbers. Raises BadFacts at `path` for what is no JSON: NaN, a key twice, nesting too deep."""
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8-sig")
        return json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant, object_pairs_hook=_unique)
    except (ValueError, RecursionError, ArithmeticError):
        raise BadFacts("malformed", path, "不是有效的 JSON（UTF-8，不得含 NaN、Infinity 或重复的键）") from None


def dumps(answer: Any) -> str:
    """One line of JSON in Chinese as written; escapes only where text is not valid Unicode."""
    text = json.dumps(answer, ensure_ascii=False, default=_plain_number)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(answer, default=_plain_number)
    return text


def _plain_number(value: object) -> int | float | str:
    # passed-through numbers were read exactly; JSON has no other form for them
    if isinstance(value, Decimal):
        number = float(value)
        return number if number - number == 0 else str(value)
    raise TypeError(f"{type(value).__name__} is no JSON")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def decide(request: object, policy: Policy, rules: Mapping[str, Rule]) -> Decision:
    """The decision of a request `{rule, region, date, facts, drafts?}`. Raises BadFacts."""
    if not isinstance(request, Mapping):
        raise BadFacts("wrong_type", "line", "请求须为 JSON 对象")
    rule = rules[_word(request, "rule", rules, "规则")]
    region = _word(request, "region", policy.regions, "地区")
    on = _day(request)
    drafts = Drafts.BINDING
    if request.get("drafts") is not None:
        drafts = Drafts(_word(request, "drafts", set(Drafts), "草案开关"))
    if request.get("facts") is None:
        raise BadFacts("missing", "facts", "缺少 facts")
    facts = rule.facts_record.parse(request["facts"], "facts")
    return rule(policy.law(region=region, on=on, drafts=drafts), **facts)


def answer(request: object, policy: Policy, rules: Mapping[str, Rule]) -> dict[str, Any]:
    """As `decide`, as JSON: other keys of the request pass through; bad facts give `{"error": …}`."""
    extra = {}
    if isinstance(request, Mapping):
        extra = {key: value for key, value in request.items() if key not in OWN_KEYS}
    try:
        return extra | decide(request, policy, rules).to_dict()
    except BadFacts as bad:
        return extra | {"error": bad.to_dict()}


def answer_line(line: str | bytes, policy: Policy, rules: Mapping[str, Rule]) -> dict[str, Any]:
    """The answer to one line of JSON."""
    try:
        request = loads(line, "line")
    except BadFacts as bad:
        return {"error": bad.to_dict()}
    return answer(request, policy, rules)


def _word(request: Mapping[str, Any], key: str, known: Any, what: str) -> str:
    value = request.get(key)
    if value is None:
        raise BadFacts("missing", key, f"缺少{what}（{key}）")
    if not isinstance(value, str):
        raise BadFacts("wrong_type", key, f"{what}（{key}）须为文本")
    if value not in known:
        raise BadFacts("unknown_value", key, f"没有这个{what}：{value[:60]}")
    return value


def _day(request: Mapping[str, Any]) -> date:
    if request.get("date") is None:
        raise BadFacts("missing", "date", "缺少日期（date）")
    return DAY.parse(request["date"], "date")
