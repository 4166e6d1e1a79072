"""时限: every key step of one's trades with its last day, what has passed first."""

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from sunlight.deadlines import queries, readers
from sunlight.deadlines.kinds import KINDS
from sunlight.deadlines.words import days_words
from sunlight.deadlines.workflows import DeadlineState
from sunlight.scope.clock import business_date
from sunlight.web.lists import Column, Empty, Table, list_page
from sunlight.web.lists.filters import Choice, Filters, Number, Since, State, Text, Until
from sunlight.web.pages import clock, page

MINE, THEIRS, LATE = "owes", "awaits", "1"


class _Kinds:
    """The kinds that the apps have declared by the time the list is asked for."""

    def __iter__(self):
        return iter([(kind.key, _(kind.label)) for kind in KINDS.values()])


class KindChoice(Choice):
    def __init__(self, **more):
        super().__init__(_Kinds(), label=_("环节"), **more)

    def filter(self, rows, value):
        return rows.filter(kind=value) if value else rows


class DeadlineFilters(Filters):
    state = State(DeadlineState)
    kind = KindChoice()
    late = Choice([(LATE, _("已超过时限，尚未办理"))], label=_("是否超时"))
    side = Choice([(MINE, _("我方办理")), (THEIRS, _("对方办理"))], label=_("由谁办理"))
    q = Number("number", label=_("单据编号"))
    party = Text("owes__name", "awaits__name", "about", label=_("机构或产品"))
    since = Since("due_on", label=_("截止日起"))
    until = Until("due_on", label=_("截止日止"))

    def filter_queryset(self, rows):
        if self.form.cleaned_data.get("late"):
            rows = queries.late_among(rows, business_date(clock(self.request)))
        if side := self.form.cleaned_data.get("side"):
            rows = rows.filter(Q(**{f"{side}_id": self.request.actor.organisation_id}))
        return super().filter_queryset(rows)


def _label(row):
    return _(KINDS[row.kind].label)


def _subject(row) -> str:
    return reverse(KINDS[row.kind].url_name, args=[row.subject_id])


def _is_late(row, today) -> bool:
    return row.state == DeadlineState.PASSED or (row.state == DeadlineState.OPEN and row.due_on < today)


def _with_lateness(request, rows):
    today, rows = business_date(clock(request)), list(rows)
    for row in rows:
        row.is_late = _is_late(row, today)
        row.days_late = (today - row.due_on).days if row.is_late else None
    return rows


def _due_badges(row) -> list:
    badges = [("yellow", _("暂定"))] if row.is_provisional else []
    if row.is_late:
        badges.append(("red", _("已超 %(days)s 日") % {"days": row.days_late}))
    return badges


DEADLINES = Table(
    key="deadlines.deadlines",
    url_name="deadlines:deadlines",
    section=_("工作台"),
    title=_("时限"),
    rows=lambda request: queries.deadlines_visible_to(request.actor),
    present=_with_lateness,
    columns=(
        Column(_("环节"), _label, key="kind", below=lambda row: days_words(row.days, row.in_working_days)),
        Column(_("单据编号"), "number", "code", sort="number", link=_subject),
        Column(_("事由"), "about", "sentence"),
        Column(_("应办理方"), "owes.name", key="owes", sort="owes__name"),
        Column(_("等待方"), "awaits.name", key="awaits", sort="awaits__name"),
        Column(_("起算日"), "started_on", "day", sort="started_on"),
        Column(_("截止日"), "due_on", "day", sort="due_on", badges=_due_badges),
        Column(_("办理日"), "done_on", "day", sort="done_on"),
        Column(_("状态"), "state", "state"),
        Column(_("依据"), "basis", "sentence"),
    ),
    filters=DeadlineFilters,
    tabs="state",
    empty=Empty(_("没有时限"), _("下单、生成合同、验收之后，由谁在几日内办理下一步会显示在这里。")),
)


@page(readers.DEADLINES)
def deadlines(request):
    return list_page(request, DEADLINES)
