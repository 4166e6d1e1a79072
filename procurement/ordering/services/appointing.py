"""Who picks the distributor, and whom: the facts of `distributor.appoint`, built here for the maker's authorisations, for an
order's distributor chosen or changed, and for a hospital that names one."""

from collections.abc import Collection, Iterable

from procurement.ordering.queries import authorisations
from procurement.ordering.queries.baskets import Basket
from procurement.ordering.rules.appointing import GRADES, distributor_appoint
from procurement.ordering.services.checks import Checked
from sunlight import scope
from sunlight.journal.refusals import Refused, refused_by
from sunlight.kernel.policy import Law
from sunlight.kernel.rule import Decision
from sunlight.scope import Actor
from sunlight.scope.roles import OrganisationKind
from sunlight.tenancy.models import Organisation
from sunlight.tenancy.queries.restrictions import permissions_of, standing_of
from sunlight.tenancy.standing import TradeAct

_HANDS = {
    OrganisationKind.HOSPITAL: "hospital",
    OrganisationKind.REGULATOR: "authority",
    OrganisationKind.OPERATOR: "operator",
}


def appointed(
    law: Law, *, platform_id: int, distributor_id: int | None, price_group_ids: Collection[int] = ()
) -> Decision:
    """The answer to a manufacturer's choice; no distributor: it delivers itself. What is known of the distributor on the
    day: whether it is registered on the platform, barred from delivering, and its credit grade there."""
    if distributor_id is None:
        return distributor_appoint(law, by="manufacturer", appointee="self")
    permissions = permissions_of(platform_id=platform_id, organisation_ids=[distributor_id], on=law.on)
    registered = distributor_id in permissions.registered
    barred = permissions.refusal(TradeAct.DELIVER, distributor_id, price_group_ids) if registered else None
    standing = standing_of(platform_id=platform_id, organisation_id=distributor_id, on=law.on)
    grade = standing.grade if standing is not None and standing.grade in GRADES else "none"
    return distributor_appoint(
        law,
        by="manufacturer",
        appointee="distributor",
        registered=registered,
        suspended=barred is not None,
        credit=grade,
    )


def appointed_by_others(law: Law, actor: Actor, *, is_makers: bool = False) -> Decision:
    """The answer to anybody else who picks a distributor. The maker's own people without the role break no law."""
    hand = "manufacturer" if is_makers else _HANDS.get(actor.kind, "third_party")
    return distributor_appoint(law, by=hand, appointee="distributor")


def appointment_permit(decision: Decision, subject: tuple[str, int] | None = None) -> None:
    """Raises the refusal of a choice that the rule forbids. Where no text speaks (Hubei, Guangdong before its act) the
    manufacturer's choice stands."""
    if decision.refused:
        refusal = refused_by(decision, subject=subject, way_out="请改选其他配送企业，或自行配送。")
        refusal.field = "distributor"
        raise refusal


def with_reasons(kind: type[Refused], code: str, message: str, decision: Decision, **more) -> Refused:
    """A refusal of somebody who has no say in it: in the words of the place, by the texts of the day that say so."""
    return kind(code, message, reasons=[reason.to_dict() for reason in decision.breaches], **more)


def named_distributor(actor: Actor, law: Law, basket: Basket, checked: Iterable[Checked], code: str) -> None:
    """A distributor named in a hospital's message is taken only if it is the authorised one. Naming another is refused
    where a text says that nobody but the manufacturer picks it (SZ20-6.4, SZ24-3.6, GD25-5.10c, JS20-35); where none does
    (Hubei) it is no breach and no choice either: the manufacturer decides when it accepts."""
    choice = appointed_by_others(law, actor)
    if not choice.refused:
        return
    named = Organisation.objects.filter(credit_code=code, is_distributor=True).first()
    sellers = {each.agreement.seller_id for each in checked}
    # Hospitals do not see a manufacturer's authorisations; only whether the one they named is the one.
    with scope.elevated(actor):
        standing = authorisations.standing(platform_id=actor.platform_id, manufacturer_ids=sellers, on=basket.day)
    for each in checked:
        authorised = authorisations.authorised_distributor(
            standing[each.agreement.seller_id],
            price_group_id=each.agreement.price_group_id,
            hospital_id=basket.buyer.id,
            region_code=basket.buyer.region.code,
        )
        if named is None or authorised != named.id:
            raise _not_the_authorised_one(choice, code)


def _not_the_authorised_one(choice: Decision, code: str) -> Refused:
    return with_reasons(
        Refused,
        "distributor_named_by_hospital",
        "配送企业由生产企业自主选定，医疗机构不得指定。请去掉配送企业后重新提交，由生产企业确认订单时选定。",
        choice,
        field="distributor_code",
        facts={"distributor_code": code},
    )
