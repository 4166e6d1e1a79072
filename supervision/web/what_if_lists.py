"""The lists of 政策试算: drafts, runs, what a run changed, and its sums."""

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from sunlight.web.lists import Button, Column, Empty, Table, to
from sunlight.web.lists.filters import Choice, Filters, Text
from supervision.queries.what_if import drafts, runs
from supervision.rules.what_if.kinds import SIDES, Kind
from supervision.services.what_if.drafts import DRAFTING
from supervision.web.lists import SECTION, trace_url


def _drafts_for(actor) -> bool:
    return actor.has(*DRAFTING)


POLICY_DRAFTS = Table(
    key="supervision.policy_drafts",
    url_name="supervision:policy_drafts",
    section=SECTION,
    title=_("政策草案"),
    rows=lambda request: drafts.drafts_visible_to(request.actor),
    columns=(
        Column(_("代号"), "code", "code", sort="code", link=to("supervision:policy_draft")),
        Column(_("名称"), "title", "sentence", sort="title"),
        Column(_("修改项数"), lambda row: len(row.edits), "count", key="edits"),
        Column(_("编制"), "made_by_name", sort="made_by_name"),
        Column(_("最近修改"), "changed_at", "moment", sort="changed_at"),
    ),
    views=False,
    empty=Empty(_("还没有政策草案"), _("在下面新建一份：给它代号和名称，再选择要改的参数或日期。")),
)

WHAT_IFS = Table(
    key="supervision.what_ifs",
    url_name="supervision:what_ifs",
    section=SECTION,
    title=_("政策试算"),
    rows=lambda request: runs.runs_visible_to(request.actor),
    columns=(
        Column(_("发起"), "started_at", "moment", sort="started_at", link=to("supervision:what_if")),
        Column(_("草案"), lambda row: " / ".join(row.titles), "sentence", key="titles"),
        Column(_("地区"), "region.name", sort="region__name"),
        Column(_("期间起"), "since", "day", sort="since"),
        Column(_("期间止"), "until", "day", sort="until"),
        Column(_("完成"), "finished_at", "moment", sort="finished_at"),
        Column(_("发起人"), "started_by_name", sort="started_by_name"),
    ),
    buttons=(
        Button(_("政策草案"), "supervision:policy_drafts", primary=True),
        Button(_("规则试算"), "supervision:rules"),
    ),
    views=False,
    empty=Empty(
        _("还没有政策试算"),
        _("先编制一份草案，再选择期间和地区，看它会怎样改变已经发生的交易。"),
        "supervision:policy_drafts",
        _("政策草案"),
        only=_drafts_for,
    ),
)

_SIDES = [(str(number), name) for number, name in enumerate(SIDES)]
_KINDS = [(str(kind), _(kind.label)) for kind in Kind]


class ChangeFilters(Filters):
    kind = Choice(_KINDS, {str(kind): Q(kind=kind) for kind in Kind}, label=_("变化"))
    side = Choice(_SIDES, {key: Q(side=key) for key, _name in _SIDES}, label=_("草案"))
    q = Text("buyer__name", "seller__name", "price_group__name", "after", label=_("机构、产品或说明"))


def _side(row) -> str:
    return SIDES[row.side]


def _kind(row):
    return _(Kind(row.kind).label)


def _changes(request, rows):
    rows = list(rows)
    for row in rows:
        is_seen = not row.is_refusal
        row.trace_url = trace_url(request.actor, row.subject_type, row.subject_id) if is_seen else _refusal(row)
    return rows


def _refusal(row) -> str:
    return f"{reverse('supervision:refusals')}?since={row.day}&until={row.day}"


WHAT_IF_CHANGES = Table(
    key="supervision.what_if_changes",
    url_name="supervision:what_if_changes",
    section=SECTION,
    title=_("受影响的记录"),
    rows=None,
    arguments=lambda request: [request.resolver_match.kwargs["run_id"]],
    columns=(
        Column(_("草案"), _side, key="side", sort="side"),
        Column(_("日期"), "day", "day", sort="day", link=lambda row: row.trace_url),
        Column(_("变化"), _kind, key="kind", sort="kind"),
        Column(_("医疗机构"), "buyer.name", key="buyer", sort="buyer__name"),
        Column(_("供应企业"), "seller.name", key="seller", sort="seller__name"),
        Column(_("产品"), "price_group.name", key="product", sort="price_group__name"),
        Column(_("条款"), lambda row: "、".join(row.clauses), "code", key="clauses"),
        Column(_("当时"), "before", "sentence"),
        Column(_("草案之下"), "after", "sentence"),
        Column(_("金额（元）"), "fen", "yuan", sort="fen"),
        Column(_("节约（元）"), "saved_fen", "yuan", sort="saved_fen"),
        Column(_("天数"), "days", "count", sort="days"),
    ),
    present=_changes,
    filters=ChangeFilters,
    views=False,
    empty=Empty(_("没有受影响的记录"), _("草案没有改变这一期间的任何一笔，或还没有算到。")),
)


def _named(request, rows):
    rows = list(rows)
    names = runs.names_of(request.resolver_match.kwargs["dimension"], {row.key for row in rows})
    for row in rows:
        row.name = names.get(row.key, row.key) or _("未注明")
    return rows


WHAT_IF_SUMS = Table(
    key="supervision.what_if_sums",
    url_name="supervision:what_if_sums",
    section=SECTION,
    title=_("试算汇总"),
    rows=None,
    arguments=lambda request: [request.resolver_match.kwargs[name] for name in ("run_id", "dimension")],
    columns=(
        Column(_("项目"), "name", "sentence", key="key", sort="key"),
        Column(_("草案"), _side, key="side", sort="side"),
        Column(_("变化"), _kind, key="kind", sort="kind"),
        Column(_("笔数"), "count", "count", sort="count"),
        Column(_("金额（元）"), "fen", "yuan", sort="fen"),
        Column(_("节约（元）"), "saved_fen", "yuan", sort="saved_fen"),
        Column(_("天数合计"), "days", "count", sort="days"),
    ),
    present=_named,
    views=False,
    empty=Empty(_("没有受影响的记录"), _("草案没有改变这一期间的任何一笔，或还没有算到。")),
)
