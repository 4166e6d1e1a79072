"""The supplier's invoicing pages, and invoices as both sides see them."""

from decimal import Decimal

from django.shortcuts import redirect, render
from django.urls import path

from settlement import readers
from settlement.queries import acceptances
from settlement.queries import invoices as queries
from settlement.rules.invoices import rates_in_force
from settlement.services.invoice_checks import MOST_ORIGINAL_BYTES
from settlement.services.invoice_reading import Sent
from settlement.services.invoices import invoice_submit, invoice_void
from settlement.services.reds import red_invoice_submit
from settlement.web.lists import INVOICES
from settlement.workflows.states import InvoiceKind, InvoiceState, RedReason
from sunlight import scope
from sunlight.kernel import reading
from sunlight.kernel.money import fen_text, price_text, quantity_text
from sunlight.scope import Role
from sunlight.scope.clock import business_date
from sunlight.web.forms import row_ids, typed_of
from sunlight.web.lists import list_page
from sunlight.web.pages import attempt, clock, page
from sunlight.web.uploads import sent_file

ISSUER = Role.SUPPLIER_FINANCE
RED = ("number", "issued_on", "net", "tax", "amount", "reason")
HEAD = ("code", "number", "issued_on", "tax_rate", "net", "tax", "amount")


@page(readers.INVOICEABLE_LINES)
def to_invoice(request):
    """Accepted and not invoiced yet, grouped by who an invoice can be for."""
    groups: dict[tuple, list] = {}
    for line in acceptances.lines_to_invoice(request.actor):
        groups.setdefault((line.buyer_id, line.seller_id, line.distributor_id), []).append(line)
    return render(request, "settlement/to_invoice.html", {"groups": list(groups.values())})


@page(ISSUER, methods=("GET", "POST"))
def new(request):
    """An invoice over the chosen lines, its figures filled in; `again` works them out for other quantities."""
    sent = request.POST if request.method == "POST" else request.GET
    ids = row_ids(sent.getlist("lines"))
    if not ids:
        return redirect("settlement:to_invoice")
    if request.method == "GET":
        return _form(request, ids, {})
    if "again" in sent:
        quantities, refusal = attempt(request, lambda: _quantities(sent, ids))
        kept = sent if refusal else {name: sent.get(name, "") for name in ("code", "number", "issued_on", "tax_rate")}
        return _form(request, ids, kept, refusal, quantities)
    made, refusal = attempt(request, lambda: _submit(request, ids))
    return _form(request, ids, sent, refusal) if made is None else redirect("settlement:invoice", made.id)


def _submit(request, ids: list[int]):
    sent = request.POST
    facts = {name: sent.get(name, "") for name in HEAD}
    original = _original(request)
    return invoice_submit(
        actor=request.actor,
        at=clock(request),
        **facts,
        original=original,
        lines=[
            {"acceptance_line": i} | {name: sent.get(f"{name}_{i}", "") for name in ("quantity", "price", "amount")}
            for i in ids
        ],
    )


def _original(request) -> Sent | None:
    if "original" not in request.FILES:
        return None
    file = sent_file(request, "original", most_bytes=MOST_ORIGINAL_BYTES)
    return Sent(file.name, file.read())


def _quantities(sent, ids: list[int]) -> dict[int, Decimal | None]:
    """Other quantities than all that is open, where they were typed. Raises Unreadable."""
    quantities: dict[int, Decimal | None] = {}
    for line_id in ids:
        text = sent.get(f"quantity_{line_id}", "")
        quantities[line_id] = reading.quantity(text, f"quantity_{line_id}") if text else None
    return quantities


