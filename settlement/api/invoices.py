"""Invoices, blue and red, over the API."""

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from settlement import readers
from settlement.api import render
from settlement.queries import acceptances
from settlement.queries import invoices as queries
from settlement.services.invoices import invoice_submit, invoice_void
from settlement.services.reds import red_invoice_submit
from settlement.workflows.states import InvoiceState
from sunlight.api.answers import page_of, rendered
from sunlight.api.serializers import Day, Number, StrictSerializer, Typed, TypedId
from sunlight.api.views import Endpoint, paged
from sunlight.journal.refusals import Invalid
from sunlight.scope import Role

ISSUERS = frozenset({Role.SUPPLIER_FINANCE})


class InvoiceLineBody(StrictSerializer):
    """Quantity in the pricing unit, price CNY a unit and amount CNY, tax included, all as text."""

    acceptance_line = TypedId()
    quantity = Number()
    price = Number()
    amount = Number()


class OriginalBody(StrictSerializer):
    """The invoice's own file (XML, OFD or PDF, up to 5 MB): its name, and its content in base64."""

    name = Typed(max_length=200)
    content = Typed()


class InvoiceBody(StrictSerializer):
    """`kind` is BLUE; `code` stays empty for a 20-digit digital invoice; `tax_rate` like `"0.13"`; amounts in yuan as
    text. What an XML or OFD `original` says is compared with the rest."""

    kind = Typed(required=False, default="BLUE", max_length=4)

    code = Typed(required=False, allow_blank=True, default="", max_length=20)
    number = Typed(max_length=20)
    issued_on = Day()
    tax_rate = Number()
    net = Number()
    tax = Number()
    amount = Number()
    lines = InvoiceLineBody(many=True, allow_empty=False, max_length=500)
    original = OriginalBody(required=False, allow_null=True, default=None)


class InvoiceReasonBody(StrictSerializer):
    reason = Typed(max_length=300)


def state_of(request, states) -> str:
    """The `state` asked for. Raises Invalid for one that is none."""
    state = request.query_params.get("state", "")
    if state and state not in states.values():
        raise Invalid("state_unknown", f"没有状态“{state[:20]}”，可用：{'、'.join(states.values())}。", field="state")
    return state


class InvoiceList(Endpoint):
    """Invoices issued or received; a new one is matched at once."""

    roles = {"GET": readers.INVOICES, "POST": ISSUERS}

    @extend_schema(
        summary="发票列表",
        parameters=[OpenApiParameter("state", str), OpenApiParameter("number", str)],
        responses={200: page_of(render.InvoiceAnswer)},
    )
    def get(self, request):
        rows = queries.invoices_visible_to(
            self.actor, state=state_of(request, InvoiceState), number=request.query_params.get("number", "")
        )
        return paged(self, request, rows, rendered(render.InvoiceAnswer))

    @extend_schema(summary="提交发票并匹配", request=InvoiceBody, responses={201: render.InvoiceAnswer})
    def post(self, request):
        made = invoice_submit(actor=self.actor, at=self.now, **InvoiceBody.read(request))
        return Response(render.InvoiceAnswer(made).data, status=201)


class InvoiceDetail(Endpoint):
    roles = {"GET": readers.INVOICES}

    @extend_schema(summary="发票及匹配结果", responses={200: render.InvoiceAnswer})
    def get(self, request, invoice_id):
        return Response(render.InvoiceAnswer(queries.invoice_in_full(self.actor, invoice_id)).data)


def _lock_invoice(actor, invoice_id):
    return queries.access_invoice(actor, invoice_id, lock=True)


class InvoiceVoid(Endpoint):
    """Takes an invoice back before it is paid."""

    locked = staticmethod(_lock_invoice)
    roles = {"POST": ISSUERS}

    @extend_schema(summary="作废发票", request=InvoiceReasonBody, responses={200: render.InvoiceAnswer})
    def post(self, request, invoice_id):
        voided = invoice_void(actor=self.actor, at=self.now, invoice_id=invoice_id, **InvoiceReasonBody.read(request))
        return Response(render.InvoiceAnswer(voided).data)


class InvoiceableLines(Endpoint):
    """Accepted lines the organisation shipped and has yet to invoice, the oldest first."""

    roles = {"GET": readers.INVOICEABLE_LINES}

    @extend_schema(summary="待开票的验收明细", responses={200: render.InvoiceableLines})
    def get(self, request):
        rows = acceptances.lines_to_invoice(self.actor)
        return Response({"results": render.InvoiceableLine(rows, many=True).data})


class RedInvoiceBody(StrictSerializer):
    """A digital red invoice (20 digits) and the blue one it takes back: `blue_code` only of a paper one. Amounts in yuan as
    text, with or without the minus; `reason` ERROR (all of the blue one), RETURN or ALLOWANCE."""

    blue_code = Typed(required=False, allow_blank=True, default="", max_length=20)
    blue_number = Typed(max_length=20)
    number = Typed(max_length=20)
    issued_on = Day()
    net = Number()
    tax = Number()
    amount = Number()
    reason = Typed(max_length=10)
    original = OriginalBody(required=False, allow_null=True, default=None)


class RedInvoiceList(Endpoint):
    """Takes back some of a blue invoice: what is open of its payable, and what is paid already as an overpayment."""

    roles = {"POST": ISSUERS}

    @extend_schema(summary="提交红字发票", request=RedInvoiceBody, responses={201: render.InvoiceAnswer})
    def post(self, request):
        made = red_invoice_submit(actor=self.actor, at=self.now, **RedInvoiceBody.read(request))
        return Response(render.InvoiceAnswer(made).data, status=201)


routes = [
    path("invoices/", InvoiceList.as_view(), name="api-invoices"),
    path("invoices/<int:invoice_id>/", InvoiceDetail.as_view(), name="api-invoice"),
    path("invoices/<int:invoice_id>/void/", InvoiceVoid.as_view(), name="api-invoice-void"),
    path("red-invoices/", RedInvoiceList.as_view(), name="api-red-invoices"),
    path("invoiceable-lines/", InvoiceableLines.as_view(), name="api-invoiceable-lines"),
]
