"""Who reads what of people and of their organisation's machines."""

from sunlight.scope import Role
from sunlight.scope.readers import ADMINS, HOSPITALS, OFFICE, SUPPLIERS, Readers

# An administrator its own organisation's people, the security administrator those of operators, authorities and the platform,
# the system administrator the platform's.
KEEPERS = frozenset({Role.PLATFORM_SECURITY_ADMIN, Role.PLATFORM_SYSTEM_ADMIN})
MEMBERS = Readers("membership", ADMINS, KEEPERS, faces=("member", "members"))
# Changes of rights: who asks and confirms, and who watches over the platform's own administrators.
CHANGES = Readers("access_change", ADMINS, KEEPERS, {Role.PLATFORM_AUDIT_ADMIN}, faces=("change", "changes"))
CLIENTS = Readers("oauth_client", ADMINS, faces=("clients",))
# Everybody who may be asked to answer for a machine reads what they are asked; administrators read all of their own.
MACHINE_DUTIES = Readers("machine_duty", HOSPITALS, SUPPLIERS, OFFICE)
# What an organisation lets its machines do stands on its papers, so all of its people read it.
MANDATES = Readers("mandate", HOSPITALS, SUPPLIERS)
