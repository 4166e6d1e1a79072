"""Who reads what of messages and notices."""

from sunlight.scope import Role
from sunlight.scope.readers import EVERY_ROLE, Readers

# Each one's own: a message says whom it is for.
MESSAGES = Readers("message", EVERY_ROLE, faces=("list", "mail"))
# A notice as its sender sees it, with who took note.
NOTICES = Readers("notice", {Role.OPERATOR_SUPPORT}, faces=("notice_new",))
