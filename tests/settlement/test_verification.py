"""What the tax office says of an invoice: asked through a gateway, recorded, looked at before payment."""

import http.server
import json
import threading

import pytest

from settlement import tasks, verifying
from settlement.models.payment import Invoice
from settlement.services.runs import run_approve
from settlement.services.verification import invoice_verification_record, invoices_verify
from settlement.verifying import Finding, HttpVerifier, Silent
from settlement.workflows.states import VerificationState
from sunlight import scope
from sunlight.acts import ROOT, load_policy, parameter_files
from sunlight.journal.models import Event
from sunlight.journal.refusals import Conflict, NotThere, Refused
from sunlight.scope import Role
from tests.factories.settlement import funded, owed, prepared

MATCH, RED = Finding(VerificationState.VERIFIED), Finding(VerificationState.FAILED, "发票已红冲")


class Gateway(http.server.BaseHTTPRequestHandler):
    seen: list = []
    answers: list = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).seen.append((self.path, self.headers.get("Authorization"), json.loads(body)))
        status, content = type(self).answers.pop(0)
        self.send_response(status)
        self.send_header("Location", "http://127.0.0.1:1/inside")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        return


@pytest.fixture
def gateway(settings):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
    Gateway.seen, Gateway.answers = [], []
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings.INVOICE_VERIFIER = f"http://127.0.0.1:{server.server_address[1]}/check"
    settings.INVOICE_VERIFIER_KEY = "k"
    yield Gateway
    server.shutdown()
    server.server_close()
    thread.join(5)


def said(result, message="") -> tuple[int, bytes]:
    return 200, json.dumps({"result": result, "message": message}).encode()


def invoice_of(world, payable) -> Invoice:
    with scope.opened(world.system):
        return Invoice.objects.get(pk=payable.invoice_id)


def found(world, payable, finding):
    with scope.opened(world.system):
        return invoice_verification_record(
            actor=world.system, at=scope.now(), invoice_id=payable.invoice_id, verifier="test", finding=finding
        )


def test_the_gateway_is_asked_in_the_background_once(world, gateway):
    first, second = owed(world), owed(world)
    gateway.answers = [said("match"), said("red")]
    assert tasks.invoices_verify() == 2
    path, key, paper = gateway.seen[0]
    invoice = invoice_of(world, first)
    assert (path, key) == ("/check", "Bearer k")
    assert paper == {
        "code": "",
        "number": invoice.number,
        "issued_on": str(invoice.issued_on),
        "net": "1106.19",
        "tax": "143.81",
        "total": "1250.00",
        "seller": world.distributor.credit_code,
        "buyer": world.hospital.credit_code,
    }
    assert (invoice.verification, invoice.verifier) == ("VERIFIED", "gateway")
    failed = invoice_of(world, second)
    assert (failed.verification, failed.verification_note) == ("FAILED", "发票已红冲")
    assert tasks.invoices_verify() == 0
    with scope.opened(world.system):
        assert [e.payload["verification"] for e in Event.objects.filter(name="invoice_verified").order_by("id")] == [
            "VERIFIED",
            "FAILED",
        ]


@pytest.mark.parametrize(
    "answer", [(500, b"{}"), (302, b""), (200, b"<html>"), (200, b"[]"), said("maybe"), (200, b"")]
)
def test_a_gateway_that_does_not_answer_as_agreed_changes_nothing(world, gateway, answer):
    payable = owed(world)
    gateway.answers = [answer]
    assert tasks.invoices_verify() == 0
    invoice = invoice_of(world, payable)
    assert invoice.verification == "ENTERED" and invoice.verification_asked_at is not None
    assert len(gateway.seen) == 1


def test_a_gateway_that_is_away_stops_the_round_and_others_come_first_next_time(world):
    class Away:
        name, asked = "away", []

        def check(self, paper):
            self.asked.append(paper.number)
            raise Silent("away")

    payables = [owed(world), owed(world)]
    numbers = [invoice_of(world, p).number for p in payables]
    for _ in range(2):
        assert invoices_verify(actor=world.system, at=scope.now(), verifier=Away()) == 0
    assert Away.asked == numbers


def test_without_a_gateway_nothing_is_asked_and_an_open_line_is_refused(settings):
    settings.INVOICE_VERIFIER = ""
    assert verifying.configured_verifier() is None and tasks.invoices_verify() == 0
    settings.INVOICE_VERIFIER = "http://tax.example.com/"
    with pytest.raises(ValueError, match="https"):
        verifying.configured_verifier()
    assert HttpVerifier("http://127.0.0.1:1/").name == "gateway"
    with pytest.raises(Silent):
        HttpVerifier("http://127.0.0.1:1/")._asked(b"{}")


def test_nobody_verifies_by_hand(world):
    payable = owed(world)
    for who, role, refusal in (
        ("operator", Role.OPERATOR_SETTLER, Conflict),
        ("hospital", Role.HOSPITAL_FINANCE, Conflict),
        ("distributor", Role.SUPPLIER_FINANCE, Conflict),
        ("other_hospital", Role.HOSPITAL_FINANCE, NotThere),
    ):
        actor = world.actor(who, role)
        with pytest.raises(refusal), scope.opened(actor):
            invoice_verification_record(
                actor=actor, at=scope.now(), invoice_id=payable.invoice_id, verifier="me", finding=MATCH
            )
    assert invoice_of(world, payable).verification == "ENTERED"


def test_an_invoice_that_failed_is_not_paid_and_one_that_fails_later_is_not_either(world):
    payable = owed(world)
    funded(world, 200_000)
    found(world, payable, RED)
    with pytest.raises(Refused) as refused:
        prepared(world, [payable])
    assert refused.value.code == "invoice_failed_verification"
    assert invoice_of(world, payable).number in refused.value.message
    found(world, payable, MATCH)
    run = prepared(world, [payable])
    found(world, payable, RED)
    second = world.actor("hospital", Role.HOSPITAL_FINANCE, person="second")
    with pytest.raises(Refused) as refused, scope.opened(second):
        run_approve(actor=second, at=scope.now(), run_id=run.id)
    assert refused.value.code == "invoice_failed_verification"


@pytest.fixture
def demanding(tmp_path):
    """A region that demands verification before payment."""
    file = ROOT / "settlement" / "policy" / "invoice.yaml"
    value = "{value: false, region: CN, from: 2020-01-01, act: ASSUMPTION, article: A82, clause: ASSUMPTION-A82}"
    more = "{value: true, region: CN-GD-SZ, from: 2026-01-01, act: SZ20, article: 五（三）4, clause: SZ20-5.3.4}"
    text = file.read_text("utf-8")
    assert value in text
    changed = tmp_path / "invoice.yaml"
    changed.write_text(text.replace(value, f"{value}\n    - {more}"), "utf-8")
    policy = load_policy([changed if each == file else each for each in parameter_files()])
    with scope.under(policy):
        yield


@pytest.mark.clause("ASSUMPTION-A82", on="rule")
def test_where_the_region_demands_it_only_a_verified_invoice_is_paid(world, demanding):
    payable = owed(world)
    with pytest.raises(Refused) as refused:
        prepared(world, [payable])
    assert (refused.value.code, refused.value.clauses) == ("invoice_not_verified", ["SZ20-5.3.4"])
    found(world, payable, MATCH)
    assert prepared(world, [payable]).payment_count == 1


@pytest.mark.clause("ASSUMPTION-A82", on="rule")
def test_elsewhere_an_invoice_nobody_asked_about_is_paid(world):
    assert prepared(world, [owed(world)]).payment_count == 1
