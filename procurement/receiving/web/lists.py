"""The lists of orders to send, of deliveries and acceptances: what each shows, is filtered and sorted by."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from procurement.contracts.web.lists import SECTION, is_hospital, is_other
from procurement.ordering.queries import orders
from procurement.ordering.web.lists import OrderDeskFilters, order_badges
from procurement.ordering.workflows import OrderState
from procurement.receiving.queries import deliveries, lateness
from procurement.receiving.queries.orders import orders_to_ship
from procurement.receiving.workflows import AcceptanceState, DeliveryState
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.scope.duties import same_person
from sunlight.web.lists import Button, Column, Empty, Table, to
from sunlight.web.lists.filters import Choice, Filters, Number, Since, State, Text, Until
from sunlight.web.pages import clock

GOODS_SECTION = _("收货")


def _sender(row) -> str:
    return (row.distributor or row.seller).name


def late_badges(row) -> list:
    """Since how many days what is missing is late, or how late it came."""
    if not row.days_late:
        return []
    words = _("逾期 %(n)s 日") if row.is_open else _("迟 %(n)s 日")
    return [("red" if row.is_open else "orange", words % {"n": row.days_late})]


def with_lateness(request, rows):
    """Orders that know by how much their delivery is late."""
    return lateness.delivery_lateness(request.actor, rows, business_date(clock(request)))


def _carrier(row):
    """Who delivers, or how that is settled."""
    if row.distributor:
        return row.distributor.name
    return _("由企业选定") if row.state == OrderState.PLACED else _("企业自行配送")


class OrderFilters(Filters):
    state = State(OrderState)
    q = Number("number", "plan_number", label=_("订单号或计划号"))
    party = Text("buyer__name", "seller__name", "distributor__name", label=_("机构名称"))
    urgent = Choice(
        [("1", _("紧急")), ("0", _("普通"))], {"1": Q(is_urgent=True), "0": Q(is_urgent=False)}, label=_("缓急")
    )
    late = Choice([("1", _("逾期未送达"))], label=_("期限"))
    since = Since("placed_at", label=_("下单日起"), moments=True)
    until = Until("placed_at", label=_("下单日止"), moments=True)

    def filter_queryset(self, rows):
        if self.form.cleaned_data.get("late"):
            rows = lateness.deliveries_late(rows, business_date(clock(self.request)))
        return super().filter_queryset(rows)


def _may_order(actor: Actor) -> bool:
    return actor.has(Role.HOSPITAL_BUYER)


def _no_orders(actor: Actor) -> Empty:
    if _may_order(actor):
        return Empty(_("没有订单"), _("从“下单”选择已签协议的产品。"), "procurement:order_new", _("下单"))
    return Empty(_("没有订单"), _("医院下单后会显示在这里。"))


ORDERS = Table(
    key="procurement.orders",
    url_name="procurement:orders",
    section=SECTION,
    title=_("订单"),
    rows=lambda request: orders.orders_visible_to(request.actor).order_by("-id"),
    present=with_lateness,
    columns=(
        Column(
            _("订单号"),
            "number",
            "code",
            sort="number",
            link=to("procurement:order"),
            badges=order_badges,
            below=lambda row: _("计划") + f" {row.plan_number}" if row.plan_number else "",
        ),
        Column(_("下单时间"), "placed_at", "moment", sort="placed_at"),
        Column(_("生产企业"), "seller.name", key="seller", sort="seller__name", only=is_hospital),
        Column(_("医疗机构"), "buyer.name", key="buyer", sort="buyer__name", only=is_other),
        Column(_("配送企业"), _carrier, key="distributor", sort="distributor__name"),
        Column(_("金额（元）"), "amount_fen", "yuan", sort="amount_fen"),
        Column(_("状态"), "state", "state"),
        Column(_("最迟到货"), "latest_arrival_on", "day", sort="latest_arrival_on"),
        Column(_("配送期限"), "delivery_due_at", "moment", sort="delivery_due_at", badges=late_badges),
    ),
    filters=OrderFilters,
    tabs="state",
    trace=("order", "id"),
    buttons=(Button(_("下单"), "procurement:order_new", primary=True, only=_may_order),),
    empty=_no_orders,
)


DELIVERY_DESK = Table(
    key="procurement.delivery_desk",
    url_name="procurement:delivery_desk",
    section=GOODS_SECTION,
    title=_("待发货"),
    rows=lambda request: orders_to_ship(request.actor),
    present=with_lateness,
    columns=(
        Column(
            _("订单号"),
            "number",
            "code",
            sort="number",
            link=to("procurement:order"),
            badges=lambda row: order_badges(row) + ([] if row.several_deliveries else [("secondary", _("一次送齐"))]),
        ),
        Column(_("医疗机构"), "buyer.name", key="buyer", sort="buyer__name"),
        Column(_("生产企业"), "seller.name", key="seller", sort="seller__name"),
        Column(_("金额（元）"), "amount_fen", "yuan", sort="amount_fen"),
        Column(_("配送期限"), "delivery_due_at", "moment", sort="delivery_due_at", badges=late_badges),
    ),
    filters=OrderDeskFilters,
    trace=("order", "id"),
    actions="procurement/_dispatch_button.html",
    buttons=(Button(_("全部配送单"), "procurement:deliveries"),),
    empty=Empty(_("没有待发货的订单"), _("生产企业确认订单并由本企业配送后，会出现在这里。")),
)


class _AnyNumber(Number):
    """A delivery by whatever number it bears."""

    def filter(self, rows, value):
        return deliveries.by_any_number(rows, value) if value else rows


class DeliveryFilters(Filters):
    state = State(DeliveryState)
    late = Choice([("1", _("逾期未验收"))], label=_("期限"))
    q = _AnyNumber(label=_("配送单、随货单、运单或订单号"))
    party = Text("buyer__name", "seller__name", "distributor__name", label=_("机构名称"))
    since = Since("dispatched_at", label=_("发货日起"), moments=True)
    until = Until("dispatched_at", label=_("发货日止"), moments=True)

    def filter_queryset(self, rows):
        if self.form.cleaned_data.get("late"):
            rows = lateness.acceptances_late(rows, business_date(clock(self.request)))
        return super().filter_queryset(rows)


def _with_acceptance(request, rows):
    """Deliveries that know by when they are to be accepted, and by how much that is late."""
    found = lateness.acceptance_lateness(request.actor, rows, business_date(clock(request)))
    for row in found:
        row.ordered_by_actor = same_person(request.actor, row.order.placed_by)
    return found


DELIVERIES = Table(
    key="procurement.deliveries",
    url_name="procurement:deliveries",
    section=GOODS_SECTION,
    title=_("配送单"),
    rows=lambda request: deliveries.deliveries_visible_to(request.actor).order_by("-id"),
    present=_with_acceptance,
    columns=(
        Column(
            _("配送单号"),
            "number",
            "code",
            sort="number",
            link=to("procurement:delivery"),
            below=lambda row: _("随货单") + f" {row.note_number}" if row.note_number else "",
        ),
        Column(_("订单号"), "order.number", "code", key="order", link=to("procurement:order", "order_id")),
        Column(_("医疗机构"), "buyer.name", key="buyer", sort="buyer__name"),
        Column(_("发货方"), _sender, key="sender"),
        Column(_("发货时间"), "dispatched_at", "moment", sort="dispatched_at"),
        Column(_("预计到货"), "expected_on", "day", sort="expected_on"),
        Column(_("最迟验收日"), "day", "day", badges=late_badges),
        Column(_("状态"), "state", "state"),
    ),
    filters=DeliveryFilters,
    tabs="state",
    trace=("delivery", "id"),
    empty=lambda actor: Empty(
        _("没有配送单"),
        _("发货后会显示在这里。"),
        "procurement:delivery_desk",
        _("待发货"),
        only=lambda actor: actor.has(Role.SUPPLIER_SHIPPER),
    ),
)


class ReceivingFilters(Filters):
    q = _AnyNumber(label=_("单号"))


RECEIVING = Table(
    key="procurement.receiving",
    url_name="procurement:receiving",
    section=GOODS_SECTION,
    title=_("收货验收"),
    rows=lambda request: deliveries.deliveries_on_the_way(request.actor),
    present=_with_acceptance,
    columns=(
        Column(
            _("配送单号"),
            "number",
            "code",
            sort="number",
            link=to("procurement:delivery"),
            below=lambda row: _("随货单") + f" {row.note_number}" if row.note_number else "",
        ),
        Column(
            _("订单号"),
            "order.number",
            "code",
            key="order",
            link=to("procurement:order", "order_id"),
            badges=lambda row: order_badges(row.order),
        ),
        Column(_("发货方"), _sender, key="sender"),
        Column(_("发货时间"), "dispatched_at", "moment", sort="dispatched_at"),
        Column(_("预计到货"), "expected_on", "day", sort="expected_on"),
        Column(_("请于此日前验收"), "day", "day", badges=late_badges),
    ),
    filters=ReceivingFilters,
    actions="procurement/_receive_button.html",
    filter_form=False,
    empty=Empty(_("没有在途的配送单"), _("配送企业发货后会出现在这里。")),
    views=False,
)


class AcceptanceFilters(Filters):
    state = State(AcceptanceState)
    q = Number("number", "delivery__number", "delivery__order__number", label=_("验收单、配送单或订单号"))
    party = Text("buyer__name", "seller__name", "distributor__name", label=_("机构名称"))
    since = Since("accepted_on", label=_("验收日起"))
    until = Until("accepted_on", label=_("验收日止"))


ACCEPTANCES = Table(
    key="procurement.acceptances",
    url_name="procurement:acceptances",
    section=GOODS_SECTION,
    title=_("验收单"),
    rows=lambda request: deliveries.acceptances_visible_to(request.actor).order_by("-id"),
    columns=(
        Column(_("验收单号"), "number", "code", sort="number", link=to("procurement:acceptance")),
        Column(
            _("订单号"), "delivery.order.number", "code", key="order", link=to("procurement:order", "delivery.order_id")
        ),
        Column(_("医疗机构"), "buyer.name", key="buyer", sort="buyer__name"),
        Column(_("发货方"), _sender, key="sender"),
        Column(_("到货日"), "arrived_on", "day", sort="arrived_on"),
        Column(_("验收日"), "accepted_on", "day", sort="accepted_on"),
        Column(_("状态"), "state", "state"),
    ),
    filters=AcceptanceFilters,
    tabs="state",
    trace=("acceptance", "id"),
    buttons=(
        Button(_("收货验收"), "procurement:receiving", primary=True, only=lambda a: a.has(Role.HOSPITAL_RECEIVER)),
    ),
    empty=Empty(_("没有验收单"), _("医院验收后会显示在这里。")),
)
