"""Routes under /api/v1/; each topic module lists its own."""

from sunlight.accounts.api import members, messages, registrations

urlpatterns = [*messages.routes, *registrations.routes, *members.routes]
