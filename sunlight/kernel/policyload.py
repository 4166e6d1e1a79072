"""Builds a Policy from parsed documents (mappings, as YAML gives them) and refuses what must not be loaded.

Reading files is `sunlight.acts`' task. Every refusal is a PolicyError that names the document and the parameter.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sunlight.kernel.policy import (
    ASSUMPTION,
    Act,
    Clause,
    Parameter,
    Policy,
    PolicyError,
    Region,
    Replacement,
    Status,
    Value,
)

Document = tuple[str, Mapping[str, Any]]

_ACT_KEYS = {
    "id",
    "number",
    "issuer",
    "title",
    "title_en",
    "region",
    "status",
    "issued",
    "effective",
    "ends",
    "replaces",
    "note",
    "begins_by",
    "gives_way_by",
}
_PARAMETER_KEYS = {
    "label",
    "label_en",
    "unit",
    "type",
    "applies_by",
    "cumulative",
    "reviewed_on",
    "stated_only",
    "waits_for",
    "values",
    "words",
}
_VALUE_KEYS = {"value", "region", "from", "to", "act", "article", "clause", "replaces", "keeps", "ended_by", "note"}
_TYPES = {"integer": int, "decimal": str, "boolean": bool, "text": str, "list": list, "record": dict}


def load(
    *, regions: Document, acts: Iterable[Document], clauses: Iterable[Document], parameters: Iterable[Document]
) -> Policy:
    """The whole policy from its documents. Raises PolicyError."""
    known_regions = _regions(*regions)
    known_acts = _acts(acts, known_regions)
    index = _clauses(clauses, known_acts)
    found: dict[str, Parameter] = {}
    for name, document in parameters:
        for key, entry in document.items():
            if key in found:
                raise PolicyError(f"{name}: {key} is already stated in {found[key].file}")
            found[key] = _Reader(name, key, known_regions, known_acts, index).parameter(entry)
    _check_replacements(known_acts, index, found)
    return Policy(known_regions, known_acts, index, found)


def _regions(name: str, document: Mapping[str, Any]) -> dict[str, Region]:
    regions = {code: Region(code, names["zh"], names["en"]) for code, names in document.items()}
    for region in regions.values():
        if missing := [code for code in region.path if code not in regions]:
            raise PolicyError(f"{name}: {region.code} lies in {missing[0]}, which is not listed")
    return regions


def _acts(documents: Iterable[Document], regions: Mapping[str, Region]) -> dict[str, Act]:
    acts: dict[str, Act] = {}
    for name, document in documents:
        _only(name, document, _ACT_KEYS)
        given = {key: document.get(key) for key in _ACT_KEYS}
        missing = [key for key in ("id", "issuer", "title", "region", "status", "effective") if not given[key]]
        if missing:
            raise PolicyError(f"{name}: an act needs {', '.join(missing)}")
        if given["id"] in acts:
            raise PolicyError(f"{name}: act {given['id']} is stated twice")
        if given["region"] not in regions:
            raise PolicyError(f"{name}: unknown region {given['region']}")
        if given["ends"] is not None and given["ends"] < given["effective"]:
            raise PolicyError(f"{name}: the act ends before it begins")
        for key in ("number", "title_en", "note", "begins_by", "gives_way_by"):
            given[key] = given[key] or ""
        given["status"] = Status(given["status"])
        given["replaces"] = tuple(
            Replacement(
                row["from"], tuple(row["clauses"]), tuple(row["by"]), tuple(row.get("keys", ())), row.get("part", "")
            )
            for row in given["replaces"] or ()
        )
        acts[given["id"]] = Act(**given)
    return acts


def _clauses(documents: Iterable[Document], acts: Mapping[str, Act]) -> dict[str, Clause]:
    index: dict[str, Clause] = {}
    for name, document in documents:
        act = document["act"]
        if act not in acts:
            raise PolicyError(f"{name}: unknown act {act}")
        for clause_id, row in document["clauses"].items():
            if clause_id in index or not clause_id.startswith(f"{act}-"):
                raise PolicyError(f"{name}: {clause_id} is stated twice or belongs to another act")
            index[clause_id] = Clause(
                clause_id, act, str(row["article"]), row["zh"], row["en"], tuple(row.get("beside", ()))
            )
    for clause in index.values():
        if unknown := [each for each in clause.beside if each not in index]:
            raise PolicyError(f"{clause.id}: stands beside {unknown[0]}, which is no clause")
    return index


def _only(name: str, document: Mapping[str, Any], known: set[str]) -> None:
    if unknown := sorted(set(document) - known):
        raise PolicyError(f"{name}: unknown key {unknown[0]}")


class _Reader:
    """Reads one parameter; `where` starts every message."""

    def __init__(
        self, file: str, key: str, regions: Mapping[str, Region], acts: Mapping[str, Act], index: Mapping[str, Clause]
    ) -> None:
        self.file, self.key = file, key
        self.regions, self.acts, self.index = regions, acts, index
        self.where = f"{file}: {key}"

    def parameter(self, entry: Mapping[str, Any]) -> Parameter:
        _only(self.where, entry, _PARAMETER_KEYS)
        for needed in ("label", "label_en", "type", "applies_by", "reviewed_on", "values"):
            if not entry.get(needed):
                raise PolicyError(f"{self.where}: needs {needed}")
        if entry["type"] not in _TYPES:
            raise PolicyError(f"{self.where}: unknown type {entry['type']}")
        cumulative = entry.get("cumulative", False)
        values = [self.value(row, entry["type"]) for row in entry["values"]]
        self.refuse_duplicates(values, cumulative)
        self.refuse_unknown_targets(values)
        if not cumulative:
            self.refuse_silent_overlaps(values)
        return Parameter(
            self.key,
            entry["label"],
            entry["label_en"],
            entry.get("unit", ""),
            entry["type"],
            entry["applies_by"],
            cumulative,
            entry["reviewed_on"],
            self.shortened(values),
            self.file,
            self.sentence(entry, "stated_only", "why no code reads it"),
            self.words(entry, values),
            self.waits_for(entry),
        )

    def sentence(self, entry: Mapping[str, Any], key: str, what: str) -> str:
        """What a parameter says of itself, in words; refuses an empty one."""
        said = entry.get(key, "")
        if not isinstance(said, str) or (key in entry and not said.strip()):
            raise PolicyError(f"{self.where}: `{key}` must say {what}")
        return said

    def waits_for(self, entry: Mapping[str, Any]) -> str:
        said = self.sentence(entry, "waits_for", "which capability will read it")
        if said and "stated_only" in entry:
            raise PolicyError(f"{self.where}: waits to be read, or is only stated")
        return said

    def words(self, entry: Mapping[str, Any], values: Sequence[Value]) -> Mapping[str, str]:
        """How people read the codes in the values. Refuses a word for what no value holds."""
        words, held = entry.get("words", {}), set(_codes([value.value for value in values]))
        if unknown := [code for code in words if code not in held]:
            raise PolicyError(f"{self.where}: no value holds {unknown[0]}")
        return words

    def value(self, row: Mapping[str, Any], kind: str) -> Value:
        _only(self.where, row, _VALUE_KEYS)
        for needed in ("act", "article", "clause", "region", "from"):
            if not row.get(needed):
                raise PolicyError(f"{self.where}: a value needs {needed}")
        act, clause = self.citation(row)
        if row["region"] not in self.regions:
            raise PolicyError(f"{self.where}: unknown region {row['region']}")
        if act.region not in self.regions[row["region"]].path:
            raise PolicyError(f"{self.where}: {act.id} does not bind {row['region']}")
        first, last = row["from"], row.get("to")
        if not act.in_force_on(first) or (last is not None and not (first <= last and act.in_force_on(last))):
            raise PolicyError(f"{self.where}: the value of {clause.id} lies outside {act.id}'s time in force")
        if (last is None) != (row.get("ended_by") is None):
            raise PolicyError(f"{self.where}: `to` and `ended_by` (the clause that ended it) go together")
        if row.get("ended_by") and row["ended_by"] not in self.index:
            raise PolicyError(f"{self.where}: unknown clause {row['ended_by']}")
        return Value(
            self.key,
            self.typed(row.get("value"), kind),
            row["region"],
            clause.id,
            act.id,
            clause.article,
            first,
            _earlier(last, act.ends),
            act.ends if self.is_draft(row.get("ended_by")) else _earlier(last, act.ends),
            act.status,
            tuple(row.get("replaces", ())),
            tuple(row.get("keeps", ())),
            row.get("ended_by"),
            row.get("note", ""),
            self.prevails_by(row.get("replaces", ())),
            act.begins_by,
        )

    def prevails_by(self, replaced: Sequence[str]) -> tuple[str, ...]:
        """The clauses of the acts replaced that let a newer rule prevail."""
        acts = [self.acts[self.index[clause].act] for clause in replaced if clause in self.index]
        return tuple(dict.fromkeys(act.gives_way_by for act in acts if act.gives_way_by))

    def is_draft(self, clause: str | None) -> bool:
        """Whether a clause is a draft's."""
        return clause is not None and self.acts[self.index[clause].act].status is Status.DRAFT

    def citation(self, row: Mapping[str, Any]) -> tuple[Act, Clause]:
        act, clause = self.acts.get(row["act"]), self.index.get(row["clause"])
        if act is None:
            raise PolicyError(f"{self.where}: unknown act {row['act']}")
        if clause is None:
            raise PolicyError(f"{self.where}: unknown clause {row['clause']}")
        # an assumption may speak for an act whose text is not at hand (NHSA25, A11)
        if clause.act != act.id and clause.act != ASSUMPTION:
            raise PolicyError(f"{self.where}: {clause.id} is no clause of {act.id}")
        if str(row["article"]) != clause.article:
            raise PolicyError(f"{self.where}: {clause.id} stands in {clause.article}, not in {row['article']}")
        return act, clause

    def typed(self, value: Any, kind: str) -> Any:
        if not isinstance(value, _TYPES[kind]) or (kind == "integer" and isinstance(value, bool)):
            raise PolicyError(f"{self.where}: {value!r} is no {kind}")
        if kind == "decimal":
            return Decimal(value)
        return tuple(value) if kind == "list" else value

    def refuse_duplicates(self, values: Sequence[Value], cumulative: bool) -> None:
        seen = set()
        for value in values:
            place = (value.region, value.valid_from, value.clause if cumulative else "")
            if place in seen:
                raise PolicyError(f"{self.where}: two values from {value.valid_from} in {value.region}")
            seen.add(place)

    def refuse_unknown_targets(self, values: Sequence[Value]) -> None:
        for value in values:
            for clause in (*value.replaces, *value.keeps):
                if not any(other.clause == clause and self.within(other, value) for other in values):
                    raise PolicyError(f"{self.where}: {value.clause} replaces or keeps {clause}, which states nothing")

    def refuse_silent_overlaps(self, values: Sequence[Value]) -> None:
        """A value that begins while another holds in its region, or in one below, must say what becomes of it."""
        for value in values:
            for other in values:
                if other is value or other.clause in value.replaces or not self.within(other, value):
                    continue
                if not (other.valid_from <= value.valid_from and other.in_force_on(value.valid_from)):
                    continue
                if value.region == other.region or other.clause not in value.keeps:
                    raise PolicyError(f"{self.where}: {value.clause} does not replace {other.clause} explicitly")

    def within(self, other: Value, value: Value) -> bool:
        return value.region in self.regions[other.region].path

    def shortened(self, values: Sequence[Value]) -> tuple[Value, ...]:
        """Each value ends the day before another one replaced it, for good."""
        result = []
        for value in values:
            for later in values:
                if value.clause in later.replaces and self.within(value, later) and later is not value:
                    if later.valid_from <= value.valid_from:
                        raise PolicyError(f"{self.where}: {later.clause} cannot replace the later {value.clause}")
                    last = later.valid_from - timedelta(days=1)
                    value = replace(value, valid_to=_earlier(value.valid_to, last))
                    if not later.is_draft:
                        value = replace(value, without_drafts_to=_earlier(value.without_drafts_to, last))
            result.append(value)
        return tuple(result)


