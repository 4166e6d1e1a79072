"""Who reads what of people and of their organisation's machines."""

from sunlight.scope import Role
from sunlight.scope.readers import ADMINS, HOSPITALS, OFFICE, SUPPLIERS, Readers

# An administrator its own organisation's people, the security administrator those of operators and authorities.
MEMBERS = Readers("membership", ADMINS, {Role.PLATFORM_SECURITY_ADMIN}, faces=("member", "members"))
CLIENTS = Readers("oauth_client", ADMINS, faces=("clients",))
# Everybody who may be asked to answer for a machine reads what they are asked; administrators read all of their own.
MACHINE_DUTIES = Readers("machine_duty", HOSPITALS, SUPPLIERS, OFFICE)
# What an organisation lets its machines do stands on its papers, so all of its people read it.
MANDATES = Readers("mandate", HOSPITALS, SUPPLIERS)
