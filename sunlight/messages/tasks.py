"""Sending the mails that wait."""

from celery import shared_task
from django.conf import settings

from sunlight import scope
from sunlight.messages.services.mail import mails_send
from sunlight.tenancy.queries.actors import open_platform_actors


@shared_task(name="messages.send_mails")
def send_mails() -> int:
    """Mails that wait. Nothing where no sender's address is configured: they go out once there is one again."""
    if not settings.MAIL_FROM:
        return 0
    return sum(mails_send(actor=actor, at=scope.now(actor.platform_code)) for actor in open_platform_actors())