def _codes(value: Any) -> Iterator[str]:
    """The texts in a value, keys of records included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _codes([*value.keys(), *value.values()])
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _codes(each)


def _earlier(one: date | None, other: date | None) -> date | None:
    days = [day for day in (one, other) if day is not None]
    return min(days) if days else None


def _check_replacements(
    acts: Mapping[str, Act], index: Mapping[str, Clause], parameters: Mapping[str, Parameter]
) -> None:
    """What an act says it replaced must have ended in the parameters: wholly, or in the keys it names."""
    for act in acts.values():
        for clause in (act.begins_by, act.gives_way_by):
            if clause and (clause not in index or index[clause].act != act.id):
                raise PolicyError(f"act {act.id}: {clause} is no clause of it")
        for row in act.replaces:
            if unknown := [clause for clause in (*row.clauses, *row.by) if clause not in index]:
                raise PolicyError(f"act {act.id}: replaces: unknown clause {unknown[0]}")
            if unknown := [key for key in row.keys if key not in parameters]:
                raise PolicyError(f"act {act.id}: replaces: unknown key {unknown[0]}")
            if row.part and not row.keys:
                continue
            for key in row.keys or parameters:
                for value in parameters[key].values:
                    if value.clause in row.clauses and (value.valid_to is None or value.valid_to >= row.on):
                        raise PolicyError(
                            f"{parameters[key].file}: {key}: {act.id} replaced {value.clause} on {row.on}, "
                            "but the value does not end before"
                        )
