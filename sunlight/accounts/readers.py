"""Who reads what of people and of their organisation's machines."""

from sunlight.scope import Role
from sunlight.scope.readers import ADMINS, Readers

# An administrator its own organisation's people, the security administrator those of operators and authorities.
MEMBERS = Readers("membership", ADMINS, {Role.PLATFORM_SECURITY_ADMIN}, faces=("member", "members"))
CLIENTS = Readers("oauth_client", ADMINS, faces=("clients",))
