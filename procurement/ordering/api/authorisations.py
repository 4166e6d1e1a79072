"""Standing distribution authorisations over the API."""

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from procurement import readers
from procurement.contracts.api.bodies import Nothing
from procurement.ordering.api import bodies, render
from procurement.ordering.api.orders import SELLERS, STATE, in_state
from procurement.ordering.queries import authorisations as queries
from procurement.ordering.services import authorisations as services
from sunlight.api.answers import rendered
from sunlight.api.moves import move_endpoint
from sunlight.api.views import Endpoint, paged


class AuthorisationList(Endpoint):
    """Only the manufacturer makes one (SZ24-3.6, GD25-5.10c)."""

    roles = {"GET": readers.AUTHORISATIONS, "POST": SELLERS}

    @extend_schema(
        operation_id="authorisations_list",
        summary="配送授权列表",
        parameters=STATE,
        responses={200: render.AuthorisationsPage},
    )
    def get(self, request):
        rows = in_state(request, queries.authorisations_visible_to(self.actor))
        return paged(self, request, rows, rendered(render.Authorisation))

    @extend_schema(summary="授权配送企业", request=bodies.AuthorisationBody, responses={201: render.Authorisation})
    def post(self, request):
        body = bodies.AuthorisationBody.read(request)
        made = services.authorisation_make(
            actor=self.actor,
            at=self.now,
            distributor_id=body["distributor"],
            price_group_id=body["price_group"],
            hospital_id=body["hospital"],
            region_code=body["region"] or None,
            valid_from=body["valid_from"],
            valid_to=body["valid_to"],
            is_default=body["is_default"],
        )
        return Response(render.Authorisation(made).data, status=201)


class AuthorisationDetail(Endpoint):
    roles = {"GET": readers.AUTHORISATIONS}

    @extend_schema(summary="配送授权", responses={200: render.Authorisation})
    def get(self, request, authorisation_id):
        return Response(render.Authorisation(queries.access_authorisation(self.actor, authorisation_id)).data)


AuthorisationRevoke = move_endpoint(
    services.authorisation_revoke,
    SELLERS,
    "撤销配送授权",
    body=Nothing,
    schema=render.Authorisation,
    answer=lambda view, moved: render.Authorisation(queries.access_authorisation(view.actor, moved.id)).data,
)

routes = [
    path("authorisations/", AuthorisationList.as_view(), name="api-authorisations"),
    path("authorisations/<int:authorisation_id>/", AuthorisationDetail.as_view(), name="api-authorisation"),
    path(
        "authorisations/<int:authorisation_id>/revoke/", AuthorisationRevoke.as_view(), name="api-authorisation-revoke"
    ),
]
