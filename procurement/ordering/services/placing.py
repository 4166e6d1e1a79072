"""Placing orders: a basket is checked, split by supplier, and written in as many statements as a single line."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from procurement.bargaining.services.clearing import clearance_draw
from procurement.bargaining.services.judgement import bargain_facts, clearance_used
from procurement.ordering.events import ORDER_PLACED
from procurement.ordering.models import DeliveryPoint, Order, OrderLine
from procurement.ordering.queries import orders
from procurement.ordering.queries.baskets import Basket, basket_of
from procurement.ordering.services.appointing import named_distributor
from procurement.ordering.services.checks import (
    Checked,
    ask_again,
    check_basket,
    check_plan_lines,
    checked_lines,
    offer_of,
    questions_of,
)
from procurement.ordering.services.counting import Counted, counted_with_earlier, require_approval
from procurement.ordering.services.lines import LineRequest, read_lines
from procurement.ordering.services.shares import Share, share_of, share_write
from procurement.ordering.steps import ORDER_ANSWER, URGENT_ANSWER
from procurement.ordering.workflows import OrderState
from sunlight import scope
from sunlight.approval.models import ApprovalRequest
from sunlight.deadlines.services import Step, deadlines_open
from sunlight.deadlines.words import named
from sunlight.journal.refusals import Forbidden, Invalid, Refused
from sunlight.journal.services import decide_all, record_all, service
from sunlight.kernel import reading
from sunlight.kernel.policy import Law
from sunlight.numbering import platform_numbers
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.tenancy.models import Organisation


@dataclass(frozen=True, slots=True)
class BasketFacts:
    """What is ordered, as typed, and kept as read with a request for approval.

    A line: code (27 or 22 characters), quantity (of the pricing unit, or of `pack_name`), and optionally agreement_id,
    plan_number, plan_line, request_numbers, own_product_code."""

    lines: Sequence[dict]
    delivery_point_id: int | str
    contact_name: str = ""
    contact_phone: str = ""
    latest_arrival_on: date | str | None = None
    is_urgent: bool = False
    several_deliveries: bool = True
    plan_number: str = ""
    note: str = ""
    distributor_code: str | None = None
    confirmations: Collection[str] = ()


@service
def order_place(
    *, actor: Actor, at: datetime, facts: BasketFacts, approved: ApprovalRequest | None = None
) -> list[Order]:
    """Order specifications at agreed prices; one order for each supplier in the basket.

    Each line is judged by `purchase.channel` and, with the agreed price, by `bargain.decide` under the law of the day
    (SZ20-5.2.0, SZ24-3.3c, 3.4c, GD25-2.2a); the decisions are kept with order and line. Products without a reference
    price take of the year's share, under a lock (SZ20-5.2.1d).

    Raises Forbidden for others than the hospital's buyer, Invalid or Refused that lists every line at fault, Conflict
    for a plan line that was ordered before, Refused `confirm_needed` until `confirmations` holds the keys asked for,
    Refused `approval_needed` where the hospital's own chain asks for approval first (`order_submit` asks for it) and no
    `approved` request covers the amount.
    """
    ready = basket_ready(actor=actor, at=at, facts=facts)
    require_approval(actor, at, ready.amount_fen, ready.counted(actor), approved)
    return basket_write(actor, at, ready)


@dataclass(frozen=True, slots=True)
class Ready:
    """A basket that passed every check and is locked; `write` it or let it go."""

    facts: BasketFacts
    point: DeliveryPoint
    basket: Basket
    checked: Sequence[Checked]
    # The year of products without a reference price, where the basket has some and a text caps them.
    share: Share | None = None

    @property
    def amount_fen(self) -> int:
        return sum(each.amount_fen for each in self.checked)

    def counted(self, actor: Actor) -> Counted:
        """The sum that the hospital's chain looks at."""
        sellers = {each.agreement.seller_id for each in self.checked}
        return counted_with_earlier(actor, self.basket, seller_ids=sellers, amount_fen=self.amount_fen)


