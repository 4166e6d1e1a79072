"""Policies that remember what they were asked, and where two of them say the same to a rule.

A year of records asks for the same few values on the same few hundred days; and on most days a draft changes nothing that a
rule reads, so that its answers are the recorded ones without being asked for again.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sunlight.kernel.policy import Drafts, Law, Policy, UnknownKey, Value
from sunlight.kernel.rule import Rule, plain

_DAY = timedelta(days=1)


class Remembering(Policy):
    """A policy that looks for each value once. It says what the policy it is made of says."""

    def __init__(self, policy: Policy) -> None:
        super().__init__(policy.regions, policy.acts, policy.clauses, policy.parameters)
        self._found: dict[Hashable, Value | None]
        self._all: dict[Hashable, tuple[Value, ...]]
        self._laws: dict[Hashable, Law]
        for name in ("_found", "_all", "_laws"):
            object.__setattr__(self, name, {})

    def find(self, key: str, *, region: str, on: date, drafts: Drafts = Drafts.BINDING) -> Value | None:
        asked = (key, region, on, drafts)
        if asked not in self._found:
            self._found[asked] = super().find(key, region=region, on=on, drafts=drafts)
        return self._found[asked]

    def every(self, key: str, *, region: str, on: date, drafts: Drafts = Drafts.BINDING) -> tuple[Value, ...]:
        asked = (key, region, on, drafts)
        if asked not in self._all:
            self._all[asked] = super().every(key, region=region, on=on, drafts=drafts)
        return self._all[asked]

    def law(self, *, region: str, on: date, drafts: str = Drafts.BINDING) -> Law:
        asked = (region, on, drafts)
        if asked not in self._laws:
            self._laws[asked] = super().law(region=region, on=on, drafts=drafts)
        return self._laws[asked]


@dataclass(frozen=True, slots=True)
class Side:
    """One law to judge by: a policy, and what drafts do under it; where `drafts` is empty what they did at the time."""

    policy: Remembering
    drafts: str = ""

    def law(self, region: str, on: date, drafts: str) -> Law:
        """The law of a record's region and day, decided under `drafts`."""
        return self.policy.law(region=region, on=on, drafts=self.drafts or drafts)


@dataclass(frozen=True, slots=True)
class Window:
    """Days, both included, on which some side says something else to a rule than the recorded law did."""

    rule: str
    region: str
    drafts: str
    first: date
    last: date


def said(law: Law, keys: Iterable[str]) -> tuple[object, ...]:
    """What a law says under some keys, and whether it binds."""
    found: list[object] = []
    for key in keys:
        try:
            parameter = law.policy.parameter(key)
        except UnknownKey:
            continue
        if parameter.cumulative:
            values = law.every(key)
        else:
            value = law.find(key)
            values = () if value is None else (value,)
        found += [(key, v.clause, v.region, repr(plain(v.value)), v.status, law.binds(v)) for v in values]
    return tuple(found)


def windows(
    rules: Mapping[str, Rule],
    reads: Mapping[str, Iterable[str]],
    *,
    base: Side,
    sides: Iterable[Side],
    regions: Iterable[str],
    since: date,
    until: date,
) -> list[Window]:
    """Where a side may answer otherwise: for each rule, region and switch for drafts the days on which it says something
    else under the keys the rule reads (`reads`)."""
    found = []
    for name in rules:
        keys = tuple(reads[name])
        begins = list(_begins((base, *sides), keys, since, until))
        for region in regions:
            for drafts in Drafts:
                for first, last in begins:
                    stood = said(base.law(region, first, drafts), keys)
                    if any(said(side.law(region, first, drafts), keys) != stood for side in sides):
                        found.append(Window(name, region, str(drafts), first, last))
    return found


def _begins(sides: Iterable[Side], keys: Iterable[str], since: date, until: date) -> Iterator[tuple[date, date]]:
    """Stretches of days on which no value of these keys begins or ends under any of the sides."""
    borders = {since}
    for side in sides:
        for key in keys:
            parameter = side.policy.parameters.get(key)
            for value in parameter.values if parameter else ():
                ends = (value.valid_to, value.without_drafts_to)
                borders |= {value.valid_from, *(day + _DAY for day in ends if day and day < date.max)}
    days = sorted(day for day in borders if since <= day <= until)
    for first, following in zip(days, [*days[1:], until + _DAY], strict=True):
        yield first, following - _DAY


def differs(side: Side, base: Side, *, region: str, on: date, drafts: str, keys: Iterable[str]) -> bool:
    """Whether a side says something else than the recorded law under some keys on one day."""
    return said(side.law(region, on, drafts), keys) != said(base.law(region, on, drafts), keys)
