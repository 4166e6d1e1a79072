"""What the reconciliation found is reconciled too: nobody takes a matter away past the two people who must release it."""

from sunlight.journal.rowfacts import left, rows

rows("reconciliation_discrepancy", "对账差异", name="number")

left("对账的进度；结果在事件中。", "reconciliation_reconciliation")
