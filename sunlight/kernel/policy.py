"""The law as dated data: acts, clauses, parameters with values by region and date.

A single value has one holder at a date: the most specific region that states it. A later value ends an earlier one only
where it says so (`replaces`), and for good: nothing revives when the later act itself ends. Cumulative parameters
(bounds, bans, duties) add up: each value in force counts. `policyload` builds and checks these values from documents.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

# What we assume where the texts are silent stands as an act of this name.
ASSUMPTION = "ASSUMPTION"


class PolicyError(ValueError):
    """A policy document that must not be loaded: which file, which parameter, what is wrong."""


class UnknownKey(KeyError):
    """No parameter has this key."""


class UnknownRegion(KeyError):
    """No region has this code."""


class NotInForce(LookupError):
    """No text in force in this region on this date states the parameter."""

    def __init__(self, key: str, region: str, on: date) -> None:
        super().__init__(f"{key}: no rule in force in {region} on {on}")
        self.key, self.region, self.on = key, region, on


class Status(StrEnum):
    """What an act is: law, or a draft loaded so that it can be run (A1)."""

    IN_FORCE = "in_force"
    DRAFT = "draft"


class Drafts(StrEnum):
    """What a draft's bound does on a platform: refuse like law, or only warn (A1)."""

    BINDING = "binding"
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class Region:
    """A region that makes rules; its code's prefixes are the regions above it."""

    code: str
    name: str
    name_en: str

    @property
    def path(self) -> tuple[str, ...]:
        """Codes from this region up to the nation."""
        parts = self.code.split("-")
        return tuple("-".join(parts[:length]) for length in range(len(parts), 0, -1))


@dataclass(frozen=True, slots=True)
class Replacement:
    """What an act replaced: clauses, or of these only the named parameters' values, from a date."""

    on: date
    clauses: tuple[str, ...]
    by: tuple[str, ...]
    keys: tuple[str, ...] = ()
    part: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """One legal document."""

    id: str
    number: str
    issuer: str
    title: str
    title_en: str
    region: str
    status: Status
    issued: date | None
    effective: date
    ends: date | None
    replaces: tuple[Replacement, ...] = ()
    note: str = ""
    # The clause that says from when it is in force, and the one that lets newer rules prevail; "" for none.
    begins_by: str = ""
    gives_way_by: str = ""

    @property
    def is_text(self) -> bool:
        """Whether somebody issued it: an assumption of ours is none."""
        return self.id != ASSUMPTION

    def in_force_on(self, day: date) -> bool:
        """Whether the act binds on `day` (a draft: is loaded as binding)."""
        return self.effective <= day and (self.ends is None or day <= self.ends)


@dataclass(frozen=True, slots=True)
class Clause:
    """One row of the clause index, in our words; `article` is its place in the document."""

    id: str
    act: str
    article: str
    summary: str
    summary_en: str
    # An assumption: the clauses that are silent on it.
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a parameter: where, from and to when (both included), by which clause of which act."""

    key: str
    value: Any
    region: str
    clause: str
    act: str
    article: str
    valid_from: date
    valid_to: date | None
    # The last day where drafts only warn: a draft then ends nothing (A1, A27).
    without_drafts_to: date | None
    status: Status
    replaces: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()
    ended_by: str | None = None
    note: str = ""
    # By which clauses of the replaced acts a newer rule prevails; by which clause its own act begins.
    prevails_by: tuple[str, ...] = ()
    begins_by: str = ""

    def in_force_on(self, day: date, drafts: "Drafts" = Drafts.BINDING) -> bool:
        """Whether this value counts on `day`. A draft's own value counts under both switches: what it does is the
        switch's."""
        last = self.valid_to if drafts is Drafts.BINDING else self.without_drafts_to
        return self.valid_from <= day and (last is None or day <= last)

    @property
    def is_draft(self) -> bool:
        """Whether it rests on a draft act."""
        return self.status is Status.DRAFT


@dataclass(frozen=True, slots=True)
class Parameter:
    """One legal parameter with all its values; `applies_by` names the date that picks the law, `stated_only` says why
    no code reads it, where none does; `waits_for` names the capability it waits for, where no trade reads it yet."""

    key: str
    label: str
    label_en: str
    unit: str
    type: str
    applies_by: str
    cumulative: bool
    reviewed_on: date
    values: tuple[Value, ...]
    file: str = ""
    stated_only: str = ""
    # Codes in the values and how people read them, where no rule's facts or outcome name them.
    words: Mapping[str, str] = field(default_factory=dict)
    waits_for: str = ""


