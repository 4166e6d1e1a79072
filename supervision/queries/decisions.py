"""Decisions in words: facts and outcome as their rule reads them, the law's values as their parameter does."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from pricing.rules.provinces import PROVINCES
from sunlight import scope
from sunlight.journal.declared import Label, label_of
from sunlight.journal.models import Decision
from sunlight.kernel.facts import PRICE, PROVINCE, Choice, Field, ListOf, MapOf, Record
from sunlight.kernel.policy import ASSUMPTION, Drafts
from sunlight.rules import RULES

# Keys of structured values that mean nothing to a reader.
_INNER = {"code", "label"}


@dataclass(frozen=True, slots=True)
class Evidence:
    """A list of facts as a table: its headings, and each row with whether it gave the outcome."""

    headings: tuple[str, ...]
    rows: tuple[tuple[tuple[object, ...], bool], ...]

    # A page shows the first, a statement all.
    most = 20

    @property
    def first(self) -> tuple[tuple[tuple[object, ...], bool], ...]:
        """What a page shows: the deciding rows, then others, in their order."""
        kept = sorted(range(len(self.rows)), key=lambda place: (not self.rows[place][1], place))[: self.most]
        return tuple(self.rows[place] for place in sorted(kept))

    @property
    def left_out(self) -> int:
        return len(self.rows) - len(self.first)


def answer_of(decision: Decision) -> dict:
    """A kept decision in the form in which a rule answers and a refusal keeps it."""
    return {
        "rule": decision.rule,
        "region": decision.region_code,
        "date": decision.law_date.isoformat(),
        "drafts": decision.drafts,
        "regulated": decision.regulated,
        "allowed": decision.allowed,
        "facts": decision.facts,
        "outcome": decision.outcome,
        "reasons": decision.reasons,
        "parameters": decision.parameters,
    }


def explained(answer: Mapping) -> dict:
    """A rule's answer (`answer_of`, or what a refusal kept) with its clauses written out, its facts and outcome under the
    labels their rule gives them, its evidence as tables and its values with their units."""
    known = RULES.get(answer["rule"])
    fields = {f.name: f for f in (*known.facts_record.fields, *known.outcome_record.fields)} if known else {}
    regions, outcome = scope.policy().regions, answer.get("outcome") or {}
    return {
        "title": known.title if known else answer["rule"],
        "sentence": known.sentence if known else "",
        "region": regions[answer["region"]].name if answer["region"] in regions else answer["region"],
        "date": answer["date"],
        "only_warns": answer.get("drafts") == Drafts.WARN,
        "regulated": answer["regulated"],
        "allowed": answer["allowed"],
        "facts": _under_labels(answer.get("facts") or {}, fields, outcome),
        "outcome": _under_labels(outcome, fields, outcome),
        "reasons": reasons_explained(answer["reasons"]),
        "parameters": [
            {
                **used,
                "label": parameter_label(used["key"]),
                "value": with_unit(used["key"], used["value"]),
                "law": clause(used["source"]),
            }
            for used in answer["parameters"]
        ],
    }


def reasons_explained(reasons: Iterable[Mapping]) -> list[dict]:
    """Reasons as kept, each with its clause in words."""
    return [{**reason, "law": clause(reason["clause"])} for reason in reasons]


def _under_labels(facts: Mapping, fields: Mapping[str, Field], outcome: Mapping) -> list[tuple[str, object]]:
    """The facts that were there, in the order the rule lists them; what the service added, last."""
    order = {key: place for place, key in enumerate(fields)}
    given = [(key, value) for key, value in facts.items() if value not in (None, "", [], {})]
    given.sort(key=lambda pair: order.get(pair[0], len(order)))
    return [
        (fields[key].label, _of_field(fields[key], value, outcome)) if key in fields else _added(key, value)
        for key, value in given
    ]


def _of_field(field: Field, value, outcome: Mapping) -> object:
    kind = field.kind
    if isinstance(kind, ListOf) and isinstance(kind.item, Record):
        return _evidence(kind.item, value, outcome.get(field.decided_by))
    return _of_kind(kind, value)


def _evidence(record: Record, rows: Iterable[Mapping], decided) -> Evidence:
    """The rows of a list as a table; those that hold the value decided on are marked."""
    shown = [each for each in record.fields if each.name not in _INNER]
    return Evidence(
        tuple(each.label for each in shown),
        tuple(
            (
                tuple(_of_kind(each.kind, row.get(each.name)) for each in shown),
                decided is not None and _holds(record, row, decided),
            )
            for row in rows
        ),
    )


def _holds(record: Record, row: Mapping, decided) -> bool:
    prices = [each for each in record.fields if each.kind is PRICE and row.get(each.name) is not None]
    return any(each.kind.parse(row[each.name], "") == each.kind.parse(decided, "") for each in prices)


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


def with_unit(key: str, value):
    """A parameter's value in words, a number with its unit: "30 自然日"."""
    known = scope.policy().parameters.get(key)
    words = parameter_in_words(key, value)
    is_number = isinstance(words, int | Decimal) and not isinstance(words, bool)
    return f"{words} {known.unit}" if known and known.unit and is_number else words


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
    """A clause in words: its name, summary, article and act; of an assumption the clauses that are silent."""
    policy = scope.policy()
    row = policy.clauses.get(clause_id)
    if row is None:
        return {
            "id": clause_id,
            "name": clause_id,
            "summary": "",
            "summary_en": "",
            "article": "",
            "act": "",
            "beside": (),
        }
    act = policy.acts.get(row.act)
    return {
        "id": clause_id,
        "name": named(clause_id),
        "summary": row.summary,
        "summary_en": row.summary_en,
        "article": row.article,
        "act": act.title if act else "",
        "beside": row.beside,
    }


def named(clause_id: str) -> str:
    """How people read a clause's id: 平台推定 A14 for what the platform assumes where the texts are silent."""
    act, _, number = clause_id.partition("-")
    return f"平台推定 {number}" if act == ASSUMPTION else clause_id
