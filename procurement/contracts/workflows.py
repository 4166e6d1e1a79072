"""The moves of a supply contract: signed by both, ended."""

from sunlight.kernel.machine import Duty, Machine, Move
from sunlight.kernel.states import States
from sunlight.scope.roles import Role


class AgreementSource(States):
    """What an agreed price comes from; the word names it and its number."""

    OFFER = "OFFER", "报价"
    AWARD = "AWARD", "中选"
    NEGOTIATION = "NEGOTIATION", "谈判"
    FILING = "FILING", "备案"


class ContractState(States):
    SIGNING = "SIGNING", "待签署", "blue"
    IN_FORCE = "IN_FORCE", "生效中", "green"
    ENDED = "ENDED", "已终止"


BARGAINED = Duty(
    "bargain",
    "bargainer_may_not_sign",
    "您参与了本合同的报价或条款约定，不能再代表本机构签署。请由另一位采购审批人签署。",
)

SIGNERS = frozenset({Role.SUPPLIER_SELLER, Role.HOSPITAL_APPROVER})

# The second signature puts the contract in force; who bargained may not sign for the hospital.
CONTRACT = Machine(
    "contract",
    ContractState.SIGNING,
    (
        # Before anybody has signed: the text changes.
        Move(
            "state_term",
            {ContractState.SIGNING},
            ContractState.SIGNING,
            by={Role.SUPPLIER_SELLER, Role.HOSPITAL_BUYER},
            words="约定付款期限",
        ),
        Move(
            "sign_seller",
            {ContractState.SIGNING},
            ContractState.SIGNING,
            by={Role.SUPPLIER_SELLER},
            in_person=True,
            mandate=True,
            words="代表企业签署",
        ),
        # JS20-11A: under the firm's standing consent, by which two of its people signed beforehand.
        Move(
            "sign_standing",
            {ContractState.SIGNING},
            ContractState.SIGNING,
            by={Role.SYSTEM},
            words="按常设同意代企业签署",
        ),
        Move(
            "sign_buyer",
            {ContractState.SIGNING},
            ContractState.IN_FORCE,
            by={Role.HOSPITAL_APPROVER},
            incompatible=(BARGAINED,),
            in_person=True,
            mandate=True,
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


class ConsentState(States):
    GIVEN = "GIVEN", "待确认", "blue"
    IN_FORCE = "IN_FORCE", "生效中", "green"
    ENDED = "ENDED", "已终止"


GAVE_CONSENT = Duty(
    "give",
    "consent_own",
    "常设同意须由两人办理：提出人不能自己确认（包括用本人的其他账号）。请由本企业另一位管理员确认。",
)

STANDING_CONSENT = Machine(
    "standing_consent",
    ConsentState.GIVEN,
    (
        Move(
            "confirm",
            {ConsentState.GIVEN},
            ConsentState.IN_FORCE,
            by={Role.SUPPLIER_ADMIN},
            four_eyes=GAVE_CONSENT,
            in_person=True,
            words="确认常设同意",
        ),
        Move(
            "end",
            {ConsentState.GIVEN, ConsentState.IN_FORCE},
            ConsentState.ENDED,
            by={Role.SUPPLIER_SELLER, Role.SUPPLIER_ADMIN},
            in_person=True,
            words="终止常设同意",
        ),
    ),
)
