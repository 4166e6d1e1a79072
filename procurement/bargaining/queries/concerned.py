"""Whom a change of a product's listed price concerns. Call it in a scope of the platform."""

from datetime import date

from procurement.bargaining.models.offers import Offer
from procurement.contracts.models import PriceAgreement


def hospitals_concerned(*, platform_id: int, price_group_id: int, offer_number: str, on: date) -> list[int]:
    """Hospitals of a platform with a price agreed for the product that still runs on a day, and the one whose offer (a
    number, or nothing) moved it."""
    here = {"platform_id": platform_id, "price_group_id": price_group_id}
    agreed = PriceAgreement.objects.filter(**here, contract__buyer_signed_at__isnull=False, valid_to__gte=on)
    offered = Offer.objects.filter(**here, number=offer_number)
    return sorted({*agreed.values_list("buyer_id", flat=True), *offered.values_list("buyer_id", flat=True)})
