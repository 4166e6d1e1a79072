"""Standing consents over the API. Rights are people's affair: a machine is refused (`people_only`)."""

from functools import partial

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers as s
from rest_framework.response import Response

from procurement import readers
from procurement.contracts import queries
from procurement.contracts.api.bodies import Nothing, Reason
from procurement.contracts.services import consents as services
from procurement.contracts.workflows import STANDING_CONSENT
from sunlight.api.answers import Party, page_of, rendered
from sunlight.api.moves import move_endpoint
from sunlight.api.serializers import Day, Number, StrictSerializer, TypedId, WholeNumber
from sunlight.api.views import Endpoint, paged
from sunlight.scope import Role


class ConsentBody(StrictSerializer):
    """Amounts in yuan, tax included; `payment_days` the longest term agreed to; no `price_groups` for all products."""

    per_contract = Number()
    per_day = Number()
    payment_days = WholeNumber()
    from_date = Day()
    to_date = Day()
    price_groups = s.ListField(child=TypedId(), required=False, default=list, max_length=services.MOST_PRODUCTS)


class ConsentAnswer(s.Serializer):
    id = s.IntegerField()
    number = s.CharField()
    seller = Party()
    state = s.CharField()
    state_label = s.CharField(source="get_state_display")
    price_groups = s.ListField(source="products", child=s.IntegerField())
    per_contract_fen = s.IntegerField()
    per_day_fen = s.IntegerField()
    payment_days = s.IntegerField()
    from_date = s.DateField()
    to_date = s.DateField()
    giver_name = s.CharField()
    given_at = s.DateTimeField()
    confirmer_name = s.CharField()
    confirmed_at = s.DateTimeField(allow_null=True)
    ended_at = s.DateTimeField(allow_null=True)
    end_reason = s.CharField()
    version = s.IntegerField()


_answer = rendered(ConsentAnswer)


class ConsentList(Endpoint):
    roles = {"GET": readers.STANDING_CONSENTS, "POST": frozenset({Role.SUPPLIER_SELLER})}
    step_up = frozenset({"POST"})

    @extend_schema(summary="常设同意", responses={200: page_of(ConsentAnswer)})
    def get(self, request):
        return paged(self, request, queries.consents_visible_to(self.actor), _answer)

    @extend_schema(summary="提出常设同意（须另一位管理员确认）", request=ConsentBody, responses={201: ConsentAnswer})
    def post(self, request):
        facts = dict(ConsentBody.read(request))
        products = facts.pop("price_groups")
        given = services.consent_give(actor=self.actor, at=self.now, products=products, **facts)
        return Response(_answer(given), status=201)


_move = partial(
    move_endpoint,
    schema=ConsentAnswer,
    answer=lambda view, moved: _answer(moved),
    lock=queries.lock_consent,
)
ConsentConfirm = _move(
    services.consent_confirm, by=STANDING_CONSENT.move("confirm").by, summary="确认常设同意", body=Nothing, step_up=True
)
ConsentEnd = _move(
    services.consent_end, by=STANDING_CONSENT.move("end").by, summary="终止常设同意", body=Reason, step_up=True
)

routes = [
    path("standing-consents/", ConsentList.as_view(), name="api-consents"),
    path("standing-consents/<int:consent_id>/confirm/", ConsentConfirm.as_view(), name="api-consent-confirm"),
    path("standing-consents/<int:consent_id>/end/", ConsentEnd.as_view(), name="api-consent-end"),
]
