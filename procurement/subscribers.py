"""Messages about bargaining, orders and goods to the parties: answers, lapsed offers, late orders, refused goods."""

from datetime import datetime
from decimal import Decimal

from pricing.events import PRICE_NOTICE_EFFECTIVE
from pricing.services.notices import price_notice_open
from procurement.bargaining import events as bargaining
from procurement.bargaining.queries.concerned import hospitals_concerned
from procurement.contracts import events as contracts
from procurement.contracts.queries import product_names
from procurement.ordering import events as ordering
from procurement.receiving import events as receiving
from sunlight.deadlines.words import named
from sunlight.journal.subscriptions import subscribe
from sunlight.kernel.money import price_words
from sunlight.messages.kinds import Kind, message_kind
from sunlight.messages.services.messages import message_send
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.tenancy.models import Organisation

BUYER, SELLER, SHIPPER = Role.HOSPITAL_BUYER, Role.SUPPLIER_SELLER, Role.SUPPLIER_SHIPPER

OFFER_ANSWERED = message_kind("offer_answered", "报价得到答复", BUYER, url_name="procurement:offer")
CONTRACT_SIGNED_BY_CONSENT = message_kind(
    "contract_signed_by_consent", "合同由系统代签", SELLER, Role.HOSPITAL_APPROVER, url_name="procurement:contract"
)
OFFER_LAPSED = message_kind("offer_lapsed", "报价逾期未答复", BUYER, SELLER, url_name="procurement:offer")
LISTED_PRICE_FELL = message_kind("listed_price_fell", "挂网价下调", BUYER, url_name="pricing:notice")
PRICE_REVIEWED = message_kind("price_reviewed", "价格审核有结果", BUYER, SELLER, url_name="procurement:price_review")
PRICE_CLEARED = message_kind("price_cleared", "拦截放行有决定", BUYER, SELLER, url_name="procurement:clearance")
ORDER_ANSWERED = message_kind("order_answered", "订单得到答复", BUYER, url_name="procurement:order")
ORDER_CANCELLED = message_kind("order_cancelled", "订单被撤回", SELLER, url_name="procurement:order")
ORDER_OVERDUE = message_kind("order_overdue", "订单逾期未送达", BUYER, url_name="procurement:order")
DELIVERY_DUE = message_kind(
    "delivery_overdue", "配送逾期，须处理", SELLER, SHIPPER, url_name="procurement:order", must_acknowledge=True
)
ORDER_SERIOUS = message_kind(
    "order_seriously_overdue",
    "订单严重逾期，须处理",
    BUYER,
    SELLER,
    SHIPPER,
    url_name="procurement:order",
    must_acknowledge=True,
)
GOODS_WAIT = message_kind(
    "acceptance_overdue",
    "到货逾期未验收，须处理",
    Role.HOSPITAL_RECEIVER,
    Role.HOSPITAL_AUDITOR,
    url_name="procurement:delivery",
    must_acknowledge=True,
)
GOODS_WAIT_FOR_OTHERS = message_kind(
    "acceptance_overdue_told", "医院逾期未验收", SELLER, SHIPPER, url_name="procurement:delivery"
)
GOODS_REFUSED = message_kind("goods_refused", "验收拒收", SELLER, SHIPPER, url_name="procurement:acceptance")


def _about(event) -> dict:
    return {"subject": (event.subject_type, event.subject_id), "event": event}


@subscribe(bargaining.OFFER_ACCEPTED, bargaining.OFFER_DECLINED, name="procurement.offer_answered")
def offer_answered(*, event, actor: Actor, at: datetime) -> None:
    """The hospital learns the manufacturer's answer to its offer."""
    facts = event.payload
    word = "已被接受，请签署合同" if event.name == bargaining.OFFER_ACCEPTED.name else "被拒绝"
    message_send(
        actor=actor,
        at=at,
        kind=OFFER_ANSWERED,
        to=[facts["buyer"]],
        title=f"报价 {facts['number']} {word}",
        body=f"单价 {facts['price']} 元，数量 {facts['quantity']}。{facts['note']}".strip(),
        **_about(event),
    )


@subscribe(contracts.CONTRACT_SIGNED, name="procurement.contract_signed_by_consent")
def contract_signed_by_consent(*, event, actor: Actor, at: datetime) -> None:
    """Both sides learn that the system signed for the firm under its standing consent (JS20-11A)."""
    facts = event.payload
    if "consent" not in facts:
        return
    products = named(product_names([event.subject_id])[event.subject_id])
    names = dict(Organisation.objects.filter(id__in=[facts["buyer"], facts["seller"]]).values_list("id", "name"))
    basis = f"依 {facts['clause']}，按常设同意 {facts['consent_number']} 由系统代企业签署"
    for to, other, more in (
        (facts["seller"], facts["buyer"], "不同意今后如此签署的，请终止该常设同意。"),
        (facts["buyer"], facts["seller"], "请医疗机构审批人在时限内签署。"),
    ):
        message_send(
            actor=actor,
            at=at,
            kind=CONTRACT_SIGNED_BY_CONSENT,
            to=[to],
            title=f"合同 {facts['number']} 已由系统代企业签署",
            body=f"{names[other]}：{products}。{basis}。{more}",
            **_about(event),
        )


