"""Whose listings trade on a day: which region's listing holds is data of the law (`catalog.listing_region`)."""

from datetime import date
from functools import lru_cache

from sunlight import scope
from sunlight.kernel.policy import Drafts, Policy


def listing_regions(on: date) -> tuple[str, ...]:
    """Codes of the regions whose listings and listed prices hold on a day: all but those that the law of the day lists in
    another region. From 2025-12-01 what only Shenzhen lists is not listed (GD25-2.2a)."""
    return _holding(scope.policy(), on)


# Every search and every order asks; a few days are asked about at a time.
@lru_cache(maxsize=64)
def _holding(policy: Policy, on: date) -> tuple[str, ...]:
    return tuple(sorted(code for code in policy.regions if _lists(policy, code, on) in (None, code)))


def _lists(policy: Policy, region: str, on: date) -> str | None:
    """Whose listing a listing of `region` has to be on a day; None where no text ever said. What ended is not revived: a text
    that is over leaves listings where it put them."""
    # No platform is asked about here, so a draft counts as it does by itself: as binding.
    value = policy.find("catalog.listing_region", region=region, on=on, drafts=Drafts.BINDING)
    if value is not None:
        return value.value
    path = policy.path(region)
    begun = [v for v in policy.parameter("catalog.listing_region").values if v.region in path and v.valid_from <= on]
    return max(begun, key=lambda each: each.valid_from).value if begun else None
