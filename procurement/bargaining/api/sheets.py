"""Sheets of offers over the API: written in one request, read with a verdict a line, sent line by line."""

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from procurement import readers
from procurement.bargaining.api import sheets_render as render
from procurement.bargaining.queries import sheets as queries
from procurement.bargaining.rules.pasting import COLUMNS, LONGEST_CELL, MOST_ROWS
from procurement.bargaining.services import sheet_sending as sending
from procurement.bargaining.services import sheets as services
from procurement.bargaining.services.sheet_verdicts import sheet_lines
from procurement.bargaining.services.sheets import Change
from procurement.contracts.api.bodies import Nothing
from sunlight.api.serializers import StrictSerializer, Typed, TypedId, WholeNumber
from sunlight.api.views import Endpoint, paged
from sunlight.journal.refusals import Invalid
from sunlight.scope import Role

BUYERS = frozenset({Role.HOSPITAL_BUYER})


class SheetBody(StrictSerializer):
    name = Typed(required=False, allow_blank=True, default="", max_length=60)
    months = WholeNumber(required=False, default=12)


def _cell():
    return Typed(required=False, allow_blank=True, max_length=LONGEST_CELL)


class LineBody(StrictSerializer):
    """Cells not named stay as they are. `version` as last read, 0 for a line nobody wrote; `price_group` instead of
    `product` names the product beyond doubt."""

    position = WholeNumber(min_value=1, max_value=MOST_ROWS)
    version = WholeNumber(required=False, default=0, min_value=0)
    price_group = TypedId(required=False)
    product = _cell()
    quantity = _cell()
    price = _cell()
    remark = _cell()


class LinesBody(StrictSerializer):
    lines = LineBody(many=True, allow_empty=False, max_length=MOST_ROWS)


class SheetList(Endpoint):
    """The hospital's sheets of offers to be."""

    roles = {"GET": readers.OFFER_SHEETS, "POST": BUYERS}

    @extend_schema(summary="议价表列表", responses={200: render.OfferSheetsPage})
    def get(self, request):
        return paged(self, request, queries.sheets_visible_to(self.actor), render.row)

    @extend_schema(summary="新建议价表", request=SheetBody, responses={201: render.OfferSheetRow})
    def post(self, request):
        made = services.sheet_open(actor=self.actor, at=self.now, **SheetBody.read(request))
        return Response(render.row(queries.access_sheet(self.actor, made.id)), status=201)


class SheetDetail(Endpoint):
    """A sheet with its lines, each with the verdict it would meet now, or the answer of its sending."""

    roles = {"GET": readers.OFFER_SHEETS}

    @extend_schema(summary="议价表与逐行裁定", responses={200: render.OfferSheetWithLines})
    def get(self, request, sheet_id):
        found = queries.access_sheet(self.actor, sheet_id)
        return Response(render.whole(found, sheet_lines(actor=self.actor, at=self.now, sheet=found)))


class SheetLines(Endpoint):
    """Write up to 300 lines at once. A cell that cannot be read is kept and marked; a line that somebody else changed
    meanwhile is not written and comes back under `clashes` with both values."""

    roles = {"POST": BUYERS}

    @extend_schema(summary="写入议价表的行", request=LinesBody, responses={200: render.LinesWritten})
    def post(self, request, sheet_id):
        typed = {line["position"]: line for line in LinesBody.read(request)["lines"]}
        if len(typed) < len(request.data["lines"]):
            raise Invalid("position_twice", "同一行号出现了不止一次，请合并后再提交。", field="lines")
        changes = {
            position: Change(
                {column: line[column] for column in COLUMNS if column in line},
                line["version"],
                line.get("price_group"),
            )
            for position, line in typed.items()
        }
        written = services.sheet_lines_write(actor=self.actor, at=self.now, sheet_id=sheet_id, changes=changes)
        found = queries.access_sheet(self.actor, sheet_id)
        positions = {row.position for row in written.rows if row.id}
        lines = sheet_lines(actor=self.actor, at=self.now, sheet=found, positions=positions)
        return Response(render.written(lines, written.clashes))


class SheetSend(Endpoint):
    """Send every filled line that is not an offer yet. Each is made an offer, or refused, in its own transaction after
    this request's; read the sheet for the answers. Called again, it continues with what waits and sends nothing twice."""

    roles = {"POST": BUYERS}

    @extend_schema(summary="发送议价表", request=Nothing, responses={202: render.SendingBegun})
    def post(self, request, sheet_id):
        Nothing.read(request)
        at = self.now
        waiting = sending.sheet_send(actor=self.actor, at=at, sheet_id=sheet_id)
        sending.send_after_commit(actor=self.actor, at=at, sheet_id=sheet_id)
        return Response({"waiting": waiting}, status=202)


class SheetClose(Endpoint):
    roles = {"POST": BUYERS}

    @extend_schema(summary="结束议价表", request=Nothing, responses={200: render.OfferSheetRow})
    def post(self, request, sheet_id):
        Nothing.read(request)
        services.sheet_close(actor=self.actor, at=self.now, sheet_id=sheet_id)
        return Response(render.row(queries.access_sheet(self.actor, sheet_id)))


routes = [
    path("offer-sheets/", SheetList.as_view(), name="api-offer-sheets"),
    path("offer-sheets/<int:sheet_id>/", SheetDetail.as_view(), name="api-offer-sheet"),
    path("offer-sheets/<int:sheet_id>/lines/", SheetLines.as_view(), name="api-offer-sheet-lines"),
    path("offer-sheets/<int:sheet_id>/send/", SheetSend.as_view(), name="api-offer-sheet-send"),
    path("offer-sheets/<int:sheet_id>/close/", SheetClose.as_view(), name="api-offer-sheet-close"),
]
