"""Reading prices: what stands listed, what was published, what was declared, and the view of them for people."""

from pricing.queries.deals import deal_fact, own_deals, price_groups_to_publish, public_deal_prices
from pricing.queries.declared import (
    access_declaration,
    access_price_list,
    current_province_prices,
    declarations_visible_to,
    declared_rows,
    earlier_declarations,
    lock_declaration,
    named_province_prices,
    price_lists_visible_to,
    province_prices,
    units_of,
    waiting_declarations,
)
from pricing.queries.feeds import changes_after
from pricing.queries.figures import figures_digest
from pricing.queries.nightly import progress_of, runs_visible_to, unfinished_run
from pricing.queries.products import (
    access_price_group,
    comparison_of,
    comparison_provinces,
    own_price_groups,
    products_with_prices,
    undeclared_price_groups,
)
from pricing.queries.published import (
    distributions_for,
    information_for,
    last_publication,
    listed_price,
    listed_prices,
)
from pricing.queries.view import (
    LevelFigures,
    Position,
    PriceView,
    Segment,
    boundaries_of,
    position_in,
    price_view,
    price_views,
)

__all__ = [
    "LevelFigures",
    "Position",
    "PriceView",
    "Segment",
    "access_declaration",
    "access_price_group",
    "access_price_list",
    "boundaries_of",
    "changes_after",
    "comparison_of",
    "comparison_provinces",
    "current_province_prices",
    "deal_fact",
    "declarations_visible_to",
    "declared_rows",
    "distributions_for",
    "earlier_declarations",
    "figures_digest",
    "information_for",
    "last_publication",
    "listed_price",
    "listed_prices",
    "lock_declaration",
    "named_province_prices",
    "own_deals",
    "own_price_groups",
    "position_in",
    "price_groups_to_publish",
    "price_lists_visible_to",
    "price_view",
    "price_views",
    "products_with_prices",
    "progress_of",
    "province_prices",
    "public_deal_prices",
    "runs_visible_to",
    "undeclared_price_groups",
    "unfinished_run",
    "units_of",
    "waiting_declarations",
]
