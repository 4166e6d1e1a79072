"""Payment term and standing consent on pages and over the API, in Nanjing."""

from datetime import UTC, datetime

import pytest

from tests.api_client import ApiClient
from tests.browsing import client_of
from tests.factories import orders
from tests.procurement.bargaining import now_of
from tests.procurement.test_services_consents import ADMIN, APPROVER, BUYER, ON, SELLER, TERMS, bought, product, rows
from tests.regional import elsewhere


@pytest.fixture
def nanjing(db, settings):
    settings.SANDBOX_CLOCKS = {"js": (datetime.now(UTC), ON, 0)}
    return elsewhere("js", "CN-JS-NJ")


def browser(world, key, role):
    return client_of(world.actor(key, role))


def html(response, status=200) -> str:
    assert response.status_code == status, response.content.decode()[:500]
    return response.content.decode()


@pytest.mark.clause("JS20-32", on="page")
def test_the_contracts_page_asks_for_the_term_and_says_who_signs_until_when(nanjing):
    contract = bought(nanjing, product(nanjing))
    firm, hospital = browser(nanjing, "maker", SELLER), browser(nanjing, "hospital", BUYER)
    path = f"/contracts/{contract.id}/"
    for client in (firm, hospital):
        page = html(client.get(path))
        assert "还没有约定付款期限。依据 JS20-32，约定之前不能签署。" in page
        assert "最长 365 日（ASSUMPTION-A92）" in page and "2022-03-08" in page and "平台推定 A90" in page
    signed = firm.post(f"{path}sign/", {"text_sha256": contract.text_sha256})
    assert "没有约定付款期限，不能签署（依据 JS20-32" in html(signed, 422)
    refused = html(hospital.post(f"{path}payment-term/", {"payment_days": "400"}), 422)
    assert "付款期限须为 1 至 365 日" in refused and 'value="400"' in refused
    assert hospital.post(f"{path}payment-term/", {"payment_days": "60"}).status_code == 302
    page = html(firm.get(path))
    assert "自验收合格之日起 60 日内付清货款。" in page
    approver = html(browser(nanjing, "hospital", APPROVER).get(path))
    assert "payment-term/" not in approver
    assert firm.post(f"{path}sign/", {"text_sha256": now_of(nanjing, contract).text_sha256}).status_code == 302
    assert "payment-term/" not in html(firm.get(path))
    assert "60" in html(hospital.get("/contracts/"))


def test_the_term_over_the_api(nanjing):
    contract = bought(nanjing, product(nanjing))
    client = ApiClient(nanjing, "hospital", BUYER)
    status, answer = client.post(f"/api/v1/contracts/{contract.id}/payment-term/", {"payment_days": 400})
    assert (status, answer["code"], answer["field"]) == (422, "bad_payment_days", "payment_days")
    status, answer = client.post(f"/api/v1/contracts/{contract.id}/payment-term/", {"payment_days": 60})
    assert (status, answer["payment_days"]) == (200, 60)
    assert answer["text_sha256"] != contract.text_sha256


@pytest.mark.clause("JS20-11A", on="page")
def test_a_firm_gives_confirms_and_ends_a_consent_on_its_page(nanjing):
    listing = product(nanjing)
    seller, admin = browser(nanjing, "maker", SELLER), browser(nanjing, "maker", ADMIN)
    page = html(seller.get("/standing-consents/"))
    assert "依 JS20-11A 自动确认成交" in page and listing.price_group.name in page
    wrong = html(seller.post("/standing-consents/new/", TERMS | {"per_day": "1"}), 422)
    assert "每日上限不得低于单份合同上限" in wrong and 'value="20000"' in wrong
    sent = TERMS | {"products": [str(listing.price_group_id)]}
    assert seller.post("/standing-consents/new/", sent).status_code == 302
    (consent,) = rows(nanjing)
    assert "待确认" in html(seller.get("/standing-consents/"))
    assert admin.post(f"/standing-consents/{consent.id}/", {"act": "confirm"}).status_code == 302
    contract = bought(nanjing, listing)
    shown = html(browser(nanjing, "hospital", APPROVER).get(f"/contracts/{contract.id}/"))
    assert f"依 JS20-11A，按常设同意 {consent.number} 由系统代企业签署" in shown
    assert admin.post(f"/standing-consents/{consent.id}/", {"act": "end", "reason": "到此为止"}).status_code == 302
    assert "到此为止" in html(seller.get("/standing-consents/"))
    assert html(seller.post(f"/standing-consents/{consent.id}/", {"act": "x"}), 422)


def test_consents_over_the_api(nanjing):
    product(nanjing)
    person = ApiClient(nanjing, "maker", SELLER, person=True)
    body = {**TERMS, "payment_days": 60, "price_groups": []}
    status, given = person.post("/api/v1/standing-consents/", body)
    assert (status, given["state"], given["per_contract_fen"]) == (201, "GIVEN", 2_000_000)
    machine = ApiClient(nanjing, "maker", SELLER)
    status, answer = machine.post("/api/v1/standing-consents/", body)
    assert (status, answer["code"]) == (403, "people_only")
    admin = ApiClient(nanjing, "maker", ADMIN, person=True)
    status, answer = admin.post(f"/api/v1/standing-consents/{given['id']}/confirm/", {})
    assert (status, answer["state"]) == (200, "IN_FORCE")
    status, answer = person.post(f"/api/v1/standing-consents/{given['id']}/end/", {"reason": "改为自行签署"})
    assert (status, answer["state"], answer["end_reason"]) == (200, "ENDED", "改为自行签署")
    status, answer = machine.get("/api/v1/standing-consents/")
    assert [row["id"] for row in answer["results"]] == [given["id"]]


def test_the_orders_page_says_when_the_firm_answers_and_the_hospital_pays(nanjing):
    order = orders.placed(nanjing, at=ON)
    for key, role in (("hospital", BUYER), ("maker", SELLER)):
        page = html(browser(nanjing, key, role).get(f"/orders/{order.id}/"))
        assert "自验收起 30 日" in page and "答复时限" in page and "2022-03-03" in page
