"""One order with its goods over the API: read, answered, given another distributor, closed."""

from functools import partial

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from procurement import readers
from procurement.contracts.api.bodies import Reason
from procurement.ordering.api import bodies
from procurement.ordering.api.orders import BUYERS, SELLERS
from procurement.ordering.queries import orders as queries
from procurement.ordering.services import orders as services
from procurement.receiving.api import render
from procurement.receiving.queries.orders import order_in_full
from procurement.receiving.services import orders as receiving
from sunlight.api.moves import move_endpoint
from sunlight.api.views import Endpoint


def _lock_order(actor, order_id: int):
    return queries.lock_order(queries.access_order(actor, order_id).id)


def order_of(actor, order_id: int) -> dict:
    return render.Order(order_in_full(actor, order_id)).data


class OrderDetail(Endpoint):
    """One order with its lines and deliveries."""

    roles = {"GET": readers.ORDERS}

    @extend_schema(summary="订单详情", responses={200: render.Order})
    def get(self, request, order_id):
        return Response(order_of(self.actor, order_id))


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
        return Response(order_of(self.actor, order_id))


_move = partial(
    move_endpoint,
    body=Reason,
    schema=render.Order,
    answer=lambda view, moved: order_of(view.actor, moved.id),
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
        return Response(order_of(self.actor, order_id))


routes = [
    path("orders/<int:order_id>/", OrderDetail.as_view(), name="api-order"),
    path("orders/<int:order_id>/accept/", OrderAccept.as_view(), name="api-order-accept"),
    path("orders/<int:order_id>/decline/", OrderDecline.as_view(), name="api-order-decline"),
    path("orders/<int:order_id>/cancel/", OrderCancel.as_view(), name="api-order-cancel"),
    path("orders/<int:order_id>/close/", OrderClose.as_view(), name="api-order-close"),
    path("orders/<int:order_id>/distributor/", OrderDistributor.as_view(), name="api-order-distributor"),
]
