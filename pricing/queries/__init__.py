"""Reading prices: what stands listed, what was published, what was declared, and the view of them for people."""

from pricing.queries.deals import deal_fact, price_groups_to_publish, public_deal_prices
from pricing.queries.declared import (
    access_declaration,
    current_province_prices,
    declarations_visible_to,
    declared_rows,
    lock_declaration,
    province_prices,
    units_of,
)
from pricing.queries.published import (
    current_information,
    information_for,
    last_publication,
    listed_price,
    listed_prices,
)
from pricing.queries.view import PriceView, price_view, price_views

__all__ = [
    "PriceView",
    "access_declaration",
    "current_information",
    "current_province_prices",
    "deal_fact",
    "declarations_visible_to",
    "declared_rows",
    "information_for",
    "last_publication",
    "listed_price",
    "listed_prices",
    "lock_declaration",
    "price_groups_to_publish",
    "price_view",
    "price_views",
    "province_prices",
    "public_deal_prices",
    "units_of",
]
