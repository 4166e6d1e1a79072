"""The lists of supervision: what each shows, is filtered and sorted by."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from sunlight.web.lists import Column, Empty, Table
from sunlight.web.lists.filters import Filters, Since, Text, Until
from supervision.queries import trace

SECTION = _("监管")
ASKED = ("from", "to", "region", "hospital", "supplier")
OTHER_VIEW = _("请换一个期间、地区或机构。")


class RefusalFilters(Filters):
    q = Text("message", label=_("说明中的文字"))
    party = Text("actor_organisation_name", "actor_name", label=_("机构或人员"))
    since = Since("occurred_at", label=_("日期起"), moments=True)
    until = Until("occurred_at", label=_("日期止"), moments=True)


def _clauses(row) -> str:
    """The clauses a refusal rests on, each once."""
    return "、".join(dict.fromkeys(reason["clause"] for reason in row.reasons if reason.get("clause")))


def _subject_word(row) -> str:
    return trace.SUBJECTS.get(row.subject_type, "") if row.subject_id else ""


def _subject(row) -> str:
    return reverse("supervision:trace", args=[row.subject_type, row.subject_id]) if _subject_word(row) else ""


REFUSALS = Table(
    key="supervision.refusals",
    url_name="supervision:refusals",
    section=SECTION,
    title=_("未予受理记录"),
    rows=lambda request: trace.refusals_visible_to(request.actor),
    columns=(
        Column(_("时间"), "occurred_at", "moment", sort="occurred_at"),
        Column(_("机构"), "actor_organisation_name", sort="actor_organisation_name", below="actor_name"),
        Column(_("说明"), "message"),
        Column(_("依据"), _clauses, key="clauses", cell="supervision/_refusal_clauses.html"),
        Column(_("单据"), _subject_word, key="subject", link=_subject),
    ),
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
        Column(_("单据"), "number", "code", link=lambda row: reverse("supervision:trace", args=row.trace)),
        Column(_("医疗机构"), "buyer.name", key="buyer", sort="buyer__name"),
        Column(_("供应企业"), "seller.name", key="seller", sort="seller__name"),
        Column(_("金额（元）"), "fen", "yuan", sort="fen"),
    ),
    page_size=30,
    views=False,
    empty=Empty(_("这一期间没有这样的单据"), OTHER_VIEW),
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
        Column(_("说明"), "message"),
    ),
    page_size=30,
    views=False,
    empty=Empty(_("这一期间没有这样的操作"), OTHER_VIEW),
)
