"""The moves of an order, and of the authorisations that name who delivers it."""

from sunlight.kernel.machine import Machine, Move
from sunlight.kernel.states import States
from sunlight.scope.roles import Role


class AuthorisationState(States):
    IN_FORCE = "IN_FORCE", "有效"
    REVOKED = "REVOKED", "已撤销"


class OrderState(States):
    PLACED = "PLACED", "待企业确认"
    ACCEPTED = "ACCEPTED", "已确认"
    DECLINED = "DECLINED", "企业已拒绝"
    CANCELLED = "CANCELLED", "已撤单"
    DELIVERED = "DELIVERED", "已到齐"
    CLOSED = "CLOSED", "已关闭"


AUTHORISATION = Machine(
    "distribution_authorisation",
    AuthorisationState.IN_FORCE,
    (
        Move(
            "revoke", {AuthorisationState.IN_FORCE}, AuthorisationState.REVOKED, by={Role.SUPPLIER_SELLER, Role.SYSTEM}
        ),
    ),
)

ORDER = Machine(
    "order",
    OrderState.PLACED,
    (
        Move("accept", {OrderState.PLACED}, OrderState.ACCEPTED, by={Role.SUPPLIER_SELLER}),
        Move("decline", {OrderState.PLACED}, OrderState.DECLINED, by={Role.SUPPLIER_SELLER}),
        Move("cancel", {OrderState.PLACED}, OrderState.CANCELLED, by={Role.HOSPITAL_BUYER}),
        Move("complete", {OrderState.ACCEPTED}, OrderState.DELIVERED, by={Role.SYSTEM}),
        Move("reopen", {OrderState.DELIVERED}, OrderState.ACCEPTED, by={Role.SYSTEM}),
        Move("close", {OrderState.ACCEPTED}, OrderState.CLOSED, by={Role.HOSPITAL_BUYER}),
    ),
)
