"""A field of procurement that stands on a page and in the API is refused alike by both."""

import pytest

from procurement.ordering.models import Order
from procurement.receiving.models import Acceptance, Delivery, DeliveryLine
from sunlight import scope
from sunlight.scope import Role
from tests import alike
from tests.api_client import ApiClient, logged_in
from tests.factories import orders, procurement

API = "/api/v1"


def both(world, key: str, role: Role, url: str, path: str, *, form=None, body=None) -> alike.Both:
    browser = logged_in(world.actor(key, role))
    return alike.Both(browser, url, ApiClient(world, key, role), f"{API}{path}", form or {}, body or {})


def stands(world, model, row, *fields) -> None:
    with scope.opened(world.system):
        found = model.objects.get(id=row.id)
    assert [getattr(found, field) for field in fields] == [getattr(row, field) for field in fields]


@pytest.mark.parametrize(
    ("move", "key", "role", "accepted"),
    [
        ("decline", "maker", Role.SUPPLIER_SELLER, False),
        ("cancel", "hospital", Role.HOSPITAL_BUYER, False),
        ("close", "hospital", Role.HOSPITAL_BUYER, True),
    ],
)
def test_why_an_order_ends(world, at, agreed, move, key, role, accepted):
    order = orders.placed(world, agreed, at=at)
    if accepted:
        order = orders.accepted_order(world, order, at=at)
    faces = both(world, key, role, f"/orders/{order.id}/{move}/", f"/orders/{order.id}/{move}/")
    alike.refused_alike(faces, "reason", "reason", alike.reasons(500))
    alike.nul_is_refused(faces, "reason", "reason")
    stands(world, Order, order, "state", "version")


def test_the_answer_to_an_order(world, at, agreed):
    order = orders.placed(world, agreed, at=at)
    path = f"/orders/{order.id}/accept/"
    faces = both(world, "maker", Role.SUPPLIER_SELLER, path, path)
    alike.refused_alike(faces, "note", "note", alike.reasons(500, required=False))
    faces = both(world, "maker", Role.SUPPLIER_SELLER, path, path)
    alike.refused_alike(faces, "distributor", "distributor", [("x", "x"), ("1.5", 1.5)])
    stands(world, Order, order, "state", "version")


def test_another_distributor(world, at, agreed):
    order = orders.accepted_order(world, orders.placed(world, agreed, at=at), at=at)
    path, mine = f"/orders/{order.id}/distributor/", {"distributor": order.distributor_id}
    faces = both(world, "maker", Role.SUPPLIER_SELLER, path, path, form=mine, body=mine)
    alike.refused_alike(faces, "reason", "reason", alike.reasons(500, required=False))
    alike.refused_alike(faces, "distributor", "distributor", [("x", "x")])


def test_a_basket(world, at, agreed, product):
    with scope.opened(world.system):
        code = orders.codes(agreed)[0]
    point = orders.point(world)
    line = {"code": code, "quantity": "1", "plan_line": "1"}
    form = line | {"agreement": str(agreed.id), "delivery_point": str(point.id)}
    body = {"lines": [line | {"agreement": agreed.id}], "delivery_point": point.id}
    faces = both(world, "hospital", Role.HOSPITAL_BUYER, "/orders/new/", "/orders/", form=form, body=body)
    alike.refused_alike(faces, "latest_arrival_on", "latest_arrival_on", alike.days(required=False))
    alike.refused_alike(faces, "delivery_point", "delivery_point", alike.ids())
    for name, most in (("contact_name", 60), ("contact_phone", 40), ("plan_number", 40), ("note", 500)):
        alike.refused_alike(faces, name, name, alike.reasons(most, required=False))
        alike.nul_is_refused(faces, name, name)
    alike.refused_alike(faces, "agreement", "lines[0].agreement", [("x", "x"), ("1.5", 1.5)])
    alike.refused_alike(faces, "code", "lines[0].code", [("", ""), ("长" * 101, "长" * 101), ("a\x07", "a\x07")])
    alike.refused_alike(faces, "quantity", "lines[0].quantity", alike.numbers()[:-1])
    alike.refused_alike(faces, "plan_line", "lines[0].plan_line", alike.reasons(40, required=False))
    with scope.opened(world.system):
        assert not Order.objects.exists()


def test_delivery_points(world, at):
    right = {"code": "01", "name": "中心库", "address": "一号楼", "contact_name": "李四", "contact_phone": "0755"}
    faces = both(
        world, "hospital", Role.HOSPITAL_BUYER, "/delivery-points/", "/delivery-points/", form=right, body=right
    )
    for name, most in (("code", 20), ("name", 100), ("address", 300), ("contact_name", 60), ("contact_phone", 40)):
        alike.refused_alike(faces, name, name, alike.reasons(most))
        alike.nul_is_refused(faces, name, name)


def test_authorisations(world, at):
    right = {"distributor": world.distributor.id, "valid_from": str(at.date()), "valid_to": str(at.date())}
    extra = {"is_default": True}
    faces = both(
        world, "maker", Role.SUPPLIER_SELLER, "/authorisations/", "/authorisations/", form=right, body=right | extra
    )
    alike.refused_alike(faces, "distributor", "distributor", alike.ids())
    for name in ("valid_from", "valid_to"):
        alike.refused_alike(faces, name, name, alike.days())
    faces = both(world, "maker", Role.SUPPLIER_SELLER, "/authorisations/", "/authorisations/", form=right, body=right)
    for name in ("price_group", "hospital"):
        alike.refused_alike(faces, name, name, alike.ids(required=False)[:-1])
    alike.refused_alike(faces, "region", "region", alike.reasons(20, required=False))


