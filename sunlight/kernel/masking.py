"""Numbers of which most readers see the end alone: bank accounts."""

STARS, SHOWN = "****", 4


def tail_of(number: str) -> str:
    """The last four characters (尾号) behind stars."""
    return STARS + number[-SHOWN:] if number else ""
