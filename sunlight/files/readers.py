"""Who reads what of files."""

from sunlight.scope.readers import EVERY_ROLE, Readers

# One file's content may be public; the query and the wall say whether this visitor may have it.
FILES = Readers("file", EVERY_ROLE)
