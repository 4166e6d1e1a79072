"""Settlement over the API: statement in, invoice matched, run approved, paid, statement out."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from settlement.models.payment import Invoice, Payment, PaymentRun
from sunlight import scope
from sunlight.demo.files.bank_statement import Movement, statement
from sunlight.scope import Role
from tests.api_client import ApiClient
from tests.factories import catalog
from tests.factories.settlement import accepted, funded, instructed, owed, paper, prepared, stated
from tests.settlement.iso20022 import camt054, entry
from tests.settlement.test_services_payments import approve

V1 = "/api/v1/"


def cashier(world, hospital="hospital", person=False):
    return ApiClient(world, hospital, Role.HOSPITAL_FINANCE, person=person)


def upload(client, content, name="对账单.csv", **more):
    file = SimpleUploadedFile(name, content, content_type="text/csv")
    response = client.client.post(V1 + "bank-statements/", {"file": file, **more}, headers=client.headers)
    return client._answer(response)


def second_settler(world):
    """In person: a machine confirms nothing of the bank's."""
    return ApiClient(world, "operator", Role.OPERATOR_SETTLER, person="second")


def confirm_by(client, taken, **more):
    """Another settler reads what the statement would do, and confirms it."""
    path = f"{V1}bank-statements/{taken['id']}/"
    status, plan = client.get(path)
    assert status == 200, plan
    return client.post(path + "confirm/", {"digest": plan["digest"], **more})


def money_in(world, fen, number="1", opening=0):
    today = scope.today()
    return statement(
        account="622700000000000007",
        number=number,
        start=today,
        end=today,
        opening_fen=opening,
        movements=[Movement(today, fen, "某医院", "622700000000000000", "预存")],
    )


@pytest.fixture
def settler(world):
    return ApiClient(world, "operator", Role.OPERATOR_SETTLER)


@pytest.mark.clause("SZ20-5.3.4", "SZ20-6.2b", "GD25-4.8a", on="rule")
def test_from_a_bank_statement_to_a_paid_invoice_and_the_months_statement(world, settler):
    status, taken = upload(settler, money_in(world, 200_000))
    assert (status, taken["closing"], taken["lines"], taken["state"]) == (201, "2000.00", 1, "RECEIVED")
    status, refused = confirm_by(settler, taken)
    assert (status, refused["code"]) == (403, "four_eyes")
    other = second_settler(world)
    status, taken = confirm_by(other, taken, note="已核对")
    assert (status, taken["state"], taken["unidentified"], taken["decision_note"]) == (200, "CONFIRMED", 0, "已核对")

    line = accepted(world, price="12.5000", quantity="100")
    supplier = ApiClient(world, "distributor", Role.SUPPLIER_FINANCE)
    status, waiting = supplier.get(V1 + "invoiceable-lines/")
    assert (status, waiting["results"][0]["acceptance_line"], waiting["results"][0]["open_quantity"]) == (
        200,
        line.id,
        "100.000",
    )
    body = paper([stated(line)]) | {"issued_on": str(scope.today())}
    status, invoice = supplier.post(V1 + "invoices/", body)
    assert (status, invoice["state"], invoice["amount"], invoice["differences"]) == (201, "MATCHED", "1250.00", [])

    first, second = cashier(world), cashier(world, person="second")
    due = scope.today() + timedelta(days=30)
    status, payables = first.get(V1 + "payables/", state="OPEN", due_before=str(due))
    (payable,) = payables["results"]
    assert (payable["amount"], payable["due_on"], payable["due_clause"]) == ("1250.00", str(due), "SZ20-6.2b")
    assert first.get(V1 + "payables/", due_before=str(due - timedelta(days=1)))[1]["results"] == []

    status, run = first.post(V1 + "payment-runs/", {"payables": [payable["id"]]})
    assert (status, run["state"], run["total"], run["payments"]) == (201, "PREPARED", "1250.00", 1)
    approve = f"{V1}payment-runs/{run['id']}/approve/"
    status, refused = first.post(approve)
    assert (status, refused["code"]) == (403, "four_eyes")
    status, approved = second.post(approve, {"note": "同意"})
    assert (status, approved["state"]) == (202, "APPROVED")
    status, done = second.get(f"{V1}payment-runs/{run['id']}/")
    assert (done["state"], done["made"], done["decision_note"]) == ("DONE", 1, "同意")

    status, payments = supplier.get(V1 + "payments/", state="PAID")
    assert (status, payments["results"][0]["amount"], payments["results"][0]["invoice"]) == (
        200,
        "1250.00",
        invoice["number"],
    )
    status, accounts = first.get(V1 + "ledger/accounts/")
    assert [(a["kind"], a["available"]) for a in accounts["results"]] == [("DEPOSIT", "750.00")]
    status, month = first.get(f"{V1}statements/{scope.today():%Y-%m}/")
    assert (status, month["opening"], month["amount_in"], month["amount_out"], month["closing"]) == (
        200,
        "0.00",
        "2000.00",
        "1250.00",
        "750.00",
    )
    again = first.get(f"{V1}statements/{scope.today():%Y-%m}/", known_until=month["known_until"])[1]
    assert again == month

    number = payments["results"][0]["number"]
    _instruct(settler, other, run, number)


