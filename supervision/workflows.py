"""The life of a finding: what somebody who watches noted about a matter, and what the head of an authority decides on it."""

from sunlight.kernel.machine import Duty, Machine, Move
from sunlight.kernel.states import States
from sunlight.scope.roles import Role


class Conclusion(States):
    EXPLAINED = "EXPLAINED", "原因已查明，不需处置"
    URGED = "URGED", "已督促整改，到期复查"
    ACTION = "ACTION", "建议处置，报负责人决定"


class FindingState(States):
    NOTED = "NOTED", "已核查"
    PROPOSED = "PROPOSED", "待负责人决定", "blue"
    AGREED = "AGREED", "同意处置", "green"
    RETURNED = "RETURNED", "退回补充核查", "red"


F = FindingState
PROPOSED_IT = Duty("propose", "own_finding", "这是您自己提出的处置建议，须由另一位负责人决定。")

FINDING = Machine(
    "finding",
    F.NOTED,
    (
        Move("propose", {F.NOTED}, F.PROPOSED, by={Role.REGULATOR_OFFICER}, words="建议处置"),
        # Another person than who proposed it.
        Move("agree", {F.PROPOSED}, F.AGREED, by={Role.REGULATOR_CHIEF}, four_eyes=PROPOSED_IT, words="同意处置"),
        Move(
            "send_back",
            {F.PROPOSED},
            F.RETURNED,
            by={Role.REGULATOR_CHIEF},
            four_eyes=PROPOSED_IT,
            words="退回补充核查",
        ),
    ),
)
