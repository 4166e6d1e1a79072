"""Kept decisions judged again: each alone, by the rule itself, under the law of its day as one or two drafts would have it.

A record keeps the rule's own facts, so the rule gives its answer again; where it does not, what it would have been under a
draft is not known, and the record is counted as not judged, with the reason. So is a record for which a draft asks what
nobody asked for at the time.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sunlight.kernel.facts import BadFacts, Bool, Choice, Integer, ListOf, Number, Text
from sunlight.kernel.facts import Field as Fact
from sunlight.kernel.money import amount_fen
from sunlight.kernel.rule import Decision, Effect, Reason, Rule
from supervision.rules.what_if.kinds import Kind, Unjudged
from supervision.rules.what_if.laws import Side, differs

# Rules a trade asks and keeps the answers of. Others (prices published, licences, terms) are not judged here.
BARGAIN, FIRST_DEAL, DUE = "bargain.decide", "first_deal.check", "payment.due"
JUDGED = (BARGAIN, FIRST_DEAL, DUE, "purchase.channel", "distributor.appoint")
# What a fact rests on besides the rule's own parameters: the alert line is another rule's answer.
LINE_KEYS = ("alert_line.window_years", "alert_line.provinces")
# Facts of an offer that are looked up only where the law of the day asks for them.
ASKED_FOR = {BARGAIN: {"bargain.history_months": "history_prices"}}
FIRST_DEAL_LIMIT = "first_deal.limited"
OFFERED = ("offer", "price_group")
ORDER_LINE = "order_line"
LINKS = "link_price"


@dataclass(slots=True)
class Record:
    """A kept decision, or the decision of a refusal, with the row it is about."""

    id: int
    is_refusal: bool
    subject: str
    subject_id: int
    rule: str
    region: str
    on: date
    drafts: str
    facts: Mapping[str, Any]
    regulated: bool
    allowed: bool | None
    buyer: int | None = None
    seller: int | None = None
    price_group: int | None = None
    quantity: Decimal | None = None
    fen: int = 0
    # A refused act: whether another rule, or another line of the same order, refused it too.
    refused_besides: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """An alert line, and whether other provinces' prices compare with the product at all."""

    price: Decimal | None
    is_compared: bool


@dataclass(frozen=True, slots=True)
class Lines:
    """The alert line of a record's product as of its day: by the law of the time, and by each side's."""

    stood: Line
    sides: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """What a side makes of a record: its kinds, the clauses they rest on, what was said and would be said, and what it
    comes to in fen (traded or due) and days."""

    kinds: tuple[Kind, ...]
    clauses: tuple[str, ...]
    before: str
    after: str
    fen: int = 0
    saved_fen: int = 0
    days: int = 0


@dataclass(slots=True)
class Judge:
    """Judges records by `base` (the law they were decided by) and each of `sides`."""

    rules: Mapping[str, Rule]
    base: Side
    sides: tuple[Side, ...]
    lines: Callable[[Record], Lines | None] = lambda record: None
    _kept: dict[str, list[tuple[Fact, Callable[[Any], Any]]]] = field(default_factory=dict)
    _same: dict[tuple, bool] = field(default_factory=dict)

    def judge(self, record: Record) -> list[Changed | Unjudged | None]:
        """For each side: what it changes, why it is not known, or None where nothing changes."""
        same = [self._says_the_same(index, record) for index in range(len(self.sides))]
        if all(same):
            return [None] * len(same)
        rule = self.rules[record.rule]
        try:
            facts = self._facts(rule, record.facts)
            stood = rule(self.base.law(record.region, record.on, record.drafts), **facts)
        except (BadFacts, TypeError, ValueError, KeyError, ArithmeticError):
            return [None if each else Unjudged.FACTS for each in same]
        if (stood.regulated, stood.allowed) != (record.regulated, record.allowed):
            return [None if each else Unjudged.DIFFERENT for each in same]
        lines = self.lines(record)
        return [
            None if same[index] else self._by(index, side, rule, record, facts, stood, lines)
            for index, side in enumerate(self.sides)
        ]

    def _says_the_same(self, index: int, record: Record) -> bool:
        """Whether a side says to the rule what the law of the time said."""
        asked = (index, record.rule, record.region, record.on, record.drafts)
        if (found := self._same.get(asked)) is None:
            found = self._same[asked] = not differs(
                self.sides[index],
                self.base,
                region=record.region,
                on=record.on,
                drafts=record.drafts,
                keys=reads(self.rules[record.rule]),
            )
        return found

    def _facts(self, rule: Rule, kept: Mapping[str, Any]) -> dict[str, Any]:
        """The rule's own facts as it takes them, from their kept form. Raises BadFacts."""
        readers = self._kept.get(rule.name)
        if readers is None:
            readers = self._kept[rule.name] = [(each, _reader(each)) for each in rule.facts_record.fields]
        facts = {}
        for fact, read in readers:
            given = kept.get(fact.name)
            if given is not None:
                facts[fact.python_name] = read(given)
            elif fact.required:
                raise BadFacts("missing", f"facts.{fact.name}", f"缺少“{fact.label}”")
        return facts

    def _by(
        self,
        index: int,
        side: Side,
        rule: Rule,
        record: Record,
        facts: Mapping[str, Any],
        stood: Decision,
        lines: Lines | None,
    ) -> Changed | Unjudged | None:
        law = side.law(record.region, record.on, record.drafts)
        if record.subject in OFFERED:
            for key, _ in ASKED_FOR.get(rule.name, {}).items():
                asked = self.base.law(record.region, record.on, record.drafts).find(key)
                if (now := law.find(key)) is not None and (asked is None or asked.value != now.value):
                    return Unjudged.NOT_ASKED
        if lines is not None:
            line = lines.sides[index]
            if line.is_compared != lines.stood.is_compared and law.find(FIRST_DEAL_LIMIT) is not None:
                return Unjudged.COMPARED
            if record.rule == BARGAIN:
                if record.facts.get("alert_source") == "sister":
                    return Unjudged.SISTER
                if lines.stood.price != facts.get("alert_line"):
                    return Unjudged.LINE
                facts = {**facts, "alert_line": line.price}
        try:
            return changed(record, stood, rule(law, **facts))
        except BadFacts:
            return Unjudged.NOT_ASKED