def _instruct(settler, other, run, number):
    """One settler makes the order to the bank, another releases it, then the file goes out."""
    status, batch = settler.post(V1 + "instructions/", {"run": run["id"]})
    assert (status, batch["state"], batch["total"], batch["exports"]) == (201, "MADE", "1250.00", 0)
    path = f"{V1}instructions/{batch['id']}/"
    assert settler.post(path + "export/")[1]["code"] == "instruction_not_released"
    seen = {"batches": [{"batch": batch["id"], "sha256": batch["sha256"]}]}
    assert settler.post(V1 + "instructions/release/", seen)[1]["code"] == "four_eyes"
    status, (released,) = other.post(V1 + "instructions/release/", seen)
    assert (status, released["state"]) == (200, "RELEASED")
    detail = settler.get(path)[1]
    assert [line["payment"] for line in detail["lines"]] == [number]
    ask = {"content_type": "application/json", "headers": settler.headers}
    response = settler.client.post(path + "export/", "{}", **ask)
    text = response.content.decode("utf-8-sig").splitlines()
    assert text[1] == f"{number},测试医药配送有限公司,测试银行深圳分行,622700000000000005,1250.00,{number}"
    assert settler.post(path + "export/")[1]["code"] == "reason_missing"
    response = settler.client.post(path + "export/", '{"form": "PAIN001", "reason": "改用报文"}', **ask)
    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/xml")
    status, answer = settler.post(path + "acknowledge/", {"bank_reference": "B1"})
    assert (status, answer["state"], answer["exports"]) == (200, "ACKNOWLEDGED", 2)


def test_a_return_is_said_by_one_and_confirmed_by_another_over_the_api(world, settler):
    funded(world, 125_000)
    run = prepared(world, [owed(world)])
    approve(world, run)
    instructed(world, run)
    with scope.opened(world.system):
        payment = Payment.objects.get()
    said = {"reason": "退票 1", "code": "AC04"}
    status, found = settler.post(f"{V1}payments/{payment.id}/return/", said)
    assert (status, found["state"], found["code"]) == (200, "PROPOSED", "AC04")
    path = f"{V1}payment-returns/{found['id']}/"
    assert settler.post(path + "confirm/")[1]["code"] == "four_eyes"
    status, found = second_settler(world).post(path + "confirm/", {"note": "对"})
    assert (status, found["state"]) == (200, "CONFIRMED")
    supplier = ApiClient(world, "distributor", Role.SUPPLIER_FINANCE)
    assert supplier.get(V1 + "payments/", state="RETURNED")[1]["results"][0]["returned"] == "1250.00"
    assert supplier.get(V1 + "payment-returns/")[1]["results"][0]["reason"] == "退票 1"
    assert cashier(world).get(V1 + "payables/", state="OPEN")[1]["results"][0]["open"] == "1250.00"


def test_a_mismatched_invoice_answers_with_every_difference(world):
    supplier = ApiClient(world, "distributor", Role.SUPPLIER_FINANCE)
    line = accepted(world)
    body = paper([stated(line, price="13")]) | {"issued_on": str(scope.today())}
    status, invoice = supplier.post(V1 + "invoices/", body)
    assert (status, invoice["state"]) == (201, "MISMATCHED")
    assert invoice["differences"] == [
        {
            "line": 1,
            "field": "price",
            "expected": "12.5000",
            "stated": "13.0000",
            "message": "第 1 行单价与订单不符：应为 12.5000，发票为 13.0000",
        },
    ]
    status, voided = supplier.post(f"{V1}invoices/{invoice['id']}/void/", {"reason": "单价错"})
    assert (status, voided["state"]) == (200, "VOIDED")


