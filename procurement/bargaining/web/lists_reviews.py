"""The lists of price reviews, first deals and clearances: what each shows, is filtered and sorted by."""

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from procurement.bargaining.queries import clearances as clearance_queries
from procurement.bargaining.queries import reviews as queries
from procurement.bargaining.queries import watching
from procurement.bargaining.workflows import ClearanceState, PriceReviewState
from procurement.contracts.web.lists import SECTION, is_hospital, is_other
from sunlight.scope import Role
from sunlight.scope.clock import business_date
from sunlight.web.lists import Button, Column, Empty, Table, to
from sunlight.web.lists.filters import Filters, Since, State, Text, Until
from sunlight.web.pages import clock


class PriceReviewFilters(Filters):
    state = State(PriceReviewState)
    q = Text("number", "price_group__name", "price_group__generic_code", label=_("编号、产品或 20 位码"))
    party = Text("seller__name", "buyer__name", label=_("对方机构"))
    since = Since("requested_at", label=_("申请日起"), moments=True)
    until = Until("requested_at", label=_("申请日止"), moments=True)


PRICE_REVIEWS = Table(
    key="procurement.price_reviews",
    url_name="procurement:price_reviews",
    section=SECTION,
    title=_("价格审核"),
    rows=lambda request: queries.price_reviews_visible_to(request.actor),
    columns=(
        Column(_("审核编号"), "number", "code", sort="number", link=to("procurement:price_review", "id")),
        Column(_("申请时间"), "requested_at", "moment", sort="requested_at"),
        Column(_("产品"), "price_group.name", key="product", sort="price_group__name"),
        Column(_("生产企业"), "seller.name", key="seller", sort="seller__name", only=is_hospital),
        Column(_("医疗机构"), "buyer.name", key="buyer", sort="buyer__name", only=is_other),
        Column(_("价格（元）"), "price", "price", sort="price"),
        Column(_("状态"), "state", "state"),
        Column(_("申请理由"), "reason", "sentence"),
        Column(_("审核意见"), "decision_note", "sentence", key="note"),
    ),
    filters=PriceReviewFilters,
    tabs="state",
    trace=("price_review", "id"),
    empty=Empty(_("没有价格审核"), _("医疗机构对没有外省价格可比的产品申请审核后，会显示在这里。")),
)


def _hospitals(row: queries.FirstDealRow) -> str:
    return "、".join(
        _now("%(name)s（%(deals)s 笔，%(first)s 起）")
        % {"name": each.hospital.name, "deals": each.deals, "first": each.first}
        for each in row.bought
    )


def _standing(row: queries.FirstDealRow) -> str:
    return _now("受限") if row.answer.outcome["limited"] else _now("限制已解除")


def _missing(row: queries.FirstDealRow) -> str:
    """What is missing to end the limits, or that nothing is."""
    outcome = row.answer.outcome
    if not outcome["limited"]:
        return "—"
    words = [_now("还差 %(n)s 笔独立成交") % {"n": outcome["deals_missing"]}]
    if row.reviewed is None:
        words.append(_now("价格未经审核"))
    if outcome["hospitals_left"] == 0:
        words.append(_now("医疗机构名额已满"))
    if "months" in outcome["broken"]:
        words.append(_now("期限已过"))
    return "；".join(words)


class FirstDealFilters(Filters):
    q = Text("number", "price_group__name", "price_group__generic_code", label=_("编号、产品或 20 位码"))
    party = Text("manufacturer__name", label=_("生产企业"))


FIRST_DEALS = Table(
    key="procurement.first_deals",
    url_name="procurement:first_deals",
    section=SECTION,
    title=_("首批成交产品"),
    rows=lambda request: queries.incomparable_listings(request.actor, business_date(clock(request))),
    present=lambda request, rows: queries.first_deal_rows(request.actor, rows, business_date(clock(request))),
    columns=(
        Column(
            _("挂网编号"),
            "listing.number",
            "code",
            key="number",
            sort="number",
            link=to("catalog:listing", "listing.id"),
        ),
        Column(_("产品"), "listing.price_group.name", key="product", sort="price_group__name"),
        Column(_("生产企业"), "listing.manufacturer.name", key="seller", sort="manufacturer__name"),
        Column(_("限制"), _standing, key="standing"),
        Column(_("独立成交（笔）"), "answer.outcome.independent_deals", key="deals"),
        Column(_("审核通过的最高价（元）"), "reviewed", "price", key="reviewed"),
        Column(_("已成交医疗机构"), _hospitals, "sentence", key="hospitals"),
        Column(_("截止日"), "answer.outcome.open_until", "day", key="until"),
        Column(_("尚缺"), _missing, "sentence", key="missing"),
    ),
    filters=FirstDealFilters,
    empty=Empty(_("没有受首批成交限制的产品"), _("在挂产品都有外省价格可比，或今天没有文件限制首批成交。")),
)