# Two policies are never compared by what they say: one is another, or the same.
@dataclass(frozen=True, slots=True, eq=False)
class Policy:
    """Everything loaded, read-only. Ask `at` (raises NotInForce), `find` (None) or, for cumulative keys, `every`."""

    regions: Mapping[str, Region]
    acts: Mapping[str, Act]
    clauses: Mapping[str, Clause]
    parameters: Mapping[str, Parameter]
    _by_key: Mapping[str, Mapping[str, tuple[Value, ...]]] = field(repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        index = {}
        for key, parameter in self.parameters.items():
            by_region: dict[str, tuple[Value, ...]] = {}
            for value in parameter.values:
                by_region[value.region] = (*by_region.get(value.region, ()), value)
            index[key] = by_region
        object.__setattr__(self, "_by_key", index)

    def path(self, region: str) -> tuple[str, ...]:
        """Codes from `region` up to the nation. Raises UnknownRegion."""
        try:
            return self.regions[region].path
        except KeyError:
            raise UnknownRegion(region) from None

    def find(self, key: str, *, region: str, on: date, drafts: Drafts = Drafts.BINDING) -> Value | None:
        """The one value of `key` in force at `region` on `on`: of the most specific region that states it. Where drafts
        only warn, law goes before a draft, whatever the draft replaced; a draft's value is found where no law states one.

        Raises UnknownKey, UnknownRegion, and ValueError for a cumulative key.
        """
        if self.parameter(key).cumulative:
            raise ValueError(f"{key} is cumulative: ask every()")
        by_region = self._by_key[key]
        warned: Value | None = None
        for code in self.path(region):
            for value in by_region.get(code, ()):
                if not value.in_force_on(on, drafts):
                    continue
                if drafts is Drafts.WARN and value.is_draft:
                    warned = warned or value
                else:
                    return value
        return warned

    def at(self, key: str, *, region: str, on: date, drafts: Drafts = Drafts.BINDING) -> Value:
        """As `find`; raises NotInForce where no rule is in force."""
        value = self.find(key, region=region, on=on, drafts=drafts)
        if value is None:
            raise NotInForce(key, region, on)
        return value

    def every(self, key: str, *, region: str, on: date, drafts: Drafts = Drafts.BINDING) -> tuple[Value, ...]:
        """All values of a cumulative `key` in force at `region` on `on`, the most specific region's first; a draft's too,
        beside what it replaces where drafts only warn."""
        if not self.parameter(key).cumulative:
            raise ValueError(f"{key} is not cumulative: ask at() or find()")
        by_region = self._by_key[key]
        return tuple(v for code in self.path(region) for v in by_region.get(code, ()) if v.in_force_on(on, drafts))

    def parameter(self, key: str) -> Parameter:
        """The parameter of this key. Raises UnknownKey."""
        try:
            return self.parameters[key]
        except KeyError:
            raise UnknownKey(key) from None

    def law(self, *, region: str, on: date, drafts: str = Drafts.BINDING) -> "Law":
        """This policy as it stands in one region on one day; what rules are called with."""
        self.path(region)
        return Law(self, region, on, Drafts(drafts))


@dataclass(frozen=True, slots=True)
class Law:
    """The policy in one region on one day, with the platform's switch for drafts."""

    policy: Policy
    region: str
    on: date
    drafts: Drafts = Drafts.BINDING

    def on_day(self, day: date) -> "Law":
        """The same policy, region and switch on another day."""
        return self if day == self.on else replace(self, on=day)

    def at(self, key: str) -> Value:
        """The value in force. Raises NotInForce."""
        return self.policy.at(key, region=self.region, on=self.on, drafts=self.drafts)

    def find(self, key: str) -> Value | None:
        """The value in force, or None."""
        return self.policy.find(key, region=self.region, on=self.on, drafts=self.drafts)

    def every(self, key: str) -> tuple[Value, ...]:
        """All values in force of a cumulative key."""
        return self.policy.every(key, region=self.region, on=self.on, drafts=self.drafts)

    def binds(self, value: Value) -> bool:
        """Whether a value is more than a warning here: a draft's is not where drafts only warn (A1)."""
        return not (value.is_draft and self.drafts is Drafts.WARN)

    def basis(self, key: str) -> tuple[Value, ...]:
        """What a refusal may rest on: the values of `key` in force here that bind, of a cumulative key all. Empty where no
        text states it, or only a draft that warns."""
        if self.policy.parameter(key).cumulative:
            found = self.every(key)
        else:
            value = self.find(key)
            found = () if value is None else (value,)
        return tuple(value for value in found if self.binds(value))

    def warned_by(self, key: str) -> tuple[Value, ...]:
        """The drafts' values of `key` that only warn here, beside whatever law goes on."""
        path, values = self.policy.path(self.region), self.policy.parameter(key).values
        here = (v for v in values if v.region in path and v.in_force_on(self.on, self.drafts))
        return tuple(value for value in here if not self.binds(value))
