"""Routes under /api/v1/; each topic module lists its own."""

from procurement.bargaining.api import clearances, offers, reviews, sheets
from procurement.contracts.api import contracts
from procurement.ordering.api import approvals, authorisations, orders
from procurement.receiving.api import deliveries
from procurement.receiving.api import orders as order_pages

urlpatterns = [
    *contracts.routes,
    *offers.routes,
    *sheets.routes,
    *reviews.routes,
    *clearances.routes,
    *orders.routes,
    *authorisations.routes,
    *approvals.routes,
    *order_pages.routes,
    *deliveries.routes,
]
