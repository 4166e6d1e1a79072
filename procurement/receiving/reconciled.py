"""What was accepted is reconciled with its events: it is what an invoice may ask for."""

from sunlight.journal.rowfacts import left, rows, through

rows("procurement_acceptance", "验收单", name="number")
rows(
    "procurement_acceptanceline",
    "验收行",
    platform=through("acceptance_id", "procurement_acceptance"),
)

left("在途货物；付款只以验收为准。", "procurement_delivery", "procurement_deliveryline")
