"""The key step of a contract that has a time limit: the firm signs it, then the hospital (GD25-5.10a)."""

from sunlight.deadlines.kinds import deadline_kind
from sunlight.scope import Role

CONTRACT_SIGN = deadline_kind(
    "contract_sign",
    "签署合同",
    subject_type="contract",
    noun="合同",
    parameter="deadline.contract_sign",
    way_out="请立即签署；不能履行的请终止合同并说明原因。",
    owes=[Role.SUPPLIER_SELLER, Role.HOSPITAL_APPROVER],
    waits=[Role.SUPPLIER_SELLER, Role.HOSPITAL_BUYER],
    url_name="procurement:contract",
)