class ClearanceFilters(Filters):
    state = State(ClearanceState)
    q = Text("number", "price_group__name", "price_group__generic_code", label=_("编号、产品或 20 位码"))
    party = Text("seller__name", "buyer__name", label=_("医疗机构或生产企业"))
    since = Since("proposed_at", label=_("提出日起"), moments=True)
    until = Until("proposed_at", label=_("提出日止"), moments=True)


CLEARANCES = Table(
    key="procurement.clearances",
    url_name="procurement:clearances",
    section=SECTION,
    title=_("拦截放行"),
    rows=lambda request: clearance_queries.clearances_visible_to(request.actor),
    present=lambda _request, rows: clearance_queries.clearance_rows(rows),
    columns=(
        Column(
            _("放行编号"),
            "clearance.number",
            "code",
            key="number",
            sort="number",
            link=to("procurement:clearance", "clearance.id"),
        ),
        Column(_("产品"), "clearance.price_group.name", key="product", sort="price_group__name"),
        Column(_("医疗机构"), "clearance.buyer.name", key="buyer", sort="buyer__name", only=is_other),
        Column(_("生产企业"), "clearance.seller.name", key="seller", sort="seller__name"),
        Column(_("最高价（元）"), "clearance.price", "price", key="price", sort="price"),
        Column(_("数量"), "quantity", key="quantity", sort="quantity"),
        Column(_("剩余数量"), "left_text", key="left"),
        Column(_("截止日"), "clearance.valid_to", "day", key="valid_to", sort="valid_to"),
        Column(_("状态"), "clearance.state", "state", key="state"),
        Column(_("理由"), "clearance.reason", "sentence", key="reason"),
    ),
    filters=ClearanceFilters,
    tabs="state",
    trace=("clearance", "clearance.id"),
    buttons=(
        Button(_("提出放行"), "procurement:clearance_new", primary=True, only=lambda a: a.has(Role.REGULATOR_OFFICER)),
    ),
    empty=Empty(_("没有放行"), _("监管部门放行的超预警线成交会显示在这里。")),
)


class BargainWatchFilters(Filters):
    q = Text("price_group__name", "price_group__generic_code", label=_("产品或 20 位码"))
    party = Text("buyer__name", "seller__name", label=_("医疗机构或生产企业"))


BARGAIN_WATCH = Table(
    key="procurement.bargain_watch",
    url_name="procurement:bargain_watch",
    section=SECTION,
    title=_("长期不议价"),
    rows=lambda request: watching.long_without(request.actor, business_date(clock(request))),
    present=lambda request, rows: watching.watch_rows(request.actor, rows, business_date(clock(request))),
    columns=(
        Column(_("医疗机构"), "deal.buyer.name", key="buyer", sort="buyer__name"),
        Column(_("产品"), "deal.price_group.name", key="product", sort="price_group__name"),
        Column(_("生产企业"), "deal.seller.name", key="seller", sort="seller__name"),
        Column(_("未议价天数"), "answer.outcome.days_without", key="days"),
        Column(_("未议价成交（笔）"), "answer.outcome.deals_without", key="deals"),
        Column(_("最近成交日"), "deal.occurred_on", "day", key="last", sort="occurred_on"),
        Column(_("最近成交价（元）"), "deal.price", "price", key="price", sort="price"),
        Column(_("重点监测"), lambda row: _now("是") if row.answer.outcome["focus"] else _now("否"), key="focus"),
    ),
    filters=BargainWatchFilters,
    empty=Empty(_("没有长期不议价"), _("长期按挂网价采购而未议价的医疗机构与产品会显示在这里。")),
)