def basket_ready(*, actor: Actor, at: datetime, facts: BasketFacts) -> Ready:
    """Everything `order_place` asks of a basket, without writing it. Raises as `order_place`."""
    if not actor.has(Role.HOSPITAL_BUYER):
        raise Forbidden("not_a_buyer", "只有医疗机构的采购员可以下单。请由本单位采购员操作。")
    day = business_date(at)
    facts = _read(facts)
    wanted = read_lines(facts.lines, facts.plan_number)
    point = orders.access_delivery_point(actor, facts.delivery_point_id)
    _check_arrival(point, facts.latest_arrival_on, day)
    plan_lines = [line.plan for line in wanted if line.plan_line]
    basket = basket_of(actor, [line.code for line in wanted], day=day, plan_lines=plan_lines, lock=True)
    check_plan_lines(wanted, basket)
    law = _law(actor, basket)
    checked = check_basket(law, basket, wanted)
    if facts.distributor_code:
        named_distributor(actor, law, basket, checked, facts.distributor_code)
    share = share_of(actor, law, basket, checked, lock=True)
    if share is not None:
        share.check()
    ask_again(law, basket, checked, frozenset(facts.confirmations))
    return Ready(facts, point, basket, checked, share)


def _law(actor: Actor, basket: Basket) -> Law:
    """The law of the hospital's region and the day; the basket gets what its agreed prices are judged by."""
    law = scope.law(actor, basket.day, region=basket.buyer.region.code)
    offers = {offer_of(each) for each in basket.agreements} - {None}
    groups = {each.price_group_id for each in basket.agreements}
    basket.bargain = bargain_facts(actor=actor, law=law, buyer=basket.buyer, price_group_ids=groups, offer_ids=offers)
    return law


TEXTS = {
    "contact_name": ("联系人", 60),
    "contact_phone": ("联系电话", 40),
    "plan_number": ("采购计划号", 40),
    "note": ("备注", 500),
    "distributor_code": ("配送企业统一社会信用代码", 18),
}


def _text(typed: object, name: str) -> str:
    label, most = TEXTS[name]
    return reading.text(typed, name, label, most=most, required=False)


def _read(facts: BasketFacts) -> BasketFacts:
    """The head of a basket as values. Raises Unreadable with all its faults; the lines are read apart."""
    read = reading.Collected()
    texts = {name: read(_text, getattr(facts, name), name) for name in TEXTS}
    point = read(reading.row_id, facts.delivery_point_id, "delivery_point", "收货点")
    arrival = read(reading.day, facts.latest_arrival_on, "latest_arrival_on", "最迟到货日", required=False)
    read.check()
    return replace(facts, **texts, delivery_point_id=point, latest_arrival_on=arrival)


@dataclass(frozen=True, slots=True)
class Supply:
    """The part of a basket that would go to one supplier."""

    seller: Organisation
    lines: tuple[Checked, ...]

    @property
    def amount_fen(self) -> int:
        return sum(each.amount_fen for each in self.lines)


@dataclass(frozen=True, slots=True)
class OrderTrial:
    """A basket's outcome if it were ordered: its orders by supplier, the lines at fault, and the questions to confirm."""

    supplies: tuple[Supply, ...]
    faults: tuple[dict, ...]
    questions: tuple[dict, ...]
    share: Share | None = None

    @property
    def amount_fen(self) -> int:
        return sum(each.amount_fen for each in self.supplies)


def order_trial(*, actor: Actor, at: datetime, lines: Sequence[dict], plan_number: str = "") -> OrderTrial:
    """As `order_place`, but nothing is written or kept: for showing a basket as one fills it. Raises Invalid for lines
    that cannot be read."""
    day = business_date(at)
    wanted = read_lines(lines, _text(plan_number, "plan_number"))
    basket = basket_of(actor, [line.code for line in wanted], day=day)
    law = _law(actor, basket)
    checked, faults = checked_lines(law, basket, wanted)
    supplies = tuple(Supply(own[0].agreement.seller, tuple(own)) for own in _by_seller(checked).values())
    share = share_of(actor, law, basket, checked)
    items = [fault.item for fault in faults] + (share.items()[:1] if share else [])
    return OrderTrial(supplies, tuple(items), tuple(questions_of(law, basket, checked)), share)


