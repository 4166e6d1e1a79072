"""Reading the journal for what was recorded already."""

from django.db.models import Exists, OuterRef

from sunlight.journal.declared import EventType, known
from sunlight.journal.models import Event


def was_recorded(event: EventType) -> Exists:
    """For a filter: whether the event was recorded about this row. Reminders use it to speak once."""
    about = {"name": known(event).name, "subject_type": event.subject.name}
    return Exists(Event.objects.filter(**about, subject_id=OuterRef("pk")))
