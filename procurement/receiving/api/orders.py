"""Orders with their goods over the API: placed, listed, read, answered, given another distributor, closed."""

from datetime import datetime
from functools import partial

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from procurement import readers
from procurement.contracts.api.bodies import Reason
from procurement.ordering.api import bodies
from procurement.ordering.api import render as ordering
from procurement.ordering.api.orders import BUYERS, SELLERS, STATE, in_state
from procurement.ordering.queries import orders as queries
from procurement.ordering.services import orders as services
from procurement.ordering.services.placing import BasketFacts, order_place
from procurement.receiving.api import render
from procurement.receiving.queries import lateness
from procurement.receiving.queries.orders import order_in_full
from procurement.receiving.services import orders as receiving
from sunlight.api.answers import flag_of, rendered
from sunlight.api.batch import Batch, batch_answer, batch_request
from sunlight.api.moves import move_endpoint
from sunlight.api.views import Endpoint, paged
from sunlight.scope.clock import business_date

LATE = OpenApiParameter("late", bool, description="只列逾期未送达的")


class OrderList(Endpoint):
    """Orders placed, received, or to be delivered."""

    roles = {"GET": readers.ORDERS, "POST": BUYERS}

    @extend_schema(
        operation_id="orders_list", summary="订单列表", parameters=[*STATE, LATE], responses={200: ordering.OrdersPage}
    )
    def get(self, request):
        rows = in_state(request, queries.orders_visible_to(self.actor))
        today = business_date(self.now)
        chosen = lateness.deliveries_late if flag_of(request, "late") else lateness.with_delivery
        rows = chosen(rows, today)
        return paged(self, request, rows, rendered(ordering.OrderRow))

    @extend_schema(
        summary="下单：按企业拆分为一张或多张订单",
        request=bodies.OrderBody,
        responses={201: ordering.OrderRow(many=True)},
    )
    def post(self, request):
        body = bodies.OrderBody.read(request)
        facts = BasketFacts(delivery_point_id=body.pop("delivery_point"), **body)
        placed = order_place(actor=self.actor, at=self.now, facts=facts)
        return Response([rendered(ordering.OrderRow)(order) for order in placed], status=201)


class OrderBatch(Batch):
    """Up to 100 baskets in one call, each placed and answered by itself."""

    one = OrderList
    roles = {"POST": BUYERS}

    @extend_schema(
        summary="批量下单，逐笔应答",
        request=batch_request("Order", bodies.OrderBody),
        responses={200: batch_answer("Order")},
    )
    def post(self, request):
        return self.run(request)


def _lock_order(actor, order_id: int):
    return queries.lock_order(queries.access_order(actor, order_id).id)


def order_of(actor, order_id: int, at: datetime) -> dict:
    return render.Order(order_in_full(actor, order_id, business_date(at))).data


class OrderDetail(Endpoint):
    """One order with its lines and deliveries."""

    roles = {"GET": readers.ORDERS}

    @extend_schema(summary="订单详情", responses={200: render.Order})
    def get(self, request, order_id):
        return Response(order_of(self.actor, order_id, self.now))


class OrderAccept(Endpoint):
    """The manufacturer accepts; the deal is recorded and the distributor set."""

    locked = staticmethod(_lock_order)
    roles = {"POST": SELLERS}

    @extend_schema(summary="企业确认订单", request=bodies.OrderAcceptBody, responses={200: render.Order})
    def post(self, request, order_id):
        body = bodies.OrderAcceptBody.read(request)
        services.order_accept(
            actor=self.actor, at=self.now, order_id=order_id, distributor_id=body.pop("distributor"), **body
        )
        return Response(order_of(self.actor, order_id, self.now))


_move = partial(
    move_endpoint,
    body=Reason,
    schema=render.Order,
    answer=lambda view, moved: order_of(view.actor, moved.id, view.now),
    lock=_lock_order,
)
OrderDecline = _move(services.order_decline, SELLERS, "企业拒绝订单")
OrderCancel = _move(services.order_cancel, BUYERS, "医院撤单（企业确认前）")
OrderClose = _move(receiving.order_close, BUYERS, "医院关闭未到部分")


class OrderDistributor(Endpoint):
    """Before dispatch, by the manufacturer alone (SZ24-3.6, GD25-5.10c)."""

    locked = staticmethod(_lock_order)
    roles = {"POST": SELLERS}

    @extend_schema(summary="更换配送企业", request=bodies.DistributorBody, responses={200: render.Order})
    def post(self, request, order_id):
        body = bodies.DistributorBody.read(request)
        receiving.order_distributor_change(
            actor=self.actor,
            at=self.now,
            order_id=order_id,
            distributor_id=body["distributor"],
            reason=body["reason"],
        )
        return Response(order_of(self.actor, order_id, self.now))


routes = [
    path("orders/", OrderList.as_view(), name="api-orders"),
    path("orders/batch/", OrderBatch.as_view(), name="api-orders-batch"),
    path("orders/<int:order_id>/", OrderDetail.as_view(), name="api-order"),
    path("orders/<int:order_id>/accept/", OrderAccept.as_view(), name="api-order-accept"),
    path("orders/<int:order_id>/decline/", OrderDecline.as_view(), name="api-order-decline"),
    path("orders/<int:order_id>/cancel/", OrderCancel.as_view(), name="api-order-cancel"),
    path("orders/<int:order_id>/close/", OrderClose.as_view(), name="api-order-close"),
    path("orders/<int:order_id>/distributor/", OrderDistributor.as_view(), name="api-order-distributor"),
]
