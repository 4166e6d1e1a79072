"""The life of a time limit: it runs, passes, ends with the step or with what the step was about."""

from sunlight.kernel.machine import Machine, Move
from sunlight.kernel.states import States
from sunlight.scope.roles import Role


class DeadlineState(States):
    OPEN = "OPEN", "未到期", "blue"
    PASSED = "PASSED", "已超过时限", "red"
    DONE = "DONE", "已办理", "green"
    CANCELLED = "CANCELLED", "不再需要"


D = DeadlineState
# The step is still owed.
OWED = (D.OPEN, D.PASSED)

# People never move a time limit: their steps do, by the services of the app whose step it is.
DEADLINE = Machine(
    "deadline",
    D.OPEN,
    (
        Move("pass", {D.OPEN}, D.PASSED, by={Role.SYSTEM}, words="超过时限"),
        Move("do", {D.OPEN, D.PASSED}, D.DONE, by={Role.SYSTEM}, words="办理"),
        Move("cancel", {D.OPEN, D.PASSED}, D.CANCELLED, by={Role.SYSTEM}, words="取消"),
        # What was done is undone: the invoice was taken back. The day stays.
        Move("reopen", {D.DONE}, D.OPEN, by={Role.SYSTEM}, words="恢复"),
        Move("reopen_late", {D.DONE}, D.PASSED, by={Role.SYSTEM}, words="恢复（已超过时限）"),
    ),
)
