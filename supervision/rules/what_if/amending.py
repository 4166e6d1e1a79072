"""A draft of the law as an amendment: what it changes in the legal documents, and the documents so changed.

An amendment is one mapping in the shape of the files it becomes: `act` and `clauses` as in `sunlight/acts`, `values` as in
`<app>/policy`, `ended` (values of others that it ends), `kept` (later values above that leave its own in force) and `dates`
(acts whose time or status it moves). The loader itself says whether it may stand: what `amended` gives is loaded like the
shipped files.
"""

import copy
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import yaml

from sunlight.acts import Documents, parse
from sunlight.kernel.policy import PolicyError
from sunlight.kernel.policyload import Document
from sunlight.kernel.reading import day

NAME = "draft"
SECTIONS = ("act", "clauses", "dates", "values", "ended", "kept")
_DAYS = ("from", "to", "effective", "ends", "issued")
_DAY = timedelta(days=1)


def amended(base: Documents, amendment: Mapping[str, Any]) -> Documents:
    """The documents with the amendment. Raises PolicyError for what it names and the documents do not have; what they
    then say the loader judges."""
    given = dated(amendment)
    if unknown := [key for key in given if key not in SECTIONS]:
        raise PolicyError(f"{NAME}: unknown key {unknown[0]}")
    found = _Found(base)
    for act, moves in given.get("dates", {}).items():
        found.move(act, moves)
    for key, rows in given.get("ended", {}).items():
        for row in rows:
            for value in found.values(key, row):
                value |= {"to": row["to"], "ended_by": row["ended_by"]}
    for key, rows in given.get("kept", {}).items():
        for row in rows:
            for value in found.values(key, row):
                value["keeps"] = [*value.get("keeps", ()), *row["keeps"]]
    for key, rows in given.get("values", {}).items():
        found.parameter(key)["values"].extend(copy.deepcopy(rows))
    acts, clauses = list(found.acts), list(base.clauses)
    if given.get("act"):
        acts.append((NAME, given["act"]))
        clauses.append((NAME, {"act": given["act"]["id"], "clauses": given.get("clauses", {})}))
    return replace(base, acts=tuple(acts), clauses=tuple(clauses), parameters=tuple(found.parameters))


def text_of(amendment: Mapping[str, Any], heading: Iterable[str] = ()) -> str:
    """The amendment as one YAML file to review, to split and to load again; `heading` stands before it as comments."""
    kept = {section: amendment[section] for section in SECTIONS if amendment.get(section)}
    lines = "".join(f"# {line}\n" for line in heading)
    return lines + yaml.safe_dump(dated(kept), allow_unicode=True, sort_keys=False, width=110)


def of_text(text: str, name: str = NAME) -> dict[str, Any]:
    """The amendment that a file states. Raises PolicyError."""
    return dict(parse(text, name))


def dated(value: Any, key: str = "") -> Any:
    """The same with days as dates, where JSON kept them as text; `from` of a province's price inside a value stays."""
    if isinstance(value, Mapping):
        return {each: dated(inner, str(each)) if each != "value" else inner for each, inner in value.items()}
    if isinstance(value, list | tuple):
        return [dated(each, key) for each in value]
    if key in _DAYS and isinstance(value, str):
        return day(value, key, key)
    return value


class _Found:
    """Copies of the documents that an amendment changes, by what it names."""

    def __init__(self, base: Documents) -> None:
        self.acts: list[Document] = [(name, copy.deepcopy(dict(act))) for name, act in base.acts]
        self.parameters: list[Document] = [(name, copy.deepcopy(dict(file))) for name, file in base.parameters]

    def act(self, act_id: str) -> dict[str, Any]:
        for _, act in self.acts:
            if act["id"] == act_id:
                return act
        raise PolicyError(f"{NAME}: unknown act {act_id}")

    def parameter(self, key: str) -> dict[str, Any]:
        for _, file in self.parameters:
            if key in file:
                return file[key]
        raise PolicyError(f"{NAME}: unknown parameter {key}")

    def values(self, key: str, row: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The values of a parameter that a clause states in a region."""
        stated = self.parameter(key)["values"]
        found = [each for each in stated if (each["clause"], each["region"]) == (row["clause"], row["region"])]
        if not found:
            raise PolicyError(f"{NAME}: {key}: {row['clause']} states nothing in {row['region']}")
        return found

    def move(self, act_id: str, moves: Mapping[str, Any]) -> None:
        """An act's time or status moves, and with its first day what began or ended by it on that day."""
        act = self.act(act_id)
        if unknown := [key for key in moves if key not in ("effective", "ends", "status")]:
            raise PolicyError(f"{NAME}: {act_id}: {unknown[0]} cannot be moved")
        old, new = act["effective"], moves.get("effective", act["effective"])
        act |= moves
        for row in act.get("replaces") or ():
            if row["from"] == old:
                row["from"] = new
        for _, file in self.parameters:
            for entry in file.values():
                for value in entry["values"]:
                    _moved(value, act, old, new)


def _moved(value: dict[str, Any], act: Mapping[str, Any], old: date, new: date) -> None:
    if value["act"] == act["id"]:
        if value["from"] == old or value["from"] < new:
            value["from"] = new
        if act["ends"] and value.get("to") and value["to"] > act["ends"]:
            value["to"] = act["ends"]
    elif value.get("ended_by", "").startswith(f"{act['id']}-") and value.get("to") == old - _DAY:
        value["to"] = new - _DAY
