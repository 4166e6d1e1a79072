"""The life of a publication (公示) and of an objection to it."""

from sunlight.kernel.machine import Duty, Machine, Move
from sunlight.kernel.states import States
from sunlight.scope.roles import Role


class PublicationState(States):
    OPEN = "OPEN", "公示中", "blue"
    JUDGING = "JUDGING", "异议处理中", "blue"
    UNOPPOSED = "UNOPPOSED", "公示期满无异议", "green"
    DISMISSED = "DISMISSED", "异议不成立"
    UPHELD = "UPHELD", "异议成立", "red"
    WITHDRAWN = "WITHDRAWN", "已撤回"


P = PublicationState
ENDED = (P.UNOPPOSED, P.DISMISSED, P.UPHELD, P.WITHDRAWN)

PUBLICATION = Machine(
    "publication",
    P.OPEN,
    (
        # The term is over: nobody objected; all objections are answered; some are not.
        Move("stand", {P.OPEN}, P.UNOPPOSED, by={Role.SYSTEM}, words="公示期满"),
        Move("hear", {P.OPEN}, P.JUDGING, by={Role.SYSTEM}, words="转入异议处理"),
        Move("maintain", {P.OPEN, P.JUDGING}, P.DISMISSED, by={Role.SYSTEM}, words="驳回全部异议"),
        # An objection upheld ends it at once.
        Move("fall", {P.OPEN, P.JUDGING}, P.UPHELD, by={Role.SYSTEM}, words="因异议终止公示"),
        Move("withdraw", {P.OPEN, P.JUDGING}, P.WITHDRAWN, by={Role.OPERATOR_REVIEWER, Role.SYSTEM}, words="撤回公示"),
    ),
)


class ObjectionState(States):
    RECEIVED = "RECEIVED", "待答复", "blue"
    UPHELD = "UPHELD", "异议成立", "red"
    DISMISSED = "DISMISSED", "异议不成立"


_ANSWERING = {Role.OPERATOR_SUPPORT, Role.OPERATOR_REVIEWER}
PUBLISHED_IT = Duty("publish", "own_publication", "您是该事项的审核公示人，异议须由另一位人员答复。")

OBJECTION = Machine(
    "objection",
    ObjectionState.RECEIVED,
    (
        # Another person than who published what is objected to.
        Move(
            "uphold",
            {ObjectionState.RECEIVED},
            ObjectionState.UPHELD,
            by=_ANSWERING,
            four_eyes=PUBLISHED_IT,
            words="认定异议成立",
        ),
        Move(
            "dismiss",
            {ObjectionState.RECEIVED},
            ObjectionState.DISMISSED,
            by=_ANSWERING,
            four_eyes=PUBLISHED_IT,
            words="认定异议不成立",
        ),
    ),
)
