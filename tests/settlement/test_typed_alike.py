"""A field of settlement that stands on a page and in the API is refused alike by both, and never cut."""

from dataclasses import replace

from settlement.models.payment import Invoice, PaymentRun
from settlement.models.statement import StatementLine
from sunlight import scope
from sunlight.demo.files.bank_statement import Movement, statement
from sunlight.scope import Role
from tests import alike
from tests.api_client import ApiClient, logged_in
from tests.factories.settlement import accepted, confirmed, funded, owed, paper, prepared, stated

V1, HOME = "/api/v1/", "/settlement/"


def both(world, key: str, role: Role, url: str, path: str, *, form=None, body=None) -> alike.Both:
    browser = logged_in(world.actor(key, role))
    return alike.Both(browser, HOME + url, ApiClient(world, key, role), V1 + path, form or {}, body or {})


def test_why_a_run_is_rejected_and_an_invoice_voided(world):
    run = prepared(world, [owed(world)], person="x")
    faces = both(world, "hospital", Role.HOSPITAL_FINANCE, f"runs/{run.id}/reject/", f"payment-runs/{run.id}/reject/")
    alike.refused_alike(faces, "reason", "reason", alike.reasons(300))
    alike.nul_is_refused(faces, "reason", "reason")
    with scope.opened(world.system):
        invoice = Invoice.objects.get()
        assert PaymentRun.objects.get().state == "PREPARED"
    path = f"invoices/{invoice.id}/void/"
    faces = both(world, "distributor", Role.SUPPLIER_FINANCE, path, path)
    alike.refused_alike(faces, "reason", "reason", alike.reasons(300))
    alike.nul_is_refused(faces, "reason", "reason")


def test_an_invoice(world):
    line = accepted(world)
    right = paper([stated(line)]) | {"issued_on": str(scope.today())}
    form = {name: right[name] for name in ("number", "tax_rate", "net", "tax", "amount", "issued_on")}
    (said,) = right["lines"]
    form |= {"lines": line.id} | {f"{name}_{line.id}": said[name] for name in ("quantity", "price", "amount")}
    faces = both(world, "distributor", Role.SUPPLIER_FINANCE, "invoices/new/", "invoices/", form=form, body=right)
    alike.refused_alike(faces, "issued_on", "issued_on", alike.days())
    for name in ("net", "tax", "amount"):
        alike.refused_alike(faces, name, name, alike.numbers())
    for name in ("number", "code"):
        alike.refused_alike(faces, name, name, alike.reasons(20, required=False))
        alike.nul_is_refused(faces, name, name)
    alike.refused_alike(faces, "number", "number", [("", ""), (alike.LEFT_OUT, alike.LEFT_OUT)])


def test_the_approval_of_a_run(world):
    run = prepared(world, [owed(world)], person="x")
    funded(world, 10**10)
    path = f"payment-runs/{run.id}/approve/"
    faces = both(world, "hospital", Role.HOSPITAL_FINANCE, f"runs/{run.id}/approve/", path)
    # A machine would be refused before anything is read.
    faces = replace(faces, api=ApiClient(world, "hospital", Role.HOSPITAL_FINANCE, person=True))
    alike.refused_alike(faces, "note", "note", alike.reasons(300, required=False))


def test_whose_a_booking_is(world):
    today = scope.today()
    content = statement(
        account="622700000000000007",
        number="1",
        start=today,
        end=today,
        movements=[Movement(today, 700, "某人", "9", "?")],
    )
    confirmed(world, content)
    with scope.opened(world.system):
        line = StatementLine.objects.get()
    right = {"organisation": world.hospital.id, "reason": "电话确认"}
    path = f"bank-lines/{line.id}/propose/"
    faces = both(
        world, "operator", Role.OPERATOR_SETTLER, f"bank/lines/{line.id}/propose/", path, form=right, body=right
    )
    alike.refused_alike(faces, "reason", "reason", alike.reasons(300))
    alike.nul_is_refused(faces, "reason", "reason")
    alike.refused_alike(faces, "organisation", "organisation", [("x", "x"), ("", alike.LEFT_OUT), ("0", 0)])
    alike.refused_alike(faces, "payment", "payment", alike.reasons(20, required=False))
    with scope.opened(world.system):
        assert StatementLine.objects.get().state == "UNIDENTIFIED"
