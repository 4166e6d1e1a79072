"""The regulator's overview: sums over the rollup, within an actor's part, regions and period. Periods are business days in
Asia/Shanghai, both ends included; money is integer fen."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from django.db import connection
from django.db.models import Q, QuerySet, Sum

from sunlight.journal.models import Refusal
from sunlight.journal.refusals import Invalid, NotThere
from sunlight.kernel import reading
from sunlight.scope import Actor
from sunlight.scope.clock import SHANGHAI
from sunlight.tenancy.models import Organisation, Region
from supervision.models import DailyFigure
from supervision.queries import figures
from supervision.queries.basis import basis_of
from supervision.queries.figures import FIGURES, Figure
from supervision.queries.parts import Part, part_of
from supervision.queries.refusals import readable

LONGEST_DAYS, USUAL_DAYS = 1100, 90
# Up to so many days a chart has a point a day, beyond a point a month.
_DAILY = 62


@dataclass(frozen=True)
class View:
    """Who looks at what: the part, the days, and the region, hospital or supplier chosen (None: all one may see)."""

    actor: Actor
    part: Part
    since: date
    until: date
    today: date
    region: Region | None = None
    buyer: Organisation | None = None
    seller: Organisation | None = None

    @property
    def yesterday(self) -> date:
        return self.today - timedelta(days=1)

    def region_ids(self) -> list[int]:
        """The regions looked at: those chosen, never more than the actor's."""
        if self.region is None:
            return list(self.actor.region_ids)
        under = Region.objects.filter(Q(id=self.region.id) | Q(code__startswith=f"{self.region.code}-"))
        return [each for each in under.values_list("id", flat=True) if each in self.actor.region_ids]

    def query(self, **more) -> str:
        """This view as the query part of a link."""
        chosen = {"from": self.since.isoformat(), "to": self.until.isoformat()}
        for name, row in (("region", self.region), ("hospital", self.buyer), ("supplier", self.seller)):
            if row is not None:
                chosen[name] = row.code if name == "region" else row.id
        return urlencode(chosen | {key: value for key, value in more.items() if value is not None})


def view_of(actor: Actor, asked: dict[str, str], today: date) -> View:
    """What is asked for as a View: `from, to, region, hospital, supplier`. Without days, the last 90. Raises Forbidden
    for whom the overview is not, Invalid (with the field) for days or a region that cannot be."""
    part = part_of(actor)
    until = reading.day(asked.get("to"), "to", "结束日期", required=False) or today
    since = reading.day(asked.get("from"), "from", "开始日期", required=False) or until - timedelta(days=USUAL_DAYS - 1)
    if since > until:
        raise Invalid("period_backwards", "开始日期不能晚于结束日期，请改正。", field="from")
    if (until - since).days >= LONGEST_DAYS:
        raise Invalid("period_too_long", f"一次最多查看 {LONGEST_DAYS} 天，请缩短期间。", field="from")
    view = View(actor, part, since, until, today)
    if asked.get("region"):
        region = regions_of(view).filter(code=asked["region"]).first()
        if region is None:
            raise Invalid("region_not_yours", "没有这个地区，或不在本部门的管辖范围内，请重新选择。", field="region")
        view = replace(view, region=region)
    buyer = _chosen(view, asked.get("hospital", ""), "HOSPITAL", "hospital")
    return replace(view, buyer=buyer, seller=_chosen(view, asked.get("supplier", ""), "SUPPLIER", "supplier"))


def _chosen(view: View, given: str, kind: str, field: str) -> Organisation | None:
    if not given:
        return None
    found = Organisation.objects.filter(kind=kind, id=reading.whole_or(given, -1)).first()
    if found is None or (kind == "HOSPITAL" and found.region_id not in view.actor.region_ids):
        raise Invalid("organisation_unknown", "没有这家机构，或不在本部门的管辖范围内，请重新选择。", field=field)
    return found


def regions_of(view: View) -> QuerySet:
    """The regions an actor may choose from, those of its platforms' first."""
    return Region.objects.filter(id__in=view.actor.region_ids).order_by("code")


def _rows(view: View) -> QuerySet:
    """The rollup within a view. The wall bounds it too; a missed deadline counts only once its day is over."""
    waiting = [f.key for f in FIGURES.values() if f.waits]
    rows = DailyFigure.objects.filter(
        platform_id__in=view.actor.platform_ids,
        region_id__in=view.region_ids(),
        figure__in=view.part.figures,
        day__gte=view.since,
        day__lte=view.until,
    ).exclude(figure__in=waiting, day__gt=view.yesterday)
    if view.buyer is not None:
        rows = rows.filter(buyer=view.buyer)
    return rows if view.seller is None else rows.filter(seller=view.seller)


def totals(view: View) -> list[dict]:
    """`figure, count, fen, basis` of every figure of the part, in the order of the definitions; nothing happened is 0."""
    summed = {
        row["figure"]: row for row in _rows(view).values("figure").annotate(rows=Sum("count"), fen=Sum("total_fen"))
    }
    return [
        {
            "figure": figure,
            "count": summed.get(key, {}).get("rows", 0),
            "fen": summed.get(key, {}).get("fen", 0),
            "link": view.query(),
            "basis": basis_of(view.actor, figure.basis, view.until),
        }
        for key, figure in FIGURES.items()
        if key in view.part.figures
    ]


