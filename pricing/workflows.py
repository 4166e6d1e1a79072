"""Declarations of other provinces' prices (SZ24-3.2a), reference prices (SZ20-5.2.1b), notices that move a listed price
(JS20-11B): what each goes through."""

from sunlight.kernel.machine import Machine, Move
from sunlight.kernel.states import States
from sunlight.scope.roles import Role


class DeclarationState(States):
    SUBMITTED = "SUBMITTED", "待确认", "blue"
    CONFIRMED = "CONFIRMED", "已确认", "green"
    REJECTED = "REJECTED", "已退回", "red"


S = DeclarationState

DECLARATION = Machine(
    "declaration",
    S.SUBMITTED,
    (
        Move("confirm", {S.SUBMITTED}, S.CONFIRMED, by={Role.OPERATOR_CONFIRMER}, words="确认价格"),
        Move("reject", {S.SUBMITTED}, S.REJECTED, by={Role.OPERATOR_CONFIRMER}, words="退回申报"),
    ),
)


class ReferenceState(States):
    COLLECTED = "COLLECTED", "已采集", "blue"
    PUBLISHED = "PUBLISHED", "公示中", "blue"
    CONFIRMED = "CONFIRMED", "已确认", "green"
    OPPOSED = "OPPOSED", "异议成立", "red"
    DROPPED = "DROPPED", "已撤销"
    LAPSED = "LAPSED", "因规定终止"


R = ReferenceState
UNDER_WAY = (R.COLLECTED, R.PUBLISHED)
UNPUBLISHED = (R.COLLECTED, R.DROPPED)

REFERENCE = Machine(
    "reference_price",
    R.COLLECTED,
    (
        Move("publish", {R.COLLECTED}, R.PUBLISHED, by={Role.OPERATOR_CONFIRMER}, words="发布公示"),
        Move("drop", {R.COLLECTED}, R.DROPPED, by={Role.OPERATOR_CONFIRMER}, words="撤销采集"),
        # Its publication decides: the end of the term, the last answer to an objection, or its withdrawal.
        Move("confirm", {R.PUBLISHED}, R.CONFIRMED, by={Role.SYSTEM}, words="公示期满确认"),
        Move("oppose", {R.PUBLISHED}, R.OPPOSED, by={Role.SYSTEM}, words="因异议不予确认"),
        Move("withdraw", {R.PUBLISHED}, R.DROPPED, by={Role.SYSTEM}, words="随公示撤回"),
        Move("lapse", {R.PUBLISHED}, R.LAPSED, by={Role.SYSTEM}, words="因规定终止"),
    ),
)


class NoticeState(States):
    PUBLISHED = "PUBLISHED", "公示中", "blue"
    EFFECTIVE = "EFFECTIVE", "已生效", "green"
    OPPOSED = "OPPOSED", "异议成立", "red"
    WITHDRAWN = "WITHDRAWN", "公示已撤回"
    OVERTAKEN = "OVERTAKEN", "无需调整"


N = NoticeState

NOTICE = Machine(
    "price_notice",
    N.PUBLISHED,
    (
        Move("take_effect", {N.PUBLISHED}, N.EFFECTIVE, by={Role.SYSTEM}, words="公示期满生效"),
        Move("oppose", {N.PUBLISHED}, N.OPPOSED, by={Role.SYSTEM}, words="因异议不生效"),
        Move("withdraw", {N.PUBLISHED}, N.WITHDRAWN, by={Role.SYSTEM}, words="随公示撤回"),
        # The listed price fell as low meanwhile, or the listing ended: never upward, and nothing twice.
        Move("overtake", {N.PUBLISHED}, N.OVERTAKEN, by={Role.SYSTEM}, words="无需调整"),
    ),
)
