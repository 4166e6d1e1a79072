"""The life of a webhook and of what it delivers."""

from sunlight.kernel.machine import Machine, Move
from sunlight.kernel.states import States
from sunlight.scope.roles import ADMINS, Role

# Who says where an organisation's events go: its administrators; at an authority its auditors, who get the checkpoints.
KEEPERS = ADMINS | {Role.REGULATOR_AUDITOR}


class WebhookState(States):
    ACTIVE = "ACTIVE", "启用"
    DISABLED = "DISABLED", "停用"


WEBHOOK = Machine(
    "webhook",
    WebhookState.ACTIVE,
    (
        Move("disable", {WebhookState.ACTIVE}, WebhookState.DISABLED, by=KEEPERS | {Role.SYSTEM}, words="停用"),
        Move("enable", {WebhookState.DISABLED}, WebhookState.ACTIVE, by=KEEPERS, words="启用"),
    ),
)


class WebhookDeliveryState(States):
    WAITING = "WAITING", "待投递"
    DELIVERED = "DELIVERED", "已投递", "green"
    FAILED = "FAILED", "投递失败", "red"


WEBHOOK_DELIVERY = Machine(
    "webhook_delivery",
    WebhookDeliveryState.WAITING,
    (
        Move("deliver", {WebhookDeliveryState.WAITING}, WebhookDeliveryState.DELIVERED, by={Role.SYSTEM}, words="投递"),
        Move(
            "give_up", {WebhookDeliveryState.WAITING}, WebhookDeliveryState.FAILED, by={Role.SYSTEM}, words="放弃投递"
        ),
        Move(
            "redeliver",
            {WebhookDeliveryState.DELIVERED, WebhookDeliveryState.FAILED},
            WebhookDeliveryState.WAITING,
            by=KEEPERS,
            words="再次投递",
        ),
    ),
)
