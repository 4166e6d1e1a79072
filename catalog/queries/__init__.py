"""Reading the catalogue: national codes, listings, what a listing must satisfy."""

from catalog.queries.checks import Application, Check, application_of, listing_checks
from catalog.queries.codes import national_codes_search
from catalog.queries.listings import (
    access_listing,
    active_listing_of,
    certificate_of,
    listed_specifications,
    listings_visible_to,
    lock_listing,
    own_codes,
    packs_of,
    platforms_in,
    platforms_of_listing,
    producer_names,
    specification_counts,
    zone_of,
)
from catalog.queries.products import listed_among, own_products, own_specifications
from catalog.queries.review import ListingReview, listing_review, waiting_ids
from catalog.queries.views import ListingView, commitment_of, listing_view
from catalog.queries.zones import zone_counts

__all__ = [
    "Application", "listed_among", "own_products", "own_specifications", "ListingReview", "ListingView", "listing_review", "waiting_ids", "commitment_of", "listing_view", "Check", "access_listing", "active_listing_of", "application_of",
    "certificate_of", "listed_specifications", "listing_checks", "listings_visible_to", "lock_listing",
    "national_codes_search", "own_codes", "packs_of", "platforms_in", "platforms_of_listing", "producer_names",
    "specification_counts", "zone_counts", "zone_of",
]  # fmt: skip
