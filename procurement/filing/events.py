"""What happens to what a hospital's yearly shares are measured by."""

from procurement.filing.workflows import YearBaseState
from sunlight.journal.declared import Label, event, labels, subject

labels(
    {
        "year": "年度",
        "document": "批准文号",
        "year_total_is": Label("年度总额来源", {"budget": "经批准的年度预算", "last_year": "上一年度平台采购总额"}),
    }
)

YEAR_BASE = subject("year_base", "年度采购预算", states=YearBaseState)
YEAR_BASE_STATED = event("year_base_stated", "申报年度采购预算", YEAR_BASE)
YEAR_BASE_CONFIRMED = event("year_base_confirmed", "确认年度采购预算", YEAR_BASE)
YEAR_BASE_REFUSED = event("year_base_refused", "不予确认年度采购预算", YEAR_BASE)
YEAR_BASE_REPLACED = event("year_base_replaced", "更新年度采购预算", YEAR_BASE)
