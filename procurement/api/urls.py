"""Routes under /api/v1/; each topic module lists its own."""

from procurement.api import authorisations, bargaining, deliveries, orders

urlpatterns = [
    *bargaining.routes,
    *orders.routes,
    *deliveries.routes,
    *authorisations.routes,
]
