"""Reconciliations and what they found, over the API."""

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as s
from rest_framework.response import Response

from sunlight.api.answers import page_of, rendered
from sunlight.api.moves import move_endpoint
from sunlight.api.serializers import StrictSerializer, Typed
from sunlight.api.views import Endpoint, paged
from sunlight.journal.refusals import Invalid
from sunlight.reconciliation import readers
from sunlight.reconciliation.queries import discrepancies as queries
from sunlight.reconciliation.services import discrepancies as services
from sunlight.reconciliation.workflows import AUDIT, DiscrepancyState
from sunlight.scope import Role

AUDITOR = frozenset({Role.PLATFORM_AUDIT_ADMIN})


class DiscrepancyNoteBody(StrictSerializer):
    note = Typed(max_length=1000)


class DiscrepancyReasonBody(StrictSerializer):
    reason = Typed(max_length=1000)


class ReconciliationAnswer(s.Serializer):
    id = s.IntegerField()
    business_day = s.DateField()
    is_nightly = s.BooleanField()
    rows = s.IntegerField()
    versions = s.IntegerField()
    differences = s.IntegerField()
    started_at = s.DateTimeField()
    finished_at = s.DateTimeField(allow_null=True)


class DifferingColumn(s.Serializer):
    """A column with what events say and what was found; `***` for whom the values are not meant."""

    column = s.CharField()
    label = s.CharField()
    said = s.JSONField()
    found = s.JSONField()


class DiscrepancyListed(s.Serializer):
    id = s.IntegerField()
    number = s.CharField()
    kind = s.CharField()
    kind_label = s.CharField(source="get_kind_display")
    relation = s.CharField()
    row_id = s.IntegerField()
    row_name = s.CharField()
    state = s.CharField()
    state_label = s.CharField(source="get_state_display")
    found_at = s.DateTimeField()
    looked_at = s.DateTimeField(allow_null=True)
    look_note = s.CharField()
    released_at = s.DateTimeField(allow_null=True)
    release_reason = s.CharField()
    version = s.IntegerField()


class DiscrepancyAnswer(DiscrepancyListed):
    columns = DifferingColumn(many=True, source="shown")


def _answer(view: Endpoint, row) -> dict:
    row.shown = queries.columns_for(view.actor, row)
    return DiscrepancyAnswer(row).data


class ReconciliationList(Endpoint):
    roles = {"GET": readers.RECONCILIATIONS}

    @extend_schema(summary="数据对账记录", responses={200: page_of(ReconciliationAnswer)})
    def get(self, request):
        rows = queries.reconciliations_visible_to(self.actor)
        return paged(self, request, rows, rendered(ReconciliationAnswer))


class DiscrepancyList(Endpoint):
    """While one is not `RELEASED`, the platform makes no payments."""

    roles = {"GET": readers.DISCREPANCIES}

    @extend_schema(
        summary="对账差异", parameters=[OpenApiParameter("state", str)], responses={200: page_of(DiscrepancyListed)}
    )
    def get(self, request):
        state = request.query_params.get("state", "")
        if state and state not in DiscrepancyState.values():
            raise Invalid("state_unknown", f"没有状态“{state[:20]}”。", field="state")
        rows = queries.discrepancies_visible_to(self.actor, state=state)
        return paged(self, request, rows, rendered(DiscrepancyListed))


class DiscrepancyDetail(Endpoint):
    roles = {"GET": readers.DISCREPANCIES}

    @extend_schema(summary="一件对账差异", responses={200: DiscrepancyAnswer})
    def get(self, request, discrepancy_id):
        return Response(_answer(self, queries.access_discrepancy(self.actor, discrepancy_id)))


def _move(service, by, summary, body, *, step_up=False):
    return move_endpoint(
        service,
        by,
        summary,
        body=body,
        schema=DiscrepancyAnswer,
        answer=_answer,
        lock=queries.lock_discrepancy,
        step_up=step_up,
    ).as_view()


_ONE = "discrepancies/<int:discrepancy_id>/"
urlpatterns = [
    path("reconciliations/", ReconciliationList.as_view(), name="api-reconciliations"),
    path("discrepancies/", DiscrepancyList.as_view(), name="api-discrepancies"),
    path(_ONE, DiscrepancyDetail.as_view(), name="api-discrepancy"),
    path(
        f"{_ONE}look/",
        _move(services.discrepancy_look, AUDITOR, "记录对账差异的核查情况", DiscrepancyNoteBody),
        name="api-discrepancy-look",
    ),
    path(
        f"{_ONE}release/",
        _move(services.discrepancy_release, AUDIT, "解除停付", DiscrepancyReasonBody, step_up=True),
        name="api-discrepancy-release",
    ),
    path(
        f"{_ONE}send-back/",
        _move(services.discrepancy_send_back, AUDIT, "退回重新核查", DiscrepancyReasonBody),
        name="api-discrepancy-send-back",
    ),
]