def test_the_same_post_twice_has_one_effect(world):
    supplier = ApiClient(world, "distributor", Role.SUPPLIER_FINANCE)
    body = paper([stated(accepted(world))]) | {"issued_on": str(scope.today())}
    first = supplier.post(V1 + "invoices/", body, **{"Idempotency-Key": "a"})
    assert supplier.post(V1 + "invoices/", body, **{"Idempotency-Key": "a"}) == first
    assert supplier.post(V1 + "invoices/", body | {"tax": "1.00"}, **{"Idempotency-Key": "a"})[0] == 422
    assert supplier.post(V1 + "invoices/", body)[1]["code"] == "invoice_submitted_already"
    with scope.opened(world.system):
        assert Invoice.objects.count() == 1


def test_bodies_of_the_wrong_type_are_refused_with_the_field(world, settler):
    supplier, finance = ApiClient(world, "distributor", Role.SUPPLIER_FINANCE), cashier(world)
    right = paper([stated(accepted(world))]) | {"issued_on": str(scope.today())}
    for change, field in (
        ({"amount": 1250}, "amount"),
        ({"lines": {}}, "lines.non_field_errors"),
        ({"lines": [{}]}, "lines[0].acceptance_line"),
        ({"issued_on": "昨天"}, "issued_on"),
        ({"number": 5}, "number"),
        ({"more": 1}, "more"),
        ({"lines": [right["lines"][0] | {"acceptance_line": "1"}]}, "lines[0].acceptance_line"),
    ):
        status, refused = supplier.post(V1 + "invoices/", right | change)
        assert (status, refused["field"]) == (422, field)
    for body, field in (({}, "payables"), ({"payables": []}, "payables"), ({"payables": ["1"]}, "payables[0]")):
        status, refused = finance.post(V1 + "payment-runs/", body)
        assert (status, refused["field"]) == (422, field)
    for path, query in (
        ("payables/", {"due_before": "x"}),
        ("payables/", {"state": "x"}),
        ("payments/", {"run": "x"}),
        ("statements/2026-13/", {}),
        ("statements/2026-07/", {"known_until": "2026-01-01"}),
    ):
        assert finance.get(V1 + path, **query)[0] == 422
    assert upload(settler, b"")[1]["code"] == "not_a_statement"
    assert upload(settler, b"x", more="1")[0] == 422
    assert settler.post(V1 + "bank-statements/", {})[0] == 415
    with scope.opened(world.system):
        assert not Invoice.objects.exists() and not PaymentRun.objects.exists()


def test_a_statement_sent_twice_is_refused_over_the_api(world, settler):
    upload(settler, money_in(world, 5))
    status, refused = upload(settler, money_in(world, 5))
    assert (status, refused["code"]) == (409, "statement_taken_already")


def test_one_settler_proposes_and_another_assigns_unidentified_money(world, settler):
    today, other = scope.today(), second_settler(world)
    content = statement(
        account="622700000000000007",
        number="1",
        start=today,
        end=today,
        movements=[Movement(today, 700, "某人", "9", "?")],
    )
    confirm_by(other, upload(settler, content)[1])
    status, lines = settler.get(V1 + "bank-lines/", state="UNIDENTIFIED")
    (line,) = lines["results"]
    assert (line["amount"], line["finding"]) == ("7.00", "对方账号未登记，附言中没有医院编码")
    path = f"{V1}bank-lines/{line['id']}/"
    assert settler.post(path + "propose/", {"reason": "电话确认"})[0] == 422
    right = {"organisation": world.hospital.id, "reason": "电话确认"}
    status, proposed = settler.post(path + "propose/", right)
    assert (status, proposed["state"], proposed["organisation"]["name"]) == (200, "PROPOSED", world.hospital.name)
    assert settler.post(path + "assign/", {"reason": "x"})[1]["code"] == "four_eyes"
    assert settler.post(path + "send-back/", {"reason": "再核"})[1]["state"] == "UNIDENTIFIED"
    settler.post(path + "propose/", right)
    status, assigned = other.post(path + "assign/", {"reason": "回单 1"})
    assert (status, assigned["state"], assigned["organisation"]["name"]) == (200, "ASSIGNED", world.hospital.name)
    assert settler.get(V1 + "ledger/accounts/")[1]["results"][0]["available"] is not None


