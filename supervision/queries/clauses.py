"""One clause: what it says, what carries it out, and what it replaced or was replaced by."""

from dataclasses import dataclass
from datetime import date

from sunlight import scope
from sunlight.journal.refusals import NotThere
from sunlight.kernel.policy import Policy
from sunlight.kernel.rule import REGISTRY
from supervision.queries.decisions import named, with_unit


@dataclass(frozen=True, slots=True)
class Replaced:
    """That clauses took the place of others on a day; of these only the `part`, where one is named."""

    on: date
    others: tuple[str, ...]
    part: str
    # Only where the platform's drafts bind (A1, A27).
    by_draft: bool
    has_come: bool


def clause_page(clause_id: str, on: date) -> dict:
    """Everything that carries a clause: its text in our words, the rules, the dated values, its place in the history of
    the law as of `on`; of an assumption the clauses that are silent, of a clause the assumptions beside it. Raises
    NotThere."""
    policy = scope.policy()
    if clause_id not in policy.clauses:
        raise NotThere("条款")
    found = policy.clauses[clause_id]
    return {
        "clause": found,
        "name": named(clause_id),
        "act": policy.acts.get(found.act),
        "beside": found.beside,
        "assumed": [(named(each.id), each) for each in policy.clauses.values() if clause_id in each.beside],
        "replaced": _history(policy, clause_id, on, by=True),
        "replaced_by": _history(policy, clause_id, on, by=False),
        # Not the rules themselves: they are callable, and a template would call them.
        "rules": [
            {"name": r.name, "title": r.title, "sentence": r.sentence}
            for r in REGISTRY.values()
            if clause_id in r.clauses
        ],
        "values": [
            (p, v, policy.regions[v.region].name, with_unit(p.key, v.value))
            for p in policy.parameters.values()
            for v in p.values
            if v.clause == clause_id
        ],
    }


def _history(policy: Policy, clause_id: str, on: date, *, by: bool) -> list[Replaced]:
    """What the clause replaced (`by`), or what replaced it: as the acts say, the earliest first."""
    found = []
    for act in policy.acts.values():
        for row in act.replaces:
            mine, others = (row.by, row.clauses) if by else (row.clauses, row.by)
            if clause_id in mine:
                part = row.part or "、".join(policy.parameters[key].label for key in row.keys)
                found.append(Replaced(row.on, others, part, act.status == "draft", row.on <= on))
    return sorted(found, key=lambda each: each.on)
