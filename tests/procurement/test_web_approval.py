"""The pages and the API of approval: a chain set, an order submitted, decided, placed."""

import pytest

from procurement.ordering.models import Order
from sunlight import scope
from sunlight.scope import Role
from sunlight.scope.clock import business_date
from sunlight.tenancy.access import AccessChange
from tests.api_client import ApiClient
from tests.confirming import chain_in_force, second_admin
from tests.factories import orders as factories
from tests.factories import procurement
from tests.files.test_files import browser

BUYER, APPROVER, ADMIN = Role.HOSPITAL_BUYER, Role.HOSPITAL_APPROVER, Role.HOSPITAL_ADMIN


@pytest.fixture
def basket(world, at, product):
    agreed = procurement.agreed(world, product, price="90", quantity="400", at=at)
    with scope.opened(world.system):
        line = factories.line(agreed)
    return {
        "code": line["code"],
        "quantity": "100",
        "agreement": "",
        "plan_line": "",
        "delivery_point": str(factories.point(world).id),
    }


def orders(world) -> int:
    with scope.opened(world.system):
        return Order.objects.count()


def test_a_chain_is_set_an_order_waits_and_goes_out_when_all_agreed(world, basket):
    buyer, admin = browser(world.actor("hospital", BUYER)), browser(world.actor("hospital", ADMIN))
    approver = browser(world.actor("hospital", APPROVER))
    assert buyer.post("/orders/new/", basket).status_code == 302 and orders(world) == 1
    chain = {"move": "chain", "label_1": "采购科", "role_1": "HOSPITAL_APPROVER", "amount_1": "5000"}
    assert "未设置" in admin.get("/approval/").content.decode()
    assert admin.post("/approval/", chain | {"amount_1": "五千"}).status_code == 422
    assert approver.post("/approval/", chain).status_code == 403
    assert admin.post("/approval/", chain).status_code == 302
    assert "等待另一位管理员确认" in admin.get("/approval/").content.decode()
    with scope.opened(world.system):
        change = AccessChange.objects.get()
    assert browser(second_admin(world)).post(f"/changes/{change.pk}/confirm/").status_code == 302
    page = buyer.get("/approval/").content.decode()
    assert "未设置" in page and "起生效" in page
    chain_in_force(world, [{"label": "采购科", "role": "HOSPITAL_APPROVER", "from_fen": 500_000}])
    assert "第 2 版" in buyer.get("/approval/").content.decode()
    waiting = buyer.post("/orders/new/", basket)
    assert waiting["Location"].startswith("/approvals/") and orders(world) == 1
    assert "当前步骤不由您审批" in buyer.get(waiting["Location"]).content.decode()
    assert "待我审批的订单" in approver.get("/").content.decode()
    assert "待我审批的订单" not in buyer.get("/").content.decode()
    assert "9,000.00" in approver.get("/approvals/").content.decode()
    assert approver.post(waiting["Location"], {"move": "reject", "note": ""}).status_code == 422
    assert buyer.post(waiting["Location"], {"move": "approve"}).status_code == 403
    assert approver.post(waiting["Location"], {"move": "approve", "note": "同意"}).status_code == 302
    assert orders(world) == 2 and "查看订单" in buyer.get(waiting["Location"]).content.decode()
    assert browser(world.actor("other_hospital", APPROVER)).get(waiting["Location"]).status_code == 404


def test_one_delegates_from_the_page_and_takes_it_back(world, at):
    approver, stand_in = world.actor("hospital", APPROVER), world.actor("hospital", BUYER)
    client, today = browser(approver), business_date(at)
    sent = {"move": "delegate", "delegate": str(stand_in.user_id), "from_date": str(today), "to_date": str(today)}
    assert client.post("/approval/", sent | {"to_date": ""}).status_code == 422
    assert client.post("/approval/", sent).status_code == 302
    page = client.get("/approval/").content.decode()
    number = page.split('name="delegation_id" value="')[1].split('"')[0]
    assert browser(stand_in).post("/approval/", {"move": "revoke", "delegation_id": number}).status_code == 404
    assert client.post("/approval/", {"move": "revoke", "delegation_id": number}).status_code == 302
    assert "delegation_id" not in client.get("/approval/").content.decode()


def test_the_api_does_the_same(world, basket):
    buyer, approver = ApiClient(world, "hospital", BUYER), ApiClient(world, "hospital", APPROVER, person=True)
    where = "/api/v1/approval-chains/order/"
    assert buyer.get(where)[1] == {"matter": "order", "version": 0, "steps": []}
    world.actor("hospital", APPROVER)  # a person who holds the role
    steps = [{"label": "采购科", "role": "HOSPITAL_APPROVER", "from_fen": 500_000}]
    machine = buyer.client.put(where, {"steps": steps}, content_type="application/json", headers=buyer.headers)
    assert machine.status_code == 403
    asked = browser(world.actor("hospital", ADMIN)).put(where, {"steps": steps}, content_type="application/json")
    assert (asked.status_code, asked.json()["state"]) == (202, "ASKED")
    chain_in_force(world, [{**steps[0], "label": "采购处"}])
    body = {"lines": [{"code": basket["code"], "quantity": "100"}], "delivery_point": int(basket["delivery_point"])}
    status, problem = buyer.post("/api/v1/orders/", body)
    assert (status, problem["code"], orders(world)) == (422, "approval_needed", 0)
    status, made = buyer.post("/api/v1/order-approvals/", body)
    assert (status, made["orders"], made["request"]["amount_fen"]) == (201, [], 900_000)
    row = f"/api/v1/order-approvals/{made['request']['id']}/"
    assert buyer.post(f"{row}approve/", {})[0] == 403
    assert approver.post(f"{row}reject/", {})[0] == 422
    status, done = approver.post(f"{row}approve/", {"note": "同意"})
    assert (status, done["state"], len(done["result"]["orders"])) == (200, "APPROVED", 1) and orders(world) == 1
    assert buyer.post(f"{row}withdraw/", None)[0] == 409
    assert [r["state"] for r in buyer.get("/api/v1/order-approvals/", state="APPROVED")[1]["results"]] == ["APPROVED"]
