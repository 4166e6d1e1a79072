"""Routes under /api/v1/; each topic module lists its own."""

from catalog.api import imports, listings

urlpatterns = [*imports.routes, *listings.routes]
