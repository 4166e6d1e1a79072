"""Menu entries and to-dos of orders, deliveries and acceptance."""

from datetime import date

from django.urls import reverse

from procurement import readers
from procurement.filing.queries import year_bases_waiting
from procurement.ordering.queries import views
from procurement.receiving.queries import lateness
from procurement.receiving.queries import views as goods
from sunlight.approval import queries as approval
from sunlight.scope import Actor, Role
from sunlight.web import navigation
from sunlight.web.navigation import Todo

SECTION, RECEIVING = "议价与采购", "收货"

navigation.add(SECTION, "下单", "procurement:order_new", Role.HOSPITAL_BUYER, icon="shopping-cart", order=40)
navigation.add(SECTION, "待确认订单", "procurement:order_desk", Role.SUPPLIER_SELLER, icon="checklist", order=40)
navigation.add(SECTION, "订单", "procurement:orders", *readers.ORDERS, icon="list-details", order=50)
navigation.add(SECTION, "订单审批", "procurement:approvals", *readers.APPROVALS, icon="signature", order=55)
navigation.add(SECTION, "年度采购预算", "procurement:year_bases", *readers.YEAR_BASES, icon="cash", order=57)
navigation.add(SECTION, "配送授权", "procurement:authorisations", *readers.AUTHORISATIONS, icon="route", order=60)
navigation.add(SECTION, "收货点", "procurement:delivery_points", *readers.DELIVERY_POINTS, icon="map-pin", order=70)
navigation.add(RECEIVING, "待发货", "procurement:delivery_desk", Role.SUPPLIER_SHIPPER, icon="truck-delivery", order=10)
navigation.add(RECEIVING, "收货验收", "procurement:receiving", Role.HOSPITAL_RECEIVER, icon="package-import", order=10)
navigation.add(RECEIVING, "配送单", "procurement:deliveries", *readers.DELIVERIES, icon="truck", order=20)
navigation.add(RECEIVING, "验收单", "procurement:acceptances", *readers.ACCEPTANCES, icon="clipboard-check", order=30)


@navigation.todo_provider
def order_todos(actor: Actor, today: date) -> list[Todo]:
    """Orders to answer, goods to send, goods to receive."""
    todos = []
    if actor.has(*readers.APPROVALS):
        todos.append(Todo("待我审批的订单", len(approval.awaiting(actor, today)), reverse("procurement:approvals")))
    if actor.has(Role.HOSPITAL_APPROVER):
        todos.append(Todo("待确认的年度采购预算", year_bases_waiting(actor), reverse("procurement:year_bases")))
    if actor.has(Role.HOSPITAL_BUYER):
        count, due_on = lateness.late_orders(actor, today)
        url = f"{reverse('procurement:orders')}?late=1"
        todos.append(Todo("逾期未送达的订单，须催办或关闭", count, url, due_on))
    if actor.has(Role.HOSPITAL_ADMIN) and not views.has_delivery_point(actor):
        todos.append(Todo("登记收货点，采购员才能下单", 1, reverse("procurement:delivery_points")))
    if actor.has(Role.SUPPLIER_SELLER):
        count, wanted_on = views.order_figures(actor)
        todos.append(Todo("待确认的订单", count, reverse("procurement:order_desk"), wanted_on))
    if actor.has(Role.SUPPLIER_SHIPPER):
        count, due_on = goods.shipping_figures(actor)
        todos.append(Todo("待发货的订单", count, reverse("procurement:delivery_desk"), due_on))
    if actor.has(Role.HOSPITAL_RECEIVER):
        count, due_on = goods.receiving_figures(actor, today)
        todos.append(Todo("待验收的配送单", count, reverse("procurement:receiving"), due_on))
    return todos
