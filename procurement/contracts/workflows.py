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
