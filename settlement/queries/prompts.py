"""Written prompts for late payment that were not answered, as `payment.arrears` counts them."""

from collections.abc import Collection


def unanswered_prompts(payable_ids: Collection[int]) -> dict[int, int]:
    """How many written prompts about each payable stay unanswered; one that has none is left out."""
    # Until letters are sent from here, none is.
    return {}
