"""Applications for registration and qualifications over the API: for the operator's systems and an organisation's own."""

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from sunlight.api.answers import rendered
from sunlight.api.serializers import StrictSerializer, Typed
from sunlight.api.views import Endpoint, paged
from sunlight.registration import queries, readers
from sunlight.registration.services import review as services
from sunlight.scope import Role
from sunlight.scope.clock import business_date

REVIEWERS = frozenset({Role.OPERATOR_REVIEWER})


class RegistrationAnswer(serializers.Serializer):
    id = serializers.IntegerField()
    number = serializers.CharField()
    kind = serializers.CharField()
    name = serializers.CharField()
    credit_code = serializers.CharField()
    state = serializers.CharField()
    version = serializers.IntegerField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    reviewed_at = serializers.DateTimeField(allow_null=True)
    review_note = serializers.CharField()
    review_clause = serializers.CharField()
    organisation_id = serializers.IntegerField(allow_null=True)


class DocumentAnswer(serializers.Serializer):
    """`file` is the number under which `/files/<file>/` gives the content."""

    kind = serializers.CharField()
    number = serializers.CharField()
    valid_until = serializers.DateField(allow_null=True)
    file = serializers.IntegerField(source="file_id")
    sha256 = serializers.CharField(source="file.sha256")


class RegistrationDetailAnswer(RegistrationAnswer):
    """`decision` is what the region's law says of the qualifications; null where it asks for none."""

    declared = serializers.JSONField()
    documents = DocumentAnswer(many=True)
    missing = serializers.ListField(child=serializers.CharField())
    decision = serializers.JSONField(allow_null=True)


class RegistrationPage(serializers.Serializer):
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = RegistrationAnswer(many=True)


class QualificationAnswer(serializers.Serializer):
    id = serializers.IntegerField()
    organisation_id = serializers.IntegerField()
    kind = serializers.CharField()
    number = serializers.CharField()
    valid_until = serializers.DateField(allow_null=True)
    state = serializers.CharField()
    file = serializers.IntegerField(source="file_id")
    replaces = serializers.IntegerField(source="replaces_id", allow_null=True)
    note = serializers.CharField()


class QualificationPage(serializers.Serializer):
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = QualificationAnswer(many=True)


class AcceptBody(StrictSerializer):
    """`designated`: the authority named this private hospital."""

    note = Typed(required=False, allow_blank=True, max_length=500, default="")
    designated = serializers.BooleanField(required=False, default=False)


class DecisionBody(StrictSerializer):
    note = Typed(max_length=500)
    clause = Typed(required=False, allow_blank=True, max_length=30, default="")


class ConfirmationBody(StrictSerializer):
    note = Typed(required=False, allow_blank=True, max_length=500, default="")


def _detail(view: Endpoint, application_id: int) -> Response:
    found = queries.access_application(view.actor, application_id)
    seen = queries.application_view(view.actor, found, business_date(view.now))
    answer = RegistrationAnswer(found).data | {
        "declared": queries.declared_to(view.actor, found),
        "documents": DocumentAnswer(seen.documents, many=True).data,
        "missing": seen.missing,
        "decision": seen.decision,
    }
    return Response(answer)


class RegistrationList(Endpoint):
    roles = {"GET": readers.REGISTRATIONS}

    @extend_schema(
        summary="机构登记申请列表", parameters=[OpenApiParameter("state", str)], responses={200: RegistrationPage}
    )
    def get(self, request):
        rows = queries.applications_visible_to(self.actor, request.query_params.get("state", ""))
        return paged(self, request, rows, rendered(RegistrationAnswer))


class RegistrationDetail(Endpoint):
    roles = {"GET": readers.REGISTRATIONS}

    @extend_schema(summary="机构登记申请：申报资料、材料与资质核查", responses={200: RegistrationDetailAnswer})
    def get(self, request, application_id):
        return _detail(self, application_id)


def _move(service, body: type[StrictSerializer], label: str, *, step_up: bool = False) -> type[Endpoint]:
    class Move(Endpoint):
        roles = {"POST": REVIEWERS}

        @extend_schema(summary=label, request=body, responses={200: RegistrationDetailAnswer})
        def post(self, request, application_id):
            service(actor=self.actor, at=self.now, application_id=application_id, **body.read(request))
            return _detail(self, application_id)

    if step_up:
        Move.step_up = frozenset({"POST"})
    Move.__name__ = f"{service.__name__}_endpoint"
    return Move


class QualificationList(Endpoint):
    roles = {"GET": readers.QUALIFICATIONS}

    @extend_schema(summary="机构资质列表", responses={200: QualificationPage})
    def get(self, request):
        rows = queries.qualifications_visible_to(self.actor)
        return paged(self, request, rows, rendered(QualificationAnswer))


def _qualify(service, body: type[StrictSerializer], label: str) -> type[Endpoint]:
    class Move(Endpoint):
        roles = {"POST": REVIEWERS}

        @extend_schema(summary=label, request=body, responses={200: QualificationAnswer})
        def post(self, request, qualification_id):
            service(actor=self.actor, at=self.now, qualification_id=qualification_id, **body.read(request))
            return Response(QualificationAnswer(queries.access_qualification(self.actor, qualification_id)).data)

    Move.__name__ = f"{service.__name__}_endpoint"
    return Move


class RejectionBody(StrictSerializer):
    note = Typed(max_length=500)


MOVES = {
    "accept": _move(services.registration_accept, AcceptBody, "通过机构登记", step_up=True),
    "return": _move(services.registration_return, DecisionBody, "退回补正"),
    "refuse": _move(services.registration_refuse, DecisionBody, "不予登记"),
}
urlpatterns = [
    path("registrations/", RegistrationList.as_view(), name="api-registrations"),
    path("registrations/<int:application_id>/", RegistrationDetail.as_view(), name="api-registration"),
    *(
        path(f"registrations/<int:application_id>/{name}/", endpoint.as_view(), name=f"api-registration-{name}")
        for name, endpoint in MOVES.items()
    ),
    path("qualifications/", QualificationList.as_view(), name="api-qualifications"),
    path(
        "qualifications/<int:qualification_id>/confirm/",
        _qualify(services.qualification_confirm, ConfirmationBody, "确认资质").as_view(),
        name="api-qualification-confirm",
    ),
    path(
        "qualifications/<int:qualification_id>/reject/",
        _qualify(services.qualification_reject, RejectionBody, "不予确认资质").as_view(),
        name="api-qualification-reject",
    ),
]
