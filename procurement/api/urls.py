"""Routes under /api/v1/; each topic module lists its own."""

from procurement.api import authorisations, bargaining, deliveries, orders, sheets

urlpatterns = [
    *bargaining.routes,
    *sheets.routes,
    *orders.routes,
    *deliveries.routes,
    *authorisations.routes,
]
