"""A declaration of other provinces' prices: submitted, then confirmed or rejected by the operator (SZ24-3.2a)."""

from sunlight.kernel.machine import Machine, Move
from sunlight.kernel.states import States
from sunlight.scope.roles import Role


class DeclarationState(States):
    SUBMITTED = "SUBMITTED", "待确认", "blue"
    CONFIRMED = "CONFIRMED", "已确认", "green"
    REJECTED = "REJECTED", "已退回", "red"


S = DeclarationState

DECLARATION = Machine(
    "declaration",
    S.SUBMITTED,
    (
        Move("confirm", {S.SUBMITTED}, S.CONFIRMED, by={Role.OPERATOR_CONFIRMER}, words="确认价格"),
        Move("reject", {S.SUBMITTED}, S.REJECTED, by={Role.OPERATOR_CONFIRMER}, words="退回申报"),
    ),
)
