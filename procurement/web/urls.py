"""Routes of the pages; each topic module lists its own."""

from procurement.web import approvals, bargaining, orders, sheets

app_name = "procurement"
urlpatterns = [
    *approvals.routes,
    *bargaining.routes,
    *sheets.routes,
    *orders.routes,
]