@subscribe(bargaining.OFFER_LAPSED, name="procurement.offer_lapsed")
def offer_lapsed(*, event, actor: Actor, at: datetime) -> None:
    """Both sides learn that an offer ended by silence, with the clause that says so."""
    facts = event.payload
    message_send(
        actor=actor,
        at=at,
        kind=OFFER_LAPSED,
        to=[facts["buyer"], facts["seller"]],
        title=f"报价 {facts['number']} 逾期未答复，已失效",
        body=facts["note"],
        **_about(event),
    )


@subscribe(bargaining.PRICE_NOTICE_DUE, name="procurement.price_notice_due")
def price_notice_due(*, event, actor: Actor, at: datetime) -> None:
    """A real deal price that the firm left unanswered moves the listed price, after publicity (JS20-11B)."""
    facts = event.payload
    price_notice_open(
        actor=actor,
        at=at,
        listing_id=facts["listing"],
        deal_price=Decimal(facts["price"]),
        ground_number=facts["number"],
        evidence=facts["evidence"],
    )


@subscribe(PRICE_NOTICE_EFFECTIVE, name="procurement.listed_price_fell")
def listed_price_fell(*, event, actor: Actor, at: datetime) -> None:
    """Hospitals that have agreed a price for the product, or offered the price it fell to, learn that it may now be had
    for less."""
    facts = event.payload
    message_send(
        actor=actor,
        at=at,
        kind=LISTED_PRICE_FELL,
        to=hospitals_concerned(
            platform_id=event.platform_id,
            price_group_id=facts["price_group_id"],
            offer_number=facts["ground_number"],
            on=business_date(at),
        ),
        title=f"{facts['name'][:100]} 挂网价下调为 {price_words(Decimal(facts['new_price']))} 元",
        body=(
            f"自 {facts['effective_on']} 起执行，原挂网价 {price_words(Decimal(facts['old_price']))} 元"
            f"（依据 {facts['clause']}）。可按新挂网价重新议价；本调整不产生合同。"
        ),
        **_about(event),
    )


@subscribe(bargaining.PRICE_REVIEW_PASSED, bargaining.PRICE_REVIEW_REFUSED, name="procurement.price_reviewed")
def price_reviewed(*, event, actor: Actor, at: datetime) -> None:
    """Hospital and maker learn what the operator found of a price, and why (A24)."""
    facts = event.payload
    word = "审核通过，可以报价" if event.name == bargaining.PRICE_REVIEW_PASSED.name else "审核未通过"
    message_send(
        actor=actor,
        at=at,
        kind=PRICE_REVIEWED,
        to=[facts["buyer"], facts["seller"]],
        title=f"价格审核 {facts['number']} {word}",
        body=f"单价 {facts['price']} 元。{facts['note']}",
        **_about(event),
    )


@subscribe(
    bargaining.CLEARANCE_GRANTED,
    bargaining.CLEARANCE_REFUSED,
    bargaining.CLEARANCE_REVOKED,
    name="procurement.price_cleared",
)
def price_cleared(*, event, actor: Actor, at: datetime) -> None:
    """Hospital and maker learn what the authority decided of a price above the alert line, and why (A21)."""
    facts = event.payload
    words = {
        bargaining.CLEARANCE_GRANTED.name: "已同意",
        bargaining.CLEARANCE_REFUSED.name: "不予放行",
        bargaining.CLEARANCE_REVOKED.name: "已撤销",
    }
    message_send(
        actor=actor,
        at=at,
        kind=PRICE_CLEARED,
        to=[facts["buyer"], facts["seller"]],
        title=f"拦截放行 {facts['number']} {words[event.name]}",
        body=f"不高于 {facts['price']} 元，数量 {facts['quantity']}，至 {facts['valid_to']}。{facts['note']}".strip(),
        **_about(event),
    )


@subscribe(ordering.ORDER_ACCEPTED, ordering.ORDER_DECLINED, name="procurement.order_answered")
def order_answered(*, event, actor: Actor, at: datetime) -> None:
    """The hospital learns whether its order will come."""
    facts = event.payload
    word = "已被企业确认" if event.name == ordering.ORDER_ACCEPTED.name else "被企业拒绝，请改向其他产品下单"
    message_send(
        actor=actor,
        at=at,
        kind=ORDER_ANSWERED,
        to=[facts["buyer"]],
        title=f"订单 {facts['number']} {word}",
        body=facts["answer_note"] or "",
        **_about(event),
    )


