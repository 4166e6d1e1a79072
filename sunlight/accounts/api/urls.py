"""Routes under /api/v1/; each topic module lists its own."""

from sunlight.accounts.api import approval, messages, registrations

urlpatterns = [*approval.routes, *messages.routes, *registrations.routes]
