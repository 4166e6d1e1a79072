"""Messages as faces show them: under their kind's word, with the page they lead to."""

from django.urls import NoReverseMatch, reverse

from sunlight.messages.kinds import KINDS
from sunlight.messages.models import Message


def label_of(message: Message) -> str:
    """A kind's word; a kind that no app knows any more keeps its key."""
    kind = KINDS.get(message.kind)
    return kind.label if kind else message.kind


def link_of(message: Message) -> str:
    """The address of the page a message leads to, or nothing where there is none."""
    kind = KINDS.get(message.kind)
    if kind is None or not kind.url_name or (kind.takes_id and message.subject_id is None):
        return ""
    try:
        return reverse(kind.url_name, args=[message.subject_id] if kind.takes_id else [])
    except NoReverseMatch:
        return ""


def shown(message: Message) -> dict:
    """A message with its kind's word and link."""
    return {"row": message, "label": label_of(message), "link": link_of(message)}
