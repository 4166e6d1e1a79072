"""Deliveries and acceptances over the API."""

from datetime import datetime

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from procurement import readers
from procurement.contracts.api.bodies import Reason
from procurement.ordering.api.orders import STATE, in_state
from procurement.receiving.api import bodies, render
from procurement.receiving.queries import deliveries as queries
from procurement.receiving.queries import lateness
from procurement.receiving.services import acceptances
from procurement.receiving.services import deliveries as services
from sunlight.api.answers import flag_of, rendered
from sunlight.api.moves import move_endpoint
from sunlight.api.views import Endpoint, paged
from sunlight.scope import Role
from sunlight.scope.clock import business_date

LATE_TO_ACCEPT = OpenApiParameter("late", bool, description="只列逾期未验收的")
SHIPPERS = frozenset({Role.SUPPLIER_SHIPPER})
RECEIVERS = frozenset({Role.HOSPITAL_RECEIVER})


def delivery_of(actor, delivery_id: int, at: datetime) -> dict:
    return render.Delivery(lateness.delivery_in_full(actor, delivery_id, business_date(at))).data


def acceptance_of(actor, acceptance_id: int) -> dict:
    return render.Acceptance(queries.access_acceptance(actor, acceptance_id)).data


def _lock_delivery(actor, delivery_id: int):
    return queries.lock_delivery(queries.access_delivery(actor, delivery_id).id)


def _lock_acceptance(actor, acceptance_id: int):
    return queries.lock_acceptance(queries.access_acceptance(actor, acceptance_id).id)


class OrderDeliveries(Endpoint):
    """Send goods of an order: the authorised distributor, or the manufacturer that delivers itself."""

    roles = {"POST": SHIPPERS}

    @extend_schema(summary="发货", request=bodies.DeliveryBody, responses={201: render.Delivery})
    def post(self, request, order_id):
        sent = services.delivery_dispatch(
            actor=self.actor, at=self.now, order_id=order_id, **bodies.DeliveryBody.read(request)
        )
        return Response(delivery_of(self.actor, sent.id, self.now), status=201)


class DeliveryList(Endpoint):
    roles = {"GET": readers.DELIVERIES}

    @extend_schema(
        operation_id="deliveries_list",
        summary="配送单列表",
        parameters=[*STATE, LATE_TO_ACCEPT],
        responses={200: render.DeliveriesPage},
    )
    def get(self, request):
        rows = in_state(request, queries.deliveries_visible_to(self.actor))
        today = business_date(self.now)
        chosen = lateness.acceptances_late if flag_of(request, "late") else lateness.with_acceptance
        rows = chosen(rows, today)
        return paged(self, request, rows, rendered(render.DeliveryRow))


class DeliveryDetail(Endpoint):
    roles = {"GET": readers.DELIVERIES}

    @extend_schema(summary="配送单详情", responses={200: render.Delivery})
    def get(self, request, delivery_id):
        return Response(delivery_of(self.actor, delivery_id, self.now))


DeliveryCancel = move_endpoint(
    services.delivery_cancel,
    SHIPPERS,
    "取消配送单（验收前）",
    body=Reason,
    schema=render.Delivery,
    answer=lambda view, moved: delivery_of(view.actor, moved.id, view.now),
    lock=_lock_delivery,
)


class DeliveryAcceptance(Endpoint):
    """Accept a delivery, line by line; not by the person who placed the order."""

    locked = staticmethod(_lock_delivery)
    roles = {"POST": RECEIVERS}

    @extend_schema(summary="验收", request=bodies.AcceptanceBody, responses={201: render.Acceptance})
    def post(self, request, delivery_id):
        taken = acceptances.acceptance_confirm(
            actor=self.actor, at=self.now, delivery_id=delivery_id, **bodies.AcceptanceBody.read(request)
        )
        return Response(acceptance_of(self.actor, taken.id), status=201)


class AcceptanceList(Endpoint):
    roles = {"GET": readers.ACCEPTANCES}

    @extend_schema(
        operation_id="acceptances_list", summary="验收单列表", parameters=STATE, responses={200: render.AcceptancesPage}
    )
    def get(self, request):
        rows = in_state(request, queries.acceptances_visible_to(self.actor))
        return paged(self, request, rows, rendered(render.AcceptanceRow))


class AcceptanceDetail(Endpoint):
    roles = {"GET": readers.ACCEPTANCES}

    @extend_schema(summary="验收单详情", responses={200: render.Acceptance})
    def get(self, request, acceptance_id):
        return Response(acceptance_of(self.actor, acceptance_id))


AcceptanceReverse = move_endpoint(
    acceptances.acceptance_reverse,
    RECEIVERS,
    "冲销验收",
    body=Reason,
    schema=render.Acceptance,
    answer=lambda view, moved: acceptance_of(view.actor, moved.id),
    lock=_lock_acceptance,
    step_up=True,
    about="By a second receiver, until a line is invoiced. A person confirms again; a machine needs a mandate.",
)

routes = [
    path("orders/<int:order_id>/deliveries/", OrderDeliveries.as_view(), name="api-order-deliveries"),
    path("deliveries/", DeliveryList.as_view(), name="api-deliveries"),
    path("deliveries/<int:delivery_id>/", DeliveryDetail.as_view(), name="api-delivery"),
    path("deliveries/<int:delivery_id>/cancel/", DeliveryCancel.as_view(), name="api-delivery-cancel"),
    path("deliveries/<int:delivery_id>/acceptance/", DeliveryAcceptance.as_view(), name="api-delivery-acceptance"),
    path("acceptances/", AcceptanceList.as_view(), name="api-acceptances"),
    path("acceptances/<int:acceptance_id>/", AcceptanceDetail.as_view(), name="api-acceptance"),
    path("acceptances/<int:acceptance_id>/reverse/", AcceptanceReverse.as_view(), name="api-acceptance-reverse"),
]
