"""Steps of prices that move: collect, publish, object, let the term end, and deliver what was recorded."""

from pricing.models import ListedPrice, PriceNotice, ReferencePrice
from pricing.services import references
from sunlight import scope
from sunlight.journal import relay
from sunlight.publicity.models import Objection, Publication
from sunlight.publicity.services import objection_answer, objection_lodge, publicity_sweep
from sunlight.scope import Client, Role
from sunlight.scope.actor import ANONYMOUS

PRICES = (
    {"province": "江苏", "price": "110", "source": "江苏省平台公告"},
    {"province": "320000", "price": "99.5", "source": "江苏省平台公告第 2 号"},
    {"province": "浙江省", "price": "102.5", "source": "浙江省平台"},
)


def act(actor, service, at, **facts):
    with scope.opened(actor):
        return service(actor=actor, at=at, **facts)


def told(world, at) -> None:
    """Every event that waits is delivered."""
    while relay.deliver_pending(actor=world.system, at=at):
        continue


def confirmer(world):
    return world.actor("operator", Role.OPERATOR_CONFIRMER)


def collect(world, listing, at, prices=PRICES) -> ReferencePrice:
    return act(
        confirmer(world),
        references.reference_collect,
        at,
        price_group_id=listing.price_group_id,
        prices=[dict(each) for each in prices],
    )


def publish(world, reference, at) -> ReferencePrice:
    return act(confirmer(world), references.reference_publish, at, reference_id=reference.id)


def term_ends(world, at) -> None:
    """The publications whose term is over end, and what waited on them happens."""
    act(world.system, publicity_sweep, at)
    told(world, at)


def confirmed(world, listing, price, *, begun, ended) -> ReferencePrice:
    """A reference price collected and published at one moment and unopposed at another."""
    row = collect(world, listing, begun, [{"province": "320000", "price": price, "source": "江苏省平台公告"}])
    publish(world, row, begun)
    told(world, begun)
    term_ends(world, ended)
    return fresh(world, row)


def object_to(world, publication_id: int, at) -> Objection:
    with scope.opened(world.system):
        number = Publication.objects.get(id=publication_id).number
    facts = {"name": "某医院", "contact": "0755-1", "text": "另有更低价格"}
    with scope.opened(ANONYMOUS):
        return objection_lodge(client=Client(address="10.0.0.9"), at=at, number=number, **facts).objection


def answer(world, objection, at, *, upheld: bool) -> None:
    reviewer = world.actor("operator", Role.OPERATOR_REVIEWER)
    act(reviewer, objection_answer, at, objection_id=objection.id, upheld=upheld, answer="已核实")
    told(world, at)


def fresh(world, row):
    with scope.opened(world.system):
        return type(row).objects.select_related("publication").get(id=row.id)


def references_of(world) -> list[ReferencePrice]:
    with scope.opened(world.system):
        return list(ReferencePrice.objects.order_by("id"))


def notices(world) -> list[PriceNotice]:
    with scope.opened(world.system):
        return list(PriceNotice.objects.select_related("publication").order_by("id"))


def listed_rows(world, listing) -> list[tuple]:
    with scope.opened(world.system):
        rows = ListedPrice.objects.filter(price_group=listing.price_group).order_by("id")
        return [(f"{row.price:.2f}", row.source, str(row.valid_from), str(row.valid_to)) for row in rows]
