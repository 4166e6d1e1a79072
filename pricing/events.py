"""What happens to prices: declared, listed, agreed upon, published."""

from catalog.events import PRICE_GROUP
from pricing.rules.alert_line import SOURCES
from pricing.rules.linked import GROUNDS
from pricing.workflows import DeclarationState, NoticeState, ReferenceState
from sunlight.journal.declared import Label, event, labels, subject
from sunlight.tenancy.events import PLATFORM

labels(
    {
        "alert_answer": "规则结论",
        "alert_line": "价格预警线",
        "alert_source": Label("预警线来源", SOURCES | {"unpublished": "尚未发布"}),
        "business_day": "业务日",
        "city_highest": "本市最高成交价",
        "evidence": "佐证材料",
        "excluded_at": "剔除时间",
        "exclusion_reason": "剔除理由",
        "effective_on": "生效日",
        "factor": "换算系数",
        "ground": Label("联动依据", GROUNDS),
        "ground_number": "依据单号",
        "is_gift": "赠品",
        "known_until": "数据截至",
        "national_prices": "采集的全国价格",
        "net_quantity": "净数量",
        "new_price": "新挂网价",
        "occurred_on": "业务日",
        "old_price": "原挂网价",
        "order_line_number": "订单行号",
        "platform_name": "平台名称",
        "prices": "价格",
        "province": "省份",
        "provinces": "省份",
        "provinces_lowest": "外省最低价",
        "published_at": "发布时间",
        "quantity": "数量",
        "segments": "分段",
        "source_number": "来源单号",
        "stated_price": "标示价格",
        "stated_unit": "标示单位",
        "statistics": "统计",
    }
)

DECLARATION = subject("declaration", "省外价格申报", states=DeclarationState, is_topic=True)
DECLARATION_SUBMITTED = event("declaration_submitted", "申报省外价格", DECLARATION)
DECLARATION_CONFIRMED = event("declaration_confirmed", "确认省外价格", DECLARATION)
DECLARATION_REJECTED = event("declaration_rejected", "退回省外价格申报", DECLARATION)

DEAL_FACT = subject("deal_fact", "成交记录", read_as="order")
DEAL_FACT_RECORDED = event("deal_fact_recorded", "登记成交", DEAL_FACT)
DEAL_FACT_NETTED = event("deal_fact_netted", "更新成交净数量", DEAL_FACT)
DEAL_FACT_REDELIVERED = event("deal_fact_redelivered", "改由其他企业配送", DEAL_FACT)
DEAL_FACT_EXCLUDED = event("deal_fact_excluded", "剔除成交记录", DEAL_FACT)

REFERENCE = subject("reference_price", "挂网参考价", states=ReferenceState)
REFERENCE_COLLECTED = event("reference_collected", "采集全国最低价", REFERENCE)
REFERENCE_PUBLISHED = event("reference_published", "公示参考价", REFERENCE)
REFERENCE_CONFIRMED = event("reference_confirmed", "确认参考价", REFERENCE)
REFERENCE_ENDED = event("reference_ended", "参考价未予确认", REFERENCE)

NOTICE = subject("price_notice", "挂网价调整公告", states=NoticeState)
PRICE_NOTICE_OPENED = event("price_notice_opened", "公示挂网价调整", NOTICE)
PRICE_NOTICE_EFFECTIVE = event("price_notice_effective", "挂网价调整生效", NOTICE)
PRICE_NOTICE_ENDED = event("price_notice_ended", "挂网价不调整", NOTICE)

LISTED_PRICE_OPENED = event("listed_price_opened", "挂网价生效", PRICE_GROUP)
PRICE_PUBLISHED = event("price_published", "发布价格信息", PRICE_GROUP)
CODES_CHANGED = event("codes_changed", "目录编码有变动", PLATFORM)
