"""Whether a basket may be ordered: every line against catalogue, agreement, law and habit; all faults reported at once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from catalog.models import NationalCode
from catalog.queries import trading
from catalog.queries.categories import category_refusal
from catalog.rules import code_parse
from procurement.bargaining.services.judgement import Judgement, judged, refusal_of
from procurement.channels.services.channels import channel_refusal, channels_of
from procurement.contracts.models import PriceAgreement
from procurement.contracts.workflows import AgreementSource
from procurement.ordering.queries.baskets import Basket, Usual
from procurement.ordering.rules.placing import order_questions
from procurement.ordering.services.lines import LineRequest
from sunlight.journal.refusals import Conflict, Refused, marked, reasons_by
from sunlight.kernel.money import MoneyError, amount_fen, price_words, quantity_text
from sunlight.kernel.policy import Law
from sunlight.kernel.rule import Decision, Reason
from sunlight.kernel.units import Units
from sunlight.tenancy.standing import TradeAct


@dataclass(frozen=True, slots=True)
class Checked:
    """A line that may be ordered, with what it rests on."""

    wanted: LineRequest
    national_code: NationalCode
    agreement: PriceAgreement
    units: Units
    # In the pricing unit.
    quantity: Decimal
    amount_fen: int
    judged: Judgement
    # Whether it may be bought on this platform.
    channel: Decision
    known: dict = field(default_factory=dict)

    @property
    def quantity_text(self) -> str:
        """In packs and in the pricing unit: "40 盒 = 2 000 个"."""
        return self.units.describe(self.quantity)


class Fault(Exception):
    """One line at fault."""

    def __init__(
        self, line: LineRequest, name: str, code: str, message: str, *, reasons: Sequence[dict] = (), decision=None
    ):
        super().__init__(message)
        message = marked(message, [Reason(**each) for each in reasons])
        self.item = {"field": line.at(name), "code": code, "message": message}
        self.reasons, self.decision = list(reasons), decision


def _reasons(law: Law, key: str, code: str, message: str) -> list[dict]:
    """The reasons of a refusal by the values of a parameter that bind; none where no text asks."""
    return reasons_by(law.basis(key), code, message)


def check_plan_lines(wanted: Iterable[LineRequest], basket: Basket) -> None:
    """A plan line is ordered once, by page or interface. Raises Conflict."""
    again = [line for line in wanted if line.plan_line and line.plan in basket.taken_plan_lines]
    if again:
        first = again[0]
        raise Conflict(
            "a_plan_line_is_ordered_once",
            f"采购计划 {first.plan_number} 的第 {first.plan_line} 行已经下过单，不能重复下单。请在订单列表中核对，或去掉该行。",
            field=first.at("plan_line"),
            items=[
                {"field": line.at("plan_line"), "code": "plan_line_ordered", "message": "该计划行已下单"}
                for line in again
            ],
        )


def check_basket(law: Law, basket: Basket, wanted: Sequence[LineRequest]) -> list[Checked]:
    """Every line, ready to be written. Raises Refused with one item for each line at fault."""
    checked, faults = checked_lines(law, basket, wanted)
    if faults:
        first = faults[0]
        count = f"（共 {len(faults)} 行有问题）" if len(faults) > 1 else ""
        raise Refused(
            first.item["code"],
            f"第 {_line_number(first)} 行：{first.item['message']}{count}",
            field=first.item["field"],
            reasons=[reason for fault in faults for reason in fault.reasons],
            decision=first.decision,
            items=[fault.item for fault in faults],
        )
    return checked


def checked_lines(law: Law, basket: Basket, wanted: Sequence[LineRequest]) -> tuple[list[Checked], list[Fault]]:
    """Every line that may be ordered, and every fault. Raises Refused where the hospital may not trade at all."""
    basket.permissions.may_buy(basket.buyer.id)
    checked, faults = [], []
    groups = {each.price_group_id for each in basket.agreements}
    channels = channels_of(
        law, buyer=basket.buyer, platform_code=basket.platform_code, listed_in=basket.listed_in, groups=groups
    )
    for line in wanted:
        try:
            checked.append(_check_line(law, basket, line, channels))
        except Fault as fault:
            faults.append(fault)
    return checked, faults or _over_agreements(basket, checked)


def _line_number(fault: Fault) -> int:
    return int(fault.item["field"].split("[")[1].split("]")[0]) + 1


def _check_line(law: Law, basket: Basket, line: LineRequest, channels: Mapping[int, Decision]) -> Checked:
    national_code = _code(law, basket, line)
    agreement = _agreement(law, basket, line)
    units = basket.units[agreement.price_group_id]
    try:
        quantity = line.base_quantity(units)
        amount = amount_fen(agreement.price, quantity)
    except MoneyError as error:
        raise Fault(line, "pack_name" if line.pack_name else "quantity", error.code, f"{error.message}。") from error
    if amount == 0:
        raise Fault(line, "quantity", "amount_too_small", "金额不足 1 分，请增加数量。")
    for act, party in ((TradeAct.SELL, agreement.seller_id), (TradeAct.BUY, basket.buyer.id)):
        refusal = basket.permissions.refusal(act, party, [agreement.price_group_id])
        if refusal is not None:
            raise Fault(line, "code", refusal.code, refusal.message, reasons=refusal.reasons)
    closed = category_refusal(law, national_code)
    if closed is not None:
        raise Fault(line, "code", closed.code, closed.message, reasons=closed.reasons)
    channel = channels[agreement.price_group_id]
    refusal = channel_refusal(channel, agreement.price_group_id)
    if refusal is not None:
        reasons, decision = refusal.reasons, refusal.decision
        raise Fault(line, "code", refusal.code, refusal.message, reasons=reasons, decision=decision)
    found, known = _judge(law, basket, line, agreement, quantity)
    known["quantity"] = quantity_text(quantity)
    return Checked(line, national_code, agreement, units, quantity, amount, found, channel, known)


def _code(law: Law, basket: Basket, line: LineRequest) -> NationalCode:
    if not code_parse(law, code=line.code).outcome["full"]:
        message = "须为 27 位医保耗材编码（试剂 22 位）的全码，没有全码的产品不能采购。请从目录中选择具体规格。"
        reasons = _reasons(law, "catalog.full_code_required", "code_not_full", message)
        raise Fault(line, "code", "code_not_full", message, reasons=reasons)
    found = basket.codes.get(line.code)
    if found is None:
        message = f"国家目录中没有编码 {line.code}。请从目录中选择。"
        reasons = _reasons(law, "catalog.national_codes", "code_unknown", message)
        raise Fault(line, "code", "code_unknown", message, reasons=reasons)
    if found.is_retired:
        message = trading.retired(found)
        raise Fault(line, "code", "code_retired", message, reasons=trading.reasons_of(law, message, "code_retired"))
    if line.code not in basket.tradable_groups:
        message = basket.obstacles.get(line.code, trading.NEVER_LISTED)
        raise Fault(line, "code", "not_tradable", message, reasons=trading.reasons_of(law, message))
    return found


def _agreement(law: Law, basket: Basket, line: LineRequest) -> PriceAgreement:
    in_force = basket.agreements_for(line.code)
    if line.agreement_id is not None:
        in_force = [a for a in in_force if a.id == line.agreement_id]
    if not in_force:
        message = "没有双方已签署且在有效期内的价格协议，不能下单。请先与生产企业议价并签订合同，或另选一份有效的协议。"
        raise Fault(
            line,
            "agreement",
            "no_agreement_in_force",
            message,
            reasons=_reasons(law, "contract.required", "no_agreement_in_force", message),
        )
    return in_force[0]


def _judge(
    law: Law, basket: Basket, line: LineRequest, agreement: PriceAgreement, quantity: Decimal
) -> tuple[Judgement, dict]:
    """The agreed price put to the bounds of the order's day (SZ24-3.3c, SZ24-3.4c, GD25-2.2a), as an offer is."""
    facts = basket.bargain[agreement.price_group_id]
    found = judged(law, facts, agreement.price, quantity, offer_id=offer_of(agreement))
    if not found.decision.regulated:
        raise Fault(
            line,
            "code",
            "no_rule_in_force",
            f"{law.region} 在 {law.on} 没有可以依据的采购规则，不能下单。请联系平台运营机构。",
            decision=found.decision.record(),
        )
    if found.breaches:
        way_out = "协议价今天已不符合上限，请与生产企业重新议价后再下单。"
        if not found.decision.refused:
            way_out = "请待限制解除后再下单，或改选已有价格预警线的同类产品。"
        refusal = refusal_of(found, subject=("price_group", agreement.price_group_id), way_out=way_out, field="code")
        raise Fault(line, "code", refusal.code, refusal.message, reasons=refusal.reasons, decision=refusal.decision)
    return found, {**facts.known, "agreement": agreement.id, "contract": agreement.contract.number}


