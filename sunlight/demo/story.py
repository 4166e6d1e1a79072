"""The demonstration, told step by step through the services: what happened on the platform in the last weeks."""

from sunlight import scope
from sunlight.demo.cast import Cast


def tell(*, platform_code: str = "gd-sz", say=print) -> None:
    """Register everybody and let them trade. Deterministic but for the dates, which are relative to today."""
    cast = Cast(platform_code)
    cast.enter(scope.now(platform_code))
    say("机构与人员已登记")
