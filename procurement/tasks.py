"""Scheduled work: offers past their answer day, contracts past their last day, late orders."""

from collections.abc import Callable

from celery import shared_task

from procurement.bargaining.services.silence import offers_sweep as sweep_offers
from procurement.contracts.services.contracts import contracts_expire
from procurement.receiving.services.reminders import acceptances_overdue_record, orders_overdue_record
from sunlight import scope
from sunlight.tenancy.queries.actors import open_platform_actors

_CHUNK = 100


@shared_task(name="procurement.orders_remind")
def orders_remind() -> int:
    """Say once of each order that it is late, and of goods that arrived that nobody accepted them."""
    return _chunk_by_chunk(orders_overdue_record, acceptances_overdue_record)


@shared_task(name="procurement.offers_sweep")
def offers_sweep() -> int:
    """Let silence have its effect on every open platform, chunk by chunk, each in its own transaction."""
    return _chunk_by_chunk(sweep_offers, contracts_expire)


def _chunk_by_chunk(*services: Callable[..., int]) -> int:
    """Each service on every open platform until it finds less than a chunk, each chunk in its own transaction."""
    done = 0
    for actor in open_platform_actors():
        for go_on in services:
            found = _CHUNK
            while found >= _CHUNK:
                with scope.opened(actor):
                    found = go_on(actor=actor, at=scope.now(actor.platform_code), limit=_CHUNK)
                done += found
    return done
