"""How it is bought."""

from procurement.models.bargaining import Offer, PriceAgreement, SupplyContract
from procurement.models.delivery import Acceptance, AcceptanceLine, Delivery, DeliveryLine
from procurement.models.order import DeliveryPoint, DistributionAuthorisation, Order, OrderLine
from procurement.models.sheets import OfferSheet, OfferSheetRow

__all__ = [
    "Acceptance",
    "AcceptanceLine",
    "Delivery",
    "DeliveryLine",
    "DeliveryPoint",
    "DistributionAuthorisation",
    "Offer",
    "OfferSheet",
    "OfferSheetRow",
    "Order",
    "OrderLine",
    "PriceAgreement",
    "SupplyContract",
]
