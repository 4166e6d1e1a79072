"""The moves of offers, of the sheets that offers are made on, of price reviews and of clearances."""

from sunlight.kernel.machine import Duty, Machine, Move
from sunlight.kernel.states import States
from sunlight.scope.roles import Role


class OfferState(States):
    OPEN = "OPEN", "待答复", "blue"
    ACCEPTED = "ACCEPTED", "已成交", "green"
    DECLINED = "DECLINED", "已拒绝", "red"
    WITHDRAWN = "WITHDRAWN", "已撤回"
    LAPSED = "LAPSED", "逾期失效", "red"


class OfferSheetState(States):
    OPEN = "OPEN", "编制中", "blue"
    CLOSED = "CLOSED", "已结束"


class PriceReviewState(States):
    WAITING = "WAITING", "待审核", "blue"
    PASSED = "PASSED", "审核通过", "green"
    REFUSED = "REFUSED", "未通过", "red"


class ClearanceState(States):
    PROPOSED = "PROPOSED", "待决定", "blue"
    GRANTED = "GRANTED", "已放行", "green"
    REFUSED = "REFUSED", "不予放行", "red"
    REVOKED = "REVOKED", "已撤销", "red"


OFFER = Machine(
    "offer",
    OfferState.OPEN,
    (
        Move(
            "accept", {OfferState.OPEN}, OfferState.ACCEPTED, by={Role.SUPPLIER_SELLER, Role.SYSTEM}, words="接受报价"
        ),
        Move("decline", {OfferState.OPEN}, OfferState.DECLINED, by={Role.SUPPLIER_SELLER}, words="拒绝报价"),
        Move("withdraw", {OfferState.OPEN}, OfferState.WITHDRAWN, by={Role.HOSPITAL_BUYER}, words="撤回报价"),
        Move("lapse", {OfferState.OPEN}, OfferState.LAPSED, by={Role.SYSTEM}, words="逾期失效"),
    ),
)

OFFER_SHEET = Machine(
    "offer_sheet",
    OfferSheetState.OPEN,
    (Move("close", {OfferSheetState.OPEN}, OfferSheetState.CLOSED, by={Role.HOSPITAL_BUYER}, words="结束此表"),),
)

PRICE_REVIEW = Machine(
    "price_review",
    PriceReviewState.WAITING,
    (
        Move(
            "pass", {PriceReviewState.WAITING}, PriceReviewState.PASSED, by={Role.OPERATOR_CONFIRMER}, words="审核通过"
        ),
        Move(
            "refuse", {PriceReviewState.WAITING}, PriceReviewState.REFUSED, by={Role.OPERATOR_CONFIRMER}, words="不通过"
        ),
    ),
)

PROPOSED_IT = Duty(
    "propose",
    "four_eyes",
    "您提出了这项放行，须由另一位监管负责人决定。",
    basis="bargain.clearance",
)

CLEARANCE = Machine(
    "clearance",
    ClearanceState.PROPOSED,
    (
        Move(
            "grant",
            {ClearanceState.PROPOSED},
            ClearanceState.GRANTED,
            by={Role.REGULATOR_CHIEF},
            four_eyes=PROPOSED_IT,
            in_person=True,
            words="同意放行",
        ),
        Move(
            "refuse",
            {ClearanceState.PROPOSED},
            ClearanceState.REFUSED,
            by={Role.REGULATOR_CHIEF},
            four_eyes=PROPOSED_IT,
            words="不予放行",
        ),
        Move(
            "revoke",
            {ClearanceState.GRANTED},
            ClearanceState.REVOKED,
            by={Role.REGULATOR_CHIEF},
            in_person=True,
            words="撤销放行",
        ),
    ),
)
