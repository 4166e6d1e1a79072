"""Runs of an authority's drafts over what happened: which there are, and what came of one."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet, Sum

from catalog.models import NationalCode, PriceGroup
from sunlight import scope
from sunlight.jobs.models import Job
from sunlight.jobs.queries import jobs_visible_to
from sunlight.journal.declared import SUBJECTS
from sunlight.journal.refusals import NotThere
from sunlight.scope import Actor
from sunlight.tenancy.models import Organisation
from supervision import readers
from supervision.models import WhatIfChange, WhatIfRun, WhatIfSum
from supervision.rules.what_if.kinds import DIMENSIONS, Kind, Unjudged

KIND = "supervision.what_if"
# Of a dimension of many keys a page shows the largest; its list has all.
SHOWN = 10


def runs_visible_to(actor: Actor) -> QuerySet:
    """The runs of the actor's own authority, newest first."""
    if not readers.WHAT_IFS.admits(actor):
        return WhatIfRun.objects.none()
    mine = WhatIfRun.objects.filter(organisation_id=actor.organisation_id, platform_id=actor.platform_id)
    return mine.select_related("region").order_by("-id")


def access_run(actor: Actor, run_id: int) -> WhatIfRun:
    """Raises NotThere."""
    found = runs_visible_to(actor).filter(id=run_id).first()
    if found is None:
        raise NotThere("这次政策试算")
    return found


def job_of(actor: Actor, run: WhatIfRun) -> Job | None:
    """The job that works on a run."""
    return jobs_visible_to(actor).filter(kind=KIND, result_id=run.id).first()


def changes_of(run: WhatIfRun) -> QuerySet:
    """The records kept of those that a run found changed."""
    return WhatIfChange.objects.filter(run=run).select_related("buyer", "seller", "price_group").order_by("id")


def sums_of(run: WhatIfRun, dimension: str = "") -> QuerySet:
    rows = WhatIfSum.objects.filter(run=run)
    rows = rows.filter(dimension=dimension) if dimension else rows
    return rows.order_by("-count", "key", "side", "kind")


def dimension_named(name: str) -> str:
    """Raises NotThere."""
    if name not in DIMENSIONS:
        raise NotThere("这个汇总")
    return name


def totals(run: WhatIfRun) -> list[dict[str, Any]]:
    """For each kind that either side has, what it comes to on each."""
    found: dict[str, dict[int, WhatIfSum]] = {}
    for row in sums_of(run, "all"):
        found.setdefault(row.kind, {})[row.side] = row
    sides = range(len(run.titles))
    return [{"kind": kind, "cells": [found[kind].get(side) for side in sides]} for kind in Kind if kind in found]


def by(run: WhatIfRun, dimension: str, most: int = SHOWN) -> list[dict[str, Any]]:
    """The keys of a dimension with most changed records, named, and for each side its kinds with counts and money."""
    found: dict[str, dict[int, list[WhatIfSum]]] = {}
    weight: dict[str, int] = {}
    for row in _largest(run, dimension, most):
        found.setdefault(row.key, {}).setdefault(row.side, []).append(row)
        weight[row.key] = weight.get(row.key, 0) + row.count
    order = sorted(found, key=(lambda key: key) if dimension == "month" else (lambda key: (-weight[key], key)))
    names = names_of(dimension, order)
    sides = range(len(run.titles))
    return [
        {"key": key, "name": names.get(key, key), "cells": [_cell(found[key].get(side, ())) for side in sides]}
        for key in order
    ]


def _largest(run: WhatIfRun, dimension: str, most: int) -> list[WhatIfSum]:
    """The rows of the keys with most records: of two hundred thousand products only those are read."""
    rows = sums_of(run, dimension)
    if dimension != "month":
        top = rows.order_by().values("key").annotate(records=Sum("count")).order_by("-records", "key")[:most]
        rows = rows.filter(key__in=[each["key"] for each in top])
    return list(rows)


def _cell(rows: Iterable[WhatIfSum]) -> dict[str, Any]:
    by_kind = {row.kind: row for row in rows}
    kinds = [(kind, by_kind[kind]) for kind in Kind if kind in by_kind]
    return {"kinds": kinds, "count": sum(row.count for _, row in kinds), "fen": sum(row.fen for _, row in kinds)}


def names_of(dimension: str, keys: Iterable[str]) -> dict[str, str]:
    """What people call the keys of a dimension."""
    keys = list(keys)
    if dimension in ("buyer", "seller"):
        named = Organisation.objects.filter(id__in=[int(key) for key in keys if key])
        return {str(row.id): row.name for row in named}
    if dimension == "product":
        return {str(row.id): row.name for row in PriceGroup.objects.filter(id__in=[int(key) for key in keys if key])}
    if dimension == "clause":
        clauses = scope.policy().clauses
        return {key: f"{key} {clauses[key].summary}" for key in keys if key in clauses}
    if dimension == "subject":
        return {key: str(SUBJECTS[key].words) if key in SUBJECTS else "未予受理" for key in keys}
    if dimension == "category":
        return {key: name for key in keys if key and (name := _category(key))}
    return {}


def _category(prefix: str) -> str:
    first = NationalCode.objects.filter(code__gte=prefix, code__lt=f"{prefix}~").order_by("code").first()
    return f"{prefix} {first.category_1}" if first is not None and first.category_1 else ""


def unjudged(run: WhatIfRun) -> list[dict[str, Any]]:
    """Why records could not be judged again, and for each side how many."""
    by_side = run.totals.get("unjudged", [])
    return [
        {"why": why, "counts": [side.get(why, 0) for side in by_side]}
        for why in Unjudged
        if any(side.get(why) for side in by_side)
    ]
