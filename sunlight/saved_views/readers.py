"""What a saved view may say: each list's face tells how it reads the words of an address."""

from collections.abc import Callable

# list → (words as typed → the words kept). Raises Invalid for words that the list cannot be asked with.
_readers: dict[str, Callable[[str], str]] = {}


def define(list_key: str, reader: Callable[[str], str]) -> None:
    """Let views of a list be saved."""
    _readers[list_key] = reader


def reader_of(list_key: str) -> Callable[[str], str] | None:
    return _readers.get(list_key)
