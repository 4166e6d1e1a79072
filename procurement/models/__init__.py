"""How it is bought."""

from procurement.models.bargaining import Offer, PriceAgreement, SupplyContract
from procurement.models.delivery import Acceptance, AcceptanceLine, Delivery, DeliveryLine
from procurement.models.order import DeliveryPoint, DistributionAuthorisation, Order, OrderLine

__all__ = [
    "Acceptance",
    "AcceptanceLine",
    "Delivery",
    "DeliveryLine",
    "DeliveryPoint",
    "DistributionAuthorisation",
    "Offer",
    "Order",
    "OrderLine",
    "PriceAgreement",
    "SupplyContract",
]