def offer_of(agreement: PriceAgreement) -> int | None:
    """The offer that an agreement came from; None where it came from something else."""
    return agreement.source_id if agreement.source_kind == AgreementSource.OFFER else None


def _over_agreements(basket: Basket, checked: Iterable[Checked]) -> list[Fault]:
    """Lines that together take more of an agreement than is left of it."""
    taken: dict[int, Decimal] = {}
    faults = []
    for each in checked:
        left = basket.left(each.agreement)
        if left is None:
            continue
        quantity = each.quantity
        rest = left - taken.get(each.agreement.id, Decimal(0))
        if quantity > rest:
            message = (
                f"订购 {each.units.describe(quantity)}，超过价格协议（{price_words(each.agreement.price)} 元）剩余可订数量"
                f" {each.units.describe(max(rest, Decimal(0)))}。请减少数量，或与企业另行议价。"
            )
            faults.append(Fault(each.wanted, "quantity", "above_agreed_quantity", message))
        taken[each.agreement.id] = taken.get(each.agreement.id, Decimal(0)) + quantity
    return faults


def questions_of(law: Law, basket: Basket, checked: Iterable[Checked]) -> list[dict]:
    """The questions to confirm for these lines: {"field", "code", "confirmation", "message"}, in the lines' order."""
    asked = []
    multiple, near = law.at("order.usual_multiple").value, law.at("order.near_pack").value
    for each in checked:
        usual: Usual | None = basket.usual.get(each.national_code.id)
        listed = basket.bargain[each.agreement.price_group_id].listed
        asked += [
            {
                "field": each.wanted.at("quantity"),
                "code": question.kind,
                "confirmation": question.key,
                "message": question.message,
            }
            for question in order_questions(
                code=each.wanted.code,
                quantity=each.quantity,
                price=each.agreement.price,
                units=each.units,
                usual_quantity=usual.quantity if usual else None,
                usual_price=usual.price if usual else (listed.price if listed else None),
                usual_multiple=multiple,
                near=near,
            )
        ]
    return asked


def ask_again(law: Law, basket: Basket, checked: Iterable[Checked], confirmed: Collection[str]) -> None:
    """Raises Refused with one item for each question that `confirmed` does not answer."""
    open_questions = [asked for asked in questions_of(law, basket, checked) if asked["confirmation"] not in confirmed]
    if open_questions:
        raise Refused(
            "confirm_needed",
            "有需要再次确认的内容，订单尚未提交："
            + " ".join(asked["message"] for asked in open_questions)
            + "核对无误后请勾选确认（接口：把 errors 中的 confirmation 放入 confirmations）再提交。",
            field="confirmations",
            items=open_questions,
        )
