"""Listings: the maker's own, the operator's review, one listing with its checks, commitment and moves."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import QueryDict
from django.shortcuts import redirect, render

from catalog import readers
from catalog.queries.codes import national_codes_search
from catalog.queries.listings import certificate_of, producer_names, waiting_for
from catalog.queries.products import listed_among, own_products, own_specifications
from catalog.queries.sisters import pricing_units, unit_of
from catalog.queries.views import listing_view
from catalog.services import drafting
from catalog.services import listings as services
from catalog.web import lists
from catalog.web.forms import PACK_LINES, application_facts, typed_application
from catalog.workflows import ListingState
from sunlight.journal.refusals import Invalid
from sunlight.publicity.queries import under_publicity
from sunlight.scope import Role
from sunlight.scope.clock import business_date
from sunlight.web.lists import list_page
from sunlight.web.pages import attempt, clock, page

PAGE_SIZE = 20
# move: (service, name of its text, what is said when done)
MOVES = {
    "submit": (services.listing_submit, "commitment_sha256", "已签署承诺书并提交，等待运营机构审核。"),
    "approve": (services.listing_approve, "note", "已审核通过，产品已挂网并开放交易。"),
    "reject": (services.listing_reject, "note", "已退回申请企业。"),
    "publicise": (services.listing_price_publicise, "", "已发布价格公示，公众可在公示期内提出异议。"),
    "suspend": (services.listing_suspend, "reason", "已暂停挂网。"),
    "restore": (services.listing_restore, "note", "已恢复挂网。"),
    "delist": (services.listing_delist, "reason", "已撤网。"),
}
APPROVED = {
    ListingState.PUBLICISED: "已审核通过并开始公示，公示期满无异议后自动挂网。",
    ListingState.ENDORSED: "已初审同意。价格高于同证同码的其他计价组，须由另一名审核员复审。",
    ListingState.JOINED: "已审核通过，规格已并入同一计价组的挂网。",
}


@page(readers.LISTINGS)
def listings(request):
    """A maker's own listings, what the operator reviews and watches, for a hospital what is or was listed; newest first."""
    return list_page(request, lists.LISTINGS)


@page(readers.LISTINGS, methods=("GET", "POST"))
def listing(request, listing_id: int):
    """One listing; a POST makes one of its moves."""
    refusal, typed = None, ""
    if request.method == "POST":
        _, refusal = attempt(request, lambda: _move(request, listing_id))
        if refusal is None:
            return redirect("catalog:listing", listing_id)
        typed = request.POST.get("text", "")
    view = listing_view(request.actor, listing_id, business_date(clock(request)))
    waiting = 0
    if request.actor.has(Role.OPERATOR_REVIEWER):
        waiting = waiting_for(request.actor).exclude(id=listing_id).count()
    context = {
        "view": view,
        "listing": view.listing,
        "refusal": refusal,
        "typed": typed,
        "waiting": waiting,
        "publication": under_publicity("listing", listing_id),
    }
    return render(request, "catalog/listing.html", context, status=422 if refusal else 200)


def _move(request, listing_id: int):
    name = request.POST.get("move", "")
    if name not in MOVES:
        raise Invalid("unknown_move", "没有这个操作。请刷新页面后重试。", field="move")
    service, text, done = MOVES[name]
    given = request.POST.get("text", "")
    if name == "submit":
        given = request.POST.get("commitment_sha256", "") if request.POST.get("agreed") == "1" else ""
    made = service(actor=request.actor, at=clock(request), listing_id=listing_id, **({text: given} if text else {}))
    if name == "approve":
        done = APPROVED.get(made.state, done)
    messages.success(request, done)
    return made


@page(Role.SUPPLIER_LISTER)
def products(request):
    """The maker's products in the national catalogue, to choose one to list."""
    text = request.GET.get("q", "")
    found, refusal = attempt(request, lambda: own_products(request.actor, text))
    context = {
        "q": text,
        "refusal": refusal,
        "producers": producer_names(request.actor.organisation_id),
    }
    rows = found if found is not None else []
    status = 422 if refusal else 200
    return list_page(request, lists.PRODUCTS, "catalog/products.html", rows=rows, context=context, status=status)


@page(Role.SUPPLIER_LISTER, methods=("GET", "POST"))
def application(request, product: str):
    """The form of an application for one product; a POST drafts it."""
    certificate = request.GET.get("certificate", "")
    specifications = own_specifications(request.actor, product, certificate)
    listed = listed_among([spec.code for spec in specifications])
    known, refusal = certificate_of(certificate), None
    typed = typed_application(QueryDict()) | {
        "codes": [spec.code for spec in specifications if spec.code not in listed]
    }
    if request.method == "POST":
        typed = typed_application(request.POST)
        made, refusal = attempt(
            request,
            lambda: drafting.listing_draft(
                actor=request.actor, at=clock(request), **application_facts(typed, certificate)
            ),
            done="申请已保存为草稿。请核对下方信息，阅读并签署承诺书后提交。",
        )
        if made is not None:
            return redirect("catalog:listing", made.id)
    context = {
        "specifications": specifications,
        "listed": listed,
        "typed": typed,
        "refusal": refusal,
        "certificate": certificate,
        "known": known,
        "first": specifications[0],
        "units": pricing_units(request.actor, business_date(clock(request))),
        "fixed_unit": unit_of(certificate, product),
        "packs": list(zip(PACK_LINES, typed["packs"], strict=True)),
    }
    return render(request, "catalog/application.html", context, status=422 if refusal else 200)


@page(Role.SUPPLIER_LISTER, methods=("GET", "POST"))
def revise(request, listing_id: int):
    """Change price and specifications of a draft or of an application sent back."""
    at = clock(request)
    view = listing_view(request.actor, listing_id, business_date(at))
    group, refusal = view.listing.price_group, None
    reason = view.listing.price_reason
    typed = {
        "declared_price": view.listing.declared_price,
        "price_reason": reason,
        "codes": [spec.code for spec in view.specifications],
    }
    if request.method == "POST":
        sent = request.POST
        typed = {name: sent.get(name, "") for name in ("declared_price", "price_reason")} | {
            "codes": sent.getlist("codes")
        }
        made, refusal = attempt(
            request,
            lambda: drafting.listing_revise(actor=request.actor, at=at, listing_id=listing_id, **typed),
            done="已修改。请重新阅读并签署承诺书后提交。",
        )
        if made is not None:
            return redirect("catalog:listing", listing_id)
    specifications = own_specifications(request.actor, group.generic_code, group.certificate.number)
    context = {
        "listing": view.listing,
        "specifications": specifications,
        "listed": set(),
        "typed": typed,
        "refusal": refusal,
    }
    return render(request, "catalog/revise.html", context, status=422 if refusal else 200)


@page(readers.NATIONAL_CODES)
def codes(request):
    """The national catalogue, searched."""
    text, refusal, found = request.GET.get("q", ""), None, None
    if text.strip():
        found, refusal = attempt(request, lambda: national_codes_search(text))
    rows = Paginator(found if found is not None else [], PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": rows, "q": text, "refusal": refusal}
    template = "catalog/_codes.html" if request.htmx else "catalog/codes.html"
    return render(request, template, context, status=422 if refusal else 200)
