"""Who the pages of approval are for."""

from sunlight.scope import Role
from sunlight.scope.roles import OrganisationKind

# Everybody of a hospital may stand in for a colleague; its administrator sets the chain.
APPROVING = tuple(role for role in Role if role.kind == OrganisationKind.HOSPITAL)
