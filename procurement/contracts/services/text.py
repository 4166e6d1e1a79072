"""The text of a supply contract: canonical, so that the same facts always give the same bytes and the same hash."""

import hashlib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sunlight.kernel.money import amount_fen, fen_text, price_text, quantity_text, rmb_upper
from sunlight.kernel.policy import Law, Value
from sunlight.kernel.rule import DRAFT_MARK

PAYMENT, OTHERS = "五、付款", "六、其他"


@dataclass(frozen=True, slots=True)
class Party:
    """One side of a contract."""

    name: str
    credit_code: str


@dataclass(frozen=True, slots=True)
class Product:
    """One agreed price: CNY a pricing unit, tax included; quantity in the pricing unit; the agreement's days;
    what it comes from, with its number."""

    source: str
    name: str
    certificate: str
    generic_code: str
    codes: tuple[str, ...]
    unit: str
    price: Decimal
    quantity: Decimal
    valid_from: date
    valid_to: date

    @property
    def amount_fen(self) -> int:
        return amount_fen(self.price, self.quantity)


@dataclass(frozen=True, slots=True)
class Terms:
    """Everything a contract says."""

    number: str
    platform: str
    region: str
    made_on: date
    buyer: Party
    seller: Party
    products: tuple[Product, ...]
    valid_from: date
    valid_to: date
    payment_days: int | None


def contract_text(terms: Terms, law: Law) -> str:
    """The contract in Chinese under the law of its day; lines end with a line feed, numbers in plain digits, products in the
    order given."""
    total = sum(product.amount_fen for product in terms.products)
    lines = [
        "医用耗材购销合同",
        "",
        f"合同编号：{terms.number}",
        f"签订平台：{terms.platform}",
        f"拟定日期：{terms.made_on}",
        "",
        f"甲方（采购方）：{terms.buyer.name}",
        f"统一社会信用代码：{terms.buyer.credit_code}",
        f"乙方（供应方）：{terms.seller.name}",
        f"统一社会信用代码：{terms.seller.credit_code}",
        "",
        "甲乙双方经平台线上议价达成一致，订立本合同。",
        "",
        "一、产品、价格与数量（单价为含税价）",
        *(line for index, product in enumerate(terms.products, 1) for line in _product(index, product)),
        f"合同约定采购金额合计：{fen_text(total)} 元（{rmb_upper(total)}）。实际金额以订单与验收为准。",
        "",
        "二、合同期限",
        f"自 {terms.valid_from} 起至 {terms.valid_to} 止（含首尾两日）。各产品的协议价在其所列期限内有效。",
        "",
        "三、订货与配送",
        *_distribution(law),
        "",
        "四、验收",
        *_acceptance(law),
        "",
        PAYMENT,
        *_payment(law, terms.payment_days),
        "",
        OTHERS,
        "1. 双方只在平台上订货、配送、验收与结算，不在平台外就上述产品另行约定价格或返利。",
        "2. 本合同由双方在平台上对本文本的摘要（SHA-256）电子签署，后签署的一方签署时生效。",
        "3. 争议由双方协商解决；协商不成的，依法处理。",
    ]
    return "\n".join(lines) + "\n"


def with_payment_term(text: str, law: Law, payment_days: int) -> str:
    """A contract's text with another payment term, as `contract_text` would have written it under the same law."""
    before, _, rest = text.partition(f"\n{PAYMENT}\n")
    _, _, after = rest.partition(f"\n{OTHERS}\n")
    return "\n".join([before, PAYMENT, *_payment(law, payment_days), "", OTHERS, after])


def text_hash(text: str) -> str:
    """SHA-256 of the text in UTF-8, in hexadecimal: what both parties sign."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _product(index: int, product: Product) -> list[str]:
    return [
        f"{index}. {product.name}",
        f"   注册（备案）证号：{product.certificate}；医保分类代码：{product.generic_code}",
        f"   规格型号代码（{len(product.codes)} 个）：{'、'.join(product.codes)}",
        f"   计价单位：{product.unit}；单价：{price_text(product.price)} 元/{product.unit}；"
        f"约定数量：{quantity_text(product.quantity)} {product.unit}；金额：{fen_text(product.amount_fen)} 元",
        f"   协议价有效期：{product.valid_from} 至 {product.valid_to}；{product.source}",
    ]


def _distribution(law: Law) -> list[str]:
    banned = [*law.every("distributor.appointer"), *law.every("distributor.named_by_hospital")]
    basis = f"（依据 {_clauses(banned)}）" if banned else ""
    days = law.at("delivery.days")
    return [
        f"1. 乙方自行配送，或自主选择配送企业并在平台授权；甲方不指定配送企业{basis}。",
        f"2. 订单未另行约定到货时间的，乙方自确认订单起 {days.value} 日内送达（依据 {days.clause}）。",
    ]


def _acceptance(law: Law) -> list[str]:
    days = law.at("acceptance.working_days")
    return [
        "1. 甲方按批号、有效期、医疗器械唯一标识（UDI）逐项验收，可以部分验收；不合格的写明原因拒收。",
        f"2. 甲方自到货起 {days.value} 个工作日内完成验收（依据 {days.clause}）。",
    ]


def _payment(law: Law, payment_days: int | None) -> list[str]:
    limit = law.find("settlement.payment_days")
    by_contract = law.find("settlement.payment_by_contract")
    if payment_days is None:
        basis = f"（依据 {by_contract.clause}）" if by_contract else ""
        return [f"1. 付款期限（自验收合格之日起的天数）由双方在签署本合同前约定{basis}。"]
    if limit:
        basis = f"（依据 {limit.clause}，期限不得长于 {limit.value} 日）"
    else:
        basis = f"（依据 {by_contract.clause}，按合同约定付款）" if by_contract else ""
    return [
        f"1. 甲方自验收合格之日起 {payment_days} 日内付清货款{basis}。",
        "2. 货款按验收合格并开具发票的数量，经平台监管账户支付给开票企业。",
    ]


def _clauses(values: list[Value]) -> str:
    marks = [f"{value.clause}（{DRAFT_MARK}）" if value.is_draft else value.clause for value in values]
    return "、".join(marks)
