"""The moves of a supply contract: signed by both, ended."""

from sunlight.kernel.machine import Machine, Move
from sunlight.kernel.states import States
from sunlight.scope.roles import Role


class AgreementSource(States):
    """What an agreed price comes from; the word names it and its number."""

    OFFER = "OFFER", "报价"
    AWARD = "AWARD", "中选"
    NEGOTIATION = "NEGOTIATION", "谈判"
    FILING = "FILING", "备案"


class ContractState(States):
    SIGNING = "SIGNING", "待签署"
    IN_FORCE = "IN_FORCE", "生效中"
    ENDED = "ENDED", "已终止"


# The second signature puts the contract in force; who bargained may not sign for the hospital.
CONTRACT = Machine(
    "contract",
    ContractState.SIGNING,
    (
        Move("sign_seller", {ContractState.SIGNING}, ContractState.SIGNING, by={Role.SUPPLIER_SELLER}),
        Move(
            "sign_buyer",
            {ContractState.SIGNING},
            ContractState.IN_FORCE,
            by={Role.HOSPITAL_APPROVER},
            incompatible={"bargain"},
        ),
        Move(
            "end",
            {ContractState.SIGNING, ContractState.IN_FORCE},
            ContractState.ENDED,
            by={Role.HOSPITAL_APPROVER, Role.SUPPLIER_SELLER, Role.SYSTEM},
        ),
    ),
)
