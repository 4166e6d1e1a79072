"""Time limits over the API."""

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as s

from sunlight.api.answers import Party, page_of, rendered
from sunlight.api.views import Endpoint, paged
from sunlight.deadlines import queries, readers
from sunlight.deadlines.kinds import KINDS
from sunlight.deadlines.workflows import DeadlineState
from sunlight.journal.refusals import Invalid
from sunlight.scope.clock import business_date


class DeadlineAnswer(s.Serializer):
    """`due_on` ends at 24:00 Asia/Shanghai. `clause` set the days, `demanded_by` orders that there be a limit."""

    id = s.IntegerField()
    kind = s.CharField()
    subject_type = s.CharField()
    subject_id = s.IntegerField()
    number = s.CharField()
    about = s.CharField()
    owes = Party()
    awaits = Party()
    started_on = s.DateField()
    days = s.IntegerField()
    in_working_days = s.BooleanField()
    due_on = s.DateField()
    is_provisional = s.BooleanField()
    parameter = s.CharField()
    clause = s.CharField()
    demanded_by = s.CharField()
    state = s.CharField()
    state_label = s.CharField(source="get_state_display")
    passed_on = s.DateField(allow_null=True)
    done_on = s.DateField(allow_null=True)
    cancelled_on = s.DateField(allow_null=True)
    version = s.IntegerField()


class DeadlineList(Endpoint):
    """Key steps of one's trades with their last day, newest first. `late=1`: past their day and still owed."""

    roles = {"GET": readers.DEADLINES}

    @extend_schema(
        summary="时限",
        parameters=[OpenApiParameter("kind", str), OpenApiParameter("state", str), OpenApiParameter("late", bool)],
        responses={200: page_of(DeadlineAnswer)},
    )
    def get(self, request):
        rows, asked = queries.deadlines_visible_to(self.actor).order_by("-id"), request.query_params
        for name, known in (("kind", KINDS), ("state", DeadlineState.values())):
            if wanted := asked.get(name):
                if wanted not in known:
                    raise Invalid(f"unknown_{name}", f"{name} 须为：{'、'.join(map(str, known))}。", field=name)
                rows = rows.filter(**{name: wanted})
        if asked.get("late") in ("1", "true"):
            rows = queries.late_among(rows, business_date(self.now))
        return paged(self, request, rows, rendered(DeadlineAnswer))


urlpatterns = [path("deadlines/", DeadlineList.as_view(), name="api-deadlines")]
