"""Clearances: the authority lets a hospital deal above the alert line, for one product, up to a price and a quantity, until
a day (SZ24-3.3c, A21). An officer proposes, the chief decides."""

from datetime import date, datetime
from decimal import Decimal

from catalog.models import PriceGroup
from pricing.queries.declared import units_of
from procurement.bargaining.events import (
    CLEARANCE_GRANTED,
    CLEARANCE_PROPOSED,
    CLEARANCE_REFUSED,
    CLEARANCE_REVOKED,
)
from procurement.bargaining.models.clearances import Clearance
from procurement.bargaining.queries import clearances as queries
from procurement.bargaining.services.judgement import bargain_facts
from procurement.bargaining.services.offers import read_quantity
from procurement.bargaining.workflows import CLEARANCE, ClearanceState
from sunlight import scope
from sunlight.journal.declared import EventType
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere, same_version
from sunlight.journal.services import record, service
from sunlight.kernel import reading
from sunlight.kernel.money import price_text, price_words, quantity_text
from sunlight.kernel.policy import Law, Value
from sunlight.numbering import platform_number
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.scope.duties import moved
from sunlight.scope.roles import OrganisationKind
from sunlight.tenancy.models import Organisation


@service
def clearance_propose(
    *,
    actor: Actor,
    at: datetime,
    hospital: object,
    price_group: object,
    price: object,
    quantity: object,
    valid_to: object,
    reason: object,
) -> Clearance:
    """Propose that `hospital` (its credit code) may deal for `quantity` of a price group at up to `price` (CNY a
    pricing unit, as typed) to the end of `valid_to`, with the reason.

    Raises Unreadable that names every field, Forbidden for others than an officer, NotThere for an institution outside
    the authority's regions, Conflict where nothing is intercepted there, the price is not above the line, or a proposal
    waits."""
    if not actor.has(Role.REGULATOR_OFFICER):
        raise Forbidden("not_an_officer", "放行由监管人员提出。请由监管人员操作。")
    on = business_date(at)
    buyer, group = _buyer(actor, hospital), _group(price_group)
    law = scope.law(actor, on, region=buyer.region.code)
    ground = lifted_here(law)
    if ground is None:
        raise Conflict(
            "nothing_to_clear", f"{buyer.region.name} {on} 没有须由监管部门放行的价格拦截。", field="hospital"
        )
    read = reading.Collected()
    typed_price = read(reading.price, price)
    typed_quantity = read(read_quantity, units_of([group])[group.id], quantity, typed_price)
    last = read(_last_day, valid_to, on)
    why = read(reading.reason, reason, label="放行理由")
    read.check()
    _above_the_line(actor, law, buyer, group, typed_price)
    if queries.clearances_visible_to(actor).filter(buyer=buyer, price_group=group, state=ClearanceState.PROPOSED):
        raise Conflict(
            "clearance_waits", "对该医疗机构的该产品已有待决定的放行。请等待监管负责人决定。", field="price_group"
        )
    made = Clearance.objects.create(
        number=platform_number(on),
        platform_id=actor.platform_id,
        region=buyer.region,
        buyer=buyer,
        seller_id=group.manufacturer_id,
        price_group=group,
        price=typed_price,
        quantity=typed_quantity,
        valid_to=last,
        reason=why,
        proposed_at=at,
        **scope.by(actor, "proposed"),
    )
    _record(CLEARANCE_PROPOSED, made, actor, at, basis=ground.clause)
    return made


def lifted_here(law: Law) -> Value | None:
    """What lets the authority clear a price here today; None where nothing is intercepted, or a draft only warns."""
    ground = law.find("bargain.clearance")
    if ground is None:
        return None
    bounds = law.every("bargain.bounds")
    stops = any(ground.value in bound.value["prices"] and law.binds(bound) for bound in bounds)
    return ground if stops else None


def _buyer(actor: Actor, typed: object) -> Organisation:
    """The hospital of a credit code, within the regions of the authority. Raises Unreadable, NotThere."""
    code = reading.text(typed, "hospital", "医疗机构的统一社会信用代码", most=18)
    row = (
        Organisation.objects.select_related("region")
        .filter(kind=OrganisationKind.HOSPITAL, region_id__in=actor.region_ids, credit_code=code.upper())
        .first()
    )
    if row is None:
        raise NotThere("辖区内的这家医疗机构（请填写统一社会信用代码）", field="hospital")
    return row


