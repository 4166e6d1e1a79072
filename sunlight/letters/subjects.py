"""What letters may be about: each app above says at start-up which of its rows a letter may name, whom of the addressee it
concerns, and whether what it says still stands when it is signed.

    letter_about("payable", "货款", desk=(Role.HOSPITAL_FINANCE,), url_name="settlement:payable", still_stands=…)
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sunlight.scope import Actor
from sunlight.scope.roles import Role

# What keeps a letter about these rows from being sent today, in Chinese for the user; "" where nothing does.
StillStands = Callable[[Actor, datetime, Sequence[int]], str]


def _stands(actor: Actor, at: datetime, ids: Sequence[int]) -> str:
    return ""


@dataclass(frozen=True)
class About:
    """`noun` is the subject's type, by which an authority's part is asked; `desk` the addressee's people; `url_name` the
    page of one row."""

    noun: str
    label: str
    desk: frozenset[Role]
    url_name: str = ""
    still_stands: StillStands = _stands


ABOUT: dict[str, About] = {}


def letter_about(
    noun: str, label: str, *, desk: Sequence[Role], url_name: str = "", still_stands: StillStands = _stands
) -> About:
    """Register what letters may be about. Raises ValueError for a noun registered twice."""
    if noun in ABOUT:
        raise ValueError(f"letters about {noun} are declared twice")
    ABOUT[noun] = About(noun, label, frozenset(desk), url_name, still_stands)
    return ABOUT[noun]
