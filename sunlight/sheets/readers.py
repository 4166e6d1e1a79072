"""Who reads what of imports."""

from sunlight.scope import Actor
from sunlight.scope.readers import EVERY_ROLE, Readers, may_read

# The report is its sender's, and of those who read what the sheet was about.
IMPORT_RUNS = Readers(
    "import_run", EVERY_ROLE, faces=("imports:run", "imports:refused", "imports:marked", "imports:original")
)

# The kind of an import → the noun its rows became.
_NOUNS: dict[str, str] = {}


def read_as(noun: str, *kinds: str) -> None:
    """Imports of these kinds are read by the readers of a noun, besides their sender."""
    _NOUNS.update(dict.fromkeys(kinds, noun))


def noun_of(kind: str) -> str:
    """ "" for a kind that is its sender's alone."""
    return _NOUNS.get(kind, "")


def kinds_read_by(actor: Actor) -> list[str]:
    return sorted(kind for kind, noun in _NOUNS.items() if may_read(actor, noun))
