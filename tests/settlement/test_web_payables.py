"""The pages and endpoints of what is owed: parts, holds, red invoices, as the people who use them."""

import pytest

from settlement.models.netting import Overpayment
from settlement.models.payment import Invoice, Payable, PaymentRun
from sunlight import scope
from sunlight.scope import Role
from tests.api_client import ApiClient, logged_in
from tests.factories import catalog
from tests.factories.reds import red_paper, reddened
from tests.factories.settlement import funded, owed, prepared
from tests.settlement.test_services_parts import fens
from tests.settlement.test_services_payments import approve

HOME, API = "/settlement/", "/api/v1/"


def text(response) -> str:
    return response.content.decode()


def only(world, model):
    with scope.opened(world.system):
        return model.objects.latest("id")


@pytest.fixture
def cashier(world):
    return logged_in(world.actor("hospital", Role.HOSPITAL_FINANCE))


@pytest.fixture
def issuer(world):
    return logged_in(world.actor("distributor", Role.SUPPLIER_FINANCE))


def test_the_cashier_types_a_part_and_nets_an_overpayment(world, cashier):
    listing = catalog.listed(world)
    first = owed(world, listing=listing)
    funded(world, 300_000)
    approve(world, prepared(world, [first]))
    red = reddened(world, first, 25_000)
    payable, over = owed(world, listing=listing), only(world, Overpayment)
    page = text(cashier.get(HOME + "payables/"))
    assert f'name="amount_{payable.id}"' in page and red.number in page
    ticked = {"payables": payable.id, f"amount_{payable.id}": "1000.00", "overpayments": over.id}
    total = text(cashier.get(HOME + "payables/total/", ticked))
    assert "750.00" in total and "另抵扣 250.00" in total
    wrong = cashier.post(HOME + "payables/prepare/", {**ticked, f"amount_{payable.id}": "1250.01"})
    assert wrong.status_code == 422
    assert "请填写不超过 1,250.00 元的数" in text(wrong) and 'value="1250.01"' in text(wrong)
    assert fens(world, payable) == (125_000, 0, 0, 0, 0)
    made = cashier.post(HOME + "payables/prepare/", ticked)
    run = only(world, PaymentRun)
    assert made.url == f"{HOME}runs/{run.id}/" and (run.total_fen, run.netted_fen) == (75_000, 25_000)
    shown = text(cashier.get(made.url))
    assert "抵扣，不动用资金" in shown and red.number in shown
    assert fens(world, payable) == (25_000, 100_000, 0, 0, 0)


def test_the_auditor_holds_and_lets_go_and_everybody_sees_why(world, cashier, issuer):
    payable = owed(world)
    auditor = logged_in(world.actor("hospital", Role.HOSPITAL_AUDITOR))
    here = f"{HOME}payables/{payable.id}/"
    refused = auditor.post(here + "hold/", {"reason": "", "until": "x"})
    assert refused.status_code == 422 and "暂缓原因" in text(refused)
    assert auditor.post(here + "hold/", {"reason": "缺随货同行单"}).url == here
    for reader in (cashier, issuer, auditor, logged_in(world.actor("regulator", Role.REGULATOR_OFFICER))):
        assert "缺随货同行单" in text(reader.get(here))
        assert "缺随货同行单" in text(reader.get(HOME + "payables/?state=OPEN"))
    found = text(cashier.get(HOME + "payables/?holding=HELD&state="))
    assert "缺随货同行单" in found
    assert "缺随货同行单" not in text(cashier.get(HOME + "payables/?holding=FREE&state="))
    assert "暂缓付款" not in text(issuer.get(here)).split("<form")[-1]
    assert issuer.post(here + "hold/", {"reason": "x"}).status_code == 403
    assert f'value="{payable.id}"' not in text(cashier.get(HOME + "payables/"))
    assert auditor.post(here + "let-go/", {"note": ""}).url == here
    assert only(world, Payable).holding == "FREE"
    other = logged_in(world.actor("other_hospital", Role.HOSPITAL_FINANCE))
    assert other.get(here).status_code == 404


def test_the_issuer_hands_in_a_red_invoice_on_the_blue_ones_page(world, issuer, cashier):
    payable = owed(world)
    here = f"{HOME}invoices/{payable.invoice_id}/"
    blue = only(world, Invoice)
    sent = {k: v for k, v in red_paper(blue, 25_000).items() if not k.startswith("blue")}
    assert "提交红字发票" in text(issuer.get(here)) and "提交红字发票" not in text(cashier.get(here))
    wrong = issuer.post(here + "red/", {**sent, "amount": "9999"})
    assert wrong.status_code == 422 and "尚可红冲的 1250.00 元" in text(wrong)
    made = issuer.post(here + "red/", sent)
    red = only(world, Invoice)
    assert made.url == f"{HOME}invoices/{red.id}/" and red.kind == "RED"
    assert blue.number in text(cashier.get(made.url)) and red.number in text(cashier.get(here))
    assert "-250.00" in text(cashier.get(HOME + "invoices/"))
    assert fens(world, payable) == (100_000, 0, 0, 0, 25_000)


def test_parts_holds_and_red_invoices_over_the_api(world):
    listing = catalog.listed(world)
    payable = owed(world, listing=listing)
    blue = only(world, Invoice)
    hospital = ApiClient(world, "hospital", Role.HOSPITAL_FINANCE)
    supplier = ApiClient(world, "distributor", Role.SUPPLIER_FINANCE)
    here = f"{API}payables/{payable.id}/"
    status, held = hospital.post(here + "hold/", {"reason": "质量争议", "until": None})
    assert (status, held["holding"], held["hold_reason"]) == (200, "HELD", "质量争议")
    status, refused = hospital.post(API + "payment-runs/", {"payables": [payable.id]})
    assert (status, refused["code"]) == (409, "payable_held")
    assert hospital.post(here + "let-go/", {})[1]["holding"] == "FREE"
    body = {"payables": [payable.id], "amounts": [{"payable": payable.id, "amount": "500.00"}]}
    status, run = hospital.post(API + "payment-runs/", body)
    assert (status, run["total"], run["nettings"]) == (201, "500.00", [])
    facts = {**red_paper(blue, 100_000), "issued_on": str(scope.today())}
    status, red = supplier.post(API + "red-invoices/", facts)
    assert (status, red["reddens"], red["amount"]) == (201, blue.number, "1000.00")
    shown = hospital.get(here)[1]
    assert {k: shown[k] for k in ("amount", "open", "waiting", "paid", "netted", "reddened")} == {
        "amount": "1250.00",
        "open": "0.00",
        "waiting": "500.00",
        "paid": "0.00",
        "netted": "0.00",
        "reddened": "750.00",
    }
    (over,) = supplier.get(API + "overpayments/")[1]["results"]
    assert (over["open"], over["red_invoice"]) == ("250.00", red["number"])
    # Ids alone pay all that is open, as connectors send them.
    other = owed(world, listing=listing)
    assert hospital.post(API + "payment-runs/", {"payables": [other.id]})[1]["total"] == "1250.00"
