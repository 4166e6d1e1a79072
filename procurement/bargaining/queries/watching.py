"""Who has bought how long without bargaining (JS20-12, A5, A32): the facts of `bargain.watch`, and the pairs of hospital and
product for which an interview is due."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection
from django.db.models import QuerySet

from pricing.models import DealFact
from procurement.bargaining.rules.watch import WatchedDeal, bargain_watch
from sunlight import scope
from sunlight.kernel.policy import Law
from sunlight.kernel.rule import Decision
from sunlight.scope import Actor
from sunlight.tenancy.models import Organisation
from sunlight.tenancy.queries.platforms import on_all_platforms, regions_under

# Each net deal with the price that its product was listed at on its day, of the nearest region; one without a listed price
# cannot be compared. No winners yet.
_KNOWN = """
select f.id, f.buyer_id, f.price_group_id, f.occurred_on, f.price, listed.price as listed
  from pricing_dealfact f
  join lateral (
    select l.price from pricing_listedprice l join tenancy_region r on r.id = l.region_id
     where l.price_group_id = f.price_group_id and r.code = any(%(path)s) and l.valid_from <= f.occurred_on
       and (l.valid_to is null or l.valid_to >= f.occurred_on)
     order by length(r.code) desc, l.valid_from desc, l.id desc limit 1
  ) listed on true
 where f.occurred_on <= %(on)s and f.net_quantity > 0 and not f.is_gift and f.excluded_at is null
"""
_OF_PAIRS = (
    f"{_KNOWN} and f.buyer_id = any(%(buyers)s) and f.price_group_id = any(%(groups)s) order by f.occurred_on, f.id"
)
# The SQL twin of the rule's "interview due", by pair; gives the pair's last deal.
_DUE = f"""
with known as ({_KNOWN} and f.region_id = any(%(regions)s)), pairs as (
  select buyer_id, price_group_id, coalesce(max(occurred_on) filter (where price < listed), min(occurred_on)) as start,
         max(occurred_on) filter (where price >= listed) as last_without,
         (array_agg(id order by occurred_on desc, id desc))[1] as last_id
    from known group by buyer_id, price_group_id
)
select last_id from pairs where start <= %(since)s and last_without > %(since)s and last_without >= start
"""


@dataclass(frozen=True, slots=True)
class WatchRow:
    """A hospital's last deal of a product, and what the rule says of the pair."""

    deal: DealFact
    answer: Decision


def watched(actor: Actor, law: Law, buyer: Organisation, price_group_id: int) -> Decision | None:
    """What the rule says of the hospital's own buying of a product; None where no text watches it."""
    if law.find("bargain.watched") is None:
        return None
    with on_all_platforms(actor):
        deals = _deals(law, [buyer.id], [price_group_id]).get((buyer.id, price_group_id), ())
    return _answer(law, buyer, deals)


def long_without(actor: Actor, on: date) -> QuerySet[DealFact]:
    """The last deal of each hospital and product of the actor's region for which an interview is due, newest first."""
    law = scope.law(actor, on)
    days, rows = (
        law.find("bargain.watch_days"),
        DealFact.objects.select_related("buyer__region", "price_group", "seller"),
    )
    if law.find("bargain.watched") is None or days is None:
        return rows.none()
    since = on - timedelta(days=days.value)
    asked = {
        "path": list(law.policy.path(law.region)),
        "regions": list(regions_under(law.region)),
        "on": on,
        "since": since,
    }
    with connection.cursor() as cursor:
        cursor.execute(_DUE, asked)
        ids = [row[0] for row in cursor.fetchall()]
    return rows.filter(id__in=ids).order_by("-id")


def watch_rows(actor: Actor, rows: Iterable[DealFact], on: date) -> list[WatchRow]:
    """Deals with what the rule says of their hospital and product; one query for all."""
    rows, law = list(rows), scope.law(actor, on)
    found = _deals(law, {row.buyer_id for row in rows}, {row.price_group_id for row in rows})
    return [WatchRow(row, _answer(law, row.buyer, found.get((row.buyer_id, row.price_group_id), ()))) for row in rows]


def _deals(law: Law, buyers: Iterable[int], groups: Iterable[int]) -> dict[tuple[int, int], list[WatchedDeal]]:
    asked = {"path": list(law.policy.path(law.region)), "on": law.on, "buyers": list(buyers), "groups": list(groups)}
    found: dict[tuple[int, int], list[WatchedDeal]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_OF_PAIRS, asked)
        for _, buyer, group, day, price, listed in cursor.fetchall():
            found.setdefault((buyer, group), []).append(WatchedDeal(day, price, listed, False))
    return found


def _answer(law: Law, buyer: Organisation, deals: Iterable[WatchedDeal]) -> Decision:
    return bargain_watch(law, level=buyer.level or "unrated", public=buyer.is_public, deals=tuple(deals))
