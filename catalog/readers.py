"""Who reads what of the catalogue."""

from sunlight.scope import Role
from sunlight.scope.readers import EVERY_ROLE, Readers
from sunlight.sheets.readers import read_as

# The maker's people who bring its products to the market.
MAKERS = frozenset({Role.SUPPLIER_LISTER, Role.SUPPLIER_SELLER, Role.SUPPLIER_ADMIN})

# A listing in force is public (SZ20-5.3.5); which others one sees is the rows' own say.
LISTINGS = Readers("listing", EVERY_ROLE)
NATIONAL_CODES = Readers("national_code", EVERY_ROLE, faces=("codes",))
RELEASES = Readers(
    "release",
    {Role.OPERATOR_REVIEWER, Role.OPERATOR_SUPPORT},
    faces=("release_template", "catalog_imports", "catalog_import"),
)
read_as("release", "catalog.full", "catalog.disabled", "catalog.transcode", "catalog.release")
