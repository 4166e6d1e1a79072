"""Reading the journal for what was recorded already."""

from django.db.models import Exists, OuterRef

from sunlight.journal.declared import EventType, known
from sunlight.journal.models import Event, EventReader


def was_recorded(event: EventType) -> Exists:
    """For a filter: whether the event was recorded about this row. Reminders use it to speak once."""
    about = {"name": known(event).name, "subject_type": event.subject.name}
    return Exists(Event.objects.filter(**about, subject_id=OuterRef("pk")))


def events_read_by(*, platform_id: int, organisation_id: int, after: int, limit: int) -> list[EventReader]:
    """The next events that an organisation reads as their party behind a place in the platform's sequence, in order and
    without any left out: what commits late gets a later place."""
    rows = EventReader.objects.select_related("event").filter(
        organisation_id=organisation_id, platform_id=platform_id, sequence__gt=after
    )
    return list(rows.order_by("sequence")[:limit])
