"""Listed prices: opened when a listing is listed, ended by the next one."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from pricing.events import LISTED_PRICE_OPENED
from pricing.models import ListedPrice
from sunlight import scope
from sunlight.journal.refusals import Invalid
from sunlight.journal.services import record, service
from sunlight.scope import Actor


@service
def listed_price_open(
    *,
    actor: Actor,
    at: datetime,
    region_id: int,
    price_group_id: int,
    price: Decimal,
    valid_from: date,
    source: str = "LISTING",
    source_number: str = "",
) -> ListedPrice:
    """The price (CNY a pricing unit) at which a group is listed in a region from a day on (GD25-2.2a); the row before
    ends the day before. The same source, price and day again change nothing.

    Raises Invalid where a later price already stands: a correction of the past is a new row from today.
    """
    with scope.elevated(actor):
        rows = ListedPrice.objects.select_for_update().filter(region_id=region_id, price_group_id=price_group_id)
        current = rows.filter(valid_to=None).first()
        if current is not None:
            current_facts = (current.source, current.source_number, current.price, current.valid_from)
            if current_facts == (source, source_number, price, valid_from):
                return current
            if current.valid_from > valid_from:
                raise Invalid(
                    "later_listed_price",
                    f"该计价组自 {current.valid_from.isoformat()} 起已有挂网价，新价不能从更早的日期起算。请改用当日或之后的生效日期。",
                    field="valid_from",
                )
            current.valid_to = max(current.valid_from, valid_from - timedelta(days=1))
            current.save(update_fields=["valid_to"])
        opened = ListedPrice.objects.create(
            region_id=region_id,
            price_group_id=price_group_id,
            price=price,
            valid_from=valid_from,
            source=source,
            source_number=source_number,
            recorded_at=at,
        )
        record(
            LISTED_PRICE_OPENED,
            subject=price_group_id,
            actor=actor,
            at=at,
            payload={
                "listed_price_id": opened.id,
                "region_id": region_id,
                "price_group_id": price_group_id,
                "price": price,
                "valid_from": valid_from,
                "source": source,
                "source_number": source_number,
            },
        )
    return opened