def _check_arrival(point: DeliveryPoint, latest_arrival_on: date | None, day: date) -> None:
    if not point.is_active:
        raise Refused(
            "delivery_point_closed", f"收货点“{point.name}”已停用，请改选其他收货点。", field="delivery_point"
        )
    if latest_arrival_on is not None and latest_arrival_on < day:
        raise Invalid(
            "arrival_in_the_past", "最迟到货日不得早于今天，请改填今天或之后的日期。", field="latest_arrival_on"
        )


def basket_write(actor: Actor, at: datetime, ready: Ready) -> list[Order]:
    """The orders of a basket, one for each supplier, with their lines, decisions and events."""
    by_seller = _by_seller(ready.checked)
    numbers = iter(platform_numbers(ready.basket.day, len(by_seller) + len(ready.checked)))
    placed = Order.objects.bulk_create(_order(actor, at, ready, own, next(numbers)) for own in by_seller.values())
    lines = OrderLine.objects.bulk_create(
        _line(order, each, line_no, next(numbers))
        for order, own in zip(placed, by_seller.values(), strict=True)
        for line_no, each in enumerate(own, start=1)
    )
    decided = [each for own in by_seller.values() for each in own]
    of_orders = zip(placed, by_seller.values(), strict=True)
    decide_all(
        [each for order, own in of_orders for each in _decided(order, own, ready.share)]
        + [
            (decision, ("order_line", line.id), [line.buyer_id, line.seller_id], each.known)
            for each, line in zip(decided, lines, strict=True)
            for decision in each.judged.decisions
        ],
        actor=actor,
        at=at,
    )
    share_write(actor, ready.share, zip(decided, lines, strict=True))
    _draw(actor, at, zip(decided, lines, strict=True))
    by_order: dict[int, list[OrderLine]] = {}
    for line in lines:
        by_order.setdefault(line.order_id, []).append(line)
    record_all(
        ORDER_PLACED,
        [
            {
                "subject": order.id,
                "parties": [order.buyer_id, order.seller_id],
                "payload": order_payload(order, by_order[order.id]),
            }
            for order in placed
        ],
        actor=actor,
        at=at,
    )
    deadlines_open(actor=actor, at=at, steps=[_to_answer(order, by_order[order.id]) for order in placed])
    return placed


def _decided(order: Order, own: Sequence[Checked], share: Share | None) -> list[tuple]:
    """What is decided of an order as a whole: whether it may be bought on this platform (products listed alike share one
    answer), and the year's share that it takes of."""
    about, parties = ("order", order.id), [order.buyer_id, order.seller_id]
    found = [(each, about, parties, None) for each in {id(line.channel): line.channel for line in own}.values()]
    if share is not None and any(line in share.lines for line in own):
        found.append((share.decision, about, parties, {"year_total_is": share.base.source}))
    return found


def _to_answer(order: Order, lines: Sequence[OrderLine]) -> Step:
    """From now on the firm owes an answer."""
    return Step(
        kind=ORDER_ANSWER,
        subject_id=order.id,
        number=order.number,
        about=named(line.national_code.product_name for line in lines),
        region=order.buyer.region,
        buyer_id=order.buyer_id,
        seller_id=order.seller_id,
        owes_id=order.seller_id,
        awaits_id=order.buyer_id,
        started_on=order.law_date,
        parameter=URGENT_ANSWER if order.is_urgent else "",
    )


