"""The lists of the catalogue: what each shows, is filtered and sorted by."""

from django.db.models import Q
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from catalog.queries.listings import listings_visible_to, specification_counts
from catalog.workflows import ListingState
from sunlight.scope import Actor, Role
from sunlight.scope.roles import OrganisationKind
from sunlight.sheets.queries import runs_visible_to
from sunlight.web.lists import Button, Column, Empty, Table, to
from sunlight.web.lists.filters import Choice, Filters, Since, State, Text, Until

SECTION = _("目录与挂网")
KINDS = {
    "catalog.full": _("全量规格型号信息"),
    "catalog.disabled": _("停用表"),
    "catalog.transcode": _("转码表"),
    "catalog.release": _("尚未识别"),
}


def _is_maker(actor: Actor) -> bool:
    return actor.kind == OrganisationKind.SUPPLIER


def _may_apply(actor: Actor) -> bool:
    return actor.has(Role.SUPPLIER_LISTER)


def _with_counts(request, rows):
    """Listings that know how many specifications they have."""
    rows = list(rows)
    counts = specification_counts([row.id for row in rows])
    for row in rows:
        row.specification_count = counts.get(row.id, 0)
    return rows


class ListingFilters(Filters):
    state = State(ListingState)
    q = Text(
        "number",
        "price_group__name",
        "price_group__generic_code",
        "price_group__certificate__number",
        label=_("编号、产品、20 位码或注册证号"),
    )
    party = Text("manufacturer__name", label=_("企业"))
    since = Since("listed_on", label=_("挂网日起"))
    until = Until("listed_on", label=_("挂网日止"))


def _no_listings(actor: Actor) -> Empty:
    if _may_apply(actor):
        hint = _("从国家目录中选择本企业的产品，填写价格与注册证有效期，签署承诺后提交审核。")
        return Empty(_("这里还没有挂网记录"), hint, "catalog:products", _("申请挂网"))
    return Empty(_("这里还没有挂网记录"), _("企业提交挂网申请后会出现在这里。"))


def _why_rejected(row) -> str:
    if row.state != ListingState.REJECTED:
        return ""
    return format_html('<span lang="zh">{}</span>', Truncator(row.review_note).chars(40))


LISTINGS = Table(
    key="catalog.listings",
    url_name="catalog:listings",
    section=SECTION,
    title=lambda actor: _("我的挂网") if _is_maker(actor) else _("挂网产品"),
    rows=lambda request: listings_visible_to(request.actor),
    present=_with_counts,
    columns=(
        Column(_("编号"), "number", "code", sort="number", link=to("catalog:listing")),
        Column(_("产品"), "price_group.name", key="product", sort="price_group__name"),
        Column(_("20 位码"), "price_group.generic_code", "code", key="generic_code", sort="price_group__generic_code"),
        Column(_("企业"), "manufacturer.name", key="maker", sort="manufacturer__name", only=lambda a: not _is_maker(a)),
        Column(_("注册备案号"), "price_group.certificate.number", key="certificate"),
        Column(_("申报价（元）"), "declared_price", "price", sort="declared_price"),
        Column(_("单位"), "price_group.pricing_unit", key="unit"),
        Column(_("规格数"), "specification_count", "count"),
        Column(
            _("状态"),
            "state",
            "state",
            below=_why_rejected,
        ),
        Column(_("挂网日"), "listed_on", "day", sort="listed_on"),
    ),
    filters=ListingFilters,
    tabs="state",
    trace=("listing", "id"),
    page_size=20,
    buttons=(Button(_("申请挂网"), "catalog:products", primary=True, only=_may_apply),),
    empty=_no_listings,
)


class ReleaseFilters(Filters):
    kind = Choice(tuple(KINDS.items()), {kind: Q(kind=kind) for kind in KINDS}, label=_("内容"))
    q = Text("file__name", label=_("文件名"))
    since = Since("started_at", label=_("日期起"), moments=True)
    until = Until("started_at", label=_("日期止"), moments=True)


RELEASES = Table(
    key="catalog.releases",
    url_name="catalog:releases",
    section=SECTION,
    title=_("导入国家目录"),
    rows=lambda request: runs_visible_to(request.actor, *KINDS),
    columns=(
        Column(_("时间"), "started_at", "moment", sort="started_at"),
        Column(_("文件"), "file.name", key="file", link=to("imports:run")),
        Column(_("内容"), lambda row: KINDS[row.kind], key="kind"),
        Column(_("共"), "rows_total", "count", sort="rows_total"),
        Column(_("采用"), "rows_taken", "count", sort="rows_taken"),
        Column(_("一致"), "rows_unchanged", "count", sort="rows_unchanged"),
        Column(_("拒收"), "rows_refused", "count", sort="rows_refused"),
    ),
    filters=ReleaseFilters,
    tabs="kind",
    page_size=20,
    empty=Empty(_("还没有导入过目录"), _("先上传全量规格型号信息，再上传停用表和转码表。")),
)


PRODUCTS = Table(
    key="catalog.products",
    url_name="catalog:products",
    section=SECTION,
    title=_("申请挂网：选择产品"),
    rows=None,
    columns=(
        Column(_("产品"), "product_name"),
        Column(_("20 位码"), "product", "code"),
        Column(_("注册备案号"), "registration_number"),
        Column(_("生产企业"), "producer_name"),
        Column(_("规格数"), "specifications", "count"),
    ),
    keeps=("q",),
    actions="catalog/_apply.html",
    page_size=20,
    views=False,
    empty=Empty(
        _("没有找到本企业的产品"),
        _("换一个词再试；如国家目录中企业名称与登记名称不同（例如进口产品总代理），请联系运营机构登记。"),
    ),
)
