"""What the nightly reconciliation finds, and what is done about it."""

from sunlight.journal.declared import event, labels, subject
from sunlight.reconciliation.workflows import DiscrepancyState

labels({"differences": "差异", "numbers": "事项编号", "row": "数据", "rows": "数据行数", "versions": "版本数"})

RECONCILIATION = subject("reconciliation", "数据对账", has_trace=False)
RECONCILED = event("reconciled", "完成数据对账", RECONCILIATION)
DISCREPANCIES_FOUND = event("discrepancies_found", "对账发现差异", RECONCILIATION)

DISCREPANCY = subject("discrepancy", "对账差异", states=DiscrepancyState, has_trace=False)
DISCREPANCY_LOOKED_INTO = event("discrepancy_looked_into", "核查对账差异", DISCREPANCY)
DISCREPANCY_RELEASED = event("discrepancy_released", "解除停付", DISCREPANCY)
DISCREPANCY_SENT_BACK = event("discrepancy_sent_back", "退回重新核查", DISCREPANCY)
