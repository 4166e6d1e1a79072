"""The frame of a review desk: one item after another, decided by keyboard; apps fill in what is looked at."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sunlight.journal.refusals import Invalid
from sunlight.kernel.reading import whole_or

MOST_REASONS = 10


@dataclass(frozen=True, slots=True)
class Desk:
    """One item on the desk: where its decision goes, who waits before and after it, and the reasons to choose from."""

    item_id: int
    number: str
    version: int
    action: str
    accept: str
    accept_label: str
    refuse: str = "reject"
    reasons: Sequence[str] = field(default_factory=tuple)
    hindrance: str = ""
    place: int = 0
    waiting: int = 0
    before: str = ""
    after: str = ""


def placed(ids: Sequence[int], current: int, url: Callable[[int], str]) -> dict[str, object]:
    """Where an item stands among those that wait: its place, their number, the addresses before and after it."""
    if current not in ids:
        return {"waiting": len(ids), "after": url(ids[0]) if ids else ""}
    at = ids.index(current)
    return {
        "place": at + 1,
        "waiting": len(ids),
        "before": url(ids[at - 1]) if at else "",
        "after": url(ids[at + 1]) if at + 1 < len(ids) else "",
    }


def next_id(ids: Sequence[int], current: int) -> int | None:
    """The item to show once `current` is decided: the one behind it, else the first that waits."""
    left = [each for each in ids if each != current]
    if current not in ids:
        return left[0] if left else None
    at = ids.index(current)
    return left[at] if at < len(left) else (left[0] if left else None)


def note_of(data) -> str:
    """The reasons ticked and the words written, as one text."""
    chosen = [text.strip() for text in data.getlist("reason")[:MOST_REASONS] if text.strip()]
    return "；".join([*chosen, *([data["note"].strip()] if data.get("note", "").strip() else [])])


def decision_of(data, *known: str) -> str:
    """Which of the known decisions a form asks for. Raises Invalid for another or none: silence decides nothing."""
    decision = data.get("decision", "")
    if decision not in known:
        raise Invalid("unknown_decision", "没有指明通过还是退回。请刷新页面后重新选择。", field="decision")
    return decision


def version_of(data) -> int | None:
    """The version of the row that was looked at; None where the form names none."""
    return whole_or(data.get("version", ""), None)
