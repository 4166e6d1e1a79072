"""The columns of a model that keep who did something, and questions about them."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q, QuerySet

from sunlight.scope.actor import Actor
from sunlight.scope.principal import SYSTEM, Acted, Human, Principal, PrincipalKind, acted, columns

LONGEST_KIND = max(map(len, PrincipalKind))


class _Number(models.BigIntegerField):
    """The principal's number; brings the check that it goes with a kind. Migrations know it as a plain number."""

    # What `placed_by_id` belongs to: `placed_by`.
    attribute = ""

    def deconstruct(self):
        name, _, args, options = super().deconstruct()
        return name, "django.db.models.BigIntegerField", args, options

    def contribute_to_class(self, cls, name, private_only=False):
        super().contribute_to_class(cls, name, private_only)
        if not cls._meta.abstract:
            rule = models.CheckConstraint(
                condition=_is_whole(self.attribute), name=f"{cls._meta.db_table}_{self.attribute}_is_whole"
            )
            cls._meta.constraints = [*cls._meta.constraints, rule]
            # What makes migrations look at a model's constraints.
            cls._meta.original_attrs["constraints"] = cls._meta.constraints


def _is_whole(attribute: str) -> Q:
    """Nobody, or a kind with its number."""
    kind, number, *_ = columns(attribute)
    nobody = Q(**{f"{kind}__isnull": True, f"{number}__isnull": True})
    # A comparison with nothing is not false, so it is said that there is something.
    there = {f"{kind}__isnull": False, f"{number}__isnull": False}
    return nobody | Q(**there, **{f"{kind}__in": [str(each) for each in PrincipalKind], f"{number}__gte": 0})


class _ActedBy:
    """`order.placed_by`: what its four columns say."""

    def __init__(self, *, null: bool):
        kind = models.CharField(max_length=LONGEST_KIND, null=null)
        self.number = _Number(null=null)
        self.fields = (kind, self.number, models.BigIntegerField(null=True), models.BigIntegerField(null=True))

    def contribute_to_class(self, cls, name: str) -> None:
        self.columns, self.number.attribute = columns(name), name
        for column, field in zip(self.columns, self.fields, strict=True):
            cls.add_to_class(column, field)
        setattr(cls, name, self)

    def __get__(self, row, owner=None) -> Acted | None | _ActedBy:
        return self if row is None else acted(*(getattr(row, column) for column in self.columns))

    def __set__(self, row, value) -> None:
        raise AttributeError("written by scope.by or scope.stamp")


def acted_by(*, null: bool = True) -> Any:
    """Who did something, in four columns: `placed_by = acted_by()` makes `placed_by_kind`, `placed_by_id`,
    `placed_for_person_id` and `placed_mandate_id` with the check that kind and number stand together."""
    return _ActedBy(null=null)


def who_did(rows: QuerySet, attribute: str, path: str = "") -> set[Acted | None]:
    """Everybody who did it on these rows; `path` leads to the row that says so."""
    return {acted(*row) for row in rows.values_list(*(f"{path}{column}" for column in columns(attribute)))}


def principal_is(principal: Principal | None, attribute: str, path: str = "") -> Q:
    """The rows that this principal, and no other, keeps as its own."""
    kind, number, *_ = columns(attribute)
    who = principal or SYSTEM
    return Q(**{f"{path}{kind}": str(who.kind), f"{path}{number}": who.id})


def done_by(actor: Actor, attribute: str, path: str = "") -> Q:
    """The rows on which `actor` did it, or somebody who is the same person; none for the system."""
    kind, number, for_person, _ = (f"{path}{column}" for column in columns(attribute))
    found = Q(pk__in=[])
    itself = {actor.principal} if actor.is_machine else frozenset()
    for each in actor.people | itself:
        if isinstance(each, Human):
            found |= Q(**{for_person: each.id})
        else:
            found |= Q(**{kind: str(each.kind), number: each.id})
    return found
