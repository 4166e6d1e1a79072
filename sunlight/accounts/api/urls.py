"""Routes under /api/v1/; each topic module lists its own."""

from sunlight.accounts.api import approval, members, messages, registrations, webhooks

urlpatterns = [*approval.routes, *messages.routes, *registrations.routes, *members.routes, *webhooks.routes]
