"""Decisions in words: facts and outcome as their rule reads them, the law's values as their parameter does."""

from collections.abc import Mapping

from pricing.rules.provinces import PROVINCES
from sunlight import scope
from sunlight.journal.declared import Label, label_of
from sunlight.journal.models import Decision
from sunlight.kernel.facts import PROVINCE, Choice, Field, ListOf, MapOf, Record
from sunlight.rules import RULES

# Keys of structured values that mean nothing to a reader.
_INNER = {"code", "label"}


def explained(decision: Decision) -> dict:
    """A kept decision with its clauses written out and its facts and outcome under the labels their rule gives them."""
    known = RULES.get(decision.rule)
    fields = {f.name: f for f in (*known.facts_record.fields, *known.outcome_record.fields)} if known else {}
    return {
        "row": decision,
        "sentence": known.sentence if known else "",
        "facts": _under_labels(decision.facts, fields),
        "outcome": _under_labels(decision.outcome or {}, fields),
        "reasons": [{**reason, "law": clause(reason["clause"])} for reason in decision.reasons],
        "parameters": [
            {
                **used,
                "label": parameter_label(used["key"]),
                "value": parameter_in_words(used["key"], used["value"]),
                "law": clause(used["source"]),
            }
            for used in decision.parameters
        ],
    }


def _under_labels(facts: dict, fields: Mapping[str, Field]) -> list[tuple[str, object]]:
    """The facts that were there, in the order the rule lists them; what the service added, last."""
    order = {key: place for place, key in enumerate(fields)}
    given = [(key, value) for key, value in facts.items() if value not in (None, "", [], {})]
    given.sort(key=lambda pair: order.get(pair[0], len(order)))
    return [
        (fields[key].label, _of_kind(fields[key].kind, value)) if key in fields else _added(key, value)
        for key, value in given
    ]


def _added(key: str, value) -> tuple[str, object]:
    """A fact beside the rule's own: as the app declares it."""
    label = label_of(key) or Label(key)
    return label.words, in_words(value, label.values)


def _of_kind(kind, value):
    """A fact or an outcome as its kind says it: codes in words, of a record what means something."""
    if value is None:
        return None
    if isinstance(kind, ListOf):
        return [_of_kind(kind.item, each) for each in value]
    if isinstance(kind, MapOf):
        return [_of_kind(kind.item, each) for each in value.values()]
    if isinstance(kind, Record):
        return [_of_kind(each.kind, value.get(each.name)) for each in kind.fields if each.name not in _INNER]
    if kind is PROVINCE:
        return PROVINCES.get(value, value)
    return kind.labels.get(value, value) if isinstance(kind, Choice) else value


def in_words(value, words: Mapping[str, str]):
    """A value with its codes in words, provinces in a list by their names; of a record without words for its keys only
    what it holds."""
    if isinstance(value, dict) and not value.keys().isdisjoint(words):
        return {words.get(key, key): in_words(each, words) for key, each in value.items()}
    if isinstance(value, dict):
        return [in_words(each, words) for key, each in value.items() if key not in _INNER]
    if isinstance(value, list | tuple):
        return [
            PROVINCES.get(each) or in_words(each, words) if isinstance(each, str) else in_words(each, words)
            for each in value
        ]
    return words.get(value, value) if isinstance(value, str) else value


def parameter_in_words(key: str, value):
    """A parameter's value with its codes in words."""
    return in_words(value, words_of(key))


def words_of(key: str) -> dict[str, str]:
    """The codes of a parameter: as the parameter itself reads them, else as the rules that use it do."""
    words: dict[str, str] = {}
    for rule in RULES.values():
        if key in rule.parameters:
            for each in (*rule.facts_record.fields, *rule.outcome_record.fields):
                words |= _choices(each.kind)
    known = scope.policy().parameters.get(key)
    return words | dict(known.words if known else {})


def _choices(kind) -> dict[str, str]:
    if isinstance(kind, Choice):
        return dict(kind.labels)
    if isinstance(kind, ListOf | MapOf):
        return _choices(kind.item)
    if isinstance(kind, Record):
        return {code: word for each in kind.fields for code, word in _choices(each.kind).items()}
    return {}


def parameter_label(key: str) -> str:
    known = scope.policy().parameters.get(key)
    return known.label if known else key


def clause(clause_id: str) -> dict:
    """A clause in words: its summary, article and act."""
    policy = scope.policy()
    row = policy.clauses.get(clause_id)
    if row is None:
        return {"id": clause_id, "summary": "", "article": "", "act": ""}
    act = policy.acts.get(row.act)
    return {"id": clause_id, "summary": row.summary, "article": row.article, "act": act.title if act else ""}