def reads(rule: Rule) -> tuple[str, ...]:
    """The parameters a rule's answer rests on, with those of its facts."""
    more = {BARGAIN: (*LINE_KEYS, *ASKED_FOR[BARGAIN]), FIRST_DEAL: LINE_KEYS}
    return (*rule.parameters, *more.get(rule.name, ()))


def _reader(fact: Fact) -> Callable[[Any], Any]:
    """How a kept fact becomes the rule's: what was written by the rule's own record needs no second look at its form."""
    kind = fact.kind
    if isinstance(kind, Number):
        return Decimal
    if isinstance(kind, Bool | Integer | Text | Choice):
        return lambda value: value
    if isinstance(kind, ListOf) and isinstance(kind.item, Number):
        return lambda values: tuple(Decimal(each) for each in values)
    return lambda value: kind.parse(value, f"facts.{fact.name}")


def changed(record: Record, stood: Decision, now: Decision) -> Changed | None:
    """What a second answer changes of the first; None where nothing."""
    if record.rule == DUE:
        return _due(record, stood, now)
    before, after = permitted(stood), permitted(now)
    kinds = []
    if before and not after:
        kinds.append(Kind.REFUSED)
    elif after and not before:
        if record.refused_besides:
            return None
        kinds.append(Kind.FREED)
    elif before:
        warned, warns = _of(stood, Effect.WARN), _of(now, Effect.WARN)
        if warns and not warned:
            kinds.append(Kind.WARNED)
        elif warned and not warns:
            kinds.append(Kind.CALMED)
        if record.subject in OFFERED:
            kinds += _silence(stood, now)
    if not kinds:
        return None
    was, is_ = _reasons(stood), _reasons(now)
    told = is_ if kinds[0] in (Kind.REFUSED, Kind.WARNED) else was
    clauses = [each.clause for each in told] or [used.source for used in now.parameters[:1]]
    saved = _saved(record, stood, now) if kinds[0] is Kind.REFUSED else 0
    return Changed(tuple(kinds), tuple(dict.fromkeys(clauses)), _words(stood, was), _words(now, is_), record.fen, saved)


def permitted(decision: Decision) -> bool:
    """Whether the trade goes on: where no text regulates it, bargaining is refused; other rules then forbid nothing."""
    if not decision.regulated:
        return decision.rule.name != BARGAIN
    return decision.allowed is not False


def _of(decision: Decision, *effects: Effect) -> list[Reason]:
    return [reason for reason in decision.reasons if reason.effect in effects]


def _reasons(decision: Decision) -> list[Reason]:
    return _of(decision, Effect.REFUSE, Effect.FLAG) or _of(decision, Effect.WARN)


def _silence(stood: Decision, now: Decision) -> list[Kind]:
    """What becomes of an offer that nobody answers."""
    keys = ("on_silence", "answer_working_days")
    one, two = ([(each.outcome or {}).get(key) for key in keys] for each in (stood, now))
    if one == two:
        return []
    if LINKS in (one[0], two[0]) and one[0] != two[0]:
        return [Kind.LINKED if two[0] == LINKS else Kind.UNLINKED]
    return [Kind.ANSWER]


def _saved(record: Record, stood: Decision, now: Decision) -> int:
    """What an order's line would have cost less at the lowest bound, in fen; an offer is no purchase yet."""
    ceiling = (now.outcome or {}).get("ceiling")
    if record.subject != ORDER_LINE or ceiling is None or record.quantity is None:
        return 0
    return max(0, record.fen - amount_fen(ceiling, record.quantity))


def _words(decision: Decision, reasons: Iterable[Reason]) -> str:
    if not decision.regulated:
        return "当地当日没有规定"
    told = "；".join(reason.message for reason in reasons)
    outcome = decision.outcome or {}
    if told:
        return told
    if outcome.get("on_silence"):
        labels = {f.name: f.kind.labels for f in decision.rule.outcome_record.fields if isinstance(f.kind, Choice)}
        silence = labels.get("on_silence", {}).get(outcome["on_silence"], outcome["on_silence"])
        return f"受理；{outcome.get('answer_working_days') or 0} 个工作日未答复：{silence}"
    return "受理"


def _due(record: Record, stood: Decision, now: Decision) -> Changed | None:
    before, after = ((each.outcome or {}).get("due_on") for each in (stood, now))
    if before == after:
        return None
    # A day that is no longer set lies behind every other.
    earlier = after is not None and (before is None or after < before)
    days = (after - before).days if before and after else 0
    one, two = ([used.source for used in each.parameters] for each in (stood, now))
    # What sets the day now and did not before; else what set it and no longer does.
    sources = [each for each in two if each not in one] or [each for each in one if each not in two] or two
    kind = Kind.EARLIER if earlier else Kind.LATER
    words = [each.isoformat() if each else "没有规定的付款日" for each in (before, after)]
    return Changed((kind,), tuple(dict.fromkeys(sources)), *words, record.fen, 0, days)
