"""Routes of the pages; each topic module lists its own."""

from procurement.web import approvals, bargaining, orders

app_name = "procurement"
urlpatterns = [
    *approvals.routes,
    *bargaining.routes,
    *orders.routes,
]
