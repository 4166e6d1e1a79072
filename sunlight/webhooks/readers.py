"""Who reads what of webhooks."""

from sunlight.scope.readers import Readers
from sunlight.webhooks.workflows import KEEPERS

WEBHOOKS = Readers("webhook", KEEPERS, faces=("webhook_deliveries",))
