"""Routes of the pages; each topic module lists its own."""

from procurement.bargaining.web import offers as bargaining
from procurement.bargaining.web import sheets
from procurement.ordering.web import approvals
from procurement.receiving.web import orders

app_name = "procurement"
urlpatterns = [
    *approvals.routes,
    *bargaining.routes,
    *sheets.routes,
    *orders.routes,
]
