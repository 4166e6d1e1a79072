"""Routes under /api/v1/; each topic module lists its own."""

from procurement.api import approvals, authorisations, bargaining, deliveries, orders, sheets

urlpatterns = [
    *approvals.routes,
    *bargaining.routes,
    *sheets.routes,
    *orders.routes,
    *deliveries.routes,
    *authorisations.routes,
]
