"""The moves of goods: sent, accepted, reversed."""

from sunlight.kernel.machine import Duty, Machine, Move
from sunlight.kernel.states import States
from sunlight.scope.roles import Role


class DeliveryState(States):
    DISPATCHED = "DISPATCHED", "配送中", "blue"
    ACCEPTED = "ACCEPTED", "已验收", "green"
    CANCELLED = "CANCELLED", "已取消"


class AcceptanceState(States):
    CONFIRMED = "CONFIRMED", "已确认", "green"
    REVERSED = "REVERSED", "已冲销", "red"


ORDERED_IT = Duty("order", "ordered_it_yourself", "下单人不能验收自己下的订单。请由本单位另一名验收员验收。")

DELIVERY = Machine(
    "delivery",
    DeliveryState.DISPATCHED,
    (
        Move(
            "accept",
            {DeliveryState.DISPATCHED},
            DeliveryState.ACCEPTED,
            by={Role.HOSPITAL_RECEIVER},
            incompatible=(ORDERED_IT,),
            words="验收",
        ),
        Move(
            "cancel",
            {DeliveryState.DISPATCHED},
            DeliveryState.CANCELLED,
            by={Role.SUPPLIER_SHIPPER},
            words="取消配送单",
        ),
        Move(
            "reopen",
            {DeliveryState.ACCEPTED},
            DeliveryState.DISPATCHED,
            by={Role.HOSPITAL_RECEIVER},
            words="恢复为待验收",
        ),
    ),
)

ACCEPTED_IT = Duty("accept", "four_eyes", "验收人不能冲销自己的验收。请由本单位另一名验收员冲销。")

ACCEPTANCE = Machine(
    "acceptance",
    AcceptanceState.CONFIRMED,
    (
        Move(
            "reverse",
            {AcceptanceState.CONFIRMED},
            AcceptanceState.REVERSED,
            by={Role.HOSPITAL_RECEIVER},
            four_eyes=ACCEPTED_IT,
            in_person=True,
            mandate=True,
            words="冲销验收",
        ),
    ),
)
