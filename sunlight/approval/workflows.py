"""The life of a request that waits for its organisation's approval, step by step of the chain it was asked under."""

from sunlight.kernel.machine import Duty, Machine, Move
from sunlight.kernel.states import States
from sunlight.scope.roles import Role


class ApprovalState(States):
    PENDING = "PENDING", "审批中", "blue"
    APPROVED = "APPROVED", "审批通过", "green"
    REJECTED = "REJECTED", "审批未通过", "red"
    WITHDRAWN = "WITHDRAWN", "已撤回"


S = ApprovalState
# Whom a step asks for is the chain's to say, a delegate may hold any role; the service looks at both.
PEOPLE = frozenset(role for role in Role if role.kind in ("HOSPITAL", "SUPPLIER"))
# Nobody approves their own request, nor takes two of its steps, in person or through another.
ASKED_FOR_IT = Duty(
    "ask",
    "approval_own",
    "不能审批自己提交的申请，也不能以申请人的名义审批。请由其他审批人办理。",
)
TOOK_A_STEP = Duty(
    "earlier step",
    "approval_twice",
    "您（或您所代理的人）已办理过本申请的前一步骤，同一人不能审批两次。请由其他审批人办理。",
)

APPROVAL = Machine(
    "approval",
    S.PENDING,
    (
        Move(
            "pass_step",
            {S.PENDING},
            S.PENDING,
            by=PEOPLE,
            four_eyes=ASKED_FOR_IT,
            incompatible=(TOOK_A_STEP,),
            in_person=True,
            mandate=True,
            words="同意本步骤",
        ),
        Move(
            "approve",
            {S.PENDING},
            S.APPROVED,
            by=PEOPLE,
            four_eyes=ASKED_FOR_IT,
            incompatible=(TOOK_A_STEP,),
            in_person=True,
            mandate=True,
            words="同意",
        ),
        Move(
            "reject",
            {S.PENDING},
            S.REJECTED,
            by=PEOPLE,
            four_eyes=ASKED_FOR_IT,
            incompatible=(TOOK_A_STEP,),
            in_person=True,
            words="不同意",
        ),
        Move("withdraw", {S.PENDING}, S.WITHDRAWN, by=PEOPLE, words="撤回申请"),
    ),
)
