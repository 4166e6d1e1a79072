"""Routes under /api/v1/; each topic module lists its own."""

from sunlight.approval import api as approval
from sunlight.accounts.api import members
from sunlight.messages import api as messages
from sunlight.registration import api as registrations
from sunlight.webhooks import api as webhooks

urlpatterns = [*approval.routes, *messages.routes, *registrations.routes, *members.routes, *webhooks.routes]
