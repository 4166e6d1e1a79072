"""Chapter 3: orders, deliveries and acceptances of the last weeks."""

from dataclasses import dataclass
from datetime import date, timedelta

from procurement.ordering.queries.orders import delivery_points_of, lines_of
from procurement.ordering.services.orders import order_accept
from procurement.ordering.services.placing import BasketFacts, order_place
from procurement.receiving.queries.deliveries import access_delivery
from procurement.receiving.services.acceptances import acceptance_confirm, acceptance_reverse
from procurement.receiving.services.deliveries import delivery_dispatch
from sunlight.demo.chapters.bargaining import DISTRIBUTOR_OF, QUANTITY, Agreed
from sunlight.demo.stage import Stage

# Working days before today on which each hospital ordered from each of its makers.
ORDER_DAYS = {1: (-48, -36, -24, -14, -8), 2: (-44, -28, -12), 3: (-30, -10)}
LINES = 4


@dataclass
class Received:
    """An acceptance of the story: who received it, who delivered, on which working day."""

    hospital: int
    shipper: str
    finance: str
    acceptance_id: int
    on: date


def carrier(maker: int) -> tuple[str, str]:
    """The people who ship and who invoice for a maker: its distributor's, or its own where it delivers itself."""
    distributor = DISTRIBUTOR_OF.get(maker)
    if distributor:
        return f"shipper{distributor}", f"finance{distributor}"
    return f"makershipper{maker}", f"makerfinance{maker}"


def lines_for(agreed: list[Agreed], turn: int) -> list[dict]:
    return [
        {
            "code": a.group.product.codes[turn % 4],
            "quantity": f"{max(int(QUANTITY[a.group.product.unit]) // 50, 1)}",
            "agreement_id": a.agreement_id,
        }
        for a in agreed
    ]


def play(stage: Stage, agreed: list[Agreed]) -> list[Received]:
    received: list[Received] = []
    turn = 0
    for hospital, days in ORDER_DAYS.items():
        for day in days:
            for maker in (1, 2, 3):
                mine = [a for a in agreed if a.hospital == hospital and a.group.maker == maker]
                some = [mine[(turn + i) % len(mine)] for i in range(min(LINES, len(mine)))]
                turn += 1
                if some:
                    received.append(_one_order(stage, hospital, maker, some, day, turn))
    stage.news_travels(stage.day(-1))
    _correct_acceptance(stage, received[-1])
    stage.say(f"订单、配送、验收 {len(received)} 笔")
    return received


def place(stage: Stage, hospital: int, lines: list[dict], on, hour: int = 9):
    """One basket of a hospital, to its first delivery point; whole packs in usual quantities, so that no question comes
    back."""
    points = stage.sees(f"buyer{hospital}", delivery_points_of)
    facts = BasketFacts(lines, points[0].id)
    return stage.does(f"buyer{hospital}", order_place, on=on, hour=hour, facts=facts)


def dispatch(stage: Stage, order, shipper: str, on, lot: str):
    lines = stage.sees(shipper, lambda actor: lines_of(order))
    return stage.does(
        shipper,
        delivery_dispatch,
        on=on,
        hour=14,
        order_id=order.id,
        carrier="示范冷链物流",
        waybill=f"SF{order.id:010d}",
        note_number=f"PS{order.id:06d}",
        expected_on=on + timedelta(days=1),
        lines=[
            {
                "order_line": line.id,
                "quantity": f"{line.quantity}",
                "lot": f"{lot}{line.line_no:02d}",
                "produced_on": on - timedelta(days=120),
                "expires_on": on + timedelta(days=900),
            }
            for line in lines
        ],
    )


def _one_order(stage: Stage, hospital: int, maker: int, some: list[Agreed], day: int, turn: int) -> Received:
    (order,) = place(stage, hospital, lines_for(some, turn), stage.day(day))
    stage.does(f"seller{maker}", order_accept, on=stage.day(day), hour=15, order_id=order.id)
    shipper, finance = carrier(maker)
    delivery = dispatch(stage, order, shipper, stage.day(day + 1), f"L{turn:04d}")
    on = stage.day(day + 3)
    acceptance = stage.does(
        f"receiver{hospital}",
        acceptance_confirm,
        on=on,
        hour=11,
        delivery_id=delivery.id,
        arrived_on=stage.day(day + 2),
        lines=_accept_in_full(stage, f"receiver{hospital}", delivery.id, reject_one=turn % 7 == 0),
    )
    return Received(hospital, shipper, finance, acceptance.id, on)


def _accept_in_full(stage: Stage, receiver: str, delivery_id: int, *, reject_one: bool) -> list[dict]:
    """Every line is accepted in full; now and then one piece of the first line is refused."""
    rows = stage.sees(receiver, lambda actor: access_delivery(actor, delivery_id).lines.order_by("line_no"))
    taken = []
    for row in rows:
        rejected = 1 if reject_one and row is rows[0] and row.quantity > 1 else 0
        taken.append(
            {
                "delivery_line": row.id,
                "accepted": f"{row.quantity - rejected}",
                "rejected": f"{rejected}",
                "reason": "外包装破损" if rejected else "",
            }
        )
    return taken


def _correct_acceptance(stage: Stage, last: Received) -> None:
    """The last acceptance was entered wrongly: a colleague reverses it, and it is entered again."""
    reversed_row = stage.does(
        f"checker{last.hospital}",
        acceptance_reverse,
        on=last.on,
        hour=15,
        acceptance_id=last.acceptance_id,
        reason="批号登记有误，重新验收",
    )
    again = stage.does(
        f"receiver{last.hospital}",
        acceptance_confirm,
        on=last.on,
        hour=16,
        delivery_id=reversed_row.delivery_id,
        arrived_on=last.on,
        lines=_accept_in_full(stage, f"receiver{last.hospital}", reversed_row.delivery_id, reject_one=False),
    )
    last.acceptance_id = again.id
