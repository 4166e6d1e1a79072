"""Steps shared by the tests of bargaining: each opens the scope of the actor, as a request would."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from procurement.bargaining.models.offers import Offer
from procurement.bargaining.services import offers as bargaining
from procurement.bargaining.services import silence
from procurement.contracts.models import PriceAgreement, SupplyContract
from procurement.contracts.services import contracts
from sunlight import scope
from sunlight.journal.models import Decision, Event, Refusal
from sunlight.scope import Role

SHANGHAI = ZoneInfo("Asia/Shanghai")


def shanghai(text: str) -> datetime:
    """`2026-03-02 10:00` in Shanghai as a moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def make(world, listing, price, at, *, key="hospital", quantity="100", actor=None, **more) -> Offer:
    actor = actor or world.actor(key, Role.HOSPITAL_BUYER)
    with scope.opened(actor):
        return bargaining.offer_make(
            actor=actor, at=at, price_group_id=listing.price_group_id, price=price, quantity=quantity, **more
        )


def act(actor, service, at, **facts):
    """Call a service in the actor's scope."""
    with scope.opened(actor):
        return service(actor=actor, at=at, **facts)


def sweep(world, at) -> int:
    return act(world.system, silence.offers_sweep, at)


def accept(world, offers, at, **more) -> SupplyContract:
    seller = world.actor("maker", Role.SUPPLIER_SELLER)
    return act(seller, bargaining.offers_accept, at, offer_ids=[each.id for each in offers], **more)


def signed(world, contract, at) -> SupplyContract:
    """The contract with both signatures, in force."""
    act(
        world.actor("maker", Role.SUPPLIER_SELLER),
        contracts.contract_sign,
        at,
        contract_id=contract.id,
        text_sha256=contract.text_sha256,
    )
    return act(
        world.actor("hospital", Role.HOSPITAL_APPROVER),
        contracts.contract_sign,
        at,
        contract_id=contract.id,
        text_sha256=contract.text_sha256,
    )


def now_of(world, row):
    """The row as it stands."""
    with scope.opened(world.system):
        return type(row).objects.get(id=row.id)


def counts(world) -> tuple[int, ...]:
    """Offers, contracts, agreements, decisions and events there are; a refused act changes none of them."""
    with scope.opened(world.system):
        return tuple(model.objects.count() for model in (Offer, SupplyContract, PriceAgreement, Decision, Event))


def refusals(world) -> list[Refusal]:
    with scope.opened(world.system):
        return list(Refusal.objects.order_by("id"))


def events(world, name: str) -> list[Event]:
    with scope.opened(world.system):
        return list(Event.objects.filter(name=name).order_by("id"))