@subscribe(ordering.ORDER_CANCELLED, name="procurement.order_cancelled")
def order_cancelled(*, event, actor: Actor, at: datetime) -> None:
    """The manufacturer learns that an order was cancelled."""
    facts = event.payload
    message_send(
        actor=actor,
        at=at,
        kind=ORDER_CANCELLED,
        to=[facts["seller"]],
        title=f"医院撤回了订单 {facts['number']}",
        body=facts["answer_note"] or "",
        **_about(event),
    )


def _basis(facts: dict) -> str:
    return f"（依据 {facts['clause']}）" if facts.get("clause") else "（合同约定）"


def _to_deliverers(event, kind: Kind, actor: Actor, at: datetime, title: str, body: str) -> None:
    """To the maker, and to whoever delivers for it."""
    facts = event.payload
    distributed = facts["distributor"] is not None
    for party, roles in (
        (facts["seller"], [SELLER] if distributed else [SELLER, SHIPPER]),
        (facts["distributor"], [SHIPPER]),
    ):
        message_send(actor=actor, at=at, kind=kind, to=[party], roles=roles, title=title, body=body, **_about(event))


@subscribe(ordering.ORDER_OVERDUE, name="procurement.order_overdue")
def order_overdue(*, event, actor: Actor, at: datetime) -> None:
    """Goods past their day (GD25-5.10b): the hospital gets a message, the deliverer must acknowledge one."""
    facts = event.payload
    due = facts["delivery_due_on"]
    message_send(
        actor=actor,
        at=at,
        kind=ORDER_OVERDUE,
        to=[facts["buyer"]],
        title=f"订单 {facts['number']} 逾期未送达",
        body=f"应于 {due} 前送达。企业已收到催办；确不再需要时可以关闭未到部分。",
        **_about(event),
    )
    title = f"订单 {facts['number']} 已逾期，请立即发货"
    body = f"应于 {due} 前送达{_basis(facts)}。逾期已记录，监管部门可见；不能供货时请立即联系医院。"
    _to_deliverers(event, DELIVERY_DUE, actor, at, title, body)


@subscribe(ordering.ORDER_SERIOUSLY_OVERDUE, name="procurement.order_seriously_overdue")
def order_seriously_overdue(*, event, actor: Actor, at: datetime) -> None:
    """Both sides must acknowledge that an order is seriously late (GD25-5.10b, A43)."""
    facts = event.payload
    title = f"订单 {facts['number']} 严重逾期，已逾期 {facts['days_late']} 日"
    body = f"应于 {facts['delivery_due_on']} 前送达{_basis(facts)}。"
    message_send(
        actor=actor,
        at=at,
        kind=ORDER_SERIOUS,
        to=[facts["buyer"]],
        title=title,
        body=f"{body}请联系企业确认到货日，确不再需要时关闭未到部分。",
        **_about(event),
    )
    _to_deliverers(event, ORDER_SERIOUS, actor, at, title, f"{body}请立即发货，或告知医院不能供货的原因。")


@subscribe(receiving.ACCEPTANCE_OVERDUE, name="procurement.acceptance_overdue")
def acceptance_overdue(*, event, actor: Actor, at: datetime) -> None:
    """Goods that arrived and nobody accepted by the day (A25): the hospital must acknowledge it, who sent them is told."""
    facts = event.payload
    title = f"配送单 {facts['number']} 到货后逾期未验收"
    body = f"订单 {facts['order_number']} 的货物应于 {facts['accept_by']} 前验收{_basis(facts)}，逾期已记录，监管部门可见。"
    message_send(
        actor=actor,
        at=at,
        kind=GOODS_WAIT,
        to=[facts["buyer"]],
        title=title,
        body=f"{body}请立即验收；货物未到的，请联系配送企业更正。",
        **_about(event),
    )
    _to_deliverers(
        event, GOODS_WAIT_FOR_OTHERS, actor, at, title, f"{body}医院已收到催办；货物确未送到的，请取消配送单。"
    )


@subscribe(receiving.ACCEPTANCE_CONFIRMED, name="procurement.goods_refused")
def goods_refused(*, event, actor: Actor, at: datetime) -> None:
    """Whoever sent goods learns which of them were refused and why."""
    facts = event.payload
    refused = [line for line in facts["lines"] if Decimal(str(line["rejected_quantity"])) > 0]
    if refused:
        why = "；".join(f"批号 {x['lot']} 拒收 {x['rejected_quantity']}：{x['rejection_reason']}" for x in refused)
        message_send(
            actor=actor,
            at=at,
            kind=GOODS_REFUSED,
            to=[facts["seller"], facts["distributor"]],
            title=f"配送单 {facts['delivery_number']} 有 {len(refused)} 行被拒收",
            body=why,
            **_about(event),
        )
