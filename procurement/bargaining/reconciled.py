"""Offers are not reconciled: what came of them is an agreement."""

from sunlight.journal.rowfacts import left

left("议价过程；达成的价格在价格协议中。", "procurement_offer", "procurement_offersheet", "procurement_offersheetrow")
