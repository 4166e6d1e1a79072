"""The lists of the reconciliation: its runs, and what they found."""

from django.utils.translation import gettext_lazy as _

from sunlight.reconciliation.queries import discrepancies as queries
from sunlight.reconciliation.workflows import DiscrepancyKind, DiscrepancyState
from sunlight.web.lists import Column, Empty, Table, to
from sunlight.web.lists.filters import Choice, Filters, Since, State, Text, Until

SECTION = _("监管")


class DiscrepancyFilters(Filters):
    state = State(DiscrepancyState)
    kind = Choice([(str(kind), _(kind.label)) for kind in DiscrepancyKind], label=_("种类"))
    q = Text("number", "row_name", label=_("事项编号或单据"))
    since = Since("found_at", label=_("发现日起"), moments=True)
    until = Until("found_at", label=_("发现日止"), moments=True)


DISCREPANCIES = Table(
    key="reconciliation.discrepancies",
    url_name="reconciliation:discrepancies",
    section=SECTION,
    title=_("对账差异"),
    rows=lambda request: queries.discrepancies_visible_to(request.actor),
    columns=(
        Column(_("事项"), "number", "code", sort="number", link=to("reconciliation:discrepancy")),
        Column(_("发现时间"), "found_at", "moment", sort="found_at"),
        Column(_("数据"), lambda row: queries.word_of(row.relation), "sentence", key="relation", below="row_name"),
        Column(_("差异"), lambda row: _(row.get_kind_display()), key="kind", sort="kind"),
        Column(_("状态"), "state", "state"),
    ),
    filters=DiscrepancyFilters,
    tabs="state",
    page_size=30,
    empty=Empty(
        _("没有发现差异"),
        _(
            "每晚把付款、应付款、发票、验收、订单、价格、合同、账户和账簿与封存的事件逐列核对，不一致的列在这里，并暂停付款。"
        ),
        "reconciliation:reconciliations",
        _("对账记录"),
    ),
)

RECONCILIATIONS = Table(
    key="reconciliation.reconciliations",
    url_name="reconciliation:reconciliations",
    section=SECTION,
    title=_("对账记录"),
    rows=lambda request: queries.reconciliations_visible_to(request.actor),
    columns=(
        Column(_("业务日"), "business_day", "day", sort="business_day", below="started_by_name"),
        Column(_("开始"), "started_at", "moment", sort="started_at"),
        Column(_("完成"), "finished_at", "moment", sort="finished_at"),
        Column(_("核对的数据"), "rows", "count", sort="rows"),
        Column(_("核对的版本"), "versions", "count", sort="versions"),
        Column(_("差异"), "differences", "count", sort="differences"),
    ),
    page_size=30,
    views=False,
    empty=Empty(_("还没有对账记录"), _("每晚自动核对一次；审计管理员也可以随时发起。")),
)
