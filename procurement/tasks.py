"""What happens by the clock: offers past their answer day, contracts past their last day."""

from celery import shared_task

from procurement.services.contracts import contracts_expire
from procurement.services.silence import offers_sweep as sweep_offers
from sunlight import scope
from sunlight.tenancy.queries import open_platform_actors

_CHUNK = 100


@shared_task
def offers_sweep() -> int:
    """Let silence have its effect on every open platform, chunk by chunk, each in a transaction of its own."""
    done = 0
    for actor in open_platform_actors():
        for sweep in (sweep_offers, contracts_expire):
            looked_at = _CHUNK
            while looked_at == _CHUNK:
                with scope.opened(actor):
                    looked_at = sweep(actor=actor, at=scope.now(actor.platform_code), limit=_CHUNK)
                done += looked_at
    return done
