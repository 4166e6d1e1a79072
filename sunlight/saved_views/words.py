"""What a saved view may say: each list says which words of an address it keeps."""

from collections.abc import Callable

# list → (words as typed → the words kept). Raises Invalid for words that the list cannot be asked with.
_kept: dict[str, Callable[[str], str]] = {}


def define(list_key: str, kept: Callable[[str], str]) -> None:
    """Let views of a list be saved."""
    _kept[list_key] = kept


def kept_by(list_key: str) -> Callable[[str], str] | None:
    return _kept.get(list_key)
