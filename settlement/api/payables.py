"""What is owed, held and owed back, over the API."""

from datetime import date

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from settlement import readers
from settlement.api import owed
from settlement.api.invoices import state_of
from settlement.queries import invoices as queries
from settlement.queries import lateness
from settlement.services.holds import payable_hold, payable_let_go
from settlement.services.prompts import prompt_write
from settlement.workflows.paying import HOLDING
from settlement.workflows.states import PayableState
from sunlight.api.answers import flag_of, page_of, rendered
from sunlight.api.moves import move_endpoint
from sunlight.api.serializers import Day, StrictSerializer, Typed
from sunlight.api.views import Endpoint, paged
from sunlight.kernel import reading
from sunlight.letters.workflows import WRITING
from sunlight.scope.clock import business_date

HOLDERS = HOLDING.move("hold").by


class PayableHoldBody(StrictSerializer):
    """Why it is held, and the last day of it; without a day until it is let go."""

    reason = Typed(max_length=300)
    until = Day(required=False, allow_null=True, default=None)


class PayableLetGoBody(StrictSerializer):
    note = Typed(required=False, allow_blank=True, default="", max_length=300)


class PayableList(Endpoint):
    """What is owed, with the last day for paying it and the clause the day comes from."""

    roles = {"GET": readers.PAYABLES}

    @extend_schema(
        summary="应付款",
        parameters=[
            OpenApiParameter("state", str),
            OpenApiParameter("due_before", date),
            OpenApiParameter("late", bool, description="只列逾期未付的"),
        ],
        responses={200: page_of(owed.PayableAnswer)},
    )
    def get(self, request):
        rows = queries.payables_visible_to(
            self.actor,
            state=state_of(request, PayableState),
            due_before=reading.day(request.query_params.get("due_before"), "due_before", "due_before", required=False),
        )
        chosen = lateness.payments_late if flag_of(request, "late") else lateness.with_lateness
        return paged(self, request, chosen(rows, business_date(self.now)), rendered(owed.PayableAnswer))


class PayableDetail(Endpoint):
    """A payable and what became of it so far."""

    roles = {"GET": readers.PAYABLES}

    @extend_schema(summary="一笔应付款", responses={200: owed.PayableAnswer})
    def get(self, request, payable_id):
        return Response(_payable(self, queries.access_payable(self.actor, payable_id)))


def _payable(view: Endpoint, payable) -> dict:
    return owed.PayableAnswer(lateness.payable_in_full(view.actor, payable.id, business_date(view.now))).data


def _lock_payable(actor, payable_id):
    return queries.access_payable(actor, payable_id, lock=True)


PayableHold = move_endpoint(
    payable_hold,
    HOLDERS,
    "暂缓付款",
    body=PayableHoldBody,
    schema=owed.PayableAnswer,
    answer=_payable,
    lock=_lock_payable,
    about="Held, it is put into no run. Its due day goes on, and the payee is told the reason.",
)
PayableLetGo = move_endpoint(
    payable_let_go,
    HOLDERS,
    "解除暂缓付款",
    body=PayableLetGoBody,
    schema=owed.PayableAnswer,
    answer=_payable,
    lock=_lock_payable,
)


class PromptBody(StrictSerializer):
    """`together`: for all late payables of the hospital."""

    together = serializers.BooleanField(required=False, default=False)


class PromptAnswer(serializers.Serializer):
    """The draft, to be read and submitted under `letters/`."""

    letter_id = serializers.IntegerField()
    title = serializers.CharField()
    text = serializers.CharField()


class PayablePrompt(Endpoint):
    """An authority's written prompt for a late payable (GD25-4.8a): a draft that another person approves."""

    roles = {"POST": WRITING}

    @extend_schema(summary="起草督促函", request=PromptBody, responses={201: PromptAnswer})
    def post(self, request, payable_id):
        made = prompt_write(actor=self.actor, at=self.now, payable_id=payable_id, **PromptBody.read(request))
        return Response({"letter_id": made.id, "title": made.title, "text": made.text}, status=201)


class OverpaymentList(Endpoint):
    """What issuers owe back for red invoices, newest first."""

    roles = {"GET": readers.OVERPAYMENTS}

    @extend_schema(summary="红冲应退款", responses={200: page_of(owed.OverpaymentAnswer)})
    def get(self, request):
        rows = queries.overpayments_visible_to(self.actor)
        return paged(self, request, rows, rendered(owed.OverpaymentAnswer))


_PAYABLE = "payables/<int:payable_id>/"
routes = [
    path("payables/", PayableList.as_view(), name="api-payables"),
    path(_PAYABLE, PayableDetail.as_view(), name="api-payable"),
    path(_PAYABLE + "hold/", PayableHold.as_view(), name="api-payable-hold"),
    path(_PAYABLE + "let-go/", PayableLetGo.as_view(), name="api-payable-let-go"),
    path(_PAYABLE + "prompt/", PayablePrompt.as_view(), name="api-payable-prompt"),
    path("overpayments/", OverpaymentList.as_view(), name="api-overpayments"),
]
