"""Who may deliver: a manufacturer's standing authorisations. Nobody else names a distributor (SZ24-3.6, GD25-5.10c)."""

from collections.abc import Collection
from datetime import date, datetime

from catalog.models import PriceGroup
from procurement.ordering.events import AUTHORISATION_MADE, AUTHORISATION_REVOKED
from procurement.ordering.models import DistributionAuthorisation
from procurement.ordering.queries import authorisations as queries
from procurement.ordering.services.appointing import (
    appointed,
    appointed_by_others,
    appointment_permit,
    with_reasons,
)
from procurement.ordering.workflows import AUTHORISATION, AuthorisationState
from sunlight import scope
from sunlight.journal.declared import EventType
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere
from sunlight.journal.services import decide, record, service
from sunlight.kernel import reading
from sunlight.kernel.rule import Decision
from sunlight.numbering import platform_number
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.scope.duties import moved
from sunlight.tenancy.models import Organisation, Region
from sunlight.tenancy.queries.restrictions import permissions_of


@service
def authorisation_make(
    *,
    actor: Actor,
    at: datetime,
    distributor_id: int | str,
    valid_from: date | str,
    valid_to: date | str,
    price_group_id: int | str | None = None,
    hospital_id: int | str | None = None,
    region_code: str | None = None,
    is_default: bool = False,
) -> DistributionAuthorisation:
    """Authorise a distributor for a product, a hospital, an area or as the default, both days included. Only the
    manufacturer's seller may (SZ24-3.6, GD25-5.10c, JS20-35).

    Raises Forbidden for others, NotThere for an unknown distributor, hospital, product or region, Invalid for wrong days
    or limits, Refused where the law bars the distributor (`distributor.appoint`), Conflict where a default already stands in
    those days.
    """
    maker = _manufacturer(actor, at)
    today = business_date(at)
    read = reading.Collected()
    distributor_id = read(reading.row_id, distributor_id, "distributor", "配送企业")
    price_group_id = read(reading.row_id, price_group_id, "price_group", "产品（计价组）", required=False)
    hospital_id = read(reading.row_id, hospital_id, "hospital", "医疗机构", required=False)
    region_code = read(reading.text, region_code, "region", "地区", most=20, required=False)
    valid_from = read(reading.day, valid_from, "valid_from", "授权开始日期")
    valid_to = read(reading.day, valid_to, "valid_to", "授权截止日期")
    read.check()
    _check_period(valid_from, valid_to, today)
    limits = [price_group_id, hospital_id, region_code]
    if is_default == any(limits):
        raise Invalid(
            "limits_or_default",
            "请指定产品、医院或地区中的至少一项，或者设为默认配送企业（默认授权不带限制）。",
            field="is_default",
        )
    distributor = _distributor(actor, distributor_id)
    group, hospital, region = _limits(actor, price_group_id, hospital_id, region_code)
    decision = _appointed(actor, today, distributor, group, _region_of(hospital, region))
    if is_default:
        _only_default(actor, valid_from, valid_to)
    row = DistributionAuthorisation.objects.create(
        number=platform_number(today),
        platform_id=actor.platform_id,
        manufacturer=maker,
        distributor=distributor,
        price_group=group,
        hospital=hospital,
        region=region,
        is_default=is_default,
        valid_from=valid_from,
        valid_to=valid_to,
        state=AuthorisationState.IN_FORCE,
        made_at=at,
        **scope.by(actor, "made"),
    )
    decide(decision, subject=("authorisation", row.id), actor=actor, at=at, parties=[maker.id, distributor.id])
    _record(AUTHORISATION_MADE, row, actor, at)
    return row


def _check_period(valid_from: date, valid_to: date, today: date) -> None:
    if valid_to < valid_from or valid_to < today:
        raise Invalid("bad_period", "授权截止日期不得早于开始日期，也不得早于今天。", field="valid_to")


def _appointed(
    actor: Actor, on: date, distributor: Organisation, group: PriceGroup | None, region_code: str
) -> Decision:
    """The answer to the choice of a distributor. Raises Refused where it may not deliver, or the law bars it."""
    groups = [group.id] if group else []
    deliverable(actor, distributor.id, on, groups)
    decision = appointed(
        scope.law(actor, on, region=region_code),
        platform_id=actor.platform_id,
        distributor_id=distributor.id,
        price_group_ids=groups,
    )
    appointment_permit(decision)
    return decision


