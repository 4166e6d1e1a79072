"""Delivery points over the API, and what lists of states share."""

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from procurement import readers
from procurement.ordering.api import bodies, render
from procurement.ordering.queries import orders as queries
from procurement.ordering.services import orders as services
from sunlight.api.answers import rendered
from sunlight.api.views import Endpoint, paged
from sunlight.scope import Role

BUYERS = frozenset({Role.HOSPITAL_BUYER})
SELLERS = frozenset({Role.SUPPLIER_SELLER})
STATE = [OpenApiParameter("state", str)]


def in_state(request, rows):
    """The rows of the state asked for; all where none is."""
    state = request.query_params.get("state")
    return rows.filter(state=state) if state else rows


class DeliveryPointList(Endpoint):
    """The hospital's own delivery points."""

    roles = {"GET": readers.DELIVERY_POINTS, "POST": frozenset(services.POINT_KEEPERS)}

    @extend_schema(operation_id="delivery_points_list", summary="收货点", responses={200: render.DeliveryPointsPage})
    def get(self, request):
        return paged(self, request, queries.delivery_points_of(self.actor), rendered(render.DeliveryPoint))

    @extend_schema(summary="新增收货点", request=bodies.DeliveryPointBody, responses={201: render.DeliveryPoint})
    def post(self, request):
        made = services.delivery_point_add(actor=self.actor, at=self.now, **bodies.DeliveryPointBody.read(request))
        return Response(render.DeliveryPoint(made).data, status=201)


class DeliveryPointDetail(Endpoint):
    roles = {"POST": frozenset(services.POINT_KEEPERS)}

    @extend_schema(
        operation_id="delivery_point_change",
        summary="修改收货点",
        request=bodies.DeliveryPointChange,
        responses={200: render.DeliveryPoint},
    )
    def post(self, request, point_id):
        changed = services.delivery_point_change(
            actor=self.actor,
            at=self.now,
            delivery_point_id=point_id,
            **bodies.DeliveryPointChange.read(request),
        )
        return Response(render.DeliveryPoint(changed).data)


routes = [
    path("delivery-points/", DeliveryPointList.as_view(), name="api-delivery-points"),
    path("delivery-points/<int:point_id>/", DeliveryPointDetail.as_view(), name="api-delivery-point"),
]