def test_a_statement_is_turned_away_and_a_notification_is_kept_over_the_api(world, settler):
    taken = upload(settler, money_in(world, 5))[1]
    path = f"{V1}bank-statements/{taken['id']}/reject/"
    assert settler.post(path, {"reason": ""})[0] == 422
    assert settler.post(path, {"reason": "日期错"})[1]["state"] == "REJECTED"
    today = scope.today()
    file = SimpleUploadedFile("N1.xml", camt054("N1", today, entry("B1", 5, today)), content_type="application/xml")
    response = settler.client.post(V1 + "bank-notices/", {"file": file}, headers=settler.headers)
    assert settler._answer(response) == (201, {"taken": 1})


def test_strangers_get_not_found_and_other_roles_forbidden(world, settler):
    run = prepared(world, [owed(world)])
    with scope.opened(world.system):
        invoice = Invoice.objects.get()
    other = cashier(world, "other_hospital")
    for path, body in (
        (f"payment-runs/{run.id}/approve/", {}),
        (f"payment-runs/{run.id}/reject/", {"reason": "x"}),
    ):
        assert other.post(V1 + path, body)[0] == 404
    assert other.get(f"{V1}payment-runs/{run.id}/")[0] == 404
    assert other.get(f"{V1}invoices/{invoice.id}/")[0] == 404
    for path in ("invoices/", "payables/", "payment-runs/", "payments/", "ledger/accounts/"):
        assert other.get(V1 + path)[1]["results"] == []
    supplier = ApiClient(world, "other_distributor", Role.SUPPLIER_FINANCE)
    assert supplier.post(f"{V1}invoices/{invoice.id}/void/", {"reason": "x"})[0] == 404
    assert supplier.get(V1 + "payment-runs/")[0] == 403
    assert upload(cashier(world), money_in(world, 5))[0] == 403
    assert ApiClient(world, "hospital", Role.HOSPITAL_BUYER).get(V1 + "payables/")[0] == 403
    nobody = ApiClient(world, "hospital", Role.HOSPITAL_FINANCE)
    nobody.headers = {}
    assert nobody.get(V1 + "payables/")[0] == 401
    assert nobody.post(V1 + "payment-runs/", {"payables": [1]})[0] == 401


def test_lists_take_as_many_queries_whatever_their_rows(world, settler):
    listing = catalog.listed(world)
    clients = {
        "invoices/": cashier(world),
        "payables/": cashier(world),
        "payments/": cashier(world),
        "payment-runs/": cashier(world),
        "ledger/accounts/": settler,
        "bank-statements/": settler,
        "bank-lines/": settler,
        "invoiceable-lines/": ApiClient(world, "distributor", Role.SUPPLIER_FINANCE),
    }
    counts = {path: [] for path in clients}
    opening = 0
    for many in (1, 3):
        for n in range(many):
            prepared(world, [owed(world, listing=listing)])
            accepted(world, listing)
            upload(settler, money_in(world, 5, f"{many}-{n}", opening))
            opening += 5
        for path, client in clients.items():
            with CaptureQueriesContext(connection) as captured:
                assert client.get(V1 + path)[0] == 200
            counts[path].append(len(captured))
    assert {path: a for path, (a, b) in counts.items() if a != b} == {}
    funded(world, 1)
    with scope.opened(world.system):
        assert Payment.objects.count() == 4


def test_an_invoice_takes_as_many_queries_whatever_its_lines(world):
    supplier, listing, counts = ApiClient(world, "distributor", Role.SUPPLIER_FINANCE), catalog.listed(world), []
    for many in (1, 3):
        lines = [stated(accepted(world, listing)) for _ in range(many)]
        body = paper(lines) | {"issued_on": str(scope.today())}
        status, invoice = supplier.post(V1 + "invoices/", body)
        assert status == 201, invoice
        with CaptureQueriesContext(connection) as captured:
            status, shown = supplier.get(f"{V1}invoices/{invoice['id']}/")
        assert (status, len(shown["lines"])) == (200, many)
        counts.append(len(captured))
    assert counts[0] == counts[1]
