"""Readings of the journal: what one's organisation found, and when it has to be read again."""

from datetime import date, timedelta

from django.db.models import QuerySet

from sunlight.journal.models import Seal
from sunlight.journal.refusals import NotThere
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from supervision import readers
from supervision.models import JournalCheck

# So many days after the last reading the next one is due: the house's own rule, no law's.
EVERY_DAYS = 7


def checks_visible_to(actor: Actor) -> QuerySet:
    """The journal checks of the actor's organisation on its platform, newest first."""
    if not actor.has(*readers.JOURNAL_CHECKS, Role.SYSTEM):
        return JournalCheck.objects.none()
    return JournalCheck.objects.filter(organisation_id=actor.organisation_id, platform_id=actor.platform_id).order_by(
        "-id"
    )


def last_check(actor: Actor) -> JournalCheck | None:
    return checks_visible_to(actor).first()


def access_check(actor: Actor, check_id: int) -> JournalCheck:
    """Raises NotThere."""
    found = checks_visible_to(actor).filter(id=check_id).first()
    if found is None:
        raise NotThere("这次日志核验")
    return found


def due_on(actor: Actor, today: date) -> date | None:
    """The day by which the journal has to be read again; None while nothing is sealed."""
    last = last_check(actor)
    if last is not None:
        return business_date(last.checked_at) + timedelta(days=EVERY_DAYS)
    return today if Seal.objects.filter(platform_id=actor.platform_id).exists() else None


def faults_found(actor: Actor) -> int:
    """The number of faults the last check found."""
    last = last_check(actor)
    return last.fault_count if last is not None else 0
