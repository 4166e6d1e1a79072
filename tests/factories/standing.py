"""Restrictions of organisations, imposed by the real service as the platform itself."""

from sunlight import scope
from sunlight.scope.clock import business_date
from sunlight.tenancy.services.restrictions import restriction_impose
from sunlight.tenancy.standing import Restriction, TradeAct

CLAUSE = "SZ20-6.3"


def barred(world, key: str, *acts: TradeAct, at=None, **more) -> list[Restriction]:
    """Bar an organisation of the world from acts (all five where none is named) from the day of `at` (today) on."""
    at = at or scope.now()
    more = {"from_date": business_date(at), "reason": "测试", "clause": CLAUSE} | more
    with scope.opened(world.system):
        return restriction_impose(
            actor=world.system,
            at=at,
            organisation_id=world.organisations[key].id,
            acts=acts or tuple(TradeAct),
            **more,
        )
