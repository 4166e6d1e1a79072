"""What the bank is told to pay out, over the API: one settler makes a batch, another releases it, then a file goes out."""

from django.http import HttpResponse
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from settlement import readers
from settlement.api import render
from settlement.api.invoices import state_of
from settlement.queries import instructions as queries
from settlement.services.instructions import (
    ExportedFile,
    instruction_acknowledge,
    instruction_cancel,
    instruction_export,
    instruction_make,
    instruction_return,
    instructions_release,
)
from settlement.workflows.states import InstructionForm, InstructionState
from sunlight.api.answers import page_of, rendered
from sunlight.api.moves import move_endpoint
from sunlight.api.serializers import StrictSerializer, Typed, TypedId
from sunlight.api.views import Endpoint, paged
from sunlight.scope import Role

SETTLERS = frozenset({Role.OPERATOR_SETTLER})


class InstructionBody(StrictSerializer):
    """The run whose payments the bank is to make."""

    run = TypedId()


class SeenInstruction(StrictSerializer):
    """A batch and its hash as it was read."""

    batch = TypedId()
    sha256 = Typed(max_length=64)


class InstructionReleaseBody(StrictSerializer):
    batches = serializers.ListField(child=SeenInstruction(), min_length=1, max_length=200)


class InstructionReasonBody(StrictSerializer):
    reason = Typed(max_length=300)


class InstructionAcknowledgeBody(StrictSerializer):
    bank_reference = Typed(max_length=60)


class InstructionExportBody(StrictSerializer):
    """`form` CSV or PAIN001; from the second file on, why again."""

    form = Typed(required=False, default=InstructionForm.CSV.value, max_length=10)
    reason = Typed(required=False, allow_blank=True, default="", max_length=300)


def _lock_batch(actor, batch_id):
    return queries.access_batch(actor, batch_id, lock=True)


def _batch(view, batch) -> dict:
    return render.InstructionAnswer(queries.access_batch(view.actor, batch.id)).data


class InstructionList(Endpoint):
    roles = {"GET": readers.INSTRUCTIONS, "POST": SETTLERS}

    @extend_schema(
        summary="银行指令批次列表",
        parameters=[OpenApiParameter("state", str)],
        responses={200: page_of(render.InstructionAnswer)},
    )
    def get(self, request):
        rows = queries.batches_visible_to(self.actor, state=state_of(request, InstructionState))
        return paged(self, request, rows, rendered(render.InstructionAnswer))

    @extend_schema(summary="编制银行指令批次", request=InstructionBody, responses={201: render.InstructionAnswer})
    def post(self, request):
        batch = instruction_make(actor=self.actor, at=self.now, run_id=InstructionBody.read(request)["run"])
        return Response(_batch(self, batch), status=201)


class InstructionDetail(Endpoint):
    """A batch with its payments: all that its hash is over."""

    roles = {"GET": readers.INSTRUCTIONS}

    @extend_schema(summary="银行指令批次", responses={200: render.InstructionDetailAnswer})
    def get(self, request, batch_id):
        batch = queries.access_batch(self.actor, batch_id)
        batch.lines_shown = queries.lines_of(self.actor, batch)
        return Response(render.InstructionDetailAnswer(batch).data)


class InstructionRelease(Endpoint):
    """Release of one or several batches by another person than made them: all or none."""

    roles = {"POST": SETTLERS}
    step_up = frozenset({"POST"})

    @extend_schema(
        summary="放行银行指令批次", request=InstructionReleaseBody, responses={200: render.InstructionAnswer(many=True)}
    )
    def post(self, request):
        hashes = {each["batch"]: each["sha256"] for each in InstructionReleaseBody.read(request)["batches"]}
        released = instructions_release(actor=self.actor, at=self.now, hashes=hashes)
        return Response([_batch(self, batch) for batch in released])


InstructionCancel = move_endpoint(
    instruction_cancel,
    SETTLERS,
    "作废银行指令批次",
    body=InstructionReasonBody,
    schema=render.InstructionAnswer,
    answer=_batch,
    lock=_lock_batch,
)
InstructionAcknowledge = move_endpoint(
    instruction_acknowledge,
    SETTLERS,
    "登记银行受理",
    body=InstructionAcknowledgeBody,
    schema=render.InstructionAnswer,
    answer=_batch,
    lock=_lock_batch,
)
InstructionReturn = move_endpoint(
    instruction_return,
    SETTLERS,
    "登记银行整批退回",
    body=InstructionReasonBody,
    schema=render.InstructionAnswer,
    answer=_batch,
    lock=_lock_batch,
    step_up=True,
)


class InstructionExport(Endpoint):
    """The file for the bank of a released batch; each export is kept."""

    roles = {"POST": SETTLERS}

    @extend_schema(
        summary="导出银行指令（CSV 或 pain.001）",
        request=InstructionExportBody,
        responses={(200, "text/csv"): OpenApiResponse(OpenApiTypes.BINARY)},
    )
    def post(self, request, batch_id):
        return file_response(
            instruction_export(actor=self.actor, at=self.now, batch_id=batch_id, **InstructionExportBody.read(request))
        )


def file_response(file: ExportedFile) -> HttpResponse:
    response = HttpResponse(file.content, content_type=file.content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
    return response


_BATCH = "instructions/<int:batch_id>/"
routes = [
    path("instructions/", InstructionList.as_view(), name="api-instructions"),
    path("instructions/release/", InstructionRelease.as_view(), name="api-instructions-release"),
    path(_BATCH, InstructionDetail.as_view(), name="api-instruction"),
    path(_BATCH + "cancel/", InstructionCancel.as_view(), name="api-instruction-cancel"),
    path(_BATCH + "acknowledge/", InstructionAcknowledge.as_view(), name="api-instruction-acknowledge"),
    path(_BATCH + "return/", InstructionReturn.as_view(), name="api-instruction-return"),
    path(_BATCH + "export/", InstructionExport.as_view(), name="api-instruction-export"),
]
