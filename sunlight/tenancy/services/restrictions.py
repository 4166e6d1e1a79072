"""Barring organisations from acts of the trade for a time, and keeping their credit grades. Credit and supervision decide;
these services only write what they decided."""

from collections.abc import Collection
from datetime import date, datetime

from sunlight.journal.declared import EventType
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere
from sunlight.journal.services import record, service
from sunlight.kernel import reading
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.tenancy.events import RESTRICTION_IMPOSED, RESTRICTION_LIFTED, STANDING_RECORDED
from sunlight.tenancy.models import Organisation, Region
from sunlight.tenancy.standing import Restriction, Standing, TradeAct

LONGEST_REASON = 300


@service
def restriction_impose(
    *,
    actor: Actor,
    at: datetime,
    organisation_id: int,
    acts: Collection[TradeAct],
    from_date: date,
    to_date: date | None = None,
    reason: str,
    clause: str,
    source: tuple[str, int] | None = None,
    region_code: str | None = None,
    price_group_ids: Collection[int] | None = None,
) -> list[Restriction]:
    """Bar an organisation from each of `acts` from a day on, to its last day or until it is lifted: on the actor's platform
    or, with `region_code`, on every platform of that region and of what lies below it; for all products or for some price
    groups. All five acts close a registration. `source` (kind, id) names what it comes from.

    Raises Forbidden for others than the platform itself, NotThere for an unknown organisation or region, Invalid for no
    or an unknown act, wrong days, no product, or a missing reason or clause.
    """
    _system_only(actor, "限制交易")
    known = _acts(acts)
    read = reading.Collected()
    reason = read(reading.reason, reason, label="限制的原因", most=LONGEST_REASON)
    clause = read(reading.text, clause, "clause", "限制所依据的条款", most=30, missing="clause_missing")
    read.check()
    if to_date is not None and to_date < from_date:
        raise Invalid("bad_period", "限制的截止日期不得早于开始日期。", field="to_date")
    if price_group_ids is not None and not price_group_ids:
        raise Invalid("no_products", "请指定受限制的产品（计价组），或者限制全部产品。", field="price_groups")
    where = _where(actor, organisation_id, region_code, source)
    rows = [
        Restriction.objects.create(
            **where,
            act=act,
            price_group_ids=None if price_group_ids is None else sorted(set(price_group_ids)),
            from_date=from_date,
            to_date=to_date,
            reason=reason,
            clause=clause,
            recorded_at=at,
        )
        for act in known
    ]
    for row in rows:
        _record(RESTRICTION_IMPOSED, row, actor, at, to=row.to_date, reason=row.reason)
    return rows


@service
def restriction_lift(
    *, actor: Actor, at: datetime, restriction_ids: Collection[int], reason: str, on: date | None = None
) -> list[Restriction]:
    """End restrictions: from the day `on` (today, where not given) they no longer hold. What else is in force stays so.

    Raises Forbidden for others than the platform itself, NotThere for an unknown one, Conflict for one that has ended or
    was lifted, Invalid for a day gone by or a missing reason.
    """
    _system_only(actor, "解除交易限制")
    today = business_date(at)
    on = on or today
    if on < today:
        raise Invalid("bad_period", "解除日期不得早于今天。", field="on")
    text = reading.reason(reason, label="解除的原因", most=LONGEST_REASON)
    found = Restriction.objects.select_related("region").filter(id__in=restriction_ids)
    rows = list(found.select_for_update(of=("self",)).order_by("id"))
    if not rows or len(rows) != len(set(restriction_ids)):
        raise NotThere("该项交易限制")
    for row in rows:
        if row.lifted_on is not None:
            raise Conflict("restriction_over", f"该项交易限制已决定自 {row.lifted_on} 起解除，无须再次解除。")
        if row.to_date is not None and row.to_date < on:
            raise Conflict("restriction_over", f"该项交易限制至 {row.to_date} 期满，无须解除。")
        row.lifted_on, row.lifted_at, row.lift_reason = on, at, text
        row.save(update_fields=["lifted_on", "lifted_at", "lift_reason"])
        _record(RESTRICTION_LIFTED, row, actor, at, lifted_on=on, reason=text)
    return rows


@service
def standing_record(
    *,
    actor: Actor,
    at: datetime,
    organisation_id: int,
    grade: str,
    from_date: date,
    clause: str,
    source: tuple[str, int] | None = None,
    region_code: str | None = None,
) -> Standing:
    """Keep an organisation's credit grade from a day on, on the actor's platform or in a region. Raises as
    `restriction_impose`."""
    _system_only(actor, "登记信用等级")
    read = reading.Collected()
    grade = read(reading.text, grade, "grade", "信用等级", most=20, missing="grade_missing")
    clause = read(reading.text, clause, "clause", "评级所依据的条款", most=30, missing="clause_missing")
    read.check()
    row = Standing.objects.create(
        **_where(actor, organisation_id, region_code, source),
        grade=grade,
        from_date=from_date,
        clause=clause,
        recorded_at=at,
    )
    _record(STANDING_RECORDED, row, actor, at)
    return row


def _system_only(actor: Actor, what: str) -> None:
    if not actor.has(Role.SYSTEM):
        raise Forbidden("not_the_system", f"只有平台可以{what}。请按信用评价或监管程序办理。")


def _acts(acts: Collection[TradeAct]) -> list[TradeAct]:
    given = set(acts)
    if not given or given - set(TradeAct.values):
        raise Invalid("unknown_act", f"请指定受限制的行为：{'、'.join(TradeAct.labels)}。", field="acts")
    return [act for act in TradeAct if act in given]


def _where(actor: Actor, organisation_id: int, region_code: str | None, source: tuple[str, int] | None) -> dict:
    """The columns that say of whom, where and why."""
    if not Organisation.objects.filter(id=organisation_id).exists():
        raise NotThere("该机构", field="organisation")
    kind, number = source or ("", None)
    where = {"organisation_id": organisation_id, "source_kind": kind, "source_id": number}
    if region_code is None:
        return where | {"platform_id": actor.platform_id}
    region = Region.objects.filter(code=region_code).first()
    if region is None:
        raise NotThere("该地区", field="region")
    return where | {"region": region}


def _record(event: EventType, row: Restriction | Standing, actor: Actor, at: datetime, **more) -> None:
    what = (
        {"restriction": row.id, "act": row.act, "price_groups": row.price_group_ids}
        if isinstance(row, Restriction)
        else {"standing": row.id, "grade": row.grade}
    )
    record(
        event,
        subject=row.organisation_id,
        actor=actor,
        at=at,
        parties=[row.organisation_id],
        payload={
            "region": row.region.code if row.region else None,
            "from": row.from_date,
            "clause": row.clause,
            "source": [row.source_kind, row.source_id] if row.source_kind else None,
        }
        | what
        | more,
    )
