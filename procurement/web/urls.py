"""Routes of the pages; each topic module lists its own."""

from procurement.web import bargaining, orders

app_name = "procurement"
urlpatterns = [
    *bargaining.routes,
    *orders.routes,
]
