"""Offers are not reconciled: what came of them is an agreement."""

from sunlight.journal.rowfacts import left

left("议价过程；达成的价格在价格协议中。", "procurement_offer", "procurement_offersheet", "procurement_offersheetrow")
left(
    "成交之前的审核与放行；由谁、何时决定在事件中。",
    "procurement_pricereview",
    "procurement_clearance",
    "procurement_clearanceuse",
)
