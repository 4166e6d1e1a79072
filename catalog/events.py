"""What happens to what may be traded."""

from catalog.workflows import CATALOGUES, ListingState
from sunlight.journal.declared import Label, event, labels, subject

labels(
    {
        "catalogue": Label("目录", CATALOGUES),
        # A payload names a certificate by its number.
        "certificate": "注册备案号",
        "certificate_valid_until": "注册证有效期至",
        "declared_price": "申报价（元）",
        "checks": "自动核对",
        "commitment": "承诺书",
        "added": "增加的规格",
        "ended_on": "结束日",
        "generic_code": "20 位码",
        "joined": "并入的挂网",
        "listed_on": "挂网日",
        "listed_price": "挂网价",
        "national_code": "医保编码",
        "packs": "包装",
        "price": "单价（元）",
        "price_reason": "价格理由",
        "pricing_unit": "计价单位",
        "udi_di": "UDI-DI",
        "variant": "计价组名称",
    }
)

LISTING = subject("listing", "挂网", states=ListingState, is_topic=True)
LISTING_DRAFTED = event("listing_drafted", "建立挂网申请", LISTING)
LISTING_REVISED = event("listing_revised", "修改挂网申请", LISTING)
LISTING_SUBMITTED = event("listing_submitted", "提交挂网申请", LISTING)
LISTING_REJECTED = event("listing_rejected", "退回挂网申请", LISTING)
LISTING_ENDORSED = event("listing_endorsed", "初审同意，待复审", LISTING)
LISTING_JOINED = event("listing_joined", "审核通过并入已有挂网", LISTING)
LISTING_EXTENDED = event("listing_extended", "增加规格", LISTING)
LISTING_PUBLICISED = event("listing_publicised", "审核通过，开始公示", LISTING)
LISTING_LISTED = event("listing_listed", "审核通过并挂网", LISTING)
LISTING_SUSPENDED = event("listing_suspended", "暂停挂网", LISTING)
LISTING_RESTORED = event("listing_restored", "恢复挂网", LISTING)
LISTING_DELISTED = event("listing_delisted", "撤网", LISTING)
LISTING_CATALOGUED = event(
    "listing_catalogued", "调整所属目录", LISTING, labels={"before": "原目录", "number": "依据单号"}
)

CERTIFICATE = subject("certificate", "注册证", has_trace=False)
CERTIFICATE_RENEWED = event("certificate_renewed", "更新注册证有效期", CERTIFICATE, labels={"before": "原有效期至"})
CERTIFICATE_EXPIRING = event("certificate_expiring", "注册证即将到期", CERTIFICATE)
CERTIFICATE_EXPIRED = event("certificate_expired", "注册证到期", CERTIFICATE)

PRICE_GROUP = subject("price_group", "计价组")
