"""Where an organisation's own systems receive its events."""

from sunlight.journal.declared import event, labels, subject
from sunlight.webhooks.workflows import WebhookState

labels({"topics": "事件类型", "url": "接收地址"})

WEBHOOK = subject("webhook", "推送地址", states=WebhookState, has_trace=False)
WEBHOOK_REGISTERED = event("webhook_registered", "登记推送地址", WEBHOOK)
WEBHOOK_CHANGED = event("webhook_changed", "修改推送地址", WEBHOOK)
WEBHOOK_SECRET_ROTATED = event("webhook_secret_rotated", "更换推送密钥", WEBHOOK)
WEBHOOK_ENABLED = event("webhook_enabled", "启用推送地址", WEBHOOK)
WEBHOOK_DISABLED = event("webhook_disabled", "停用推送地址", WEBHOOK)
WEBHOOK_TESTED = event("webhook_tested", "试发推送", WEBHOOK)
WEBHOOK_REDELIVERY_ASKED = event("webhook_redelivery_asked", "要求重新推送", WEBHOOK, labels={"delivery": "推送"})
