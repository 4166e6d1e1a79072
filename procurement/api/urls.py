"""Routes under /api/v1/; each topic module lists its own."""

from procurement.bargaining.api import clearances, offers, reviews, sheets
from procurement.contracts.api import consents, contracts
from procurement.ordering.api import approvals, authorisations, orders, year_bases
from procurement.receiving.api import deliveries
from procurement.receiving.api import orders as order_pages

urlpatterns = [
    *contracts.routes,
    *consents.routes,
    *offers.routes,
    *sheets.routes,
    *reviews.routes,
    *clearances.routes,
    *orders.routes,
    *authorisations.routes,
    *approvals.routes,
    *year_bases.routes,
    *order_pages.routes,
    *deliveries.routes,
]
