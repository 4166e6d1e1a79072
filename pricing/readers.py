"""Who reads what of prices."""

from sunlight.scope import Role
from sunlight.scope.readers import EVERY_ROLE, HOSPITALS, OFFICE, SUPPLIERS, Readers
from sunlight.sheets.readers import read_as

# The maker's people its own, operator and regulators those of their platforms.
DECLARATIONS = Readers("declaration", OFFICE, {Role.SUPPLIER_LISTER, Role.SUPPLIER_SELLER, Role.SUPPLIER_ADMIN})
# For bargaining: not for suppliers (SZ24-3.3a).
PRICE_INFORMATION = Readers("price_information", HOSPITALS, OFFICE, faces=("information",))
# What is public about a price: listed price, alert line, other provinces' prices.
PRICE_GROUPS = Readers("price_group", HOSPITALS, OFFICE, SUPPLIERS, faces=("price_group_prices",))
# Public once published: what binds, what is under notice.
REFERENCE_PRICES = Readers("reference_price", HOSPITALS, OFFICE, SUPPLIERS, faces=("reference", "references"))
PRICE_NOTICES = Readers("price_notice", HOSPITALS, OFFICE, SUPPLIERS, faces=("notice", "notices"))
CODE_FEED = Readers("code_feed", EVERY_ROLE, faces=("feed_codes",))
PRICE_LISTS = Readers("price_list", OFFICE, {Role.SUPPLIER_LISTER})
read_as("price_list", "price_list")
NIGHTLY_RUNS = Readers(
    "nightly_run",
    {Role.OPERATOR_SUPPORT, Role.OPERATOR_CONFIRMER, Role.PLATFORM_SYSTEM_ADMIN},
    faces=("nightly",),
)
