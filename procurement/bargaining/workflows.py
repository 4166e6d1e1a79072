"""The moves of offers and of the sheets that offers are made on."""

from sunlight.kernel.machine import Machine, Move
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
