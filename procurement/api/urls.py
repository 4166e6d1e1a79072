"""Routes under /api/v1/; each topic module lists its own."""

from procurement.bargaining.api import offers as bargaining
from procurement.bargaining.api import sheets
from procurement.ordering.api import approvals, authorisations, orders
from procurement.receiving.api import deliveries

urlpatterns = [
    *approvals.routes,
    *bargaining.routes,
    *sheets.routes,
    *orders.routes,
    *deliveries.routes,
    *authorisations.routes,
]
