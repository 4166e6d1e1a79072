"""A dated parameter of days as SQL: for each row the value of its own region and day."""

from datetime import timedelta

from django.db.models import Case, IntegerField, Value, When

from sunlight import scope
from sunlight.kernel.policy import Drafts


def days_by_law(key: str, *, day: str, region: str = "region__code") -> Case:
    """The value of `key` in the region and on the day in two fields; NULL where no text states it. For parameters of no
    draft."""
    policy = scope.policy()
    values = policy.parameter(key).values
    edges = sorted({v.valid_from for v in values} | {v.valid_to + timedelta(days=1) for v in values if v.valid_to})
    cases = []
    for first in reversed(edges):
        stated: dict[int | None, list[str]] = {}
        for code in policy.regions:
            value = policy.find(key, region=code, on=first, drafts=Drafts.BINDING)
            stated.setdefault(value.value if value else None, []).append(code)
        for days, codes in stated.items():
            where = {} if len(codes) == len(policy.regions) else {f"{region}__in": codes}
            cases.append(When(**{f"{day}__gte": first}, **where, then=Value(days, IntegerField())))
    return Case(*cases, default=Value(None, IntegerField()), output_field=IntegerField())
