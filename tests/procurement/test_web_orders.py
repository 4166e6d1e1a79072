"""The pages of ordering, shipping and receiving, as the people who use them."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from procurement.ordering.models import DistributionAuthorisation, Order, OrderLine
from procurement.ordering.workflows import OrderState
from procurement.receiving.models import Acceptance, Delivery
from procurement.receiving.workflows import AcceptanceState
from sunlight import scope
from sunlight.scope import Role
from sunlight.scope.clock import business_date
from sunlight.web.navigation import menu_of, todos_of
from tests.api_client import logged_in
from tests.factories import catalog, orders, procurement


@pytest.fixture
def code(world, agreed):
    with scope.opened(world.system):
        return orders.codes(agreed)[0]


def as_(world, key, role, person=""):
    return logged_in(world.actor(key, role, person=person))


def text(response) -> str:
    return response.content.decode()


def one(world, model, **where):
    with scope.opened(world.system):
        return model.objects.get(**where)


def lots(world, delivery) -> list[int]:
    with scope.opened(world.system):
        return list(delivery.lines.order_by("line_no").values_list("id", flat=True))


def test_from_basket_to_reversal_in_pages(world, at, agreed, code):
    buyer = as_(world, "hospital", Role.HOSPITAL_BUYER)
    point = {"code": "01", "name": "中心库", "address": "一号楼", "contact_name": "李四", "contact_phone": "0755"}
    assert "中心库" in text(buyer.post("/delivery-points/", point, follow=True))
    page = text(buyer.get("/orders/new/", {"code": code}))
    assert "1 盒 = 50 个" in page and "90.00" in page and "剩余可订" in page
    assert 'name="quantity"' in text(buyer.get("/orders/new/row/", {"code": code}))
    basket = {"code": code, "agreement": agreed.id, "quantity": "40 盒", "plan_line": "1", "plan_number": "P1"}
    preview = text(buyer.post("/orders/new/preview/", basket))
    assert "40 盒 = 2,000 个" in preview and "测试医疗器械有限公司" in preview and "180,000.00" in preview
    basket["delivery_point"] = re.search(r'<option value="(\d+)"', page)[1]
    page = buyer.post("/orders/new/", basket, follow=True)
    assert "请等待企业确认" in text(page) and "待企业确认" in text(page)
    order = one(world, Order)
    assert (order.state, order.amount_fen, order.plan_number) == (OrderState.PLACED, 18_000_000, "P1")

    seller = as_(world, "maker", Role.SUPPLIER_SELLER)
    form = {"distributor": world.distributor.id, "valid_from": "2026-03-01", "valid_to": "2026-12-31"}
    assert "默认" in text(seller.post("/authorisations/", form, follow=True))
    assert order.number in text(seller.get("/order-desk/"))
    assert "已确认 1 张订单" in text(seller.post("/order-desk/accept/", {"orders": [order.id]}, follow=True))

    shipper = as_(world, "distributor", Role.SUPPLIER_SHIPPER)
    assert order.number in text(shipper.get("/delivery-desk/"))
    scanned = shipper.get("/deliveries/scan/", {"udi": "(01)06901234567892(17)281231(10)L7"}).json()
    assert (scanned["lot"], scanned["expires_on"]) == ("L7", "2028-12-31")
    assert shipper.get("/deliveries/scan/", {"udi": "?"}).status_code == 422
    line = one(world, OrderLine)
    form = dict.fromkeys(
        ("produced_on", "sterilisation_lot", "serial", "udi", "traceability_codes", "carrier", "waybill"), ""
    )
    form |= {"order_line": line.id, "quantity": "2000", "lot": "L7", "expires_on": "2028-12-31"}
    form |= {"note_number": "SH1", "expected_on": "2026-03-04"}
    assert "已发货" in text(shipper.post(f"/orders/{order.id}/dispatch/", form, follow=True))

    receiver = as_(world, "hospital", Role.HOSPITAL_RECEIVER)
    # Three working days after the expected arrival (A25).
    assert "2026-03-09" in text(receiver.get("/receiving/"))
    delivery = one(world, Delivery)
    assert receiver.get("/receiving/", {"q": "SH1"}).headers["Location"] == f"/receiving/{delivery.id}/"
    assert 'data-lot="L7"' in text(receiver.get(f"/receiving/{delivery.id}/"))
    (lot,) = lots(world, delivery)
    form = {"delivery_line": lot, "accepted": "1999", "rejected": "1", "reason": "破损", "arrived_on": "2026-03-02"}
    page = text(receiver.post(f"/receiving/{delivery.id}/", form, follow=True))
    assert "已确认" in page and "179,910.00" in page and "如验收有误" in page
    acceptance = one(world, Acceptance)
    second = as_(world, "hospital", Role.HOSPITAL_RECEIVER, person="second")
    assert "冲销验收" in text(second.get(f"/acceptances/{acceptance.id}/"))
    page = second.post(f"/acceptances/{acceptance.id}/reverse/", {"reason": "点错"}, follow=True)
    assert "已冲销" in text(page)
    assert one(world, Acceptance).state == AcceptanceState.REVERSED
    page = text(buyer.get(f"/orders/{order.id}/"))
    assert page.index("医院下单") < page.index("企业确认") < page.index("发货 ") < page.index("冲销验收")
    assert "壹拾捌万元整" in text(buyer.get(f"/orders/{order.id}/print/"))


def test_questions_are_shown_and_answered_in_the_form(world, at, agreed, code):
    buyer = as_(world, "hospital", Role.HOSPITAL_BUYER)
    form = {"code": code, "agreement": agreed.id, "quantity": "120", "plan_line": "", "note": "夜班用"}
    form["delivery_point"] = orders.point(world).id
    page = buyer.post("/orders/new/", form)
    assert page.status_code == 422
    assert "不是整盒" in text(page) and 'value="夜班用"' in text(page) and 'value="120"' in text(page)
    key = re.search(r'name="confirmations" value="([^"]+)"', text(page))[1]
    assert buyer.post("/orders/new/", form | {"confirmations": [key]}).status_code == 302
    assert one(world, OrderLine).quantity == 120


@pytest.mark.parametrize(
    "change",
    [
        {"quantity": "0"},
        {"quantity": "abc"},
        {"code": "C1"},
        {"agreement": "x"},
        {"delivery_point": "999999999"},
        {"delivery_point": ""},
        {"latest_arrival_on": "soon"},
        {"latest_arrival_on": "2026-02-30"},
        {"quantity": "40 箱"},
    ],
)
def test_a_refused_basket_keeps_what_was_typed(world, at, agreed, code, change):
    buyer = as_(world, "hospital", Role.HOSPITAL_BUYER)
    form = {"code": code, "agreement": agreed.id, "quantity": "100", "plan_line": "7", "note": "夜班用"}
    page = buyer.post("/orders/new/", form | {"delivery_point": orders.point(world).id} | change)
    assert page.status_code in (404, 422)
    assert "夜班用" in text(page) and "未予受理" in text(page)
    with scope.opened(world.system):
        assert not Order.objects.exists()


def test_refused_forms_of_the_other_desks_keep_what_was_typed(world, at):
    order = orders.accepted_order(world, at=at)
    shipper = as_(world, "distributor", Role.SUPPLIER_SHIPPER)
    line = one(world, OrderLine)
    blank = dict.fromkeys(("produced_on", "sterilisation_lot", "serial", "udi", "traceability_codes"), "")
    form = blank | {"order_line": line.id, "quantity": "101", "lot": "L9", "expires_on": "2028-13-45"}
    page = shipper.post(f"/orders/{order.id}/dispatch/", form | {"note_number": "SH9"})
    assert (
        page.status_code == 422
        and 'value="L9"' in text(page)
        and "SH9" in text(page)
        and "有效期不是日期" in text(page)
    )
    page = shipper.post(f"/orders/{order.id}/dispatch/", form | {"expires_on": "2028-12-31"})
    assert page.status_code == 422 and "超过订单行" in text(page)
    delivery = orders.delivered(world, order, at=at)
    receiver = as_(world, "hospital", Role.HOSPITAL_RECEIVER)
    (lot,) = lots(world, delivery)
    form = {"delivery_line": lot, "accepted": "50", "rejected": "49", "reason": "少了", "arrived_on": "2026-03-02"}
    page = receiver.post(f"/receiving/{delivery.id}/", form)
    assert page.status_code == 422 and 'value="49"' in text(page) and "应等于到货数量" in text(page)
    assert receiver.post(f"/receiving/{delivery.id}/", form | {"arrived_on": "x"}).status_code == 422
    seller = as_(world, "maker", Role.SUPPLIER_SELLER)
    form = {"distributor": world.distributor.id, "valid_from": "2026-03-01", "valid_to": "2026-12-31"}
    page = seller.post("/authorisations/", form)
    assert page.status_code == 409 and "已有默认授权" in text(page)


def test_moves_of_an_order_in_pages(world, at, agreed):
    buyer, seller = as_(world, "hospital", Role.HOSPITAL_BUYER), as_(world, "maker", Role.SUPPLIER_SELLER)
    first = orders.placed(world, agreed, at=at)
    assert "撤单" in text(buyer.get(f"/orders/{first.id}/"))
    assert "已撤单" in text(buyer.post(f"/orders/{first.id}/cancel/", {"reason": "重复"}, follow=True))
    assert buyer.post(f"/orders/{first.id}/cancel/", {"reason": "重复"}).status_code == 409
    second = orders.placed(world, agreed, at=at)
    page = seller.post(f"/orders/{second.id}/decline/", {"reason": ""})
    assert page.status_code == 422 and "请填写原因" in text(page)
    assert "企业已拒绝" in text(seller.post(f"/orders/{second.id}/decline/", {"reason": "停产"}, follow=True))
    third = orders.placed(world, agreed, at=at)
    orders.authorised(world, at=at)
    orders.authorised(world, distributor="other_distributor", hospital_id=world.hospital.id, at=at)
    form = {"distributor": world.distributor.id, "note": "好"}
    assert "测试医药配送有限公司" in text(seller.post(f"/orders/{third.id}/accept/", form, follow=True))
    form = {"distributor": world.other_distributor.id, "reason": "路近"}
    assert "样例物流有限公司" in text(seller.post(f"/orders/{third.id}/distributor/", form, follow=True))
    assert "已关闭" in text(buyer.post(f"/orders/{third.id}/close/", {"reason": "不要了"}, follow=True))
    made = one(world, DistributionAuthorisation, hospital__isnull=False)
    assert "已撤销" in text(seller.post(f"/authorisations/{made.id}/revoke/", follow=True))


def test_menu_and_to_dos_name_the_work_and_its_day(world, at):
    today = business_date(at)

    def todo(key, role):
        actor = world.actor(key, role)
        with scope.opened(actor):
            assert menu_of(actor)
            return [
                (t.label, t.count, t.due_on) for t in todos_of(actor, today) if "订单" in t.label or "配送" in t.label
            ]

    order = orders.placed(world, at=at, latest_arrival_on=date(2026, 3, 6))
    assert todo("maker", Role.SUPPLIER_SELLER) == [("待确认的订单", 1, date(2026, 3, 6))]
    order = orders.accepted_order(world, order, at=at)
    assert todo("distributor", Role.SUPPLIER_SHIPPER) == [("待发货的订单", 1, date(2026, 3, 6))]
    orders.delivered(world, order, at=at)
    assert todo("distributor", Role.SUPPLIER_SHIPPER) == []
    assert todo("hospital", Role.HOSPITAL_RECEIVER) == [("待验收的配送单", 1, date(2026, 3, 5))]


def test_lists_take_a_constant_number_of_queries(world, at, agreed):
    clients = {
        "/orders/": as_(world, "hospital", Role.HOSPITAL_BUYER),
        "/orders/new/": as_(world, "hospital", Role.HOSPITAL_BUYER),
        "/order-desk/": as_(world, "maker", Role.SUPPLIER_SELLER),
        "/delivery-desk/": as_(world, "distributor", Role.SUPPLIER_SHIPPER),
        "/receiving/": as_(world, "hospital", Role.HOSPITAL_RECEIVER),
        "/deliveries/": as_(world, "hospital", Role.HOSPITAL_RECEIVER),
        "/acceptances/": as_(world, "hospital", Role.HOSPITAL_RECEIVER),
    }

    def more():
        orders.placed(world, agreed, at=at)
        orders.accepted_order(world, orders.placed(world, agreed, at=at), at=at)
        for _ in range(2):
            sent = orders.delivered(
                world, orders.accepted_order(world, orders.placed(world, agreed, at=at), at=at), at=at
            )
        orders.acceptance(world, sent, at=at)
        other = catalog.listed(world, "120", listed_on=date(2019, 1, 1))
        procurement.agreed(world, other, price="90", at=at)

    def count(path, client) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    more()
    before = {path: count(path, client) for path, client in clients.items()}
    for _ in range(3):
        more()
    assert {path: count(path, client) for path, client in clients.items()} == before
