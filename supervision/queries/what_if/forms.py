"""What the forms of drafts and runs are drawn from: regions, the law in force to choose from, and one edit's fields."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet

from sunlight import scope
from sunlight.kernel.policy import Act, Parameter, Region
from sunlight.scope import Actor
from sunlight.tenancy.models import Region as RegionRow
from supervision.queries.decisions import parameter_in_words
from supervision.rules.what_if.typing import as_typed

USUAL_DAYS = 365


def regions_watched(actor: Actor) -> QuerySet:
    """The regions whose records the actor watches."""
    return RegionRow.objects.filter(id__in=actor.region_ids).order_by("code")


def regions_of_law(above: str) -> list[Region]:
    """A region and those below it that make rules."""
    regions = scope.policy().regions
    return [each for code, each in regions.items() if above in each.path or code == above]


def usual_period(today: date) -> dict[str, str]:
    """A year up to yesterday."""
    return {"since": (today - timedelta(days=USUAL_DAYS)).isoformat(), "until": (today - timedelta(days=1)).isoformat()}


def holds(actor: Actor, region: str, on: date, text: str = "") -> list[dict[str, Any]]:
    """What is in force in a region on a day, value by value, where every word of `text` is found in its label or key."""
    policy, words, found = scope.policy(), text.lower().split(), []
    law = policy.law(region=region, on=on, drafts=actor.drafts)
    for parameter in policy.parameters.values():
        if not all(word in f"{parameter.key} {parameter.label}".lower() for word in words):
            continue
        values = law.every(parameter.key) if parameter.cumulative else filter(None, [law.find(parameter.key)])
        found += [
            {
                "parameter": parameter,
                "value": value,
                "words": parameter_in_words(parameter.key, value.value),
                "region": policy.regions[value.region].name,
                "is_local": region in policy.path(value.region),
            }
            for value in values
        ]
    return found


def acts_of(region: str) -> list[Act]:
    """Acts of a region and those below it, whose days a draft for it may move."""
    policy = scope.policy()
    return [act for act in policy.acts.values() if region in policy.path(act.region)]


def edit_form(region: str, asked: Mapping[str, str], today: date) -> dict[str, Any] | None:
    """The fields of one edit as they are first seen: what stands, typed again; None where nothing was chosen."""
    policy = scope.policy()
    if asked.get("edit") == "act" and (act := policy.acts.get(asked.get("act", ""))) is not None:
        return {"kind": "act", "act": act}
    parameter = policy.parameters.get(asked.get("key", ""))
    if parameter is None:
        return None
    clause = asked.get("replaces") or asked.get("clause", "")
    stated = next(
        (v for v in parameter.values if v.clause == clause and (v.region == asked.get("in") or not asked.get("in"))),
        None,
    )
    first = (today + timedelta(days=1)).isoformat()
    return {
        "kind": "end" if asked.get("edit") == "end" and stated else "value",
        "parameter": parameter,
        "stated": stated,
        "region": asked.get("region") or (stated.region if stated else region),
        "value": asked.get("value") or _typed(parameter, stated),
        "since": asked.get("since") or first,
        "last": asked.get("last") or today.isoformat(),
        "is_long": parameter.type in ("record", "list"),
    }


def _typed(parameter: Parameter, stated) -> str:
    return as_typed(parameter, stated.value) if stated is not None else ""
