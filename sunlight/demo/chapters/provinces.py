"""Chapter 8: the other provinces, each under its own law: Guangdong outside Shenzhen, Jiangsu with two cities, Hubei and
Xianning. Every hospital trades once, from the offer to the invoice."""

from datetime import timedelta
from decimal import Decimal

from catalog.models import Listing
from catalog.queries.listings import listed_specifications
from catalog.queries.views import commitment_of
from catalog.services.drafting import listing_draft
from catalog.services.listings import listing_approve, listing_submit
from procurement.bargaining.services.offers import offer_make, offers_accept
from procurement.bargaining.workflows import OfferState
from procurement.contracts.queries import agreements_in_force, contracts_visible_to
from procurement.contracts.services.consents import consent_confirm, consent_give
from procurement.contracts.services.contracts import contract_sign
from procurement.contracts.workflows import ContractState
from procurement.ordering.queries.orders import delivery_points_of
from procurement.ordering.services.orders import delivery_point_add, order_accept
from procurement.ordering.services.placing import BasketFacts, order_place
from procurement.receiving.queries.deliveries import access_delivery
from procurement.receiving.services.acceptances import acceptance_confirm
from sunlight import scope
from sunlight.demo.cast import Cast
from sunlight.demo.chapters import money, orders
from sunlight.demo.chapters.listing import PACKS, SPECIFICATIONS
from sunlight.demo.chapters.orders import Received
from sunlight.demo.files import national_release
from sunlight.demo.places import PLACES, Place
from sunlight.demo.stage import Stage
from sunlight.publicity.services import publicity_sweep

# Below the listed price, in percent: Jiangsu's first hospital offers the listed price, which is confirmed by itself.
DISCOUNT = {"gz": 6, "nj": 0, "sz": 4, "wh": 8, "xn": 5}
# Days to pay from acceptance, where the law leaves them to the contract (JS20-32, GD25-4.8a).
PAYMENT_DAYS = {"gz": 60, "nj": 60, "sz": 45}


def play(say) -> None:
    for number, place in enumerate(PLACES, start=1):
        stage = Stage(place.platform, say, Cast(place.platform, place.demos, first=100 * number))
        stage.cast.enter(stage.moment(stage.day(-60), 9))
        listing = _list(stage, place)
        if place.platform == "js":
            _consent(stage, place)
        for hospital in place.hospitals:
            _trade(stage, place, hospital, listing)
        stage.seals()
        say(f"{stage.cast.platform.name}：{len(place.hospitals)} 家医院各成交一笔")


def _list(stage: Stage, place: Place) -> Listing:
    """The first product of the platform's maker, listed before anybody bargains."""
    product = next(p for p in national_release.products(SPECIFICATIONS) if p.producer == place.producer)
    lister, pack = f"{place.maker}.lister", PACKS.get(product.unit)
    listing = stage.does(
        lister,
        listing_draft,
        on=stage.day(-58),
        codes=list(product.codes[:4]),
        pricing_unit=product.unit,
        declared_price=f"{product.price}",
        certificate={
            "number": product.certificate,
            "holder_name": product.producer,
            "product_name": product.name,
            "valid_from": stage.weeks_ago(150),
            "valid_until": stage.weeks_ago(-110),
        },
        packs=[{"name": pack[0], "factor": pack[1]}] if pack else [],
    )
    with scope.opened(stage.cast[lister]):
        sha256 = commitment_of(listing).sha256
    stage.does(lister, listing_submit, on=stage.day(-58), hour=11, listing_id=listing.id, commitment_sha256=sha256)
    reviewer = f"{_of_kind(place, 'OPERATOR')}.reviewer"
    listing = stage.does(reviewer, listing_approve, on=stage.day(-57), listing_id=listing.id, note="资料齐全，编码在用")
    stage.news_travels(stage.day(-56))
    # Where the region publishes a listing first, its term has passed by now.
    stage.system(publicity_sweep, on=stage.day(-46))
    stage.news_travels(stage.day(-46))
    return listing


