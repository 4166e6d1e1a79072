"""Trying a rule with facts typed by hand: its form from its own schema, its answer, the same facts under another law."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from sunlight.acts import current_policy
from sunlight.journal.models import Decision
from sunlight.journal.refusals import NotThere
from sunlight.kernel import rulebook
from sunlight.kernel.facts import BadFacts, Bool, Choice, Day, Integer, ListOf, Quantity, Record
from sunlight.kernel.facts import Field as Fact
from sunlight.kernel.rule import Rule
from sunlight.rules import RULES
from supervision.queries.trace import explained, in_words

_EXAMPLES = Path(__file__).resolve().parent.parent / "examples" / "rules.yaml"
# A paste of this many lines is a file, not a trial.
MOST_LINES = 2000

APPS = {
    "sunlight.kernel": "通用", "sunlight.tenancy": "机构", "catalog": "目录与挂网", "pricing": "价格",
    "procurement": "议价与采购", "settlement": "结算", "credit": "信用",
}  # fmt: skip
# Words of choices as people say them, by the fact they belong to.
CHOICES = {
    "level": {"tertiary": "三级", "secondary": "二级", "primary": "一级", "unrated": "未定级"},
    "kind": {"no_reference": "无参考价采购", "self_procured": "自行采购", "filed": "备案采购"},
    "round": {"national": "国家集采", "province": "省级集采", "city": "市级集采"},
    "severity": {"discredited": "失信", "serious": "严重失信", "extreme": "特别严重失信"},
    "matter": {
        "bribery": "医药商业贿赂", "tax": "涉税违法", "price_monopoly": "垄断", "price_violation": "不正当价格行为",
        "resisting_supervision": "抗拒监管", "illegal_bidding": "扰乱公平竞争", "broken_commitment": "违反协议或承诺",
    },
}  # fmt: skip
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


@dataclass(frozen=True)
class Trial:
    """A rule asked once: the kept form of its answer, explained like a decision on a trade."""

    region: str
    region_name: str
    on: date
    body: dict
    answer: dict


@dataclass
class Asked:
    """What came of a form: its inputs with faults, and the trials where nothing was wrong."""

    inputs: list[Input]
    errors: dict[str, str] = field(default_factory=dict)
    trials: list[Trial] = field(default_factory=list)
    differences: list[dict] = field(default_factory=list)


def rules_by_app() -> list[tuple[str, list[dict]]]:
    """(app in words, its rules as plain dicts), in the order of the layers. Not rules themselves: they are callable, and
    a template would call them."""
    grouped: dict[str, list[dict]] = {name: [] for name in APPS.values()}
    for rule in RULES.values():
        module = rule.function.__module__
        app = next((words for prefix, words in APPS.items() if module.startswith(prefix)), "通用")
        grouped[app].append(described(rule))
    return [(app, rules) for app, rules in grouped.items() if rules]


def described(rule: Rule) -> dict:
    return {
        "name": rule.name, "title": rule.title, "sentence": rule.sentence, "where": rule.where, "clauses": rule.clauses
    }  # fmt: skip


def rule_named(name: str) -> Rule:
    """Raises NotThere."""
    if name not in RULES:
        raise NotThere("这个规则")
    return RULES[name]


@cache
def _all_examples() -> dict[str, list[dict]]:
    return yaml.safe_load(_EXAMPLES.read_text("utf-8"))


def examples_of(rule: Rule) -> list[dict]:
    """Examples to load: `title, region, date` and facts, in the rule service's own form."""
    return _all_examples().get(rule.name, [])


def example_typed(rule: Rule, number: int) -> dict[str, str]:
    """An example as if typed into the form. Raises NotThere."""
    examples = examples_of(rule)
    if not 0 <= number < len(examples):
        raise NotThere("这个示例")
    example = examples[number]
    typed = {key: str(example.get(key, "")) for key in ("region", "date", "drafts", "region_2", "date_2")}
    for fact in rule.facts_record.fields:
        given = example["facts"].get(fact.name)
        typed[f"f.{fact.name}"] = "" if given is None else _as_text(fact.kind, given)
    return typed


def _as_text(kind, value) -> str:
    if isinstance(kind, ListOf):
        return "\n".join(_as_text(kind.item, item) for item in value)
    if isinstance(kind, Record):
        cells = [(each, value.get(each.name)) for each in kind.fields]
        return "\t".join("" if cell is None else _as_text(each.kind, cell) for each, cell in cells)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def inputs_of(rule: Rule, typed: Mapping[str, str], errors: Mapping[str, str] | None = None) -> list[Input]:
    """The form of a rule's facts with what was typed and what is wrong with it."""
    errors = errors or {}
    return [
        Input(
            name=f"f.{fact.name}", label=fact.label, control=_control(fact.kind), required=fact.required,
            value=typed.get(f"f.{fact.name}", ""), error=errors.get(f"f.{fact.name}", ""), options=_options(fact),
            columns=_columns(fact.kind),
        )
        for fact in rule.facts_record.fields
    ]  # fmt: skip


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
        words = CHOICES.get(fact.name, {})
        return tuple((word, words.get(word, word)) for word in fact.kind.words)
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


