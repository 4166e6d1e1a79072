"""Changes of the account that a supplier is paid to."""

from settlement.workflows.states import AccountChangeState
from sunlight.kernel.machine import Duty, Machine, Move
from sunlight.scope.roles import Role

ASKED_IT = Duty("ask", "four_eyes", "申请人不能复核自己提出的收款账户变更，请由本单位另一位财务或管理员复核。")
FIRM = frozenset({Role.SUPPLIER_FINANCE, Role.SUPPLIER_ADMIN})
_OPEN = {AccountChangeState.ASKED, AccountChangeState.CONFIRMED, AccountChangeState.APPROVED}

# A firm's own second person, the operator and a waiting time stand between a typed account and the money.
ACCOUNT_CHANGE = Machine(
    "account_change",
    AccountChangeState.ASKED,
    (
        Move(
            "confirm",
            {AccountChangeState.ASKED},
            AccountChangeState.CONFIRMED,
            by=FIRM,
            four_eyes=ASKED_IT,
            in_person=True,
            words="复核收款账户变更",
        ),
        Move(
            "approve",
            {AccountChangeState.CONFIRMED},
            AccountChangeState.APPROVED,
            by={Role.OPERATOR_REVIEWER},
            in_person=True,
            words="核实收款账户变更",
        ),
        Move(
            "refuse",
            {AccountChangeState.CONFIRMED, AccountChangeState.APPROVED},
            AccountChangeState.REFUSED,
            by={Role.OPERATOR_REVIEWER},
            words="不予变更收款账户",
        ),
        Move("withdraw", _OPEN, AccountChangeState.WITHDRAWN, by=FIRM, words="撤回收款账户变更"),
        Move(
            "take_effect",
            {AccountChangeState.APPROVED},
            AccountChangeState.IN_FORCE,
            by={Role.SYSTEM},
            words="启用新的收款账户",
        ),
    ),
)
