"""Which prices are reconciled with their events: those that bound what may be paid."""

from sunlight.journal.rowfacts import BY_SCOPE, left, rows

rows("pricing_listedprice", "挂网价", platform=BY_SCOPE)
rows("pricing_provinceprice", "外省价格", platform=BY_SCOPE)
rows("pricing_referenceprice", "挂网参考价")

left("确认后的价格在外省价格中。", "pricing_declaration", "pricing_declaredprice")
left("生效后的价格在挂网价中。", "pricing_pricenotice")
left("由订单和验收得出，重算可得。", "pricing_dealfact")
left("由规则按日计算并公布，附摘要，重算可得。", "pricing_pricepublication", "pricing_priceinformation")
left(
    "由规则按日计算并公布，附摘要，重算可得。",
    "pricing_pricedistribution",
    "pricing_nightlyrun",
    "pricing_nightlychunk",
)
left("由事件得出，重建可得。", "pricing_codechange", "pricing_feedposition")