def ask(rule: Rule, typed: Mapping[str, str]) -> Asked:
    """Read the form, ask the rule, and ask again under the second region or date where one is given. Every fault is kept
    under its field's name, in Chinese; nothing is asked while there is one."""
    errors: dict[str, str] = {}
    facts = _facts(rule, typed, errors)
    laws = [_law(typed, "", errors)]
    if typed.get("region_2", "").strip() or typed.get("date_2", "").strip():
        second = {
            "region": typed.get("region_2", "").strip() or typed.get("region", ""),
            "date": typed.get("date_2", "").strip() or typed.get("date", ""),
        }
        laws.append(_law(second, "_2", errors))
    asked = Asked([], errors)
    if not errors:
        try:
            asked.trials = [_trial(rule, facts, law, typed.get("drafts") or "binding") for law in laws]
        except BadFacts as bad:
            asked.trials = []
            errors[_field_of(bad.path)] = bad.message
        if len(asked.trials) == 2:
            asked.differences = differences(*asked.trials)
    asked.inputs = inputs_of(rule, typed, errors)
    return asked


def _field_of(path: str) -> str:
    """`facts.deals[3].price` → `f.deals`; `region` stays."""
    name = path.removeprefix("facts.").split("[")[0].split(".")[0]
    return f"f.{name}" if path.startswith("facts.") else name


def _law(typed: Mapping[str, str], suffix: str, errors: dict[str, str]) -> tuple[str, str]:
    region, on = typed.get("region", "").strip(), _clean(typed.get("date", ""))
    if region not in current_policy().regions:
        errors[f"region{suffix}"] = "请选择地区"
    try:
        Day().parse(on, "date")
    except BadFacts as bad:
        errors[f"date{suffix}"] = bad.message if on else "请填写日期"
    return region, on


def _facts(rule: Rule, typed: Mapping[str, str], errors: dict[str, str]) -> dict[str, Any]:
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
    if fact.kind.__class__.__name__ != "Text":
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
        by_label = {label: word for word, label in CHOICES.get(fact.name, {}).items()}
        word = by_label.get(text.strip(), text.strip())
        if word not in kind.words:
            raise BadFacts("unknown_value", path, f"只能是：{'、'.join(label for _, label in _options(fact))}")
        return word
    return text.replace("/", "-") if isinstance(kind, Day) else text


def _number(text: str, path: str, *, whole: bool):
    if not re.fullmatch(r"-?[0-9]{1,9}" if whole else r"-?[0-9]{1,15}(\.[0-9]{1,15})?", text):
        raise BadFacts("wrong_type", path, "须为整数" if whole else "须为数字")
    return int(text) if whole else Decimal(text)


def _lines(fact: Fact, text: str, path: str) -> list:
    """Rows pasted from a spreadsheet, one a line, cells parted by tabs (or commas, typed by hand). Blank lines are left
    out. Raises BadFacts with the line's number."""
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


def _trial(rule: Rule, facts: dict, law: tuple[str, str], drafts: str) -> Trial:
    policy = current_policy()
    request = {"rule": rule.name, "region": law[0], "date": law[1], "drafts": drafts, "facts": facts}
    decision = rulebook.decide(request, policy, RULES)
    kept = decision.record()
    row = Decision(
        rule=rule.name, region_code=kept["region"], law_date=decision.law.on, drafts=kept["drafts"], facts=kept["facts"],
        regulated=kept["regulated"], allowed=kept["allowed"], outcome=kept["outcome"], reasons=kept["reasons"],
        parameters=kept["parameters"],
    )  # fmt: skip
    return Trial(law[0], policy.regions[law[0]].name, decision.law.on, explained(row), decision.to_dict())


def _verdict(answer: dict) -> str:
    if not answer["regulated"]:
        return "当地当日无规定"
    return {True: "允许", False: "不允许", None: "已得出结论"}[answer["allowed"]]


def _values(trial: Trial) -> dict[str, list]:
    """Label → the values used; bounds that add up have one label and several."""
    found: dict[str, list] = {}
    for parameter in trial.body["parameters"]:
        found.setdefault(parameter["label"], []).append(in_words(parameter["value"]))
    return found


def differences(first: Trial, second: Trial) -> list[dict]:
    """What the two laws make of the same facts, line by line: `label, first, second, differs`."""
    lines = [("是否允许", _verdict(first.answer), _verdict(second.answer))]
    outcomes = [dict(trial.body["outcome"]) for trial in (first, second)]
    for label in dict.fromkeys([*outcomes[0], *outcomes[1]]):
        lines.append((label, outcomes[0].get(label), outcomes[1].get(label)))
    clauses = [sorted({r["clause"] for r in trial.answer["reasons"]}) for trial in (first, second)]
    lines.append(("理由所据条款", *clauses))
    values = [_values(trial) for trial in (first, second)]
    for label in dict.fromkeys([*values[0], *values[1]]):
        lines.append((f"参数：{label}", values[0].get(label), values[1].get(label)))
    return [
        {"label": label, "first": one, "second": other, "differs": one != other}
        for label, one, other in lines
        if one not in (None, [], "") or other not in (None, [], "")
    ]