def _region_of(hospital: Organisation | None, region: Region | None) -> str:
    """Whose law an authorisation is under: the hospital's or the area's it is limited to, else the platform's."""
    if hospital is not None:
        return hospital.region.code
    return region.code if region is not None else ""


@service
def authorisation_revoke(*, actor: Actor, at: datetime, authorisation_id: int) -> DistributionAuthorisation:
    """End an authorisation now; orders accepted before keep their distributor until the manufacturer changes it."""
    row = queries.access_authorisation(actor, authorisation_id)
    if row.manufacturer_id != actor.organisation_id:
        raise _not_yours(actor, at)
    row = queries.lock_authorisation(row.id)
    row.state = moved(AUTHORISATION, row.state, "revoke", actor)
    row.revoked_at = at
    row.version += 1
    row.save(update_fields=["state", "revoked_at", "version"])
    _record(AUTHORISATION_REVOKED, row, actor, at)
    return row


def deliverable(actor: Actor, carrier_id: int, on: date, price_group_ids: Collection[int]) -> None:
    """Raises Refused where a supplier may not deliver one of these products, or deliver at all, on a day."""
    permissions = permissions_of(platform_id=actor.platform_id, organisation_ids=[carrier_id], on=on)
    permissions.may_deliver(carrier_id, price_group_ids, field="distributor")


def _manufacturer(actor: Actor, at: datetime) -> Organisation:
    maker = Organisation.objects.filter(id=actor.organisation_id, is_manufacturer=True).first()
    if maker is None or not actor.has(Role.SUPPLIER_SELLER):
        raise _not_yours(actor, at)
    return maker


def _not_yours(actor: Actor, at: datetime) -> Forbidden:
    return with_reasons(
        Forbidden,
        "only_the_manufacturer_authorises",
        "配送企业只能由生产企业的销售专员选定，医疗机构、配送企业和其他人员都不能指定。请由生产企业在平台上办理。",
        appointed_by_others(scope.law(actor, business_date(at)), actor, is_makers=queries.is_manufacturer(actor)),
    )


def _distributor(actor: Actor, distributor_id: int) -> Organisation:
    found = queries.distributors_registered(actor.platform_id).filter(id=distributor_id).first()
    if found is None:
        raise NotThere("已在本平台注册的配送企业", field="distributor")
    if found.id == actor.organisation_id:
        raise Invalid("own_distributor", "自行配送无须授权：没有授权时即由生产企业自行配送。", field="distributor")
    return found


def _limits(actor: Actor, price_group_id, hospital_id, region_code):
    group = hospital = region = None
    if price_group_id is not None:
        # Before it was listed the distributor could not even read what the authorisation is for.
        own = PriceGroup.objects.filter(manufacturer_id=actor.organisation_id, was_listed=True)
        group = own.filter(id=price_group_id).first()
        if group is None:
            raise NotThere("本企业已挂网的该产品（计价组）", field="price_group")
    if hospital_id is not None:
        hospital = (
            queries.hospitals_registered(actor.platform_id).select_related("region").filter(id=hospital_id).first()
        )
        if hospital is None:
            raise NotThere("已在本平台注册的医疗机构", field="hospital")
    if region_code:
        region = Region.objects.filter(code=region_code).first()
        if region is None:
            raise NotThere("该地区", field="region")
    return group, hospital, region


def _only_default(actor: Actor, valid_from: date, valid_to: date) -> None:
    standing = DistributionAuthorisation.objects.filter(
        platform_id=actor.platform_id,
        manufacturer_id=actor.organisation_id,
        is_default=True,
        state=AuthorisationState.IN_FORCE,
        valid_from__lte=valid_to,
        valid_to__gte=valid_from,
    ).first()
    if standing is not None:
        raise Conflict(
            "default_exists",
            f"{standing.valid_from} 至 {standing.valid_to} 已有默认授权 {standing.number}。请先撤销它，再设新的默认配送企业。",
            field="is_default",
        )


def _record(event: EventType, row: DistributionAuthorisation, actor: Actor, at: datetime) -> None:
    record(
        event,
        subject=row.id,
        actor=actor,
        at=at,
        parties=[row.manufacturer_id, row.distributor_id],
        version=row.version,
        payload={
            "number": row.number,
            "manufacturer": row.manufacturer_id,
            "distributor": row.distributor_id,
            "price_group": row.price_group_id,
            "hospital": row.hospital_id,
            "region": row.region.code if row.region else None,
            "is_default": row.is_default,
            "valid_from": row.valid_from,
            "valid_to": row.valid_to,
            "state": row.state,
        },
    )
