"""Routes under /api/v1/; each topic module lists its own."""

from sunlight.accounts.api import changes, machines, members

urlpatterns = [*members.routes, *changes.routes, *machines.routes]
