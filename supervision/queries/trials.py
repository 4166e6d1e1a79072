"""Trying a rule with facts typed by hand: its answer, and the same facts under another law."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

import yaml
from django.apps import apps

from sunlight import scope
from sunlight.journal.refusals import NotThere
from sunlight.kernel import rulebook
from sunlight.kernel.facts import BadFacts
from sunlight.kernel.rule import Rule
from sunlight.rules import RULES
from supervision.queries.decisions import explained
from supervision.queries.rule_comparison import differences
from supervision.queries.rule_forms import Input, as_text, inputs_of, read_facts, read_law

_KERNEL = Path(rulebook.__file__).parent


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
    """The outcome of a form: its inputs with faults, and the trials if nothing was wrong."""

    inputs: list[Input]
    errors: dict[str, str] = field(default_factory=dict)
    trials: list[Trial] = field(default_factory=list)
    differences: list[dict] = field(default_factory=list)


def rules_by_app() -> list[tuple[str, list[dict]]]:
    """(app in words, its rules as plain dicts), in the order of the layers. Not rules themselves: they are callable, and
    a template would call them."""
    grouped: dict[str, list[dict]] = {"通用": []} | {app.verbose_name: [] for app in apps.get_app_configs()}
    for rule in RULES.values():
        app = apps.get_containing_app_config(rule.function.__module__)
        grouped[app.verbose_name if app else "通用"].append(described(rule))
    return [(app, rules) for app, rules in grouped.items() if rules]


def described(rule: Rule) -> dict:
    return {
        "name": rule.name,
        "title": rule.title,
        "sentence": rule.sentence,
        "where": rule.where,
        "clauses": rule.clauses,
    }


def rule_named(name: str) -> Rule:
    """Raises NotThere."""
    if name not in RULES:
        raise NotThere("这个规则")
    return RULES[name]


@cache
def _all_examples() -> dict[str, list[dict]]:
    """What the apps' `examples.yaml` hold, by rule."""
    folders = [_KERNEL, *(Path(app.path) for app in apps.get_app_configs())]
    files = [folder / "examples.yaml" for folder in folders]
    return {
        rule: rows for file in files if file.exists() for rule, rows in yaml.safe_load(file.read_text("utf-8")).items()
    }


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
        typed[f"f.{fact.name}"] = "" if given is None else as_text(fact.kind, given)
    return typed


def ask(rule: Rule, typed: Mapping[str, str]) -> Asked:
    """Read the form, ask the rule, and ask again under the second region or date where one is given. Every fault is kept
    under its field's name, in Chinese; nothing is asked while there is one."""
    errors: dict[str, str] = {}
    facts = read_facts(rule, typed, errors)
    laws = [read_law(typed, "", errors)]
    if typed.get("region_2", "").strip() or typed.get("date_2", "").strip():
        second = {
            "region": typed.get("region_2", "").strip() or typed.get("region", ""),
            "date": typed.get("date_2", "").strip() or typed.get("date", ""),
        }
        laws.append(read_law(second, "_2", errors))
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


def _trial(rule: Rule, facts: dict, law: tuple[str, str], drafts: str) -> Trial:
    policy = scope.policy()
    request = {"rule": rule.name, "region": law[0], "date": law[1], "drafts": drafts, "facts": facts}
    decision = rulebook.decide(request, policy, RULES)
    return Trial(law[0], policy.regions[law[0]].name, decision.law.on, explained(decision.record()), decision.to_dict())
