"""What happens by the clock: certificates that end."""

from celery import shared_task

from catalog.services.reminders import certificates_remind as remind
from sunlight import scope
from sunlight.tenancy.queries.actors import open_platform_actors


@shared_task(name="catalog.remind_certificates")
def certificates_remind() -> int:
    recorded = 0
    for actor in open_platform_actors():
        with scope.opened(actor):
            recorded += remind(actor=actor, at=scope.now(actor.platform_code))
    return recorded
