"""The national release over the API: send a file, read the report."""

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from catalog import readers
from catalog.api import render
from catalog.services.releases import IMPORTERS, KINDS, national_release_submit
from sunlight.api.jobs import JobAnswer, job_answer
from sunlight.api.serializers import StrictSerializer
from sunlight.api.views import Endpoint, paged
from sunlight.kernel import reading
from sunlight.sheets import queries

REFUSED_AT_ONCE = 500
LAST_ROW = 10_000_000


class ImportBody(StrictSerializer):
    """One file of the national release: the 21-column sheet, 停用表 or 转码表, as xlsx or CSV."""

    file = serializers.FileField()
    whole = serializers.BooleanField(required=False, default=False, help_text="有一行不合格则全部不采用")


class ImportList(Endpoint):
    """The kind of release is recognised by its headings; rows that cannot be imported are kept with their reasons."""

    roles = {"GET": readers.RELEASES, "POST": IMPORTERS}
    parser_classes = [MultiPartParser]

    @extend_schema(summary="目录导入记录", responses={200: render.ImportRunPage})
    def get(self, request):
        return paged(self, request, queries.runs_visible_to(self.actor, *KINDS), render.import_run)

    @extend_schema(
        summary="导入国家目录",
        request={"multipart/form-data": ImportBody},
        responses={201: render.ImportReport, 202: JobAnswer},
    )
    def post(self, request):
        body = ImportBody.read(request)
        file = body["file"]
        made = national_release_submit(
            actor=self.actor, at=self.now, name=file.name, stream=file, size=file.size, whole=body["whole"]
        )
        # A job imports a large file: /jobs/{id}/ shows its progress, the job's `result` its report.
        if hasattr(made, "parameters"):
            return Response(job_answer(made), status=202)
        return Response(_report(made, after=0), status=201)


class ImportDetail(Endpoint):
    roles = {"GET": readers.RELEASES}

    @extend_schema(
        summary="导入结果与拒收行",
        parameters=[
            OpenApiParameter(
                "after", {"type": "integer", "minimum": 0, "maximum": LAST_ROW}, description="只列此行号之后的拒收行"
            )
        ],
        responses={200: render.ImportReport},
    )
    def get(self, request, run_id):
        after = request.query_params.get("after", "0")
        number = reading.whole(after, "after", "行号（after）", least=0, most=LAST_ROW, code="after_invalid")
        return Response(_report(queries.access_run(self.actor, run_id), after=number))


def _report(run, *, after: int) -> dict:
    rows = list(queries.refused_rows(run).filter(row_number__gt=after)[: REFUSED_AT_ONCE + 1])
    more = len(rows) > REFUSED_AT_ONCE
    rows = rows[:REFUSED_AT_ONCE]
    return {
        **render.import_run(run),
        "refused": [render.refused_row(row) for row in rows],
        "next_row": rows[-1].row_number if more else None,
    }


routes = [
    path("catalog-imports/", ImportList.as_view(), name="api-catalog-imports"),
    path("catalog-imports/<int:run_id>/", ImportDetail.as_view(), name="api-catalog-import"),
]
