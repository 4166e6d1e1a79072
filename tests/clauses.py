"""`@pytest.mark.clause("SZ24-3.3c", on="trade")`: the clauses of the law that a test proves, and where.

- `trade`: a service met it. During the test a decision, refusal or deadline was stored in the clause's own region that cites
  it: as the clause of a reason, or as the source of a parameter the answer rests on. Else the test fails.
- `night`: a nightly run or task carried it out; `page`: people use it on a page or through the API.
- `rule`: the rule alone answers by it. Such a test proves no clause in `docs/clauses.md`.
"""

from collections.abc import Iterator

import pytest
from django.db import connection

from sunlight import scope
from sunlight.acts import current_policy
from sunlight.deadlines.models import Deadline
from sunlight.journal.models import Decision, Refusal
from sunlight.scope import Actor, Role
from sunlight.scope.principal import SYSTEM
from sunlight.tenancy.models import Organisation, Platform, Region

PLACES = ("trade", "night", "page", "rule")


def marked(item, *places: str) -> set[str]:
    """The clauses a test is marked with for one of these places."""
    return {clause for mark in item.iter_markers("clause") for clause in mark.args if mark.kwargs.get("on") in places}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    wanted = marked(item, "trade")
    if not wanted:
        return (yield)
    before = _newest() if connection.connection is not None else (0, 0, 0)
    result = yield
    if missing := sorted(wanted - set(cited_since(before))):
        pytest.fail(f"nothing that was stored during the test cites {', '.join(missing)} in its region", pytrace=False)
    return result


def _watching():
    """A scope that sees the rows of every platform and region."""
    with scope.login_scope():
        platforms = tuple(Platform.objects.values_list("id", flat=True))
        regions = tuple(Region.objects.values_list("id", flat=True))
    roles = frozenset({Role.SYSTEM})
    return scope.opened(
        Actor(kind=None, platform_id=None, principal=SYSTEM, roles=roles, platform_ids=platforms, region_ids=regions)
    )


def _newest() -> tuple[int, int, int]:
    with _watching():
        return tuple(
            model.objects.order_by("-id").values_list("id", flat=True).first() or 0
            for model in (Decision, Refusal, Deadline)
        )


def cited_since(before: tuple[int, int, int]) -> Iterator[str]:
    """Every clause that a decision, refusal or deadline stored later cites, where it was made in a region the clause
    binds."""
    with _watching():
        regions = dict(Platform.objects.values_list("id", "region__code"))
        homes = dict(Organisation.objects.values_list("id", "region__code"))
        for row in Decision.objects.filter(id__gt=before[0]):
            yield from _binding(row.region_code, _cited(row.reasons, row.parameters))
        for row in Refusal.objects.filter(id__gt=before[1]):
            answer = row.decision or {}
            home = answer.get("region") or homes.get(row.actor_organisation_id) or regions[row.platform_id]
            yield from _binding(home, _cited(row.reasons, answer.get("parameters", ())))
        for row in Deadline.objects.filter(id__gt=before[2]).select_related("region"):
            yield from _binding(row.region.code, {row.clause, row.demanded_by} - {""})


def _cited(reasons, parameters) -> set[str]:
    return {reason["clause"] for reason in reasons} | {parameter["source"] for parameter in parameters}


def _binding(region: str, clauses: set[str]) -> Iterator[str]:
    policy = current_policy()
    path = policy.path(region)
    return (each for each in clauses if each in policy.clauses and policy.acts[policy.clauses[each].act].region in path)
