"""Regions and platforms."""

from sunlight.tenancy.models import Platform, Region


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
