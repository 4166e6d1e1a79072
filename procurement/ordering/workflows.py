"""The moves of an order, and of the authorisations that name who delivers it."""

from sunlight.kernel.machine import Machine, Move
from sunlight.kernel.states import States
from sunlight.scope.roles import Role


class AuthorisationState(States):
    IN_FORCE = "IN_FORCE", "有效", "green"
    REVOKED = "REVOKED", "已撤销", "red"


class OrderState(States):
    PLACED = "PLACED", "待企业确认", "blue"
    ACCEPTED = "ACCEPTED", "已确认", "green"
    DECLINED = "DECLINED", "企业已拒绝", "red"
    CANCELLED = "CANCELLED", "已撤单"
    DELIVERED = "DELIVERED", "已到齐", "green"
    CLOSED = "CLOSED", "已关闭"


AUTHORISATION = Machine(
    "distribution_authorisation",
    AuthorisationState.IN_FORCE,
    (
        Move(
            "revoke",
            {AuthorisationState.IN_FORCE},
            AuthorisationState.REVOKED,
            by={Role.SUPPLIER_SELLER, Role.SYSTEM},
            words="撤销授权",
        ),
    ),
)

ORDER = Machine(
    "order",
    OrderState.PLACED,
    (
        Move("accept", {OrderState.PLACED}, OrderState.ACCEPTED, by={Role.SUPPLIER_SELLER}, words="确认订单"),
        Move("decline", {OrderState.PLACED}, OrderState.DECLINED, by={Role.SUPPLIER_SELLER}, words="拒绝订单"),
        Move("cancel", {OrderState.PLACED}, OrderState.CANCELLED, by={Role.HOSPITAL_BUYER}, words="撤单"),
        Move("complete", {OrderState.ACCEPTED}, OrderState.DELIVERED, by={Role.SYSTEM}, words="到齐"),
        Move("reopen", {OrderState.DELIVERED}, OrderState.ACCEPTED, by={Role.SYSTEM}, words="恢复为未到齐"),
        Move("close", {OrderState.ACCEPTED}, OrderState.CLOSED, by={Role.HOSPITAL_BUYER}, words="关闭订单"),
    ),
)
