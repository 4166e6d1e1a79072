"""Regions and platforms."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from sunlight import scope
from sunlight.scope import Actor
from sunlight.scope.prepared import Prepared
from sunlight.tenancy.models import Platform, Region

_PLATFORMS = Prepared(lambda: Platform.objects.order_by("id").values_list("id", flat=True))


@contextmanager
def on_all_platforms(actor: Actor) -> Iterator[None]:
    """The platform's own scope over every platform: an institution is one, wherever it buys (A15, SZ24-3.4c)."""
    with scope.elevated(replace(actor, platform_ids=tuple(_PLATFORMS.rows()))):
        yield


def regions_under(code: str) -> tuple[int, ...]:
    """Ids of the region `code` and everything below it."""
    return tuple(
        Region.objects.filter(code=code)
        .union(Region.objects.filter(code__startswith=f"{code}-"))
        .values_list("id", flat=True)
    )


def all_region_ids() -> tuple[int, ...]:
    return tuple(Region.objects.order_by("id").values_list("id", flat=True))


def platform_by_code(code: str) -> Platform:
    """Raises Platform.DoesNotExist for an unknown code."""
    return Platform.objects.select_related("region").get(code=code)


def open_platforms() -> list[Platform]:
    return list(Platform.objects.select_related("region").filter(is_open=True).order_by("code"))


def all_platforms() -> list[Platform]:
    return list(Platform.objects.select_related("region").order_by("code"))
