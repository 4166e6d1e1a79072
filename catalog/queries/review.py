"""A listing on the reviewer's desk: what was declared next to certificate and national catalogue, and earlier
decisions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from catalog.models import Listing
from catalog.queries.checks import application_of, dearer_than
from catalog.queries.listings import listings_visible_to, producer_names, waiting_for
from catalog.queries.views import ListingView, listing_view
from sunlight import scope
from sunlight.journal.models import Event
from sunlight.kernel.money import price_text
from sunlight.kernel.policy import Law, Value
from sunlight.scope import Actor

EARLIER = 8


@dataclass(frozen=True, slots=True)
class Difference:
    """One line of two columns: what was declared, what stands in the register or catalogue. `differs` is marked with a
    word, not a colour alone; an empty `registered` has nothing to be compared with."""

    label: str
    declared: str
    registered: str = ""
    basis: tuple[Value, ...] = ()
    is_free: bool = False

    @property
    def clause(self) -> str:
        """The first clause that asks for it; empty where no text in force does."""
        return self.basis[0].clause if self.basis else ""

    @property
    def differs(self) -> bool:
        return bool(self.registered) and not self.is_free and self.declared != self.registered


@dataclass(frozen=True)
class ListingReview:
    """The listing's view, its differences, the maker's earlier listings of product or certificate, its own history."""

    view: ListingView
    differences: Sequence[Difference]
    earlier: Sequence[Listing]
    history: Sequence[Event]
    # A group in trade of the same certificate and code is cheaper a base unit: two reviewers decide.
    is_dearer: bool

    @property
    def hindrance(self) -> str:
        """Why it cannot be approved."""
        return "；".join(check.message for check in self.view.checks if not check.passes)


def waiting_ids(actor: Actor) -> list[int]:
    """Listings that wait for the actor's review, the longest wait first; up to five hundred. What a reviewer endorsed
    waits for another one."""
    rows = waiting_for(actor).order_by("submitted_at", "id")
    return list(rows.values_list("id", flat=True)[:500])


def listing_review(actor: Actor, listing_id: int, on: date) -> ListingReview:
    """Raises NotThere."""
    view = listing_view(actor, listing_id, on)
    group = view.listing.price_group
    earlier = (
        listings_visible_to(actor)
        .filter(Q(price_group_id=group.id) | Q(price_group__certificate_id=group.certificate_id))
        .filter(manufacturer_id=view.listing.manufacturer_id)
        .exclude(id=listing_id)
    )
    return ListingReview(
        view=view,
        differences=_differences(view, scope.law(actor, on)),
        earlier=list(earlier[:EARLIER]),
        history=list(Event.objects.filter(subject_type="listing", subject_id=listing_id).order_by("-id")[:EARLIER]),
        is_dearer=dearer_than(application_of(view.listing)) is not None,
    )


def _differences(view: ListingView, law: Law) -> list[Difference]:
    listing, specs = view.listing, view.specifications
    group, certificate = listing.price_group, listing.price_group.certificate
    unit = "；".join([group.pricing_unit, *(f"1 {p.name} = {p.factor} {group.pricing_unit}" for p in view.packs)])
    registered, coded = law.basis("catalog.registered_only"), law.basis("catalog.national_codes")
    own = producer_names(listing.manufacturer_id)
    producers = _each(spec.producer_name for spec in specs)
    term = f"{certificate.valid_from or '—'} 至 {certificate.valid_until or '长期'}"
    return [
        Difference("产品名称", group.name, _each(spec.product_name for spec in specs)),
        Difference("注册证上的产品名称", group.name, certificate.product_name, is_free=True),
        # An agent's own name differs from the producer's by right.
        Difference(
            "生产企业",
            producers if producers in own else listing.manufacturer.name,
            producers,
            law.basis("catalog.maker_applies"),
        ),
        Difference("注册证持有人", listing.manufacturer.name, certificate.holder_name, is_free=True),
        Difference("注册（备案）号", certificate.number, _each(s.registration_number for s in specs), registered),
        Difference("注册证有效期", term),
        Difference("20 位码", group.generic_code, _each(spec.generic_code or spec.code for spec in specs), coded),
        Difference("类别", _each(spec.category_1 for spec in specs)),
        Difference("计价单位与包装", unit),
        Difference("申报价（元）", f"{price_text(listing.declared_price)} / {group.pricing_unit}"),
        *([Difference("价格理由", listing.price_reason)] if listing.price_reason else []),
        Difference("规格数", str(len(specs))),
    ]


def _each(values) -> str:
    """The different values in one text."""
    return "、".join(sorted({value for value in values if value}))
