"""Reading the journal for what was said already."""

from django.db.models import Exists, OuterRef

from sunlight.journal.models import Event


def told(name: str, subject_type: str) -> Exists:
    """For a filter: whether the event `name` was recorded of this row. Reminders use it to speak once."""
    return Exists(Event.objects.filter(name=name, subject_type=subject_type, subject_id=OuterRef("pk")))
