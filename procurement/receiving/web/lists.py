"""The lists of orders to send, of deliveries and acceptances: what each shows, is filtered and sorted by."""

from django.utils.translation import gettext_lazy as _

from procurement.ordering.web.lists import OrderDeskFilters, late_badges, order_badges, with_lateness
from procurement.receiving.queries import deliveries, views
from procurement.receiving.queries.orders import orders_to_ship
from procurement.receiving.workflows import AcceptanceState, DeliveryState
from sunlight.scope import Role
from sunlight.scope.clock import business_date
from sunlight.web.lists import Button, Column, Empty, Table, to
from sunlight.web.lists.filters import Filters, Number, Since, State, Text, Until
from sunlight.web.pages import clock

GOODS_SECTION = _("收货")


def _sender(row) -> str:
    return (row.distributor or row.seller).name


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
    q = _AnyNumber(label=_("配送单、随货单、运单或订单号"))
    party = Text("buyer__name", "seller__name", "distributor__name", label=_("机构名称"))
    since = Since("dispatched_at", label=_("发货日起"), moments=True)
    until = Until("dispatched_at", label=_("发货日止"), moments=True)


DELIVERIES = Table(
    key="procurement.deliveries",
    url_name="procurement:deliveries",
    section=GOODS_SECTION,
    title=_("配送单"),
    rows=lambda request: deliveries.deliveries_visible_to(request.actor).order_by("-id"),
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
    present=lambda request, rows: views.on_the_way(request.actor, rows, business_date(clock(request))),
    columns=(
        Column(
            _("配送单号"),
            "delivery.number",
            "code",
            key="number",
            sort="number",
            link=to("procurement:delivery", "delivery.id"),
            below=lambda row: _("随货单") + f" {row.delivery.note_number}" if row.delivery.note_number else "",
        ),
        Column(
            _("订单号"),
            "delivery.order.number",
            "code",
            key="order",
            link=to("procurement:order", "delivery.order_id"),
            badges=lambda row: order_badges(row.delivery.order),
        ),
        Column(_("发货方"), lambda row: _sender(row.delivery), key="sender"),
        Column(_("发货时间"), "delivery.dispatched_at", "moment", key="dispatched_at", sort="dispatched_at"),
        Column(_("预计到货"), "delivery.expected_on", "day", key="expected_on", sort="expected_on"),
        Column(_("请于此日前验收"), "accept_by", "day", badges=late_badges),
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
