"""Routes under /api/v1/; each topic module lists its own."""

from sunlight.accounts.api import messages, registrations, webhooks

urlpatterns = [*messages.routes, *registrations.routes, *webhooks.routes]
