"""Chapter 2: hospitals bargain, makers accept, both sign; makers authorise their distributors."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from procurement.bargaining.services.offers import offer_make, offers_accept
from procurement.bargaining.services.reviews import price_review_pass, price_review_request
from procurement.contracts.queries import agreements_in_force
from procurement.contracts.services.contracts import contract_sign
from procurement.ordering.services.authorisations import authorisation_make
from procurement.ordering.services.orders import delivery_point_add
from sunlight.demo.chapters.listing import Group
from sunlight.demo.stage import Stage

# Which hospital buys how much below the listed price, in percent: the alert line lies 10 % below.
DISCOUNT = {1: 12, 2: 11, 3: 13}
QUANTITY = {"套": "600", "枚": "60", "片": "50000", "支": "20000", "根": "1500", "个": "1200"}
DISTRIBUTOR_OF = {1: 1, 2: 2}


@dataclass
class Agreed:
    """An agreed price of the story: which hospital, which group, the row."""

    hospital: int
    group: Group
    agreement_id: int


def play(stage: Stage, groups: list[Group]) -> list[Agreed]:
    _authorise(stage)
    for group in groups:
        if not group.is_compared:
            _review(stage, group)
    agreed: list[Agreed] = []
    for hospital in (1, 2, 3):
        wanted = [g for index, g in enumerate(groups) if index % 3 != hospital % 3][: 18 if hospital == 1 else 10]
        for maker in (1, 2, 3):
            agreed += _bargain(stage, hospital, [g for g in wanted if g.maker == maker], maker)
    stage.news_travels(stage.day(-50))
    stage.say(f"议价成交并签约 {len(agreed)} 个价格协议")
    return agreed


def _authorise(stage: Stage) -> None:
    for hospital in (1, 2, 3):
        for number, name in (("01", "中心库房"), ("02", "手术室二级库")):
            stage.does(
                f"hadmin{hospital}",
                delivery_point_add,
                on=stage.day(-58),
                code=number,
                name=name,
                address=f"示范市福田区健康路 {hospital} 号",
                contact_name=f"库管{hospital}",
                contact_phone=f"0755-2777{hospital:04d}",
            )
    for maker, distributor in DISTRIBUTOR_OF.items():
        stage.does(
            f"seller{maker}",
            authorisation_make,
            on=stage.day(-56),
            is_default=True,
            distributor_id=stage.cast.organisations[f"distributor{distributor}"].id,
            valid_from=stage.day(-56),
            valid_to=stage.today + timedelta(days=300),
        )


def _review(stage: Stage, group: Group) -> None:
    """The price of a product that nothing compares with is reviewed before its first deals (A24)."""
    asked = stage.does(
        "buyer1",
        price_review_request,
        on=stage.day(-55),
        price_group_id=group.price_group.id,
        price=f"{offered_price(group, 0)}",
        reason="其他省份尚未挂网，本院手术急需，企业提供了同类产品价格对照",
    )
    stage.does(
        "confirmer",
        price_review_pass,
        on=stage.day(-55),
        hour=15,
        price_review_id=asked.id,
        reason="与同类产品平台价格相当，同意首批成交",
    )


def offered_price(group: Group, percent_off: int) -> Decimal:
    """The listed price less so many percent, to the fen where it is above one yuan."""
    price = group.product.price * (100 - percent_off) / 100
    return price.quantize(Decimal("0.01") if price >= 1 else Decimal("0.0001"))


def _bargain(stage: Stage, hospital: int, groups: list[Group], maker: int) -> list[Agreed]:
    if not groups:
        return []
    offers = [
        stage.does(
            f"buyer{hospital}",
            offer_make,
            on=stage.day(-54),
            price_group_id=g.price_group.id,
            price=f"{offered_price(g, DISCOUNT[hospital])}",
            quantity=QUANTITY[g.product.unit],
        )
        for g in groups
    ]
    contract = stage.does(
        f"seller{maker}", offers_accept, on=stage.day(-52), offer_ids=[o.id for o in offers], note="同意供货"
    )
    sha256 = contract.text_sha256
    stage.does(f"seller{maker}", contract_sign, on=stage.day(-52), hour=11, contract_id=contract.id, text_sha256=sha256)
    stage.does(f"approver{hospital}", contract_sign, on=stage.day(-51), contract_id=contract.id, text_sha256=sha256)
    rows = stage.sees(f"buyer{hospital}", lambda actor: agreements_in_force(actor, stage.day(-51)))
    by_group = {row.price_group_id: row.id for row in rows}
    return [Agreed(hospital, g, by_group[g.price_group.id]) for g in groups]
