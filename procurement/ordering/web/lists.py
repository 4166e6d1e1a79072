"""The lists of orders, of approvals and of distribution: what each shows, is filtered and sorted by."""

from django.utils.translation import gettext_lazy as _

from procurement.contracts.web.lists import SECTION
from procurement.ordering.queries import authorisations, orders
from procurement.ordering.workflows import AuthorisationState
from sunlight.approval import queries as approval
from sunlight.approval.workflows import ApprovalState
from sunlight.scope import Role
from sunlight.scope.clock import business_date
from sunlight.web.lists import Column, Empty, Table, Ticks, to
from sunlight.web.lists.filters import Filters, Number, State, Text
from sunlight.web.pages import clock


class AuthorisationFilters(Filters):
    state = State(AuthorisationState)
    party = Text("distributor__name", "manufacturer__name", label=_("企业名称"))
    q = Text("number", "price_group__name", "hospital__name", label=_("编号、产品或医院"))


def _scope_of(row) -> str:
    """What an authorisation is limited to, in words."""
    limits = [(_("产品："), row.price_group), (_("医院："), row.hospital), (_("地区："), row.region)]
    return str(_("；")).join(f"{label}{each.name}" for label, each in limits if each) or str(_("不限"))


def _authorisation_badges(row) -> list:
    ended = row.state == AuthorisationState.IN_FORCE and row.has_ended
    return [("secondary", _("已到期"))] if ended else []


def _with_end(request, rows):
    today, rows = business_date(clock(request)), list(rows)
    for row in rows:
        row.has_ended = row.valid_to < today
    return rows


AUTHORISATIONS = Table(
    key="procurement.authorisations",
    url_name="procurement:authorisations",
    section=SECTION,
    title=_("配送授权"),
    rows=lambda request: authorisations.authorisations_visible_to(request.actor).order_by("-id"),
    present=_with_end,
    columns=(
        Column(_("授权编号"), "number", "code", sort="number"),
        Column(
            _("生产企业"),
            "manufacturer.name",
            key="manufacturer",
            sort="manufacturer__name",
            only=lambda actor: not actor.has(Role.SUPPLIER_SELLER),
        ),
        Column(_("配送企业"), "distributor.name", key="distributor", sort="distributor__name"),
        Column(_("范围"), _scope_of, key="scope", badges=lambda row: [("blue", _("默认"))] if row.is_default else []),
        Column(_("开始"), "valid_from", "day", sort="valid_from"),
        Column(_("截止"), "valid_to", "day", sort="valid_to"),
        Column(_("状态"), "state", "state", badges=_authorisation_badges),
    ),
    filters=AuthorisationFilters,
    tabs="state",
    actions="procurement/_revoke.html",
    empty=lambda actor: Empty(
        _("没有配送授权"),
        _("没有授权时由本企业自行配送。请在右侧授权配送企业，可设一家默认。")
        if authorisations.is_manufacturer(actor)
        else _("生产企业授权后会显示在这里。"),
    ),
)


class ApprovalFilters(Filters):
    state = State(ApprovalState)
    q = Text("number", "asked_by_name", label=_("编号或提交人"))


APPROVALS = Table(
    key="procurement.approvals",
    url_name="procurement:approvals",
    section=SECTION,
    title=_("订单审批"),
    rows=lambda request: approval.requests_visible_to(request.actor),
    columns=(
        Column(_("编号"), "number", "code", sort="number", link=to("procurement:approval")),
        Column(_("事项"), "title"),
        Column(_("金额（元）"), "amount_fen", "yuan", sort="amount_fen"),
        Column(_("提交人"), "asked_by_name"),
        Column(_("提交时间"), "asked_at", "moment", sort="asked_at"),
        Column(_("状态"), "state", "state"),
    ),
    filters=ApprovalFilters,
    tabs="state",
    trace=("approval", "id"),
    empty=Empty(_("没有订单审批"), _("本单位管理员在“审批流程”中设置步骤与金额后，达到金额的订单会先到这里。")),
)


def order_badges(row) -> list:
    return [("red", _("紧急"))] if row.is_urgent else []


class OrderDeskFilters(Filters):
    q = Number("number", label=_("订单号"))
    party = Text("buyer__name", label=_("医疗机构"))


ORDER_DESK = Table(
    key="procurement.order_desk",
    url_name="procurement:order_desk",
    section=SECTION,
    title=_("待确认订单"),
    rows=lambda request: orders.orders_to_answer(request.actor).order_by("-is_urgent", "latest_arrival_on", "id"),
    columns=(
        Column(_("订单号"), "number", "code", sort="number", link=to("procurement:order"), badges=order_badges),
        Column(_("下单时间"), "placed_at", "moment", sort="placed_at"),
        Column(_("医疗机构"), "buyer.name", key="buyer", sort="buyer__name"),
        Column(_("金额（元）"), "amount_fen", "yuan", sort="amount_fen"),
        Column(_("最迟到货"), "latest_arrival_on", "day", sort="latest_arrival_on"),
    ),
    filters=OrderDeskFilters,
    trace=("order", "id"),
    ticks=Ticks("orders", "accept", "number"),
    empty=Empty(_("没有待确认的订单"), _("医院下单后会出现在这里。")),
)
