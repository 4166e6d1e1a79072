"""What every app's answers are built from: prices, quantities, parties, rendered rows, pages of a list."""

from collections.abc import Callable
from functools import cache

from drf_spectacular.utils import inline_serializer
from rest_framework import serializers as s

from sunlight.journal.refusals import Invalid


def price(**more):
    """A unit price as text with 4 decimals."""
    return s.DecimalField(14, 4, **more)


def quantity(**more):
    """A quantity in the pricing unit as text with 3 decimals."""
    return s.DecimalField(14, 3, **more)


class Party(s.Serializer):
    id = s.IntegerField()
    name = s.CharField()
    credit_code = s.CharField()


@cache
def rendered(serializer: type[s.Serializer]) -> Callable[[object], dict]:
    """Renders rows by a serializer. One of each is cached: creating one copies all of its fields, which for a page of
    50 rows takes longer than everything else."""
    return serializer().to_representation


def page_of(item) -> s.Serializer:
    """The description of one page of a list."""
    return inline_serializer(
        f"{item.__name__}Page",
        {"next": s.URLField(allow_null=True), "previous": s.URLField(allow_null=True), "results": item(many=True)},
    )


def flag_of(request, name: str) -> bool:
    """Whether a list is asked for with a flag: `true` or `1`. Raises Invalid for another word than these, `false` and `0`."""
    word = request.query_params.get(name, "").lower()
    if word not in ("", "0", "1", "false", "true"):
        raise Invalid("unknown_choice", f"{name} 只能是 true 或 false。", field=name)
    return word in ("1", "true")
