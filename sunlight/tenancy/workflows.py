"""What an organisation registered and may change: the account it is paid to."""

from sunlight.kernel.machine import Machine, Move
from sunlight.kernel.states import States
from sunlight.scope.roles import Role


class BankAccountState(States):
    WAITING = "WAITING", "待生效", "blue"
    IN_FORCE = "IN_FORCE", "使用中", "green"
    ENDED = "ENDED", "已停用"


# Nothing is paid to an account that is not in force.
BANK_ACCOUNT = Machine(
    "bank_account",
    BankAccountState.WAITING,
    (
        Move("begin", {BankAccountState.WAITING}, BankAccountState.IN_FORCE, by={Role.SYSTEM}, words="启用收款账户"),
        Move(
            "end",
            {BankAccountState.WAITING, BankAccountState.IN_FORCE},
            BankAccountState.ENDED,
            by={Role.SYSTEM},
            words="停用收款账户",
        ),
    ),
)
