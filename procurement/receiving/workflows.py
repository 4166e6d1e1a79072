"""The moves of goods: sent, accepted, reversed."""

from sunlight.kernel.machine import Machine, Move
from sunlight.kernel.states import States
from sunlight.scope.roles import Role


class DeliveryState(States):
    DISPATCHED = "DISPATCHED", "配送中"
    ACCEPTED = "ACCEPTED", "已验收"
    CANCELLED = "CANCELLED", "已取消"


class AcceptanceState(States):
    CONFIRMED = "CONFIRMED", "已确认"
    REVERSED = "REVERSED", "已冲销"


DELIVERY = Machine(
    "delivery",
    DeliveryState.DISPATCHED,
    (
        Move(
            "accept",
            {DeliveryState.DISPATCHED},
            DeliveryState.ACCEPTED,
            by={Role.HOSPITAL_RECEIVER},
            incompatible={"order"},
        ),
        Move("cancel", {DeliveryState.DISPATCHED}, DeliveryState.CANCELLED, by={Role.SUPPLIER_SHIPPER}),
        Move("reopen", {DeliveryState.ACCEPTED}, DeliveryState.DISPATCHED, by={Role.HOSPITAL_RECEIVER}),
    ),
)


ACCEPTANCE = Machine(
    "acceptance",
    AcceptanceState.CONFIRMED,
    (
        Move(
            "reverse",
            {AcceptanceState.CONFIRMED},
            AcceptanceState.REVERSED,
            by={Role.HOSPITAL_RECEIVER},
            four_eyes=True,
        ),
    ),
)