def _draw(actor: Actor, at: datetime, ordered: Iterable[tuple[Checked, OrderLine]]) -> None:
    """What lines take of the clearances they stand by, but for those whose offer took it already (A21)."""
    wanted: dict[int, dict[int, Decimal]] = {}
    for each, line in ordered:
        cleared = each.judged.cleared
        if clearance_used(each.judged.decision) and offer_of(each.agreement) not in cleared.held_by:
            wanted.setdefault(cleared.clearance.id, {})[line.id] = line.quantity
    for clearance_id, quantities in sorted(wanted.items()):
        clearance_draw(clearance_id, "ORDER_LINE", quantities, actor=actor, at=at)


def _by_seller(checked: Iterable[Checked]) -> dict[int, list[Checked]]:
    found: dict[int, list[Checked]] = {}
    for each in checked:
        found.setdefault(each.agreement.seller_id, []).append(each)
    return found


def _order(actor: Actor, at: datetime, ready: Ready, checked: Sequence[Checked], number: str) -> Order:
    facts, point, basket = ready.facts, ready.point, ready.basket
    return Order(
        number=number,
        platform_id=actor.platform_id,
        region_id=basket.buyer.region_id,
        buyer=basket.buyer,
        seller=checked[0].agreement.seller,
        state=OrderState.PLACED,
        plan_number=facts.plan_number,
        delivery_point=point,
        contact_name=facts.contact_name or point.contact_name,
        contact_phone=facts.contact_phone or point.contact_phone,
        latest_arrival_on=facts.latest_arrival_on,
        is_urgent=facts.is_urgent,
        several_deliveries=facts.several_deliveries,
        note=facts.note,
        amount_fen=sum(each.amount_fen for each in checked),
        law_date=basket.day,
        placed_at=at,
        **scope.by(actor, "placed"),
    )


def _line(order: Order, each: Checked, line_no: int, number: str) -> OrderLine:
    wanted: LineRequest = each.wanted
    return OrderLine(
        order=order,
        platform_id=order.platform_id,
        region_id=order.region_id,
        buyer_id=order.buyer_id,
        seller_id=order.seller_id,
        number=number,
        line_no=line_no,
        plan_number=wanted.plan_number,
        plan_line=wanted.plan_line,
        request_numbers=list(wanted.request_numbers),
        national_code=each.national_code,
        own_product_code=wanted.own_product_code,
        price_group_id=each.agreement.price_group_id,
        agreement=each.agreement,
        pack_name="" if wanted.pack_name == each.units.base else wanted.pack_name,
        pack_factor=each.units.factor(wanted.pack_name or each.units.base),
        quantity=each.quantity,
        price=each.agreement.price,
        amount_fen=each.amount_fen,
        payment_days=each.agreement.contract.payment_days,
    )


def order_payload(order: Order, lines: Iterable[OrderLine]) -> dict:
    """The complete order as the journal records it; amounts in fen, prices in CNY, quantities in the pricing unit."""
    return {
        "number": order.number,
        "state": order.state,
        "buyer": order.buyer_id,
        "seller": order.seller_id,
        "distributor": order.distributor_id,
        "plan_number": order.plan_number,
        "delivery_point": order.delivery_point_id,
        "latest_arrival_on": order.latest_arrival_on,
        "is_urgent": order.is_urgent,
        "several_deliveries": order.several_deliveries,
        "amount_fen": order.amount_fen,
        "law_date": order.law_date,
        "delivery_due_at": order.delivery_due_at,
        "answer_note": order.answer_note,
        "close_reason": order.close_reason,
        "lines": [
            {
                "id": line.id,
                "number": line.number,
                "line_no": line.line_no,
                "plan_number": line.plan_number,
                "plan_line": line.plan_line,
                "code": line.national_code.code,
                "price_group": line.price_group_id,
                "agreement": line.agreement_id,
                "quantity": line.quantity,
                "price": line.price,
                "amount_fen": line.amount_fen,
                "payment_days": line.payment_days,
                "delivered_quantity": line.delivered_quantity,
                "accepted_quantity": line.accepted_quantity,
            }
            for line in lines
        ],
    }
