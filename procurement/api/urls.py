"""Routes under /api/v1/; each topic module lists its own."""

from procurement.api import bargaining

urlpatterns = [
    *bargaining.routes,
]
