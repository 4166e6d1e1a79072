"""News of recalls."""

from recalls.events import RECALL_ANNOUNCED

from sunlight.journal.subscriptions import subscribe

heard: list[int] = []


@subscribe(RECALL_ANNOUNCED, name="recalls.announced")
def announced(*, event, actor, at) -> None:
    heard.append(event.subject_id)
