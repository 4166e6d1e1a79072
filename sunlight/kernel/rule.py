"""Rules as values: what was decided, why, and by which dated parameters.

    @rule("cap.check", title="…", clauses=("SZ20-5.2.4",), facts=(…), outcome=(…))
    def cap_check(read: Reading, *, kind: str, …) -> Decision:
        '''The rule in one sentence, in Chinese.'''

    decision = cap_check(policy.law(region="CN-GD-SZ", on=day, drafts="binding"), kind="filed", …)

The decorated function is a Rule: called with a Law and typed facts it gives a Decision; absent optional facts take the
schema's default. The rule service calls the same object with parsed JSON.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sunlight.kernel.facts import Field, Record
from sunlight.kernel.policy import Drafts, Law, Status, Value

DRAFT_MARK = "征求意见稿（演示加载）"
# The parameter that says of a draft act that we load it, and by which of its clauses no day is known.
DRAFT_LOADED = "law.draft_loaded"


class Effect(StrEnum):
    """What a reason does: forbid, mark the record, warn only, explain."""

    REFUSE = "refuse"
    FLAG = "flag"
    WARN = "warn"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: the clause, what it does, a stable code, and a Chinese message for the user."""

    clause: str
    effect: Effect
    code: str
    status: str
    message: str

    @classmethod
    def of(cls, value: Value, effect: Effect, code: str, message: str) -> "Reason":
        """What a dated value gives as reason; the message names its clause, and a draft as such (A1)."""
        mark = f"，{DRAFT_MARK}" if value.is_draft else ""
        return cls(value.clause, effect, code, value.status, f"{message}（依据 {value.clause}{mark}）")

    def to_dict(self) -> dict[str, str]:
        """The reason as the rule service answers it."""
        return {
            "clause": self.clause,
            "effect": str(self.effect),
            "code": self.code,
            "status": str(self.status),
            "message": self.message,
        }


@dataclass(frozen=True, slots=True)
class ParameterUsed:
    """A dated value the decision rests on; `source` is its clause or assumption."""

    key: str
    value: Any
    source: str
    valid_from: date
    valid_to: date | None
    status: str

    @classmethod
    def of(cls, value: Value) -> "ParameterUsed":
        """The use of a policy value."""
        return cls(value.key, value.value, value.clause, value.valid_from, value.valid_to, value.status)

    def to_dict(self) -> dict[str, Any]:
        """The parameter as the rule service answers it."""
        return {
            "key": self.key,
            "value": plain(self.value),
            "source": self.source,
            "from": self.valid_from.isoformat(),
            "to": self.valid_to.isoformat() if self.valid_to else None,
            "status": str(self.status),
        }


def newer_prevailed(values: Iterable[Value]) -> list[Reason]:
    """Of values that an answer rests on: which took the place of an older rule, and by which clause of that rule's act."""
    return [
        Reason(
            clause,
            Effect.INFO,
            "newer_prevails",
            Status.IN_FORCE,
            f"自 {value.valid_from} 起适用 {value.clause} 的新规定，{'、'.join(value.replaces)} 的相应规定不再执行（依据 {clause}）",
        )
        for value in values
        for clause in value.prevails_by
    ]


def drafts_loaded(values: Iterable[Value]) -> list[Reason]:
    """Of drafts that a refusal rests on: that their text names no day, once an act."""
    drafts = {value.begins_by: value for value in values if value.is_draft and value.begins_by}
    return [
        Reason.of(
            replace(value, clause=clause),
            Effect.INFO,
            "draft_loaded",
            f"所依据的规定出自征求意见稿，原文未载施行日期，平台自 {value.valid_from} 起加载",
        )
        for clause, value in drafts.items()
    ]


def cited(values: Iterable[Value]) -> str:
    """The clauses of dated values, as a sentence ends with them: （依据 SZ20-6.2b）; a draft's say so. Empty for none."""
    named = dict.fromkeys(f"{each.clause}，{DRAFT_MARK}" if each.is_draft else each.clause for each in values)
    return f"（依据 {'、'.join(named)}）" if named else ""


