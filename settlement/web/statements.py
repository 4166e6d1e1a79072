"""The monthly statement (对账单): to read, to print, as a sheet."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path

from settlement import readers
from settlement.queries.statements import statement_of
from sunlight.kernel.money import fen_text
from sunlight.scope.clock import business_date
from sunlight.sheets.writing import xlsx_bytes
from sunlight.web.pages import clock, page

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADINGS = ("日期", "凭证号", "摘要", "对方", "付款编号", "发票号码", "收入（元）", "支出（元）", "余额（元）")


@page(readers.STATEMENTS)
def statement(request):
    at = clock(request)
    month = request.GET.get("month") or f"{business_date(at):%Y-%m}"
    found = statement_of(request.actor, month, at)
    following = found.to_date + timedelta(days=1)
    context = {
        "statement": found,
        "previous": f"{found.from_date - timedelta(days=1):%Y-%m}",
        "next": f"{following:%Y-%m}" if following <= business_date(at) else "",
    }
    return render(request, "settlement/statement.html", context)


@page(readers.STATEMENTS)
def sheet(request, month):
    found = statement_of(request.actor, month, clock(request))
    rows = [("", "", "期初余额", "", "", "", "", "", fen_text(found.opening_fen))]
    rows += [
        (
            str(m.occurred_on),
            m.entry,
            m.memo,
            m.counterparty,
            m.payment,
            m.invoice,
            fen_text(m.in_fen),
            fen_text(m.out_fen),
            fen_text(m.balance_fen),
        )
        for m in found.movements
    ]
    rows.append(
        ("", "", "期末余额", "", "", "", fen_text(found.in_fen), fen_text(found.out_fen), fen_text(found.closing_fen))
    )
    response = HttpResponse(xlsx_bytes(HEADINGS, rows, title=month), content_type=XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="statement-{month}.xlsx"'
    return response


routes = [
    path("statement/", statement, name="statement"),
    path("statement/<str:month>/sheet.xlsx", sheet, name="statement_sheet"),
]
