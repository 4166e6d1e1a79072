"""What happens while a price is bargained for."""

from procurement.bargaining.workflows import ClearanceState, OfferSheetState, OfferState, PriceReviewState
from sunlight.journal.declared import event, labels, subject

labels(
    {
        "answer_due_on": "答复期限",
        "answer_due_provisional": "答复期限暂定",
        "basis": "依据",
        "buyer_is_public": "公立医疗机构",
        "listed": "挂网价",
        "alert_line_of": "预警线所属计价组",
        "clearance": "监管放行",
        "listed_since": "挂网价起始日",
        "months": "协议期限（月）",
        "own_latest_contract": "最新采购价所在合同",
        "price_information_day": "价格信息业务日",
        "on_silence": "逾期未答复的后果",
    }
)

OFFER = subject("offer", "报价", states=OfferState, is_topic=True)
OFFER_MADE = event("offer_made", "报价", OFFER)
OFFER_ACCEPTED = event("offer_accepted", "接受报价", OFFER)
OFFER_DECLINED = event("offer_declined", "拒绝报价", OFFER)
OFFER_WITHDRAWN = event("offer_withdrawn", "撤回报价", OFFER)
OFFER_LAPSED = event("offer_lapsed", "报价逾期失效", OFFER)
OFFER_DUE_DAY_MOVED = event("offer_due_day_moved", "答复期限随放假安排调整", OFFER)
PRICE_NOTICE_DUE = event("price_notice_due", "须公示联动价格", OFFER)

OFFER_SHEET = subject("offer_sheet", "议价表", states=OfferSheetState, has_trace=False)
OFFER_SHEET_OPENED = event("offer_sheet_opened", "新建议价表", OFFER_SHEET)
OFFER_SHEET_CLOSED = event("offer_sheet_closed", "结束议价表", OFFER_SHEET)

PRICE_REVIEW = subject("price_review", "价格审核", states=PriceReviewState, is_topic=True)
PRICE_REVIEW_REQUESTED = event("price_review_requested", "申请价格审核", PRICE_REVIEW)
PRICE_REVIEW_PASSED = event("price_review_passed", "价格审核通过", PRICE_REVIEW)
PRICE_REVIEW_REFUSED = event("price_review_refused", "价格审核未通过", PRICE_REVIEW)

CLEARANCE = subject("clearance", "拦截放行", states=ClearanceState, is_topic=True)
CLEARANCE_PROPOSED = event("clearance_proposed", "提出放行", CLEARANCE)
CLEARANCE_GRANTED = event("clearance_granted", "同意放行", CLEARANCE)
CLEARANCE_REFUSED = event("clearance_refused", "不予放行", CLEARANCE)
CLEARANCE_REVOKED = event("clearance_revoked", "撤销放行", CLEARANCE)
