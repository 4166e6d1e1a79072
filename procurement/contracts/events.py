"""What happens to contracts and the prices agreed in them."""

from procurement.contracts.workflows import ConsentState, ContractState
from sunlight.journal.declared import event, labels, subject

labels({"payment_days": "付款期限（自验收起，日）", "side": "方向", "text_sha256": "合同全文摘要"})

CONTRACT = subject("contract", "购销合同", states=ContractState, is_topic=True)
CONTRACT_MADE = event("contract_made", "生成合同", CONTRACT)
CONTRACT_TERM_STATED = event("contract_term_stated", "约定付款期限", CONTRACT)
CONTRACT_SIGNED = event("contract_signed", "签署合同", CONTRACT)
CONTRACT_ENDED = event("contract_ended", "终止合同", CONTRACT)

AGREEMENT = subject("agreement", "价格协议", aliases=("price_agreement",), is_topic=True)
AGREEMENT_MADE = event("agreement_made", "价格协议生效", AGREEMENT)

labels(
    {
        "consent": "常设同意",
        "consent_number": "常设同意编号",
        "per_contract_fen": "单份合同上限（元）",
        "product": "产品（计价组）",
    }
)
STANDING_CONSENT = subject("standing_consent", "常设同意", states=ConsentState)
CONSENT_GIVEN = event("consent_given", "提出常设同意", STANDING_CONSENT)
CONSENT_CONFIRMED = event("consent_confirmed", "确认常设同意", STANDING_CONSENT)
CONSENT_ENDED = event("consent_ended", "终止常设同意", STANDING_CONSENT)
