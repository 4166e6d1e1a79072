"""Who reads what of webhooks."""

from sunlight.scope.readers import ADMINS, Readers

WEBHOOKS = Readers("webhook", ADMINS, faces=("webhook_deliveries",))
