"""The moves of a purchase: bargain, sign, authorise, order, ship, accept."""

from sunlight.kernel.machine import Duty, Machine, Move
from sunlight.kernel.states import States
from sunlight.scope.roles import Role


class OfferState(States):
    OPEN = "OPEN", "待答复"
    ACCEPTED = "ACCEPTED", "已成交"
    DECLINED = "DECLINED", "已拒绝"
    WITHDRAWN = "WITHDRAWN", "已撤回"
    LAPSED = "LAPSED", "逾期失效"


class OfferSheetState(States):
    OPEN = "OPEN", "编制中"
    CLOSED = "CLOSED", "已结束"


class ContractState(States):
    SIGNING = "SIGNING", "待签署"
    IN_FORCE = "IN_FORCE", "生效中"
    ENDED = "ENDED", "已终止"


class AuthorisationState(States):
    IN_FORCE = "IN_FORCE", "有效"
    REVOKED = "REVOKED", "已撤销"


class OrderState(States):
    PLACED = "PLACED", "待企业确认"
    ACCEPTED = "ACCEPTED", "已确认"
    DECLINED = "DECLINED", "企业已拒绝"
    CANCELLED = "CANCELLED", "已撤单"
    DELIVERED = "DELIVERED", "已到齐"
    CLOSED = "CLOSED", "已关闭"


class DeliveryState(States):
    DISPATCHED = "DISPATCHED", "配送中"
    ACCEPTED = "ACCEPTED", "已验收"
    CANCELLED = "CANCELLED", "已取消"


class AcceptanceState(States):
    CONFIRMED = "CONFIRMED", "已确认"
    REVERSED = "REVERSED", "已冲销"


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

BARGAINED = Duty(
    "bargain",
    "bargainer_may_not_sign",
    "您参与了本合同的报价，不能再代表本机构签署。请由另一位采购审批人签署。",
)

# The second signature puts the contract in force; who bargained may not sign for the hospital.
CONTRACT = Machine(
    "contract",
    ContractState.SIGNING,
    (
        Move(
            "sign_seller",
            {ContractState.SIGNING},
            ContractState.SIGNING,
            by={Role.SUPPLIER_SELLER},
            words="代表企业签署",
        ),
        Move(
            "sign_buyer",
            {ContractState.SIGNING},
            ContractState.IN_FORCE,
            by={Role.HOSPITAL_APPROVER},
            incompatible=(BARGAINED,),
            words="代表医疗机构签署",
        ),
        Move(
            "end",
            {ContractState.SIGNING, ContractState.IN_FORCE},
            ContractState.ENDED,
            by={Role.HOSPITAL_APPROVER, Role.SUPPLIER_SELLER, Role.SYSTEM},
            words="终止合同",
        ),
    ),
)

AUTHORISATION = Machine(
    "distribution_authorisation",
    AuthorisationState.IN_FORCE,
    (
        Move(
            "revoke",
            {AuthorisationState.IN_FORCE},
            AuthorisationState.REVOKED,
            by={Role.SUPPLIER_SELLER, Role.SYSTEM},
            words="撤销授权",
        ),
    ),
)

ORDER = Machine(
    "order",
    OrderState.PLACED,
    (
        Move("accept", {OrderState.PLACED}, OrderState.ACCEPTED, by={Role.SUPPLIER_SELLER}, words="确认订单"),
        Move("decline", {OrderState.PLACED}, OrderState.DECLINED, by={Role.SUPPLIER_SELLER}, words="拒绝订单"),
        Move("cancel", {OrderState.PLACED}, OrderState.CANCELLED, by={Role.HOSPITAL_BUYER}, words="撤单"),
        Move("complete", {OrderState.ACCEPTED}, OrderState.DELIVERED, by={Role.SYSTEM}, words="到齐"),
        Move("reopen", {OrderState.DELIVERED}, OrderState.ACCEPTED, by={Role.SYSTEM}, words="恢复为未到齐"),
        Move("close", {OrderState.ACCEPTED}, OrderState.CLOSED, by={Role.HOSPITAL_BUYER}, words="关闭订单"),
    ),
)

ORDERED_IT = Duty("order", "ordered_it_yourself", "下单人不能验收自己下的订单。请由本单位另一名验收员验收。")

DELIVERY = Machine(
    "delivery",
    DeliveryState.DISPATCHED,
    (
        Move(
            "accept",
            {DeliveryState.DISPATCHED},
            DeliveryState.ACCEPTED,
            by={Role.HOSPITAL_RECEIVER},
            incompatible=(ORDERED_IT,),
            words="验收",
        ),
        Move(
            "cancel",
            {DeliveryState.DISPATCHED},
            DeliveryState.CANCELLED,
            by={Role.SUPPLIER_SHIPPER},
            words="取消配送单",
        ),
        Move(
            "reopen",
            {DeliveryState.ACCEPTED},
            DeliveryState.DISPATCHED,
            by={Role.HOSPITAL_RECEIVER},
            words="恢复为待验收",
        ),
    ),
)

ACCEPTED_IT = Duty("accept", "four_eyes", "验收人不能冲销自己的验收。请由本单位另一名验收员冲销。")

ACCEPTANCE = Machine(
    "acceptance",
    AcceptanceState.CONFIRMED,
    (
        Move(
            "reverse",
            {AcceptanceState.CONFIRMED},
            AcceptanceState.REVERSED,
            by={Role.HOSPITAL_RECEIVER},
            four_eyes=ACCEPTED_IT,
            words="冲销验收",
        ),
    ),
)