def _consent(stage: Stage, place: Place) -> None:
    """Two people of the firm agree beforehand to what is bought at its listed price (JS20-11A)."""
    consent = stage.does(
        f"{place.maker}.seller",
        consent_give,
        on=stage.day(-45),
        per_contract="20000000.00",
        per_day="50000000.00",
        payment_days=60,
        from_date=stage.day(-45),
        to_date=stage.today + timedelta(days=240),
    )
    stage.does(f"{place.maker}.makeradmin", consent_confirm, on=stage.day(-45), hour=11, consent_id=consent.id)


def _of_kind(place: Place, kind: str) -> str:
    return next(demo.key for demo in place.demos if demo.kind == kind)


def _trade(stage: Stage, place: Place, hospital: str, listing: Listing) -> None:
    agreement = _agree(stage, place, hospital, listing)
    point = {"code": "01", "name": "中心库房", "address": "示范区健康路 1 号"}
    stage.does(
        f"{hospital}.hadmin",
        delivery_point_add,
        on=stage.day(-38),
        contact_name="库管",
        contact_phone="010-27770001",
        **point,
    )
    buyer = f"{hospital}.buyer"
    (point_row,) = stage.sees(buyer, delivery_points_of)
    unit = listing.price_group.pricing_unit
    pack = PACKS.get(unit)
    wanted = {"code": _code_of(stage, buyer, listing), "quantity": f"{pack[1] if pack else 4}"}
    facts = BasketFacts([wanted | {"agreement_id": agreement.id}], point_row.id)
    (order,) = stage.does(buyer, order_place, on=stage.day(-30), facts=facts)
    stage.does(f"{place.maker}.seller", order_accept, on=stage.day(-30), hour=15, order_id=order.id)
    shipper = f"{place.maker}.shipper"
    delivery = orders.dispatch(stage, order, shipper, stage.day(-29), f"L{hospital.upper()}")
    receiver = f"{hospital}.receiver"
    rows = stage.sees(receiver, lambda actor: access_delivery(actor, delivery.id).lines.order_by("line_no"))
    acceptance = stage.does(
        receiver,
        acceptance_confirm,
        on=stage.day(-27),
        hour=11,
        delivery_id=delivery.id,
        arrived_on=stage.day(-28),
        lines=[{"delivery_line": row.id, "accepted": f"{row.quantity}", "rejected": "0", "reason": ""} for row in rows],
    )
    received = Received(0, shipper, f"{place.maker}.finance", acceptance.id, stage.day(-27))
    money.invoice(stage, received, on=stage.day(-26), number=900 + len(hospital) + ord(hospital[0]))
    stage.news_travels(stage.day(-25))


def _code_of(stage: Stage, buyer: str, listing: Listing) -> str:
    return stage.sees(buyer, lambda actor: listed_specifications(listing.id))[0].code


def _agree(stage: Stage, place: Place, hospital: str, listing: Listing):
    """Offer, answer, contract signed by both; in Jiangsu an offer at the listed price is confirmed by itself."""
    buyer, seller = f"{hospital}.buyer", f"{place.maker}.seller"
    price = (listing.declared_price * (100 - DISCOUNT[hospital]) / 100).quantize(Decimal("0.01"))
    offer = stage.does(
        buyer,
        offer_make,
        on=stage.day(-44),
        price_group_id=listing.price_group_id,
        price=f"{price}",
        quantity="1200",
        payment_days=PAYMENT_DAYS.get(hospital),
    )
    if offer.state == OfferState.OPEN:
        stage.does(seller, offers_accept, on=stage.day(-43), offer_ids=[offer.id], note="同意供货")
    (contract,) = [each for each in stage.sees(buyer, contracts_visible_to) if each.state == ContractState.SIGNING]
    signing = {"contract_id": contract.id, "text_sha256": contract.text_sha256}
    if contract.seller_signed_at is None:
        stage.does(seller, contract_sign, on=stage.day(-42), hour=11, **signing)
    stage.does(f"{hospital}.approver", contract_sign, on=stage.day(-41), **signing)
    return stage.sees(buyer, lambda actor: agreements_in_force(actor, stage.day(-41)))[0]
