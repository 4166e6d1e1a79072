"""What was agreed and signed is reconciled with its events, the contract's text included."""

from sunlight.journal.rowfacts import rows

rows("procurement_supplycontract", "购销合同", name="number")
rows("procurement_priceagreement", "价格协议")
rows("procurement_standingconsent", "常设同意", name="number")
