"""What is late now, by whom, and what to do: the rows of the missed matters as somebody who watches sees them, whether anybody
has looked into them or not. Who is late by a day and by how much, the rooms say (`lateness` of procurement and settlement)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Min, QuerySet, Sum

from procurement.ordering.queries.terms import delivery_facts
from procurement.ordering.rules.delivering import delivery_overdue
from procurement.ordering.rules.levels import LEVELS
from settlement.queries.lateness import arrears_of
from settlement.rules import degrees
from sunlight import scope
from sunlight.journal.refusals import NotThere
from supervision.queries.matters import MATTERS, Matter
from supervision.queries.overview import View

PARTIES = {"buyer": "按医疗机构", "seller": "按生产企业", "distributor": "按配送企业"}
# Whose part a side is: distributors stand on the sellers'.
_SIDE = {"buyer": "buyer", "seller": "seller", "distributor": "seller"}
TO_DO = {
    "deliveries_late": "请企业立即发货，或告知医院不能供货；医院不再需要的，关闭未到部分。",
    "acceptances_late": "请医院立即验收；货物没有送到的，由配送企业取消配送单。",
    "payments_late": "请医院立即付款；屡催不付的，按程度约谈指导或移送。",
}


@dataclass(frozen=True)
class Late:
    """One noun that is late: how many, how much of it is missing (fen), since when."""

    matter: Matter
    count: int
    fen: int
    first: date | None
    link: str

    @property
    def key(self) -> str:
        return self.matter.key


def late_matters(view: View) -> list[Matter]:
    """What can be late and is of the part."""
    return [each for each in MATTERS.values() if each.is_missed and each.figure in view.part.figures]


def late_rows(view: View, key: str) -> tuple[Matter, QuerySet]:
    """The rows that are late today within a view, the first missed first. Raises NotThere for what is not of the part."""
    matter = next((each for each in late_matters(view) if each.key == key), None)
    if matter is None:
        raise NotThere("这类逾期事项")
    rows = matter.rows(view.actor, view.today).filter(
        platform_id__in=view.actor.platform_ids, region_id__in=view.region_ids()
    )
    rows = rows.filter(buyer=view.buyer) if view.buyer else rows
    rows = rows.filter(seller=view.seller) if view.seller else rows
    return matter, rows.select_related("buyer", "seller", "distributor", "region").order_by("day", "id")


def late_now(view: View) -> list[Late]:
    """What is late today, noun by noun."""
    found = []
    for matter in late_matters(view):
        rows = late_rows(view, matter.key)[1].order_by()
        said = rows.aggregate(count=Count("id"), fen=Sum("missing_fen"), first=Min("day"))
        found.append(Late(matter, said["count"], said["fen"] or 0, said["first"], view.query()))
    return found


def late_by_party(view: View, key: str, most: int = 10) -> list[tuple[str, list[dict[str, Any]]]]:
    """(heading, rows of `name, count, fen, first`) by hospital, maker and distributor, as far as they are of the part: those
    with most missing first."""
    found = []
    for party, heading in PARTIES.items():
        if _SIDE[party] not in view.part.by:
            continue
        rows = late_rows(view, key)[1].exclude(**{party: None}).order_by().values(f"{party}__name")
        grouped = rows.annotate(count=Count("id"), fen=Sum("missing_fen"), first=Min("day"))
        ranked = sorted(grouped, key=lambda row: (-(row["fen"] or 0), -row["count"], row[f"{party}__name"]))
        found.append((heading, [{"name": row[f"{party}__name"], **row} for row in ranked[:most]]))
    return found


def graded(view: View, matter: Matter, rows: Iterable[Any]) -> list[Any]:
    """The rows with `degree` and `step` in words, by the rule of their noun today; "" where no text grades them."""
    rows = list(rows)
    payments = arrears_of(view.actor, rows, view.today) if matter.key == "payments_late" else {}
    for row in rows:
        row.degree = row.step = ""
        if matter.key == "deliveries_late":
            law = scope.law(view.actor, view.today, region=row.region.code)
            said = delivery_overdue(law, **delivery_facts(row), delivered_on=row.done_on)
            row.degree = LEVELS[said.outcome["level"]] if said.regulated else ""
        elif (said := payments.get(row.id)) is not None and said.regulated:
            row.degree = degrees.LEVELS[said.outcome["level"]]
            row.step = degrees.STEPS[said.outcome["next_step"]]
    return rows
