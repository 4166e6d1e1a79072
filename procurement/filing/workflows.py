"""The life of a statement of a hospital's approved budget for a year: stated by one person, confirmed by another."""

from sunlight.kernel.machine import Duty, Machine, Move
from sunlight.kernel.states import States
from sunlight.scope.roles import Role


class YearBaseState(States):
    STATED = "STATED", "待确认", "blue"
    CONFIRMED = "CONFIRMED", "已确认", "green"
    REFUSED = "REFUSED", "不予确认", "red"
    REPLACED = "REPLACED", "已更新"


S = YearBaseState
STATED_IT = Duty(
    "state",
    "four_eyes",
    "申报年度采购预算的人不能确认本人的申报，须由本机构另一人（不是同一个人的其他账号）确认。",
)

YEAR_BASE = Machine(
    "year_base",
    S.STATED,
    (
        Move("state", {S.STATED}, S.STATED, by={Role.HOSPITAL_BUYER, Role.HOSPITAL_FINANCE}, words="申报年度采购预算"),
        Move(
            "confirm",
            {S.STATED},
            S.CONFIRMED,
            by={Role.HOSPITAL_APPROVER},
            four_eyes=STATED_IT,
            in_person=True,
            words="确认年度采购预算",
        ),
        Move(
            "refuse",
            {S.STATED},
            S.REFUSED,
            by={Role.HOSPITAL_APPROVER},
            four_eyes=STATED_IT,
            words="不予确认年度采购预算",
        ),
        Move("replace", {S.CONFIRMED}, S.REPLACED, by={Role.SYSTEM}, words="以新申报更新年度采购预算"),
    ),
)
