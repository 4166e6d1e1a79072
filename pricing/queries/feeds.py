"""The code feed: what changed of the codes a platform trades, in the order of its sealed events (SZ20-5.1.1)."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q

from catalog.models import ListedSpecification, NationalCode, PlatformListing
from pricing.models import CodeChange, FeedPosition
from sunlight.journal.models import Event, Seal
from sunlight.journal.refusals import Invalid
from sunlight.scope import Actor
from sunlight.sheets.models import ImportRun

_CURSOR = re.compile(r"([0-9]{1,18})-([0-9]{1,18})")
# The listing that counts for a code on a platform: the open one, else the one that closed last. The price is the region's
# current one of that listing's group; a price from a later day says so by its `valid_from`.
_STATE = """
select code.id, code.is_retired, code.code, code.generic_code, code.kind, code.replaced_by, code.product_name,
       code.producer_name, code.registration_number, code.specification, code.model, code.udi_di,
       listing.number, listing.state, listing.price_group_id, grp.pricing_unit, maker.credit_code, maker.name,
       certificate.valid_until, opened.opened_on, opened.closed_on, price.price, price.valid_from
  from catalog_nationalcode code
  join lateral (
       select p.* from catalog_listedspecification s
         join catalog_platformlisting p on p.listing_id = s.listing_id and p.platform_id = %(platform)s
        where s.national_code_id = code.id
        order by p.closed_on desc nulls first, p.id desc limit 1) opened on true
  join catalog_listing listing on listing.id = opened.listing_id
  join catalog_pricegroup grp on grp.id = listing.price_group_id
  join catalog_certificate certificate on certificate.id = grp.certificate_id
  join tenancy_organisation maker on maker.id = listing.manufacturer_id
  left join pricing_listedprice price on price.price_group_id = grp.id and price.region_id = listing.region_id
       and price.valid_to is null
 where code.id = any(%(codes)s) order by code.id
"""


@dataclass(frozen=True)
class Page:
    """`next` is where to continue; it is returned even if nothing is new."""

    rows: list[CodeChange]
    next: str
    has_more: bool


def code_states(*, platform_id: int, code_ids: Collection[int]) -> dict[int, tuple[bool, dict]]:
    """Code id → (gone, complete state) of each code that is or was listed on the platform."""
    with connection.cursor() as cursor:
        cursor.execute(_STATE, {"platform": platform_id, "codes": list(code_ids)})
        return {row[0]: _state(row) for row in cursor.fetchall()}


def _state(row) -> tuple[bool, dict]:
    (
        _,
        retired,
        code,
        generic,
        kind,
        replaced_by,
        product,
        producer,
        registration,
        specification,
        model,
        udi_di,
        listing,
        state,
        group,
        unit,
        maker_code,
        maker,
        valid_until,
        opened_on,
        closed_on,
        price,
        valid_from,
    ) = row
    facts = {
        "code": code,
        "generic_code": generic,
        "kind": kind,
        "is_retired": retired,
        "replaced_by": replaced_by,
        "product_name": product,
        "producer_name": producer,
        "registration_number": registration,
        "specification": specification,
        "model": model,
        "udi_di": udi_di,
        "listing": {
            "number": listing,
            "state": state,
            "opened_on": opened_on,
            "closed_on": closed_on,
            "price_group": group,
            "manufacturer": {"credit_code": maker_code, "name": maker},
            "certificate_valid_until": valid_until,
        },
        "pricing_unit": unit,
        "listed_price": None if price is None else {"price": str(price), "valid_from": valid_from},
    }
    return retired or closed_on is not None, facts


def codes_of_news(event: Event) -> list[int]:
    """Ids of the listed codes an event of catalogue or prices is about; public facts, whoever may see the event."""
    listed = (
        ListedSpecification.objects.order_by("national_code_id").values_list("national_code_id", flat=True).distinct()
    )
    if event.subject_type == "listing":
        return list(listed.filter(listing_id=event.subject_id))
    if event.subject_type == "price_group":
        return list(listed.filter(listing__price_group_id=event.subject_id))
    if event.subject_type == "certificate":
        return list(listed.filter(listing__price_group__certificate_id=event.subject_id))
    run = ImportRun.objects.filter(id=event.subject_id, kind__startswith="catalog.").first()
    if run is None:
        return []
    written = NationalCode.objects.filter(recorded_at__gte=run.started_at, recorded_at__lte=run.finished_at)
    return list(listed.filter(national_code__in=written))


def codes_listed_on(platform_id: int) -> list[int]:
    """Ids of the codes that are or were listed on a platform."""
    rows = ListedSpecification.objects.filter(listing__in=_ever_open(platform_id)).order_by("national_code_id")
    return list(rows.values_list("national_code_id", flat=True).distinct())


def _ever_open(platform_id: int):
    return PlatformListing.objects.filter(platform_id=platform_id).values("listing_id")


def platforms_listing(code_ids: Iterable[int]) -> dict[int, list[int]]:
    """Platform id → those of the codes that are or were listed there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select p.platform_id, array_agg(distinct s.national_code_id order by s.national_code_id)"
            " from catalog_listedspecification s join catalog_platformlisting p on p.listing_id = s.listing_id"
            " where s.national_code_id = any(%s) group by p.platform_id order by p.platform_id",
            [list(code_ids)],
        )
        return dict(cursor.fetchall())


def seals_after(*, platform_id: int, sequence: int, limit: int) -> list[Seal]:
    """The platform's next sealed events, without gaps. Call it in the platform's own scope."""
    rows = Seal.objects.select_related("event").filter(
        platform_id=platform_id, sequence__gt=sequence, event__isnull=False
    )
    return list(rows.order_by("sequence")[:limit])


def changes_after(actor: Actor, after: str, limit: int) -> Page:
    """The codes of the actor's platform that changed after the cursor, each once, at its last change.
    Raises Invalid for a cursor that is none, or that lies beyond what was sealed."""
    sequence, code = _cursor(after)
    head = FeedPosition.objects.filter(platform_id=actor.platform_id).values_list("sequence", flat=True).first() or 0
    if sequence > head:
        raise Invalid(
            "cursor_ahead",
            "游标超前于平台当前进度（平台可能已恢复到较早的备份）。请不带 after 从头同步。",
            field="after",
        )
    rows = list(
        CodeChange.objects.filter(
            Q(sequence__gt=sequence) | Q(sequence=sequence, national_code_id__gt=code), platform_id=actor.platform_id
        ).order_by("sequence", "national_code_id")[: limit + 1]
    )
    page, has_more = rows[:limit], len(rows) > limit
    last = f"{page[-1].sequence}-{page[-1].national_code_id}" if page else f"{sequence}-{code}"
    return Page(page, last, has_more)


def _cursor(text: str) -> tuple[int, int]:
    if not text:
        return 0, 0
    found = _CURSOR.fullmatch(text)
    if found is None:
        raise Invalid("cursor_invalid", "after 须原样使用上一次应答中的 next。", field="after")
    return int(found[1]), int(found[2])
