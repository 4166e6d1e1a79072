"""Who reads time limits: of each kind, those who read what it is about."""

from sunlight.scope import Role
from sunlight.scope.readers import WATCHING, Readers

_HOSPITAL = {Role.HOSPITAL_BUYER, Role.HOSPITAL_APPROVER, Role.HOSPITAL_FINANCE, Role.HOSPITAL_AUDITOR}
_SUPPLIER = {Role.SUPPLIER_SELLER, Role.SUPPLIER_FINANCE}
DEADLINES = Readers("deadline", _HOSPITAL, _SUPPLIER, WATCHING)
