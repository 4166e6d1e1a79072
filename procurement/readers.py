"""Who reads what of the trade, from the product a hospital looks for to its acceptance."""

from sunlight.scope import Role
from sunlight.scope.readers import HOSPITALS, WATCHING, Readers

# Who bargains for a hospital, signs, asks for it or audits it.
BARGAINING = frozenset({Role.HOSPITAL_BUYER, Role.HOSPITAL_APPROVER, Role.HOSPITAL_AUDITOR, Role.HOSPITAL_REQUESTER})
SELLING = frozenset({Role.SUPPLIER_SELLER})
SUPPLYING = SELLING | {Role.SUPPLIER_SHIPPER, Role.SUPPLIER_FINANCE}
# Reviewers and confirmers need orders and goods for their own work on listings and prices; bargaining they do not.
WATCHING_ORDERS = WATCHING | {Role.OPERATOR_REVIEWER, Role.OPERATOR_CONFIRMER}
RECEIVING = frozenset({Role.HOSPITAL_BUYER, Role.HOSPITAL_RECEIVER, Role.HOSPITAL_FINANCE, Role.HOSPITAL_AUDITOR})
ORDERING = RECEIVING | {Role.HOSPITAL_APPROVER, Role.HOSPITAL_ADMIN}

PRODUCTS = Readers("product", BARGAINING, faces=("compare", "offer_trial"))
OFFERS = Readers("offer", BARGAINING, SELLING, WATCHING)
# Who asks for a review, whose product it is, who decides it.
PRICE_REVIEWS = Readers("price_review", BARGAINING, SELLING, WATCHING, {Role.OPERATOR_CONFIRMER})
# Products under the limits of first deals, with the hospitals that bought them.
FIRST_DEALS = Readers("first_deal", WATCHING, {Role.OPERATOR_CONFIRMER})
# Who has bought how long without bargaining (JS20-12): for those who watch; a hospital sees its own on the product's page.
BARGAIN_WATCH = Readers("bargain_watch", WATCHING)
CLEARANCES = Readers("clearance", BARGAINING, SELLING, WATCHING)
# A price in the making: the hospital's own until it is sent.
OFFER_SHEETS = Readers(
    "offer_sheet",
    BARGAINING - {Role.HOSPITAL_REQUESTER},
    faces=("sheet", "sheets", "sheet_body", "sheet_line"),
)
# A hospital's finance pays by them.
CONTRACTS = Readers("contract", OFFERS, {Role.HOSPITAL_FINANCE})
# What a firm agrees to beforehand, no hospital sees.
STANDING_CONSENTS = Readers("standing_consent", SELLING, {Role.SUPPLIER_ADMIN}, WATCHING, faces=("consents",))
AGREEMENTS = Readers("agreement", CONTRACTS)

# The maker's choice (SZ24-3.6): its own people, the distributor's, and those who watch.
AUTHORISATIONS = Readers("authorisation", SELLING, {Role.SUPPLIER_SHIPPER}, WATCHING_ORDERS)
ORDERS = Readers("order", ORDERING, SUPPLYING, WATCHING_ORDERS)
# On paper, with places to sign: for the two sides.
ORDER_PRINTS = Readers("order_print", ORDERING, SUPPLYING)
# What the yearly shares of a hospital are measured by, and how much of them is used.
YEAR_SHARES = Readers("year_share", ORDERING - {Role.HOSPITAL_RECEIVER}, faces=("year_base_usage",))
YEAR_BASES = Readers("year_base", YEAR_SHARES, WATCHING)
DELIVERY_POINTS = Readers("delivery_point", {Role.HOSPITAL_ADMIN, Role.HOSPITAL_BUYER})
# A delegate may hold any role of the hospital.
APPROVALS = Readers("approval", HOSPITALS, faces=("order_approval", "order_approvals"))

DELIVERIES = Readers("delivery", RECEIVING, SUPPLYING, WATCHING_ORDERS)
ACCEPTANCES = Readers("acceptance", DELIVERIES)
UDI_SCANS = Readers("udi_scan", {Role.SUPPLIER_SHIPPER, Role.HOSPITAL_RECEIVER})
