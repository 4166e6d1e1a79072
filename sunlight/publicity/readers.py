"""Who reads what of publicity inside; the portal shows the public its part."""

from sunlight.scope import Role
from sunlight.scope.readers import WATCHING, Readers

PUBLICATIONS = Readers("publication", {Role.OPERATOR_REVIEWER}, WATCHING)
