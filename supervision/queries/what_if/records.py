"""The kept decisions and refusals of a period that a run judges again, read in the regulator's own scope: what the wall and
the authority's part let it see, and nothing else. Nothing here writes."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from catalog.models import PriceGroup
from sunlight.journal.declared import SUBJECTS
from sunlight.journal.models import Refusal
from sunlight.kernel.facts import DAY
from sunlight.kernel.money import amount_fen
from sunlight.scope import Actor
from sunlight.scope.clock import SHANGHAI
from sunlight.scope.readers import may_read
from sunlight.tenancy.models import Region
from supervision.queries.refusals import readable
from supervision.rules.what_if.judging import JUDGED, Record
from supervision.rules.what_if.laws import Window

# Whose decisions are judged again: what was offered, ordered and owed.
_SUBJECTS = ("offer", "order_line", "payable")
# So many ids of the journal are looked through in one chunk, where few of them are records of the period.
SPAN = 200_000


@dataclass(frozen=True, slots=True)
class Counted:
    """Records of a period: how many there are, how many lie in the windows where a side may answer otherwise, and between
    which ids these lie."""

    records: dict[str, int]
    in_windows: int
    first: int
    last: int


def regions_of(actor: Actor, region: Region) -> list[str]:
    """The codes of a region and of those below it that the actor watches."""
    rows = Region.objects.filter(id__in=actor.region_ids).values_list("code", flat=True)
    return sorted(code for code in rows if code == region.code or code.startswith(f"{region.code}-"))


def subjects_of(actor: Actor) -> list[str]:
    """The kinds of records that are the actor's part."""
    return [each for each in _SUBJECTS if each in SUBJECTS and may_read(actor, SUBJECTS[each].noun)]


def _within(windows: Sequence[Window]) -> dict[str, Any]:
    return {
        "rules": [each.rule for each in windows],
        "window_regions": [each.region for each in windows],
        "window_drafts": [each.drafts for each in windows],
        "firsts": [each.first for each in windows],
        "lasts": [each.last for each in windows],
    }


_WINDOWS = (
    "unnest(%(rules)s::text[], %(window_regions)s::text[], %(window_drafts)s::text[], %(firsts)s::date[],"
    " %(lasts)s::date[]) as w (rule, region_code, drafts, first, last)"
)
_IN_A_WINDOW = (
    f"exists (select from {_WINDOWS} where w.rule = d.rule and w.region_code = d.region_code and w.drafts = d.drafts"
    " and d.law_date between w.first and w.last)"
)
_COUNT = f"""
select subject_type, sum(n)::bigint, coalesce(sum(n) filter (where affected), 0)::bigint,
       min(first) filter (where affected), max(last) filter (where affected)
  from (select subject_type, n, first, last, {_IN_A_WINDOW} as affected
          from (select subject_type, rule, region_code, drafts, law_date, count(*) as n, min(id) as first, max(id) as last
                  from journal_decision
                 where platform_id = %(platform)s and rule = any (%(judged)s) and subject_type = any (%(subjects)s)
                   and region_code = any (%(regions)s) and law_date between %(since)s and %(until)s
                 group by 1, 2, 3, 4, 5) d) counted
 group by 1 order by 1"""


def count(actor: Actor, *, regions: Sequence[str], since: date, until: date, windows: Sequence[Window]) -> Counted:
    """How many decisions there are to judge, in one reading of the journal."""
    asked = {
        "platform": actor.platform_id,
        "judged": list(JUDGED),
        "subjects": subjects_of(actor),
        "regions": list(regions),
        "since": since,
        "until": until,
        **_within(windows),
    }
    with connection.cursor() as cursor:
        cursor.execute("select set_config('jit', 'off', true)")
        cursor.execute(_COUNT, asked)
        rows = cursor.fetchall()
    firsts, lasts = ([row[place] for row in rows if row[place] is not None] for place in (3, 4))
    return Counted(
        {row[0]: row[1] for row in rows}, sum(row[2] for row in rows), min(firsts, default=1), max(lasts, default=0)
    )


_DECISIONS = f"""
select d.id, d.subject_type, d.subject_id, d.rule, d.region_code, d.law_date, d.drafts, d.facts, d.regulated, d.allowed,
       coalesce(o.buyer_id, l.buyer_id, p.buyer_id), coalesce(o.seller_id, l.seller_id, p.seller_id),
       coalesce(o.price_group_id, l.price_group_id), coalesce(o.quantity, l.quantity), o.price,
       coalesce(l.amount_fen, p.amount_fen, 0)
  from (select id, subject_type, subject_id, rule, region_code, law_date, drafts, facts::text as facts, regulated, allowed
          from journal_decision d
         where platform_id = %(platform)s and id > %(after)s and id <= %(last)s and subject_type = any (%(subjects)s)
           and {_IN_A_WINDOW}
         order by id
         limit %(most)s) d
  left join procurement_offer o on d.subject_type = 'offer' and o.id = d.subject_id
  left join procurement_orderline l on d.subject_type = 'order_line' and l.id = d.subject_id
  left join settlement_payable p on d.subject_type = 'payable' and p.id = d.subject_id
 order by d.id"""