def test_what_is_sent(world, at, agreed):
    order = orders.accepted_order(world, orders.placed(world, agreed, at=at), at=at)
    with scope.opened(world.system):
        line = order.lines.get()
    texts = ("lot", "serial", "sterilisation_lot")
    form = dict.fromkeys(("produced_on", "expires_on", "udi", "traceability_codes", *texts), "")
    form |= {"order_line": str(line.id), "quantity": "1", "lot": "L1"}
    body = {"lines": [{"order_line": line.id, "quantity": "1", "lot": "L1"}]}
    faces = both(
        world,
        "distributor",
        Role.SUPPLIER_SHIPPER,
        f"/orders/{order.id}/dispatch/",
        f"/orders/{order.id}/deliveries/",
        form=form,
        body=body,
    )
    for name in ("produced_on", "expires_on"):
        alike.refused_alike(faces, name, f"lines[0].{name}", alike.days(required=False))
    alike.refused_alike(faces, "order_line", "lines[0].order_line", [("x", "x"), ("", alike.LEFT_OUT), ("0", 0)])
    alike.refused_alike(faces, "quantity", "lines[0].quantity", alike.numbers()[1:-1])
    for name in texts:
        alike.refused_alike(faces, name, f"lines[0].{name}", alike.reasons(60, required=False))
        alike.nul_is_refused(faces, name, f"lines[0].{name}")
    alike.refused_alike(faces, "expected_on", "expected_on", alike.days(required=False))
    for name, most in (("note_number", 40), ("carrier", 100), ("waybill", 60)):
        alike.refused_alike(faces, name, name, alike.reasons(most, required=False))
    with scope.opened(world.system):
        assert not Delivery.objects.exists()


def test_what_is_taken(world, at, agreed):
    order = orders.accepted_order(world, orders.placed(world, agreed, at=at), at=at)
    delivery = orders.delivered(world, order, at=at)
    path = f"/deliveries/{delivery.id}/cancel/"
    faces = both(world, "distributor", Role.SUPPLIER_SHIPPER, path, path)
    alike.refused_alike(faces, "reason", "reason", alike.reasons(500))
    with scope.opened(world.system):
        line = DeliveryLine.objects.get(delivery=delivery)
    answer = {"accepted": "0", "rejected": f"{line.quantity:f}", "reason": "破损"}
    form = answer | {"delivery_line": str(line.id), "arrived_on": str(at.date())}
    body = {"lines": [answer | {"delivery_line": line.id}], "arrived_on": str(at.date())}
    faces = both(
        world,
        "hospital",
        Role.HOSPITAL_RECEIVER,
        f"/receiving/{delivery.id}/",
        f"/deliveries/{delivery.id}/acceptance/",
        form=form,
        body=body,
    )
    alike.refused_alike(faces, "arrived_on", "arrived_on", alike.days())
    alike.refused_alike(faces, "note", "note", alike.reasons(500, required=False))
    alike.refused_alike(faces, "delivery_line", "lines[0].delivery_line", [("x", "x"), ("0", 0)])
    for name in ("accepted", "rejected"):
        alike.refused_alike(faces, name, f"lines[0].{name}", alike.numbers()[1:-1])
    values = [("", ""), ("长" * 301, "长" * 301), ("a\x07", "a\x07")]
    alike.refused_alike(faces, "reason", "lines[0].reason", values)
    acceptance = orders.acceptance(world, delivery, at=at)
    path = f"/acceptances/{acceptance.id}/reverse/"
    second = alike.Both(
        logged_in(world.actor("hospital", Role.HOSPITAL_RECEIVER, person="second")),
        path,
        ApiClient(world, "hospital", Role.HOSPITAL_RECEIVER, person="second"),
        f"{API}{path}",
    )
    alike.refused_alike(second, "reason", "reason", alike.reasons(500))
    stands(world, Acceptance, acceptance, "state", "version")


def test_offers_and_contracts(world, at, product, agreed):
    terms = {"price": "90", "quantity": "1", "months": "12"}
    buying = both(
        world,
        "hospital",
        Role.HOSPITAL_BUYER,
        f"/products/{product.price_group_id}/",
        "/offers/",
        form=terms,
        body=terms | {"price_group": product.price_group_id, "months": 12},
    )
    for name in ("price", "quantity"):
        alike.refused_alike(buying, name, name, alike.numbers())
    alike.refused_alike(buying, "months", "months", [("0", 0), ("37", 37)])
    offer = procurement.offer(world, product, at=at)
    path = f"/offers/{offer.id}/decline/"
    faces = both(world, "maker", Role.SUPPLIER_SELLER, path, path)
    alike.refused_alike(faces, "reason", "reason", alike.reasons(500))
    path = f"/contracts/{agreed.contract_id}/end/"
    faces = both(world, "maker", Role.SUPPLIER_SELLER, path, path)
    alike.refused_alike(faces, "reason", "reason", alike.reasons(500))
    alike.nul_is_refused(faces, "reason", "reason")
