"""Written prompts for late payment that were not answered, as `payment.arrears` counts them."""

from collections.abc import Collection
from datetime import date

from sunlight.scope import Actor


def unanswered_prompts(actor: Actor, payable_ids: Collection[int], on: date) -> dict[int, int]:
    """How many written prompts about each payable were unanswered at the end of a day; one that has none is left out."""
    # Until letters are sent from here, none is.
    return {}
