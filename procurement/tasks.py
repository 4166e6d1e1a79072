"""Scheduled work: offers past their answer day, contracts past their last day, late orders."""

from celery import shared_task

from procurement.bargaining.services.silence import offers_sweep as sweep_offers
from procurement.contracts.services.contracts import contracts_expire
from procurement.ordering.services.reminders import orders_overdue_record
from sunlight import scope
from sunlight.tenancy.queries.actors import open_platform_actors

_CHUNK = 100


@shared_task(name="procurement.orders_remind")
def orders_remind() -> int:
    """Say once of each order that it is late."""
    recorded = 0
    for actor in open_platform_actors():
        found = _CHUNK
        while found == _CHUNK:
            with scope.opened(actor):
                found = orders_overdue_record(actor=actor, at=scope.now(actor.platform_code), limit=_CHUNK)
            recorded += found
    return recorded


@shared_task(name="procurement.offers_sweep")
def offers_sweep() -> int:
    """Let silence have its effect on every open platform, chunk by chunk, each in its own transaction."""
    done = 0
    for actor in open_platform_actors():
        for sweep in (sweep_offers, contracts_expire):
            looked_at = _CHUNK
            while looked_at == _CHUNK:
                with scope.opened(actor):
                    looked_at = sweep(actor=actor, at=scope.now(actor.platform_code), limit=_CHUNK)
                done += looked_at
    return done
