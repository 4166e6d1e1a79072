"""The lists of supervision: what each shows, is filtered and sorted by."""

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from sunlight.scope import Actor
from sunlight.web.lists import Column, Empty, Table, to
from sunlight.web.lists.filters import Choice, Filters, Since, State, Text, Until
from supervision.queries import journal_checks, matters, trace
from supervision.queries.refusals import refusals_visible_to
from supervision.workflows import FindingState

SECTION = _("监管")
ASKED = ("from", "to", "region", "hospital", "supplier")
OTHER_VIEW = _("请换一个期间、地区或机构。")


class RefusalFilters(Filters):
    q = Text("message", label=_("说明中的文字"))
    party = Text("actor_organisation_name", "actor_name", label=_("机构或人员"))
    since = Since("occurred_at", label=_("日期起"), moments=True)
    until = Until("occurred_at", label=_("日期止"), moments=True)


def _refusing(row) -> list[dict]:
    """The reasons a refusal rests on: not those that say what was kept to."""
    return [each for each in row.reasons if each.get("clause") and each.get("effect", "refuse") != "info"]


def _clauses(row) -> str:
    """The clauses a refusal rests on, each once."""
    return str(_("、")).join(dict.fromkeys(reason["clause"] for reason in _refusing(row)))


def _subject_word(row) -> str:
    return trace.traced().get(row.subject_type, "") if row.subject_id else ""


def trace_url(actor: Actor, subject_type: str, subject_id: int | None) -> str:
    """Where a row's trace is; "" for who may not read it."""
    may = subject_id is not None and trace.may_trace(actor, subject_type)
    return reverse("supervision:trace", args=[subject_type, subject_id]) if may else ""


def _with_traces(request, rows):
    rows = list(rows)
    for row in rows:
        row.trace_url = trace_url(request.actor, row.subject_type, row.subject_id)
    return rows


REFUSALS = Table(
    key="supervision.refusals",
    url_name="supervision:refusals",
    section=SECTION,
    title=_("未予受理记录"),
    rows=lambda request: refusals_visible_to(request.actor),
    columns=(
        Column(_("时间"), "occurred_at", "moment", sort="occurred_at"),
        Column(_("机构"), "actor_organisation_name", sort="actor_organisation_name", below="actor_name"),
        Column(_("说明"), "message", "sentence"),
        Column(_("依据"), _clauses, key="clauses", cell="supervision/_refusal_clauses.html"),
        Column(_("单据"), _subject_word, key="subject", link=lambda row: row.trace_url),
    ),
    present=_with_traces,
    filters=RefusalFilters,
    page_size=30,
    empty=Empty(_("还没有未予受理的操作"), _("被规则或状态拒绝的操作会连同理由和依据记录在这里。")),
)

FIGURE_ROWS = Table(
    key="supervision.figure_rows",
    url_name="supervision:figure_rows",
    section=SECTION,
    title=_("明细"),
    rows=None,
    arguments=lambda request: [request.resolver_match.kwargs["figure"]],
    keeps=ASKED,
    columns=(
        Column(_("日期"), "day", "day", sort="day"),
        Column(_("单据"), "number", "code", link=lambda row: row.trace_url),
        Column(_("医疗机构"), "buyer.name", key="buyer", sort="buyer__name"),
        Column(_("供应企业"), "seller.name", key="seller", sort="seller__name"),
        Column(_("金额（元）"), "fen", "yuan", sort="fen"),
    ),
    page_size=30,
    views=False,
    empty=Empty(_("这一期间没有这样的单据"), OTHER_VIEW),
)


class LateFilters(Filters):
    party = Text("buyer__name", "seller__name", "distributor__name", label=_("机构名称"))
    since = Since("day", label=_("期限起"))
    until = Until("day", label=_("期限止"))


LATE_ROWS = Table(
    key="supervision.late_rows",
    url_name="supervision:late_rows",
    section=SECTION,
    title=_("逾期"),
    rows=None,
    arguments=lambda request: [request.resolver_match.kwargs["matter"]],
    keeps=ASKED,
    columns=(
        Column(_("期限"), "day", "day", sort="day"),
        Column(_("逾期天数"), "days_late", "count", sort="days_late"),
        Column(_("单据"), "what", "code", sort="what", link=lambda row: row.trace_url),
        Column(_("医疗机构"), "buyer.name", key="buyer", sort="buyer__name"),
        Column(_("生产企业"), "seller.name", key="seller", sort="seller__name"),
        Column(
            _("配送企业"),
            lambda row: row.distributor.name if row.distributor else _("企业自行配送"),
            key="distributor",
            sort="distributor__name",
        ),
        Column(_("所欠金额（元）"), "missing_fen", "yuan", sort="missing_fen"),
        Column(_("程度"), lambda row: _(row.degree) if row.degree else "—", key="degree"),
        Column(_("可采取的下一步"), lambda row: _(row.step) if row.step else "—", key="step"),
    ),
    filters=LateFilters,
    page_size=30,
    views=False,
    empty=Empty(_("没有逾期"), _("过了期限还没有办完的会列在这里，办完后自动移出。")),
)

