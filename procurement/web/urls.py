"""Routes of the pages; each topic module lists its own."""

from procurement.web import bargaining, orders, sheets

app_name = "procurement"
urlpatterns = [
    *bargaining.routes,
    *sheets.routes,
    *orders.routes,
]
