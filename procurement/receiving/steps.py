"""The key step after an acceptance that has a time limit: whoever delivered invoices it (GD25-5.10a)."""

from sunlight.deadlines.kinds import deadline_kind
from sunlight.scope import Role

INVOICE = deadline_kind(
    "invoice",
    "验收后开票",
    subject_type="acceptance",
    noun="验收单",
    parameter="deadline.invoice",
    way_out="请立即在平台提交发票，货款自验收起计算付款期限。",
    owes=[Role.SUPPLIER_FINANCE],
    waits=[Role.HOSPITAL_FINANCE],
    url_name="procurement:acceptance",
)
