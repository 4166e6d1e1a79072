"""Reference prices (SZ20-5.2.1b): the nation's lowest is collected, published, and unopposed confirmed; never upward."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from catalog.models import PriceGroup
from catalog.services.catalogues import catalogue_set
from pricing.events import REFERENCE_COLLECTED, REFERENCE_CONFIRMED, REFERENCE_ENDED, REFERENCE_PUBLISHED
from pricing.models import ReferencePrice
from pricing.queries.products import access_price_group
from pricing.queries.references import current_reference, lock_reference
from pricing.rules.provinces import PROVINCES, province_code
from pricing.rules.reference import price_reference
from pricing.workflows import REFERENCE, UNDER_WAY, ReferenceState
from sunlight import scope
from sunlight.journal.declared import EventType
from sunlight.journal.refusals import Conflict, Forbidden, Refused, same_version
from sunlight.journal.services import decide, record, service
from sunlight.kernel import reading
from sunlight.kernel.money import price_text, price_words
from sunlight.kernel.policy import Law
from sunlight.kernel.rule import Decision
from sunlight.numbering import platform_number
from sunlight.publicity.services import publicity_open
from sunlight.publicity.workflows import PublicationState
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.scope.duties import moved
from sunlight.tenancy.models import Region

MOST_PRICES = 2 * len(PROVINCES)
# How the end of a publication stands in the facts of the rules.
OBJECTIONS = {PublicationState.DISMISSED: "dismissed", PublicationState.UPHELD: "upheld"}


@service
def reference_collect(
    *, actor: Actor, at: datetime, price_group_id: int, prices: Sequence[Mapping[str, object]]
) -> ReferencePrice:
    """The operator collects what a product costs on the platforms of the nation (SZ20-5.2.1b): `prices` with province,
    price (CNY a pricing unit) and source. The lowest is the candidate.

    Raises Forbidden, NotThere, Invalid with one item a fault, Conflict where one is under way, Refused where the law of the
    day knows no reference price (SZ24-3.5c) or the lowest is not below the one in force.
    """
    if not actor.has(Role.OPERATOR_CONFIRMER):
        raise Forbidden("role_missing", "参考价由运营机构的价格确认员采集。请联系平台运营机构。")
    group = access_price_group(actor, price_group_id)
    law = scope.law(actor, business_date(at))
    asked_for(law)
    rows = _collected(prices)
    if ReferencePrice.objects.filter(
        region__code=law.region,
        price_group_id=group.id,
        state__in=UNDER_WAY,
    ).exists():
        raise Conflict("reference_under_way", "该产品已有一项参考价正在采集或公示，请先办结或撤销。")
    current = current_reference(law.region, group.id)
    decision = price_reference(
        law,
        national_prices=[Decimal(row["price"]) for row in rows],
        current_reference=current.price if current else None,
    )
    if decision.outcome["state"] == "none":
        raise Refused(
            "reference_not_lower",
            f"{decision.reasons[0].message}。请核对采集的价格，或不作调整。",
            field="prices",
            basis=law.basis("reference.tracking"),
            decision=decision.record(),
            subject=("price_group", group.id),
        )
    lowest = min(rows, key=lambda row: Decimal(row["price"]))
    row = ReferencePrice.objects.create(
        number=platform_number(law.on),
        platform_id=actor.platform_id,
        region=Region.objects.get(code=law.region),
        price_group=group,
        price=Decimal(lowest["price"]),
        source=f"{PROVINCES[lowest['province']]}：{lowest['source']}",
        national_prices=rows,
        collected_at=at,
        **scope.by(actor, "collected"),
    )
    _decided(decision, row, actor, at)
    _record(REFERENCE_COLLECTED, row, actor, at)
    return row


@service
def reference_publish(*, actor: Actor, at: datetime, reference_id: int, version: int | None = None) -> ReferencePrice:
    """The operator publishes a collected lowest price for objection. Raises NotThere, Forbidden, Conflict, and Refused
    where the law of the day knows no reference price any more (SZ24-3.5c)."""
    row = lock_reference(actor, reference_id)
    same_version(row.version, version)
    state = moved(REFERENCE, row.state, "publish", actor)
    law = scope.law(actor, business_date(at))
    asked_for(law)
    publication = publicity_open(
        actor=actor,
        at=at,
        kind="reference_price",
        subject=("reference_price", row.id),
        party=row.price_group.manufacturer_id,
        title=f"挂网参考价公示：{row.price_group.name}",
        body="对所采集的全国最低价有异议，或知道更低价格的，可在公示期内提出并提供证明。",
        facts=_shown(row, law),
    )
    _written(row, state=state, publication=publication)
    _decided(_judged(row, law, published_on=law.on), row, actor, at)
    _record(REFERENCE_PUBLISHED, row, actor, at, ends_on=publication.ends_on)
    return row


@service
def reference_drop(
    *, actor: Actor, at: datetime, reference_id: int, reason: str, version: int | None = None
) -> ReferencePrice:
    """The operator gives up what it collected, before it is published. Raises NotThere, Conflict, Invalid without a reason."""
    row = lock_reference(actor, reference_id)
    same_version(row.version, version)
    state = moved(REFERENCE, row.state, "drop", actor)
    _written(row, state=state, ended_note=reading.reason(reason, label="撤销原因"))
    _record(REFERENCE_ENDED, row, actor, at)
    return row


@service
def reference_conclude(
    *, actor: Actor, at: datetime, reference_id: int, outcome: str, note: str = ""
) -> ReferencePrice:
    """What the end of its publication does to a reference price, by the system: confirmed from its first day (A30), where
    it is still lower and the law still knows one; the product then stands in the limit catalogue (SZ20-5.2.1e)."""
    row = lock_reference(actor, reference_id)
    if row.state != ReferenceState.PUBLISHED:
        return row
    law = scope.law(actor, business_date(at))
    ended = {PublicationState.UPHELD: "oppose", PublicationState.WITHDRAWN: "withdraw"}.get(outcome)
    decision = _judged(row, law, published_on=row.publication.starts_on, objection=OBJECTIONS.get(outcome, "none"))
    if ended is None and not decision.regulated:
        ended, note = "lapse", "参考价制度已终止，公示期满不再确认"
    if ended is None and decision.outcome["state"] == "none":
        ended, note = "oppose", decision.reasons[0].message
    if ended is not None:
        _written(row, state=moved(REFERENCE, row.state, ended, actor), ended_note=note[:500])
        _decided(decision, row, actor, at)
        _record(REFERENCE_ENDED, row, actor, at)
        return row
    # The rule's day, or today where an objection took longer to answer: nothing binds backwards.
    first = max(decision.outcome["effective_on"], law.on)
    _end_current(row, first)
    _written(row, state=moved(REFERENCE, row.state, "confirm", actor), valid_from=first)
    _decided(decision, row, actor, at)
    _record(REFERENCE_CONFIRMED, row, actor, at)
    catalogue_set(
        actor=actor,
        at=at,
        price_group_id=row.price_group_id,
        region=law.region,
        catalogue=decision.outcome["catalogue"],
        number=row.number,
    )
    return row


def asked_for(law: Law) -> None:
    """Raises Refused where the law of the day knows no reference price, by what ended it (SZ24-3.5c)."""
    if law.find("reference.tracking") is None:
        raise Refused(
            "no_reference_prices",
            f"{law.on} 本地区没有挂网参考价制度（限价目录、备选目录及参考价已终止或未设立），不能采集或公示参考价。",
            basis=law.basis("catalog.catalogues"),
        )


def _collected(prices: Sequence[Mapping[str, object]]) -> list[dict[str, str]]:
    """What was collected, province by province. Raises Unreadable with every fault."""
    if not prices or len(prices) > MOST_PRICES:
        raise reading.Unreadable("prices_count", f"请填写 1 至 {MOST_PRICES} 条采集到的价格。", "prices")
    read, rows = reading.Collected(), []
    for place, typed in enumerate(prices):
        at = f"prices[{place}]"
        rows.append(
            {
                "province": read(_province, typed.get("province"), f"{at}.province"),
                "price": read(
                    lambda given, field: price_text(reading.price(given, field)), typed.get("price"), f"{at}.price"
                ),
                "source": read(reading.text, typed.get("source"), f"{at}.source", "来源", most=300),
            }
        )
    read.check()
    return rows


def _province(typed: object, field: str) -> str:
    code = province_code(typed) if isinstance(typed, str) else None
    if code is None:
        raise reading.Unreadable("unknown_province", "请填写省份名称或六位代码（如 320000 江苏）。", field)
    return code


def _judged(row: ReferencePrice, law: Law, *, published_on: date | None = None, objection: str = "none") -> Decision:
    current = current_reference(law.region, row.price_group_id)
    return price_reference(
        law,
        national_prices=[Decimal(each["price"]) for each in row.national_prices],
        current_reference=current.price if current else None,
        published_on=published_on,
        objection=objection,
    )


def _end_current(row: ReferencePrice, first: date) -> None:
    current = ReferencePrice.objects.filter(
        region_id=row.region_id, price_group_id=row.price_group_id, state=ReferenceState.CONFIRMED, valid_to=None
    ).first()
    if current is not None:
        current.valid_to = max(current.valid_from, first - timedelta(days=1))
        current.version += 1
        current.save(update_fields=["valid_to", "version"])


def _shown(row: ReferencePrice, law: Law) -> list[tuple[str, str]]:
    """What the public reads."""
    group: PriceGroup = row.price_group
    current = current_reference(law.region, group.id)
    return [
        ("产品", group.name),
        ("生产企业", group.manufacturer.name),
        ("注册备案号", group.certificate.number),
        ("计价单位", group.pricing_unit),
        ("现行参考价（元）", price_words(current.price) if current else "无"),
        ("拟定参考价（元）", price_words(row.price)),
        ("最低价来源", row.source),
        ("采集编号", row.number),
    ]


def _written(row: ReferencePrice, **changes) -> None:
    for field, value in changes.items():
        setattr(row, field, value)
    row.version += 1
    row.save(update_fields=[*changes, "version"])


def _decided(decision: Decision, row: ReferencePrice, actor: Actor, at: datetime) -> None:
    decide(decision, subject=("reference_price", row.id), actor=actor, at=at, parties=[row.price_group.manufacturer_id])


def _record(event: EventType, row: ReferencePrice, actor: Actor, at: datetime, **more) -> None:
    record(
        event,
        subject=row.id,
        actor=actor,
        at=at,
        version=row.version,
        parties=[row.price_group.manufacturer_id],
        payload={
            "number": row.number,
            "region_id": row.region_id,
            "price_group_id": row.price_group_id,
            "manufacturer_id": row.price_group.manufacturer_id,
            "name": row.price_group.name,
            "price": row.price,
            "source": row.source,
            "national_prices": row.national_prices,
            "state": row.state,
            "publication": row.publication_id,
            "valid_from": row.valid_from,
            "note": row.ended_note,
            **more,
        },
    )
