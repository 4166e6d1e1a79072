"""Pages of the manufacturer: its products' prices in other provinces, declared by form or by file."""

from django.core.paginator import Paginator
from django.shortcuts import redirect, render

from pricing import readers
from pricing.queries.declared import access_declaration, price_lists_visible_to, province_prices, units_of
from pricing.queries.products import (
    access_price_group,
    comparison_of,
    comparison_provinces,
    own_price_groups,
    products_with_prices,
)
from pricing.queries.view import price_view
from pricing.rules.commitment import COMMITMENTS, CURRENT_VERSION
from pricing.rules.provinces import PROVINCES
from pricing.services.declarations import declaration_submit
from pricing.services.price_lists import LAYOUT, price_list_import
from pricing.sheets import price_list_template
from pricing.web.lists import DECLARATIONS
from sunlight.journal.refusals import Invalid
from sunlight.kernel.reading import whole_or
from sunlight.scope.clock import business_date
from sunlight.scope.roles import Role
from sunlight.sheets.templates import template_workbook
from sunlight.sheets.writing import csv_bytes
from sunlight.web.downloads import download
from sunlight.web.exports import book_response
from sunlight.web.lists import list_page
from sunlight.web.pages import attempt, clock, page

ROW_FIELDS = ("price", "unit", "valid_from", "valid_to", "platform_name", "evidence")
COMMITMENT = {"commitment": COMMITMENTS[CURRENT_VERSION], "commitment_version": CURRENT_VERSION}


@page(readers.DECLARATIONS)
def declarations(request):
    """Declarations, newest first, by state."""
    return list_page(request, DECLARATIONS)


@page(readers.DECLARATIONS)
def declaration(request, declaration_id: int):
    row = access_declaration(request.actor, declaration_id)
    comparison = comparison_of(row, on=business_date(clock(request)))
    return render(request, "pricing/declaration.html", {"row": row, "comparison": comparison})


@page(Role.SUPPLIER_LISTER)
def products(request):
    """One's products with listed price, alert line and how many provinces stand declared; files go in here."""
    return render(request, "pricing/products.html", _products(request))


def _products(request, refusal=None) -> dict:
    matching = request.GET.get("q", "").strip()[:60]
    on = business_date(clock(request))
    groups = Paginator(own_price_groups(request.actor, matching=matching), 20).get_page(request.GET.get("page"))
    return {
        "page": groups,
        "products": products_with_prices(request.actor, list(groups), on=on),
        "compared": len(comparison_provinces(region=request.actor.region_code, on=on, drafts=request.actor.drafts)),
        "matching": matching,
        "runs": price_lists_visible_to(request.actor)[:5],
        "refusal": refusal,
        **COMMITMENT,
    }


@page(Role.SUPPLIER_LISTER, methods=("GET", "POST"))
def declare(request, price_group_id: int):
    """The form of one product: one row for each comparison province; rows without a price are left out."""
    group = access_price_group(request.actor, price_group_id)
    on = business_date(clock(request))
    provinces = comparison_provinces(region=request.actor.region_code, on=on, drafts=request.actor.drafts)
    typed = {code: {field: request.POST.get(f"{field}_{code}", "") for field in ROW_FIELDS} for code in provinces}
    refusal = None
    filled = [code for code in provinces if typed[code]["price"].strip()]
    if request.method == "POST":
        made, refusal = attempt(
            request,
            lambda: declaration_submit(
                actor=request.actor,
                at=clock(request),
                price_group_id=group.id,
                rows=[{"province": code, **typed[code]} for code in filled],
                commits=request.POST.get("commits") == "on",
                commitment_version=request.POST.get("commitment_version", ""),
            ),
            done="申报已提交，等待承办机构确认。",
        )
        if made is not None:
            return redirect("pricing:declaration", made.id)
    faults = _faults(refusal, filled)
    if faults:
        refusal.items = []  # each stands at its field
    context = {
        "group": group,
        "units": units_of([group])[group.id],
        "rows": _form_rows(request.actor, group, provinces, typed, faults),
        "view": price_view(
            price_group_id=group.id, region=request.actor.region_code, on=on, drafts=request.actor.drafts
        ),
        "refusal": refusal,
        "commits": request.POST.get("commits") == "on",
        **COMMITMENT,
    }
    return render(request, "pricing/declare.html", context, status=422 if refusal else 200)


def _form_rows(actor, group, provinces, typed, faults) -> list[dict]:
    standing = {p.province: p for p in province_prices(region=actor.region_code, price_group_id=group.id)}
    return [
        {
            "code": code,
            "name": PROVINCES[code],
            "typed": typed[code],
            "standing": standing.get(code),
            "faults": faults.get(code, {}),
        }
        for code in provinces
    ]


def _faults(refusal, filled: list[str]) -> dict[str, dict[str, str]]:
    """A refusal's items by province and field, to show next to what was typed."""
    found: dict[str, dict[str, str]] = {}
    for item in refusal.items if refusal else ():
        index, _, field = item["field"].removeprefix("prices[").partition("].")
        if (place := whole_or(index, len(filled))) < len(filled):
            found.setdefault(filled[place], {})[field] = item["message"]
    return found


@page(Role.SUPPLIER_LISTER, methods=("POST",))
def upload(request):
    """A price list as a file; its report names every row that was not taken."""
    file = request.FILES.get("file")

    def take():
        if file is None:
            raise Invalid("file_missing", "请选择要上传的价格表文件（CSV 或 xlsx）。", field="file")
        return price_list_import(
            actor=request.actor,
            at=clock(request),
            name=file.name,
            content=file.read(),
            commits=request.POST.get("commits") == "on",
            commitment_version=request.POST.get("commitment_version", ""),
            whole=request.POST.get("whole") == "1",
        )

    run, refusal = attempt(request, take)
    if refusal is not None:
        return render(request, "pricing/products.html", _products(request, refusal), status=422)
    return redirect("imports:run", run.id)


@page(Role.SUPPLIER_LISTER)
def template(request, form: str):
    """An empty price list with the right headings and a row for each comparison province."""
    on = business_date(clock(request))
    provinces = comparison_provinces(region=request.actor.region_code, on=on, drafts=request.actor.drafts)
    names = [PROVINCES[code] for code in provinces]
    template = price_list_template(names)
    begun = [[name] for name in names]
    if form == "xlsx":
        return book_response(LAYOUT.title, lambda path: template_workbook(template, path, rows=begun))
    headings = [hint.heading for hint in template.hints]
    rows = [[name, *[""] * (len(headings) - 1)] for name in names]
    return download(csv_bytes(headings, rows), "text/csv; charset=utf-8", f"{LAYOUT.title}.csv")