def _group(typed: object) -> PriceGroup:
    group_id = reading.row_id(typed, "price_group", "产品（计价组）")
    row = PriceGroup.objects.select_related("certificate").filter(id=group_id, was_listed=True).first()
    if row is None:
        raise NotThere("该产品", field="price_group")
    return row


def _last_day(typed: object, on: date) -> date:
    day = reading.day(typed, "valid_to", "截止日期")
    if day < on:
        raise reading.Unreadable("in_the_past", "截止日期不得早于今天。", "valid_to")
    return day


def _above_the_line(actor: Actor, law: Law, buyer: Organisation, group: PriceGroup, price: Decimal) -> None:
    facts = bargain_facts(actor=actor, law=law, buyer=buyer, price_group_ids=[group.id])[group.id]
    line = facts.facts["alert_line"]
    if line is None:
        raise Conflict("no_alert_line", "该产品今天没有价格预警线，不存在可以放行的拦截。", field="price_group")
    if price <= line:
        raise Invalid(
            "not_above_the_line",
            f"放行价 {price_words(price)} 元不高于价格预警线 {price_words(line)} 元，无需放行。请核对价格。",
            field="price",
        )


@service
def clearance_grant(
    *, actor: Actor, at: datetime, clearance_id: int, note: object = "", version: int | None = None
) -> Clearance:
    """The chief lets the price pass: offers and orders up to it are allowed until the quantity is used up or the last day
    is over. Raises NotThere, Forbidden for one's own proposal, Conflict where it is decided or its last day is over."""
    row = queries.lock_clearance(actor, clearance_id)
    same_version(row.version, version)
    state = moved(
        CLEARANCE, row.state, "grant", actor, earlier={"propose": row.proposed_by}, subject=("clearance", row.id)
    )
    if row.valid_to < business_date(at):
        raise Conflict("clearance_over", f"该放行的截止日期 {row.valid_to} 已过，不能再同意。请另行提出。")
    note = reading.text(note, "note", "意见", most=500, required=False)
    return _decided(row, state, CLEARANCE_GRANTED, note, actor, at)


@service
def clearance_refuse(
    *, actor: Actor, at: datetime, clearance_id: int, reason: object, version: int | None = None
) -> Clearance:
    """The chief does not let the price pass, with the reason."""
    row = queries.lock_clearance(actor, clearance_id)
    same_version(row.version, version)
    state = moved(
        CLEARANCE, row.state, "refuse", actor, earlier={"propose": row.proposed_by}, subject=("clearance", row.id)
    )
    return _decided(row, state, CLEARANCE_REFUSED, reading.reason(reason, label="不予放行的理由"), actor, at)


@service
def clearance_revoke(
    *, actor: Actor, at: datetime, clearance_id: int, reason: object, version: int | None = None
) -> Clearance:
    """The chief takes a clearance back, with the reason: what was dealt stands, nothing more is drawn."""
    row = queries.lock_clearance(actor, clearance_id)
    same_version(row.version, version)
    state = moved(CLEARANCE, row.state, "revoke", actor, subject=("clearance", row.id))
    return _decided(row, state, CLEARANCE_REVOKED, reading.reason(reason, label="撤销理由"), actor, at)


def _decided(row: Clearance, state, event: EventType, note: str, actor: Actor, at: datetime) -> Clearance:
    row.state, row.decision_note, row.decided_at = state, note, at
    row.version += 1
    who = scope.stamp(row, "decided", actor)
    row.save(update_fields=["state", "decision_note", "decided_at", *who, "version"])
    _record(event, row, actor, at)
    return row


def _record(event: EventType, row: Clearance, actor: Actor, at: datetime, **more) -> None:
    # A proposal is the authority's own until it is decided.
    parties = [] if event is CLEARANCE_PROPOSED else [row.buyer_id, row.seller_id]
    record(
        event,
        subject=row.id,
        actor=actor,
        at=at,
        parties=parties,
        payload={
            "number": row.number,
            "buyer": row.buyer_id,
            "seller": row.seller_id,
            "price_group": row.price_group_id,
            "price": price_text(row.price),
            "quantity": quantity_text(row.quantity),
            "valid_to": row.valid_to,
            "state": str(row.state),
            "reason": row.reason,
            "note": row.decision_note,
        }
        | more,
        platform_id=row.platform_id,
        version=row.version,
    )
