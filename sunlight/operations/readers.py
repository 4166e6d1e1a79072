"""Who reads what of the machinery."""

from sunlight.scope import Role
from sunlight.scope.readers import Readers

DEAD_LETTERS = Readers("journal_delivery", {Role.PLATFORM_SYSTEM_ADMIN}, faces=("dead_letters",))
