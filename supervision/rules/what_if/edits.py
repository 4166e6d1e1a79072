"""A draft as its author types it, edit by edit, made into an amendment; and what it changes, in rows people can read.

Three kinds of edit: a value (added, or in place of one that stands), the end of a value, an act's days or status. What the
loader wants said besides (which value of the same region a new one replaces, which of a city it leaves alone) follows from
the law the draft rests on.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sunlight.kernel.policy import Parameter, Policy, Value
from sunlight.kernel.reading import day
from sunlight.kernel.rule import plain

VALUE, END, ACT = "value", "end", "act"
_DAY = timedelta(days=1)


def _day(kept: str) -> date:
    """A day as an edit keeps it."""
    return day(kept, "since", "日期")


@dataclass(frozen=True, slots=True)
class Head:
    """The act a draft would become: `code` stands before its clauses' numbers."""

    code: str
    title: str
    issuer: str
    region: str
    status: str


@dataclass(frozen=True, slots=True)
class Change:
    """One value that a draft begins, ends or moves: how it stood and how it would stand; None where it was not, or is no
    more."""

    key: str
    region: str
    clause: str
    before: Value | None
    after: Value | None


def amendment_of(head: Head, edits: Iterable[Mapping[str, Any]], base: Policy) -> dict[str, Any]:
    """The amendment that the edits come to, each value and each end under a clause of its own, numbered in their order."""
    made: dict[str, Any] = {"clauses": {}, "dates": {}, "values": {}, "ended": {}, "kept": {}}
    first: list[date] = []
    for number, edit in enumerate((each for each in edits if each["kind"] != ACT), start=1):
        clause, article = f"{head.code}-{number}", f"第{number}条"
        made["clauses"][clause] = {"article": article, "zh": edit["summary"], "en": ""}
        if edit["kind"] == END:
            row = {"clause": edit["clause"], "region": edit["region"], "to": edit["to"], "ended_by": clause}
            made["ended"].setdefault(edit["key"], []).append(row)
            first.append(_day(edit["to"]) + _DAY)
            continue
        value = {"value": edit["value"], "region": edit["region"], "from": edit["from"]}
        value |= {"act": head.code, "article": article, "clause": clause}
        kept = _fit(value, edit, base)
        made["values"].setdefault(edit["key"], []).append(value)
        if kept:
            made["kept"].setdefault(edit["key"], []).extend(kept)
        first.append(_day(edit["from"]))
    for edit in edits:
        if edit["kind"] == ACT:
            moves = {key: edit[key] for key in ("effective", "ends", "status") if edit.get(key)}
            made["dates"].setdefault(edit["act"], {}).update(moves)
    if first:
        made["act"] = {"id": head.code, "number": "", "issuer": head.issuer, "title": head.title, "title_en": ""}
        made["act"] |= {"region": head.region, "status": head.status, "issued": None}
        made["act"] |= {"effective": min(first).isoformat(), "ends": None}
    return {section: rows for section, rows in made.items() if rows}


def _fit(value: dict[str, Any], edit: Mapping[str, Any], base: Policy) -> list[dict[str, Any]]:
    """What the loader wants a new value to say of those beside it, written into it; and the later values above that must
    say that they keep it."""
    parameter, on = base.parameter(edit["key"]), _day(edit["from"])
    chosen = list(edit.get("replaces") or ())
    if parameter.cumulative:
        value |= {"replaces": chosen} if chosen else {}
        return []
    standing = [each for each in parameter.values if _stands_by_its_own_text(each, on, base)]
    replaced = [each.clause for each in standing if each.region == edit["region"]]
    below = [e.clause for e in standing if e.region != edit["region"] and edit["region"] in base.path(e.region)]
    for name, clauses in (("replaces", [*chosen, *replaced]), ("keeps", below)):
        if kept := list(dict.fromkeys(each for each in clauses if name == "replaces" or each not in chosen)):
            value[name] = kept
    return _later(value, edit, parameter, base, on)


def _stands_by_its_own_text(value: Value, on: date, base: Policy) -> bool:
    """Whether a value stands on a day as its document has it, whatever replaced it since: the loader asks by that."""
    last = value.valid_to if value.ended_by else base.acts[value.act].ends
    return value.valid_from <= on and (last is None or on <= last)


def _later(
    value: dict[str, Any], edit: Mapping[str, Any], parameter: Parameter, base: Policy, on: date
) -> list[dict[str, Any]]:
    """Law that comes after a new value, there or above: one that keeps what the new one replaces keeps it too, any other
    ends it."""
    above = base.path(edit["region"])
    later = sorted(
        (each for each in parameter.values if each.region in above and each.valid_from > on),
        key=lambda each: each.valid_from,
    )
    kept = []
    for each in later:
        if each.region != edit["region"] and set(value.get("replaces", ())) & set(each.keeps):
            kept.append({"clause": each.clause, "region": each.region, "keeps": [value["clause"]]})
            continue
        value |= {"to": (each.valid_from - _DAY).isoformat(), "ended_by": each.clause}
        break
    return kept


def changes(base: Policy, other: Policy) -> list[Change]:
    """Every value that begins, ends or stands for another time, with what follows from an edit besides it."""
    found = []
    for key in {**base.parameters, **other.parameters}:
        before, after = _by_place(base, key), _by_place(other, key)
        for place in {**before, **after}:
            one, two = before.get(place), after.get(place)
            if _said(one) != _said(two):
                found.append(Change(key, place[0], place[1], one, two))
    return found


def _by_place(policy: Policy, key: str) -> dict[tuple[str, str, int], Value]:
    """By region, clause and which of the clause's values it is."""
    found: dict[tuple[str, str, int], Value] = {}
    for value in policy.parameters[key].values if key in policy.parameters else ():
        number = sum(1 for region, clause, _ in found if (region, clause) == (value.region, value.clause))
        found[value.region, value.clause, number] = value
    return found


def _said(value: Value | None) -> object:
    if value is None:
        return None
    return (
        repr(plain(value.value)),
        value.valid_from,
        value.valid_to,
        value.without_drafts_to,
        value.status,
    )
