"""Chapter 5: what lies on everybody's desk today, troubles included."""

from procurement.bargaining.services.offers import offer_decline, offer_make, offers_accept
from procurement.contracts.queries import agreements_in_force
from procurement.contracts.services.contracts import contract_sign
from procurement.ordering.services.orders import order_accept
from sunlight.demo.chapters.bargaining import QUANTITY, Agreed, offered_price
from sunlight.demo.chapters.listing import Group
from sunlight.demo.chapters.orders import carrier, dispatch, lines_for, place
from sunlight.demo.stage import Stage
from sunlight.journal.refusals import Refused


def play(stage: Stage, groups: list[Group]) -> None:
    _offers(stage, groups)
    _orders(stage, groups)
    stage.news_travels(stage.today)
    stage.say("今天的待办已就绪")


def agreed_by(stage: Stage, hospital: int, groups: list[Group]) -> list[Agreed]:
    """The agreements a hospital has today, with their products."""
    rows = stage.sees(f"buyer{hospital}", lambda actor: agreements_in_force(actor, stage.today))
    by_group = {g.price_group.id: g for g in groups}
    return [Agreed(hospital, by_group[r.price_group_id], r.id) for r in rows if r.price_group_id in by_group]


def _offer(stage: Stage, hospital: int, group: Group, percent_off: int, on):
    return stage.does(
        f"buyer{hospital}",
        offer_make,
        on=on,
        price_group_id=group.price_group.id,
        price=f"{offered_price(group, percent_off)}",
        quantity=QUANTITY[group.product.unit],
    )


def _offers(stage: Stage, groups: list[Group]) -> None:
    """Offers of the week: one above the line (refused), one declined, one about to lapse, two new, one to be signed."""
    bought = {a.group.price_group.id for a in agreed_by(stage, 2, groups)}
    fresh = [g for g in groups if g.maker == 1 and g.price_group.id not in bought]
    try:
        _offer(stage, 2, fresh[0], 1, stage.day(-3))
    except Refused:
        stage.say("高于价格预警线的报价被拦截，已留痕")
    declined = _offer(stage, 2, fresh[0], 25, stage.day(-3))
    stage.does("seller1", offer_decline, on=stage.day(-2), offer_id=declined.id, reason="低于成本，无法供货")
    _offer(stage, 2, fresh[0], 14, stage.day(-4))
    _offer(stage, 2, fresh[1], 13, stage.day(-1))
    signed = _offer(stage, 2, fresh[2], 12, stage.day(-2))
    contract = stage.does("seller1", offers_accept, on=stage.day(-1), offer_ids=[signed.id], note="同意")
    stage.does(
        "seller1", contract_sign, on=stage.day(-1), hour=14, contract_id=contract.id, text_sha256=contract.text_sha256
    )


def _orders(stage: Stage, groups: list[Group]) -> None:
    """Orders of the week: one unanswered, one to be shipped, one late, one on the way."""
    agreed = [a for a in agreed_by(stage, 1, groups) if a.group.maker == 1]
    moments = ((-6, "late"), (-2, "on the way"), (-1, "to ship"), (0, "unanswered"))
    for turn, (day, fate) in enumerate(moments):
        (order,) = place(stage, 1, lines_for(agreed[turn : turn + 3], turn), stage.day(day), hour=8)
        if fate == "unanswered":
            continue
        stage.does("seller1", order_accept, on=stage.day(day), hour=9, order_id=order.id)
        if fate == "on the way":
            shipper, _ = carrier(1)
            dispatch(stage, order, shipper, stage.day(-1), f"N{turn:04d}")
