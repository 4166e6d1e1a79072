"""What a party's file is needed for: the application, review or case through which the platform's people open it.

    @file_use("registration", *HANDLING)
    def document_files(actor: Actor, application_id: int) -> set[int]: ...

An app registers, in its queries, which files belong to a row of one of its nouns. `file_through` asks the noun's readers, then
who handles such rows, then the row itself; nobody inside the platform opens such a file in another way.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from sunlight.scope import Actor, Role
from sunlight.scope.readers import READERS

# Ids of the files of a row that the actor may read. Raises NotThere where it may not.
FilesOf = Callable[[Actor, int], Collection[int]]


@dataclass(frozen=True)
class Use:
    """`noun`: whose rows need the files; `handlers`: who of its readers handles such rows and may open them."""

    noun: str
    handlers: frozenset[Role]
    files_of: FilesOf

    def is_for(self, actor: Actor) -> bool:
        return READERS[self.noun].admits(actor) and not actor.roles.isdisjoint(self.handlers)


USES: dict[str, Use] = {}


def file_use(noun: str, *handlers: Role):
    """Register the files of a noun's rows. Raises ValueError for a noun registered twice."""

    def wrap(files_of: FilesOf) -> FilesOf:
        if noun in USES:
            raise ValueError(f"the files of {noun} are declared twice")
        USES[noun] = Use(noun, frozenset(handlers), files_of)
        return files_of

    return wrap