def plain(value: Any) -> Any:
    """A policy value as JSON: decimals as text, lists and records item by item."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return value.isoformat() if isinstance(value, date) else value


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer of one rule. `outcome` and `facts` hold typed values (Decimal, date, …); None where not regulated.

    `to_dict()` is the rule service's answer; `record()` adds the facts and is what a service stores with its row:
    the same request asked again gives the same answer.
    """

    rule: "Rule"
    law: Law
    regulated: bool
    allowed: bool | None
    outcome: Mapping[str, Any] | None
    reasons: tuple[Reason, ...]
    parameters: tuple[ParameterUsed, ...]
    facts: Mapping[str, Any]

    @property
    def refused(self) -> bool:
        """Whether the rule judged and forbade."""
        return self.allowed is False

    @property
    def breaches(self) -> tuple[Reason, ...]:
        """The reasons that refuse or flag."""
        return tuple(reason for reason in self.reasons if reason.effect in (Effect.REFUSE, Effect.FLAG))

    @property
    def message(self) -> str:
        """All refusing and flagging messages in one text for the user."""
        return " ".join(reason.message for reason in self.breaches)

    def to_dict(self) -> dict[str, Any]:
        """The answer in the contract's form."""
        return {
            "rule": self.rule.name,
            "region": self.law.region,
            "date": self.law.on.isoformat(),
            "regulated": self.regulated,
            "allowed": self.allowed,
            "outcome": None if self.outcome is None else self.rule.outcome_record.render(self.outcome),
            "reasons": [reason.to_dict() for reason in self.reasons],
            "parameters": [parameter.to_dict() for parameter in self.parameters],
        }

    def record(self) -> dict[str, Any]:
        """The answer with its facts and the drafts switch: enough to ask again."""
        return self.to_dict() | {
            "drafts": str(self.law.drafts),
            "facts": self.rule.facts_record.render(self.facts),
        }


class Reading:
    """One rule's look at the law: remembers which values were used and collects reasons."""

    def __init__(self, rule_: "Rule", law: Law, facts: Mapping[str, Any]) -> None:
        self.rule, self.law, self.facts = rule_, law, facts
        self.reasons: list[Reason] = []
        self._used: dict[tuple[str, str, str], ParameterUsed] = {}
        self._values: list[Value] = []

    @property
    def on(self) -> date:
        """The day asked for."""
        return self.law.on

    def find(self, key: str, *, on: date | None = None) -> Value | None:
        """The value in force (on another day where given), noted as used; None where no text states it."""
        value = self.law.on_day(on or self.law.on).find(key)
        if value is not None:
            self.use(value)
        return value

    def at(self, key: str, *, on: date | None = None) -> Value:
        """As `find` where the rule cannot continue without it. Raises NotInForce."""
        value = self.law.on_day(on or self.law.on).at(key)
        self.use(value)
        return value

    def every(self, key: str) -> tuple[Value, ...]:
        """All values in force of a cumulative key; not noted: `use` those that mattered."""
        return self.law.every(key)

    def use(self, value: Value) -> None:
        """Notes a value as one the answer rests on."""
        if (key := (value.key, value.clause, value.region)) not in self._used:
            self._used[key] = ParameterUsed.of(value)
            self._values.append(value)

    def breach(self, value: Value, code: str, message: str, effect: Effect = Effect.REFUSE) -> bool:
        """Adds the reason of a broken bound; a draft only warns where the platform says so. True where it counts."""
        if value.is_draft and self.law.drafts is Drafts.WARN:
            effect = Effect.WARN
        self._add(value, effect, code, message)
        return effect is not Effect.WARN

    def explain(self, value: Value, code: str, message: str) -> None:
        """Adds an informing reason."""
        self._add(value, Effect.INFO, code, message)

    def show(self, value: Value, code: str, message: str) -> None:
        """Adds the reason of a figure: it informs, and warns where it rests on a draft that only warns here (A1)."""
        self._add(value, Effect.INFO if self.law.binds(value) else Effect.WARN, code, message)

    def state(self, reason: Reason) -> None:
        """Adds a reason whose message names its clause, or that rests on no dated value."""
        self.reasons.append(reason)

    def _add(self, value: Value, effect: Effect, code: str, message: str) -> None:
        self.reasons.append(Reason.of(value, effect, code, message))

    @property
    def broken(self) -> bool:
        """Whether a reason refuses or flags."""
        return any(reason.effect in (Effect.REFUSE, Effect.FLAG) for reason in self.reasons)

    def decide(self, outcome: Mapping[str, Any], *, judged: bool = False) -> Decision:
        """The decision; `judged` rules also permit or forbid."""
        allowed = (not self.broken) if judged else None
        self.reasons += newer_prevailed(self._values)
        if judged:
            self._say_drafts()
        return self._decision(True, allowed, outcome)

    def _say_drafts(self) -> None:
        """A judgement by a draft rests on our loading it, too: its text names no day."""
        stated = self.law.policy.parameters.get(DRAFT_LOADED)
        drafts = {value.act for value in self._values if value.is_draft}
        for value in stated.values if stated and drafts else ():
            if value.act in drafts and value.in_force_on(self.on):
                self.use(value)

    def unregulated(self) -> Decision:
        """No text in force here on this day has this rule; the reasons name the act that ended, or has not begun."""
        self.reasons = _silent(self.rule, self.law)
        self._used.clear()
        return self._decision(False, None, None)

    def _decision(self, regulated: bool, allowed: bool | None, outcome: Mapping[str, Any] | None) -> Decision:
        return Decision(
            self.rule,
            self.law,
            regulated,
            allowed,
            outcome,
            tuple(self.reasons),
            tuple(self._used.values()),
            self.facts,
        )