def decisions(actor: Actor, *, after: int, last: int, windows: Sequence[Window], most: int) -> tuple[list[Record], int]:
    """The next records after an id, in its order, and up to which id the journal was looked through. A row that the wall
    does not show is left out."""
    until = min(last, after + SPAN)
    asked = {
        "platform": actor.platform_id,
        "subjects": subjects_of(actor),
        "after": after,
        "last": until,
        "most": most,
        **_within(windows),
    }
    with connection.cursor() as cursor:
        cursor.execute(_DECISIONS, asked)
        rows = cursor.fetchall()
    records = [_record(row) for row in rows if row[10] is not None]
    return records, rows[-1][0] if len(rows) == most else until


def _record(row: tuple) -> Record:
    price, quantity, fen = row[14], row[13], row[15]
    if price is not None:
        fen = amount_fen(price, quantity)
    return Record(
        id=row[0],
        is_refusal=False,
        subject=row[1],
        subject_id=row[2],
        rule=row[3],
        region=row[4],
        on=row[5],
        drafts=row[6],
        facts=json.loads(row[7]),
        regulated=row[8],
        allowed=row[9],
        buyer=row[10],
        seller=row[11],
        price_group=row[12],
        quantity=quantity,
        fen=fen,
    )


def refusals(
    actor: Actor,
    *,
    after: int,
    regions: Iterable[str],
    since: date,
    until: date,
    windows: Sequence[Window],
    most: int,
) -> tuple[list[Record], int, bool]:
    """The next refused acts that a rule refused, as far as the actor may read them; up to which id, and whether these were
    the last."""
    rows = (
        Refusal.objects.filter(readable(actor), platform_id=actor.platform_id, id__gt=after, decision__isnull=False)
        .filter(occurred_at__gte=_midnight(since), occurred_at__lt=_midnight(until + timedelta(days=1)))
        .filter(decision__rule__in=JUDGED, decision__region__in=list(regions))
        .order_by("id")
        .values("id", "subject_type", "subject_id", "decision", "facts", "reasons", "actor_organisation_id")[:most]
    )
    found = list(rows)
    records = list(_refused(found, windows))
    _with_sellers(records)
    return records, found[-1]["id"] if found else after, len(found) < most


def _refused(rows: Iterable[Mapping[str, Any]], windows: Sequence[Window]) -> Iterator[Record]:
    for row in rows:
        answer, kept = row["decision"], row["facts"]
        on = DAY.parse(answer["date"], "date")
        place = (answer["rule"], answer["region"], answer["drafts"])
        if not any((w.rule, w.region, w.drafts) == place and w.first <= on <= w.last for w in windows):
            continue
        group = row["subject_id"] if row["subject_type"] == "price_group" else None
        quantity = kept.get("quantity") if isinstance(kept, dict) else None
        record = Record(
            id=row["id"],
            is_refusal=True,
            subject=row["subject_type"],
            subject_id=row["subject_id"],
            rule=answer["rule"],
            region=answer["region"],
            on=on,
            drafts=answer["drafts"],
            facts=answer["facts"],
            regulated=answer["regulated"],
            allowed=answer["allowed"],
            buyer=row["actor_organisation_id"],
            price_group=group,
            refused_besides=_refusing(row["reasons"]) > _refusing(answer["reasons"]),
        )
        if quantity and answer["facts"].get("offer"):
            record.quantity = Decimal(str(quantity))
            record.fen = amount_fen(Decimal(answer["facts"]["offer"]), record.quantity)
        yield record


def _refusing(reasons: Iterable[Mapping[str, Any]]) -> int:
    return sum(1 for reason in reasons if reason.get("effect") in ("refuse", "flag"))


def _with_sellers(records: Sequence[Record]) -> None:
    """The makers of the products that were refused."""
    makers = makers_of({each.price_group for each in records if each.price_group})
    for record in records:
        if record.price_group is not None:
            record.seller = makers.get(record.price_group)


def makers_of(price_group_ids: Iterable[int]) -> dict[int, int]:
    """Price group → its manufacturer."""
    return dict(PriceGroup.objects.filter(id__in=list(price_group_ids)).values_list("id", "manufacturer_id"))


def categories_of(price_group_ids: Iterable[int]) -> dict[int, str]:
    """Price group → the first level of its national code (C14), what categories of the catalogue begin with."""
    rows = PriceGroup.objects.filter(id__in=list(price_group_ids)).values_list("id", "generic_code")
    return {group: code[:3] for group, code in rows}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)
