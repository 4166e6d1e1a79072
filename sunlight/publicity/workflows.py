"""The life of a publication (公示) and of an objection to it."""

from sunlight.kernel.machine import Machine, Move
from sunlight.kernel.states import States
from sunlight.scope.roles import Role


class PublicationState(States):
    OPEN = "OPEN", "公示中"
    JUDGING = "JUDGING", "异议处理中"
    UNOPPOSED = "UNOPPOSED", "公示期满无异议"
    DISMISSED = "DISMISSED", "异议不成立"
    UPHELD = "UPHELD", "异议成立"
    WITHDRAWN = "WITHDRAWN", "已撤回"


P = PublicationState
ENDED = (P.UNOPPOSED, P.DISMISSED, P.UPHELD, P.WITHDRAWN)

PUBLICATION = Machine(
    "publication",
    P.OPEN,
    (
        # The term is over: nobody objected; all objections are answered; some are not.
        Move("stand", {P.OPEN}, P.UNOPPOSED, by={Role.SYSTEM}),
        Move("hear", {P.OPEN}, P.JUDGING, by={Role.SYSTEM}),
        Move("maintain", {P.OPEN, P.JUDGING}, P.DISMISSED, by={Role.SYSTEM}),
        # An objection upheld ends it at once.
        Move("fall", {P.OPEN, P.JUDGING}, P.UPHELD, by={Role.SYSTEM}),
        Move("withdraw", {P.OPEN, P.JUDGING}, P.WITHDRAWN, by={Role.OPERATOR_REVIEWER, Role.SYSTEM}),
    ),
)


class ObjectionState(States):
    RECEIVED = "RECEIVED", "待答复"
    UPHELD = "UPHELD", "异议成立"
    DISMISSED = "DISMISSED", "异议不成立"


_ANSWERING = {Role.OPERATOR_SUPPORT, Role.OPERATOR_REVIEWER}

OBJECTION = Machine(
    "objection",
    ObjectionState.RECEIVED,
    (
        # Another person than who published what is objected to.
        Move("uphold", {ObjectionState.RECEIVED}, ObjectionState.UPHELD, by=_ANSWERING, four_eyes=True),
        Move("dismiss", {ObjectionState.RECEIVED}, ObjectionState.DISMISSED, by=_ANSWERING, four_eyes=True),
    ),
)
