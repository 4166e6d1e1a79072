"""Who reads what of registration."""

from sunlight.scope import Role
from sunlight.scope.readers import ADMINS, WATCHING, Readers

REGISTRATIONS = Readers("registration", {Role.OPERATOR_REVIEWER}, WATCHING, faces=("review",))
# An organisation's administrator sees its own.
QUALIFICATIONS = Readers("qualification", ADMINS, REGISTRATIONS)