def _silent(rule_: "Rule", law: Law) -> list[Reason]:
    """Why no text speaks: the last that did and when it ended, the next that will and when it begins."""
    path = law.policy.path(law.region)
    known = (law.policy.parameters[key] for key in rule_.parameters if key in law.policy.parameters)
    values = [value for each in known for value in each.values if value.region in path]
    values = [value for value in values if law.policy.acts[value.act].is_text]
    ended = [value for value in values if value.valid_to is not None and value.valid_to < law.on]
    coming = [value for value in values if value.valid_from > law.on]
    found = []
    if ended:
        last = max(ended, key=lambda value: value.valid_to)
        act = law.policy.acts[last.act]
        by = f"，由 {last.ended_by} 终止" if last.ended_by else ""
        message = f"{act.title}的这一规定至 {last.valid_to} 止{by}，当日没有其他文件作此规定"
        found.append(Reason.of(last, Effect.INFO, "rule_ended", message))
    if coming:
        first = min(coming, key=lambda value: value.valid_from)
        act = law.policy.acts[first.act]
        message = f"{act.title}的这一规定自 {first.valid_from} 起，当日尚未施行"
        begins = replace(first, clause=first.begins_by or first.clause)
        found.append(Reason.of(begins, Effect.INFO, "rule_not_begun", message))
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """A registered rule; call it with a Law and typed facts."""

    name: str
    title: str
    where: str
    clauses: tuple[str, ...]
    parameters: tuple[str, ...]
    facts_record: Record
    outcome_record: Record
    function: Callable[..., Decision]

    @property
    def sentence(self) -> str:
        """The rule in one Chinese sentence: its docstring."""
        return " ".join((self.function.__doc__ or "").split())

    def __call__(self, law: Law, **facts: Any) -> Decision:
        """Decides typed facts. Raises TypeError for a fact the rule does not know or cannot do without."""
        fields = self.facts_record.fields
        complete: dict[str, Any] = {}
        for field in fields:
            name = field.python_name
            given = facts.pop(name, None)
            if given is None and field.required:
                raise TypeError(f"{self.name} needs {name}")
            complete[name] = field.default if given is None else given
        if facts:
            raise TypeError(f"{self.name} knows no {', '.join(sorted(facts))}")
        return self.function(Reading(self, law, complete), **complete)


REGISTRY: dict[str, Rule] = {}


def rule(
    name: str,
    *,
    title: str,
    where: str,
    clauses: Iterable[str],
    facts: Iterable[Field],
    outcome: Iterable[Field],
    parameters: Iterable[str] = (),
) -> Callable[[Callable[..., Decision]], Rule]:
    """Registers a rule with the clauses it carries out, the parameters it reads and the form of its facts."""

    def register(function: Callable[..., Decision]) -> Rule:
        made = Rule(
            name,
            title,
            where,
            tuple(clauses),
            tuple(parameters),
            Record(tuple(facts)),
            Record(tuple(outcome)),
            function,
        )
        if name in REGISTRY:
            raise ValueError(f"rule {name} is registered twice")
        if not function.__doc__:
            raise ValueError(f"rule {name} has no sentence")
        REGISTRY[name] = made
        return made

    return register