CLAUSE_REFUSALS = Table(
    key="supervision.clause_refusals",
    url_name="supervision:clause_refusals",
    section=SECTION,
    title=_("未予受理的操作"),
    rows=None,
    arguments=lambda request: [request.resolver_match.kwargs["clause_id"]],
    keeps=ASKED,
    columns=(
        Column(_("时间"), "occurred_at", "moment", sort="occurred_at"),
        Column(_("机构"), "actor_organisation_name", sort="actor_organisation_name"),
        Column(_("说明"), "message", "sentence"),
    ),
    page_size=30,
    views=False,
    empty=Empty(_("这一期间没有这样的操作"), OTHER_VIEW),
)

MATTER_ROWS = Table(
    key="supervision.matter_rows",
    url_name="supervision:matter",
    section=SECTION,
    title=_("待核查事项"),
    rows=None,
    arguments=lambda request: [request.resolver_match.kwargs["matter"]],
    columns=(
        Column(_("日期"), "day", "day", sort="day", cell="supervision/_matter_day.html"),
        Column(_("单据"), "what", "code", sort="what"),
        Column(_("医疗机构"), "buyer.name", key="buyer", sort="buyer__name"),
        Column(_("供应企业"), "seller.name", key="seller", sort="seller__name"),
        Column(_("所欠金额（元）"), "missing_fen", "yuan", sort="missing_fen"),
    ),
    actions="supervision/_look_into.html",
    page_size=30,
    views=False,
    empty=Empty(
        _("没有待核查的事项"),
        _("出现新的事项时会列在这里，并成为工作台上的待办。已核查的见核查记录。"),
        "supervision:findings",
        _("核查记录"),
    ),
)


class FindingFilters(Filters):
    state = State(FindingState)
    matter = Choice(
        [(key, _(each.label)) for key, each in matters.MATTERS.items()],
        {key: Q(matter=key) for key in matters.MATTERS},
        label=_("事项"),
    )
    q = Text("number", "about", "note", label=_("单据、机构或核查情况"))
    since = Since("noted_at", label=_("核查日起"), moments=True)
    until = Until("noted_at", label=_("核查日止"), moments=True)


FINDINGS = Table(
    key="supervision.findings",
    url_name="supervision:findings",
    section=SECTION,
    title=_("核查记录"),
    rows=lambda request: matters.findings_visible_to(request.actor),
    columns=(
        Column(
            _("核查时间"), "noted_at", "moment", sort="noted_at", link=to("supervision:finding"), below="noted_by_name"
        ),
        Column(
            _("事项"), lambda row: _(matters.MATTERS[row.matter].label), key="matter", sort="matter", below="number"
        ),
        Column(_("对象"), "about", "sentence"),
        Column(_("结论"), lambda row: _(row.get_conclusion_display()), key="conclusion", sort="conclusion"),
        Column(_("核查情况"), "note", "sentence"),
        Column(_("复查日"), "follow_up_on", "day", sort="follow_up_on"),
        Column(_("状态"), "state", "state"),
    ),
    filters=FindingFilters,
    tabs="state",
    trace=("finding", "id"),
    page_size=30,
    empty=Empty(
        _("还没有核查记录"), _("在待核查事项中选择一项，查明情况后记录结论。"), "supervision:matters", _("待核查事项")
    ),
)

JOURNAL_CHECKS = Table(
    key="supervision.journal_checks",
    url_name="supervision:journal_checks",
    section=SECTION,
    title=_("日志核验"),
    rows=lambda request: journal_checks.checks_visible_to(request.actor),
    columns=(
        Column(
            _("核验时间"),
            "checked_at",
            "moment",
            sort="checked_at",
            link=to("supervision:journal_check"),
            below="checked_by_name",
        ),
        Column(_("封存条数"), "sealed", "count", sort="sealed"),
        Column(_("问题"), "fault_count", "count", sort="fault_count"),
        Column(_("封存点"), lambda row: f"{row.head_sequence}:{row.head_hash[:16]}…", "code", key="head"),
    ),
    page_size=30,
    views=False,
    empty=Empty(_("还没有核验过日志"), _("点“开始核验”，从第一条封存记录读到最后一条，并与上次记录的封存点核对。")),
)