def by_party(view: View, side: str, most: int = 20) -> list[dict]:
    """Per hospital (`side` "buyer") or supplier ("seller"): `id, name, cells` of every figure of the part, the ones with
    most money first. A side outside the part gives nothing."""
    if side not in view.part.by:
        return []
    found: dict[int, dict] = {}
    grouped = _rows(view).values(f"{side}_id", f"{side}__name", "figure")
    for row in grouped.annotate(rows=Sum("count"), fen=Sum("total_fen")):
        each = found.setdefault(row[f"{side}_id"], {"id": row[f"{side}_id"], "name": row[f"{side}__name"], "sums": {}})
        each["sums"][row["figure"]] = (row["rows"], row["fen"])
    ranked = sorted(found.values(), key=lambda each: (-max(fen for _, fen in each["sums"].values()), each["name"]))
    parameter = "hospital" if side == "buyer" else "supplier"
    for each in ranked[:most]:
        link = view.query(**{parameter: each["id"]})
        each["cells"] = [
            {"figure": FIGURES[key], "count": n, "fen": fen, "link": link}
            for key in view.part.figures
            for n, fen in [each["sums"].get(key, (0, 0))]
        ]
    return ranked[:most]


def series(view: View) -> dict:
    """Money by day (by month beyond 62 days) for the chart and its table: `labels` and one list of yuan a figure."""
    wanted = [key for key in ("ordered", "accepted", "paid", "saved") if key in view.part.figures]
    counted = not wanted
    wanted = wanted or [key for key in view.part.figures if not FIGURES[key].waits]
    daily = (view.until - view.since).days < _DAILY
    labels, day = [], view.since
    while day <= view.until:
        label = day.isoformat() if daily else f"{day:%Y-%m}"
        if not labels or labels[-1] != label:
            labels.append(label)
        day += timedelta(days=1)
    place = {label: number for number, label in enumerate(labels)}
    values = {key: [0] * len(labels) for key in wanted}
    rows = _rows(view).filter(figure__in=wanted).values("figure", "day").annotate(n=Sum("count"), fen=Sum("total_fen"))
    for row in rows:
        label = row["day"].isoformat() if daily else f"{row['day']:%Y-%m}"
        values[row["figure"]][place[label]] += row["n"] if counted else row["fen"]
    lines = [{"name": FIGURES[key].label, "values": values[key]} for key in wanted]
    return {"labels": labels, "lines": lines, "unit": "笔" if counted else "元", "counted": counted}


def refusals_by_clause(view: View) -> list[dict]:
    """`clause, count`: refused acts of the period by the clauses that refused them, of those kinds of organisation the
    part names, in the regions looked at. Read from the record of refusals itself, which has no events."""
    ids, given = Refusal.objects.filter(readable(view.actor)).order_by().values("id").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            select reason->>'clause', count(distinct refusal.id)
              from journal_refusal refusal
              join tenancy_organisation who on who.id = refusal.actor_organisation_id
             cross join lateral jsonb_array_elements(refusal.reasons) reason
             where refusal.platform_id = any(%s) and who.region_id = any(%s) and who.kind = any(%s)
               and (refusal.occurred_at at time zone 'Asia/Shanghai')::date between %s and %s
               and reason->>'effect' in ('refuse', 'flag') and (%s::bigint is null or who.id = %s)
               and refusal.id in ({ids})
             group by 1 order by 2 desc, 1
            """,
            [
                list(view.actor.platform_ids),
                view.region_ids(),
                list(view.part.refusals_of),
                view.since,
                view.until,
                *[_of_whom(view)] * 2,
                *given,
            ],
        )
        return [{"clause": clause, "count": count} for clause, count in cursor.fetchall()]


def _of_whom(view: View) -> int | None:
    chosen = view.buyer or view.seller
    return chosen.id if chosen else None


def parties(view: View, kind: str) -> list[Organisation]:
    """Hospitals or suppliers to choose from: those the rollup knows in the actor's regions."""
    side = "buyer" if kind == "HOSPITAL" else "seller"
    known = DailyFigure.objects.filter(platform_id__in=view.actor.platform_ids, region_id__in=view.region_ids())
    return list(Organisation.objects.filter(id__in=known.values(f"{side}_id")).order_by("name"))


def rows_behind(view: View, key: str) -> tuple[Figure, QuerySet]:
    """The rows behind a figure of the part, newest day first. Raises NotThere for a figure that is not of it."""
    if key not in view.part.figures:
        raise NotThere("这项指标")
    figure = FIGURES[key]
    where = {
        "platform_id__in": view.actor.platform_ids,
        "region_id__in": view.region_ids(),
        "day__gte": view.since,
        "day__lte": figures.last_day(figure, view.until, view.yesterday),
    }
    where |= {"buyer": view.buyer} if view.buyer else {}
    where |= {"seller": view.seller} if view.seller else {}
    return figure, figures.rows_of(figure, **where).select_related("buyer", "seller", "region").order_by("-day", "-id")


def refusals_behind(view: View, clause: str) -> QuerySet:
    """The refused acts behind a clause's count, newest first."""
    since = _midnight(view.since)
    until = _midnight(view.until + timedelta(days=1))
    who = Organisation.objects.filter(region_id__in=view.region_ids(), kind__in=view.part.refusals_of)
    if _of_whom(view):
        who = who.filter(id=_of_whom(view))
    found = Refusal.objects.filter(
        readable(view.actor),
        Q(reasons__contains=[{"clause": clause, "effect": "refuse"}])
        | Q(reasons__contains=[{"clause": clause, "effect": "flag"}]),
        platform_id__in=view.actor.platform_ids,
        occurred_at__gte=since,
        occurred_at__lt=until,
        actor_organisation_id__in=who.values("id"),
    )
    return found.order_by("-id")


def _midnight(day: date):
    return datetime.combine(day, time(), SHANGHAI)
