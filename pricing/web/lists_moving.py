"""The lists of reference prices and of price notices: what each shows, is filtered and sorted by."""

from django.utils.translation import gettext_lazy as _

from pricing.queries.notices import notices_visible_to
from pricing.queries.references import references_visible_to
from pricing.rules.linked import GROUNDS
from pricing.web.lists import SECTION
from pricing.workflows import NoticeState, ReferenceState
from sunlight.scope import Role
from sunlight.web.lists import Button, Column, Empty, Table, to
from sunlight.web.lists.filters import Filters, Since, State, Text, Until


class ReferenceFilters(Filters):
    state = State(ReferenceState)
    q = Text("number", "price_group__name", "price_group__generic_code", label=_("编号、产品或 20 位码"))
    party = Text("price_group__manufacturer__name", label=_("生产企业"))
    since = Since("collected_at", label=_("采集日起"), moments=True)
    until = Until("collected_at", label=_("采集日止"), moments=True)


REFERENCES = Table(
    key="pricing.references",
    url_name="pricing:references",
    section=SECTION,
    title=_("挂网参考价"),
    rows=lambda request: references_visible_to(request.actor),
    columns=(
        Column(_("采集编号"), "number", "code", sort="number", link=to("pricing:reference")),
        Column(_("产品"), "price_group.name", key="product", sort="price_group__name"),
        Column(_("生产企业"), "price_group.manufacturer.name", key="maker", sort="price_group__manufacturer__name"),
        Column(_("参考价（元）"), "price", "price", sort="price"),
        Column(_("最低价来源"), "source", "sentence"),
        Column(_("地区"), "region.name", key="region"),
        Column(_("采集时间"), "collected_at", "moment", sort="collected_at"),
        Column(_("生效日"), "valid_from", "day", sort="valid_from"),
        Column(_("截止日"), "valid_to", "day"),
        Column(_("状态"), "state", "state"),
    ),
    filters=ReferenceFilters,
    tabs="state",
    trace=("reference_price", "id"),
    buttons=(
        Button(
            _("采集全国最低价"),
            "pricing:reference_new",
            primary=True,
            only=lambda actor: actor.has(Role.OPERATOR_CONFIRMER),
        ),
    ),
    empty=Empty(_("没有挂网参考价"), _("运营机构采集全国最低价并公示无异议后，参考价会显示在这里。")),
)


class NoticeFilters(Filters):
    state = State(NoticeState)
    q = Text("number", "price_group__name", "price_group__generic_code", label=_("编号、产品或 20 位码"))
    party = Text("manufacturer__name", label=_("生产企业"))
    since = Since("opened_at", label=_("公示日起"), moments=True)
    until = Until("opened_at", label=_("公示日止"), moments=True)


NOTICES = Table(
    key="pricing.notices",
    url_name="pricing:notices",
    section=SECTION,
    title=_("挂网价调整公告"),
    rows=lambda request: notices_visible_to(request.actor),
    columns=(
        Column(_("公告编号"), "number", "code", sort="number", link=to("pricing:notice")),
        Column(_("产品"), "price_group.name", key="product", sort="price_group__name"),
        Column(_("生产企业"), "manufacturer.name", key="maker", sort="manufacturer__name"),
        Column(_("原挂网价（元）"), "old_price", "price", sort="old_price"),
        Column(_("新挂网价（元）"), "new_price", "price", sort="new_price"),
        Column(_("依据"), lambda row: GROUNDS[row.ground], key="ground"),
        Column(_("条款"), "clause", "code"),
        Column(_("公示时间"), "opened_at", "moment", sort="opened_at"),
        Column(_("生效日"), "effective_on", "day", sort="effective_on"),
        Column(_("状态"), "state", "state"),
    ),
    filters=NoticeFilters,
    tabs="state",
    trace=("price_notice", "id"),
    empty=Empty(_("没有挂网价调整公告"), _("挂网价按规定联动下调时，公示与生效的公告会显示在这里。")),
)
