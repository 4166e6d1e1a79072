"""Published price information, a group's prices, and price lists as files."""

from datetime import date

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from pricing import readers
from pricing.api.answers import (
    GROUP_PRICES,
    IMPORT_RUN,
    INFORMATION,
    group_prices_answer,
    import_answer,
    information_answer,
)
from pricing.queries.declared import access_price_list, province_prices
from pricing.queries.products import access_price_group
from pricing.queries.view import price_view
from pricing.rules.commitment import CURRENT_VERSION
from pricing.services.price_lists import price_list_import
from sunlight.api.views import Endpoint
from sunlight.journal.refusals import Invalid
from sunlight.kernel import reading
from sunlight.kernel.money import MoneyError, parse_price
from sunlight.scope.clock import business_date
from sunlight.scope.roles import Role
from sunlight.sheets.queries import refused_rows

LISTER = frozenset({Role.SUPPLIER_LISTER})
MOST_REFUSED_SHOWN = 1_000
_ON = OpenApiParameter("on", str, description="业务日，2026-03-01；不填为今天")


def _asked_day(request, today: date) -> date:
    day = reading.day(request.query_params.get("on"), "on", "业务日（on）", required=False) or today
    if not date(2004, 1, 1) <= day <= date(2099, 12, 31):
        raise Invalid("bad_date", "on 须为 2004-01-01 至 2099-12-31 间的日期，格式如 2026-03-01。", field="on")
    return day


class PriceInformation(Endpoint):
    """For bargaining: hospitals, the operator and regulators; not for suppliers (SZ24-3.3a)."""

    roles = {"GET": readers.PRICE_INFORMATION}

    @extend_schema(
        summary="价格信息：预警线、分级统计、三色九段线",
        parameters=[
            OpenApiParameter("price_group", int, required=True),
            _ON,
            OpenApiParameter("price", str, description="要判断位置的价格"),
        ],
        responses={200: INFORMATION},
    )
    def get(self, request):
        group = access_price_group(
            self.actor, reading.row_id(request.query_params.get("price_group"), "price_group", "计价组的编号")
        )
        price = request.query_params.get("price")
        try:
            price = None if price is None else parse_price(price)
        except MoneyError as error:
            raise Invalid(error.code, f"{error.message}。", field="price") from error
        view = price_view(
            price_group_id=group.id,
            region=self.actor.region_code,
            on=_asked_day(request, business_date(self.now)),
            drafts=self.actor.drafts,
            price=price,
        )
        return Response(information_answer(view))


class GroupPrices(Endpoint):
    roles = {"GET": readers.PRICE_GROUPS}

    @extend_schema(summary="计价组的价格：挂网价、预警线、外省价", parameters=[_ON], responses={200: GROUP_PRICES})
    def get(self, request, price_group_id: int):
        group = access_price_group(self.actor, price_group_id)
        region = self.actor.region_code
        day = _asked_day(request, business_date(self.now))
        view = price_view(price_group_id=group.id, region=region, on=day, drafts=self.actor.drafts)
        return Response(group_prices_answer(view, province_prices(region=region, price_group_id=group.id)))


class PriceListUpload(Endpoint):
    """A price list as a file (docs/formats.md); the answer says which rows were refused and why."""

    roles = {"POST": LISTER}
    parser_classes = [MultiPartParser]

    @extend_schema(
        summary="上传外省价格表",
        request={
            "multipart/form-data": {
                "type": "object",
                "required": ["file", "accepted"],
                "properties": {
                    "file": {"type": "string", "format": "binary"},
                    "accepted": {"type": "string", "enum": ["true"]},
                    "commitment_version": {"type": "string", "default": CURRENT_VERSION},
                    "whole": {"type": "string", "enum": ["true", "false"], "default": "false"},
                },
            }
        },
        responses={201: IMPORT_RUN},
    )
    def post(self, request):
        file = request.FILES.get("file")
        if file is None:
            raise Invalid("file_missing", "请以 file 字段上传价格表（CSV 或 xlsx）。", field="file")
        run = price_list_import(
            actor=self.actor,
            at=self.now,
            name=file.name,
            content=file.read(),
            commits=request.data.get("accepted") == "true",
            commitment_version=request.data.get("commitment_version") or CURRENT_VERSION,
            whole=request.data.get("whole") == "true",
        )
        return Response(import_answer(run, refused_rows(run)[:MOST_REFUSED_SHOWN]), status=201)


class PriceListReport(Endpoint):
    roles = {"GET": readers.PRICE_LISTS}

    @extend_schema(summary="外省价格表导入结果", responses={200: IMPORT_RUN})
    def get(self, request, run_id: int):
        run = access_price_list(self.actor, run_id)
        return Response(import_answer(run, refused_rows(run)[:MOST_REFUSED_SHOWN]))
