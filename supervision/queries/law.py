"""The law as loaded: acts with their clauses, and what holds on a day in a region."""

from datetime import date

from django.db.models import QuerySet

from sunlight import scope
from sunlight.journal.refusals import NotThere
from sunlight.kernel.policy import ASSUMPTION, Drafts, Status
from sunlight.kernel.rule import REGISTRY
from sunlight.scope import Actor
from supervision.models import ActDocument
from supervision.queries.decisions import with_unit
from supervision.queries.trials import described


def acts(on: date) -> list[dict]:
    """Every act with its dates and whether it binds on `on`, the newest first, our own assumptions last."""
    policy = scope.policy()
    counts: dict[str, int] = {}
    for clause in policy.clauses.values():
        counts[clause.act] = counts.get(clause.act, 0) + 1
    rows = [
        {
            "act": act,
            "region": policy.regions[act.region].name,
            "clauses": counts.get(act.id, 0),
            "in_force": act.in_force_on(on),
            "coming": act.effective > on,
        }
        for act in policy.acts.values()
    ]
    return sorted(rows, key=lambda row: (row["act"].id == ASSUMPTION, -row["act"].effective.toordinal()))


def draft_acts(region: str, on: date) -> list:
    """The drafts loaded for a region, or for one within it, that have begun by `on`."""
    policy = scope.policy()
    near = [
        act for act in policy.acts.values() if region in policy.path(act.region) or act.region in policy.path(region)
    ]
    return [act for act in near if act.status is Status.DRAFT and act.in_force_on(on)]


def act_page(act_id: str, text: str = "") -> dict:
    """An act with those of its clauses in which every word of `text` is found; each with the rules that carry it out and
    the parameters that come from it. Raises NotThere."""
    policy = scope.policy()
    if act_id not in policy.acts:
        raise NotThere("这份文件")
    return {"act": policy.acts[act_id], "clauses": clauses_found(text, act_id), "text": text}


def documents_of(actor: Actor, act_id: str) -> QuerySet[ActDocument]:
    """The official documents of an act in the library of the actor's platform (of all, for a visitor), newest first."""
    rows = ActDocument.objects.select_related("file", "platform").filter(act=act_id, taken_back_at=None)
    return (rows.filter(platform_id=actor.platform_id) if actor.platform_id else rows).order_by("-id")


def clauses_found(text: str, act_id: str = "") -> list[dict]:
    """Clauses, of one act or of all, in which every word of `text` is found (id, article, summary)."""
    words = text.lower().split()
    rules, values = _clause_uses()
    return [
        {"clause": clause, "rules": rules.get(clause.id, []), "parameters": values.get(clause.id, [])}
        for clause in scope.policy().clauses.values()
        if (not act_id or clause.act == act_id)
        and all(word in f"{clause.id} {clause.article} {clause.summary}".lower() for word in words)
    ]


def _clause_uses() -> tuple[dict[str, list], dict[str, list]]:
    """Clause → rules that carry it out; clause → labels of the parameters it states."""
    rules: dict[str, list] = {}
    for rule in REGISTRY.values():
        for clause in rule.clauses:
            rules.setdefault(clause, []).append(described(rule))
    values: dict[str, list] = {}
    for parameter in scope.policy().parameters.values():
        for value in parameter.values:
            labels = values.setdefault(value.clause, [])
            if parameter.label not in labels:
                labels.append(parameter.label)
    return rules, values


def holds(region: str, on: date) -> list[dict]:
    """What is in force in `region` on `on`, parameter by parameter: its values (several where they add up) with clause,
    dates and status; those nothing states are left out. Raises UnknownRegion."""
    policy, found = scope.policy(), []
    # Everything that is loaded; a draft's values are marked.
    law = policy.law(region=region, on=on, drafts=Drafts.BINDING)
    for parameter in policy.parameters.values():
        if parameter.cumulative:
            values = law.every(parameter.key)
        else:
            value = law.find(parameter.key)
            values = () if value is None else (value,)
        found += [
            {
                "parameter": parameter,
                "value": value,
                "words": with_unit(parameter.key, value.value),
                "region": policy.regions[value.region].name,
            }
            for value in values
        ]
    return found
