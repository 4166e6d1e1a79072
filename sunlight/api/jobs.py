"""Background jobs over the API: progress, stop, resume."""

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from sunlight.api.answers import page_of
from sunlight.api.serializers import StrictSerializer
from sunlight.api.views import Endpoint, paged
from sunlight.jobs import queries, readers
from sunlight.jobs.services.jobs import job_resume, job_stop
from sunlight.jobs.workflows import JobState
from sunlight.journal.refusals import Invalid
from sunlight.scope.readers import EVERY_ROLE


class JobAnswer(serializers.Serializer):
    id = serializers.IntegerField()
    kind = serializers.CharField()
    label = serializers.CharField()
    title = serializers.CharField()
    state = serializers.ChoiceField(JobState.choices())
    phase = serializers.CharField(allow_blank=True)
    done = serializers.IntegerField(help_text="已处理")
    total = serializers.IntegerField(allow_null=True, help_text="共；未知为 null")
    note = serializers.CharField(allow_blank=True)
    result = serializers.IntegerField(allow_null=True, help_text="结果的编号，如导入记录")
    queued_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    started_by = serializers.CharField(allow_blank=True)


class NoBody(StrictSerializer):
    """Nothing is asked for."""


def job_answer(job) -> dict:
    known = queries.definition(job)
    same = ("id", "kind", "title", "state", "phase", "done", "total", "note", "queued_at", "started_at", "ended_at")
    return {
        **{name: getattr(job, name) for name in same},
        "label": str(known.label) if known else job.kind,
        "result": job.result_id,
        "started_by": job.started_by_name,
    }


class JobList(Endpoint):
    """Jobs of one's organisation, newest first."""

    roles = {"GET": readers.JOBS}

    @extend_schema(
        summary="后台任务列表",
        parameters=[OpenApiParameter("state", str, enum=JobState.values())],
        responses={200: page_of(JobAnswer)},
    )
    def get(self, request):
        rows = queries.jobs_visible_to(self.actor)
        if state := request.query_params.get("state"):
            if state not in JobState.values():
                raise Invalid("unknown_state", f"没有状态“{state[:20]}”，请从文档所列状态中选择。", field="state")
            rows = rows.filter(state=state)
        return paged(self, request, rows, job_answer)


class JobDetail(Endpoint):
    roles = {"GET": readers.JOBS}

    @extend_schema(summary="后台任务进度", responses={200: JobAnswer})
    def get(self, request, job_id: int):
        return Response(job_answer(queries.access_job(self.actor, job_id)))


class JobStop(Endpoint):
    roles = {"POST": EVERY_ROLE}

    @extend_schema(summary="停止后台任务", request=NoBody, responses={200: JobAnswer})
    def post(self, request, job_id: int):
        NoBody.read(request)
        return Response(job_answer(job_stop(actor=self.actor, at=self.now, job_id=job_id)))


class JobResume(Endpoint):
    roles = {"POST": EVERY_ROLE}

    @extend_schema(summary="继续后台任务", request=NoBody, responses={200: JobAnswer})
    def post(self, request, job_id: int):
        NoBody.read(request)
        return Response(job_answer(job_resume(actor=self.actor, at=self.now, job_id=job_id)))


routes = [
    path("jobs/", JobList.as_view(), name="api-jobs"),
    path("jobs/<int:job_id>/", JobDetail.as_view(), name="api-job"),
    path("jobs/<int:job_id>/stop/", JobStop.as_view(), name="api-job-stop"),
    path("jobs/<int:job_id>/resume/", JobResume.as_view(), name="api-job-resume"),
]
