"""The life of a request that waits for its organisation's approval, step by step of the chain it was asked under."""

from sunlight.kernel.machine import Machine, Move
from sunlight.kernel.states import States
from sunlight.scope.roles import Role


class ApprovalState(States):
    PENDING = "PENDING", "审批中"
    APPROVED = "APPROVED", "审批通过"
    REJECTED = "REJECTED", "审批未通过"
    WITHDRAWN = "WITHDRAWN", "已撤回"


S = ApprovalState
# Whom a step asks for is the chain's to say, a delegate may hold any role; the service looks at both.
PEOPLE = frozenset(role for role in Role if role.kind in ("HOSPITAL", "SUPPLIER"))

APPROVAL = Machine(
    "approval",
    S.PENDING,
    (
        Move("pass_step", {S.PENDING}, S.PENDING, by=PEOPLE, four_eyes=True, incompatible={"ask", "earlier step"}),
        Move("approve", {S.PENDING}, S.APPROVED, by=PEOPLE, four_eyes=True, incompatible={"ask", "earlier step"}),
        Move("reject", {S.PENDING}, S.REJECTED, by=PEOPLE, four_eyes=True, incompatible={"ask", "earlier step"}),
        Move("withdraw", {S.PENDING}, S.WITHDRAWN, by=PEOPLE),
    ),
)
