"""Orders are reconciled with their events: what was ordered, at which price."""

from sunlight.journal.rowfacts import left, rows

rows("procurement_order", "订单", name="number")
rows("procurement_orderline", "订单行", name="number")

left("收货地址和配送授权，不决定价款。", "procurement_deliverypoint", "procurement_distributionauthorisation")
left("由订单行得出，只用于核对年度占比。", "procurement_unreferencedline")