def _form(request, ids, typed, refusal=None, quantities=None):
    """The form with what was typed, where something was, over what it should be."""
    today = business_date(clock(request))
    rates = [str(rate) for rate in rates_in_force(scope.law(request.actor, today))]
    rate = typed.get("tax_rate", rates[0])
    draft = acceptances.invoice_draft(
        request.actor, quantities or dict.fromkeys(ids), Decimal(rate if rate in rates else rates[0])
    )
    filled = {
        "issued_on": str(today),
        "tax_rate": str(draft.rate),
        "net": fen_text(draft.net_fen),
        "tax": fen_text(draft.tax_fen),
        "amount": fen_text(draft.total_fen),
    }
    head = {name: typed.get(name, filled.get(name, "")) for name in HEAD}
    rows = [_row(each, typed) for each in draft.lines]
    context = {
        "rows": rows,
        "head": head,
        "rates": rates,
        "draft": draft,
        "buyer": draft.lines[0].line.buyer_name,
        "refusal": refusal,
        "bad_field": refusal.field if refusal else "",
    }
    return render(request, "settlement/invoice_form.html", context, status=422 if refusal else 200)


def _row(each, typed) -> dict:
    line = each.line
    filled = {
        "quantity": quantity_text(each.quantity),
        "price": price_text(line.price),
        "amount": fen_text(each.amount_fen),
    }
    return {"line": line} | {name: typed.get(f"{name}_{line.id}", text) for name, text in filled.items()}


@page(readers.INVOICES)
def invoices(request):
    return list_page(request, INVOICES)


@page(readers.INVOICES)
def invoice(request, invoice_id):
    return _invoice_page(request, invoice_id)


def _invoice_page(request, invoice_id, refusal=None, reason="", red_typed=None):
    found = queries.access_invoice(request.actor, invoice_id)
    mine = request.actor.has(ISSUER) and found.issuer_id == request.actor.organisation_id
    is_blue = found.kind == InvoiceKind.BLUE
    context = {
        "sign": "" if is_blue else "-",
        "reds": queries.reds_of(found) if is_blue else (),
        "may_redden": mine
        and is_blue
        and found.state == InvoiceState.MATCHED
        and found.reddened_fen < found.amount_fen,
        "red_reasons": RedReason.choices(),
        "red_typed": {**dict.fromkeys(RED, ""), "issued_on": str(business_date(clock(request))), **(red_typed or {})},
        "invoice": found,
        "lines": queries.lines_of(found),
        "payable": queries.payable_of(found),
        "may_void": mine and is_blue and found.state != InvoiceState.VOIDED and not found.reddened_fen,
        "today": business_date(clock(request)),
        "reason": reason,
        "refusal": refusal,
    }
    return render(request, "settlement/invoice.html", context, status=422 if refusal else 200)


@page(ISSUER, methods=("POST",))
def void(request, invoice_id):
    reason = request.POST.get("reason", "")
    done, refusal = attempt(
        request,
        lambda: invoice_void(actor=request.actor, at=clock(request), invoice_id=invoice_id, reason=reason),
        done="发票已作废，验收数量可重新开票。",
    )
    if done is None:
        return _invoice_page(request, invoice_id, refusal, reason)
    return redirect("settlement:invoice", invoice_id)


@page(ISSUER, methods=("POST",))
def red(request, invoice_id):
    """A red invoice to the blue one whose page it is."""
    blue = queries.access_invoice(request.actor, invoice_id)
    sent = typed_of(request, *RED)
    made, refusal = attempt(
        request,
        lambda: red_invoice_submit(
            actor=request.actor,
            at=clock(request),
            blue_code=blue.code,
            blue_number=blue.number,
            **sent,
            original=_original(request),
        ),
        done="红字发票已提交，医院会收到通知。",
    )
    if made is None:
        return _invoice_page(request, invoice_id, refusal, red_typed=sent)
    return redirect("settlement:invoice", made.id)


routes = [
    path("to-invoice/", to_invoice, name="to_invoice"),
    path("invoices/new/", new, name="invoice_new"),
    path("invoices/", invoices, name="invoices"),
    path("invoices/<int:invoice_id>/", invoice, name="invoice"),
    path("invoices/<int:invoice_id>/red/", red, name="invoice_red"),
    path("invoices/<int:invoice_id>/void/", void, name="invoice_void"),
]
