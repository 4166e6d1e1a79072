"""The life of a discrepancy: found by the night, looked into by one person, released by another."""

from sunlight.kernel.machine import Duty, Machine, Move
from sunlight.kernel.states import States
from sunlight.scope.roles import Role


class DiscrepancyKind(States):
    DIFFERS = "DIFFERS", "数据与封存的版本不一致"
    MISSING = "MISSING", "数据已不在库中"
    UNKNOWN = "UNKNOWN", "数据没有封存的版本"
    UNRECORDED = "UNRECORDED", "变更没有对应的事件"
    STRAYED = "STRAYED", "变更之前已与封存的版本不一致"
    BROKEN = "BROKEN", "封存的版本与事件摘要不符"
    CHAIN = "CHAIN", "日志封存链不符"


class DiscrepancyState(States):
    OPEN = "OPEN", "待核查", "red"
    LOOKED = "LOOKED", "已核查，待解除", "blue"
    RELEASED = "RELEASED", "已解除", "green"


S = DiscrepancyState
LOOKED_INTO_IT = Duty("look", "four_eyes", "这件事项由您核查，须由另一人解除。请由另一名审计管理员或监管审计办理。")
AUDIT = {Role.PLATFORM_AUDIT_ADMIN, Role.REGULATOR_AUDITOR}

DISCREPANCY = Machine(
    "discrepancy",
    S.OPEN,
    (
        Move("look", {S.OPEN}, S.LOOKED, by={Role.PLATFORM_AUDIT_ADMIN}, words="记录核查情况"),
        Move(
            "release",
            {S.LOOKED},
            S.RELEASED,
            by=AUDIT,
            four_eyes=LOOKED_INTO_IT,
            in_person=True,
            words="解除停付",
        ),
        Move("send_back", {S.LOOKED}, S.OPEN, by=AUDIT, words="退回重新核查"),
    ),
)
