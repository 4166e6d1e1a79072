"""Orders, deliveries and acceptances over the API."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from procurement.ordering.models import Order, OrderLine
from procurement.receiving.models import Acceptance, Delivery
from sunlight import scope
from sunlight.scope import Role
from tests.api_client import ApiClient
from tests.factories import catalog, orders, pricing, procurement
from tests.procurement import kept

API = "/api/v1"


@pytest.fixture
def buyer(world):
    return ApiClient(world, "hospital", Role.HOSPITAL_BUYER, person=True)


@pytest.fixture
def basket(world, agreed):
    """A body that is taken as it is."""
    with scope.opened(world.system):
        code = orders.codes(agreed)[0]
    return {"lines": [{"code": code, "quantity": "100"}], "delivery_point": orders.point(world).id}


def count(world, model) -> int:
    with scope.opened(world.system):
        return model.objects.count()


def urgent_basket(agreed, code: str, point: dict) -> dict:
    """Two boxes with everything a hospital's system may send along."""
    line = {"code": code, "quantity": "2", "pack_name": "盒", "agreement": agreed.id, "plan_line": "1"}
    line |= {"request_numbers": ["SQ1"], "own_product_code": "W1"}
    terms = {"plan_number": "P1", "latest_arrival_on": "2026-03-09", "is_urgent": True}
    return {"lines": [line], "delivery_point": point["id"], **terms}


def test_from_delivery_point_to_reversal(world, at, agreed, buyer):
    seller = ApiClient(world, "maker", Role.SUPPLIER_SELLER)
    shipper = ApiClient(world, "distributor", Role.SUPPLIER_SHIPPER)
    receiver = ApiClient(world, "hospital", Role.HOSPITAL_RECEIVER, person=True)
    status, point = buyer.post(
        f"{API}/delivery-points/",
        {"code": "01", "name": "中心库", "address": "一号楼", "contact_name": "李四", "contact_phone": "0755"},
    )
    assert (status, point["is_active"]) == (201, True)
    with scope.opened(world.system):
        code = orders.codes(agreed)[0]
    body = urgent_basket(agreed, code, point)
    status, placed = buyer.post(f"{API}/orders/", body)
    assert (status, [(o["state"], o["amount_fen"]) for o in placed]) == (201, [("PLACED", 900_000)])
    status, made = seller.post(
        f"{API}/authorisations/",
        {"distributor": world.distributor.id, "is_default": True, "valid_from": "2026-03-01", "valid_to": "2026-12-31"},
    )
    assert (status, made["distributor"]["id"]) == (201, world.distributor.id)
    order = f"{API}/orders/{placed[0]['id']}/"
    status, accepted = seller.post(f"{order}accept/", {"note": "好"})
    assert (status, accepted["state"], accepted["distributor"]["id"]) == (200, "ACCEPTED", world.distributor.id)
    line = accepted["lines"][0]
    assert (line["quantity"], line["price"], line["pack_factor"]) == ("100.000", "90.0000", 50)
    status, sent = shipper.post(
        f"{order}deliveries/",
        {
            "lines": [{"order_line": line["id"], "quantity": "100", "udi": "(01)06901234567892(17)281231(10)L7"}],
            "note_number": "SH1",
            "expected_on": "2026-03-04",
        },
    )
    assert (status, sent["lines"][0]["lot"], sent["lines"][0]["expires_on"]) == (201, "L7", "2028-12-31")
    status, taken = receiver.post(
        f"{API}/deliveries/{sent['id']}/acceptance/",
        {
            "arrived_on": "2026-03-02",
            "lines": [{"delivery_line": sent["lines"][0]["id"], "accepted": "90", "rejected": "10", "reason": "破损"}],
        },
    )
    assert (status, taken["lines"][0]["accepted_quantity"], taken["order"]) == (201, "90.000", placed[0]["id"])
    assert buyer.get(order)[1]["lines"][0]["accepted_quantity"] == "90.000"
    reverse = f"{API}/acceptances/{taken['id']}/reverse/"
    status, problem = receiver.post(reverse, {"reason": "点错"})
    assert (status, problem["code"]) == (403, "four_eyes")
    status, reversed_ = ApiClient(world, "hospital", Role.HOSPITAL_RECEIVER, person="second").post(
        reverse, {"reason": "点错"}
    )
    assert (status, reversed_["state"]) == (200, "REVERSED")
    assert shipper.post(f"{API}/deliveries/{sent['id']}/cancel/", {"reason": "重发"})[1]["state"] == "CANCELLED"
    assert buyer.post(f"{order}close/", {"reason": "不再需要"})[1]["state"] == "CLOSED"
    for path in ("orders", "deliveries", "acceptances", "delivery-points"):
        status, listed = buyer.get(f"{API}/{path}/")
        assert (status, len(listed["results"])) == (200, 1), path
    assert seller.post(f"{API}/authorisations/{made['id']}/revoke/")[1]["state"] == "REVOKED"
    assert seller.get(f"{API}/authorisations/", state="IN_FORCE")[1]["results"] == []


@pytest.mark.parametrize(
    "change,field,code",
    [
        ({"lines": "x"}, "lines.non_field_errors", "invalid"),
        ({"lines": []}, "lines.non_field_errors", "invalid"),
        ({"lines": [5]}, "lines[0].non_field_errors", "invalid"),
        ({"delivery_point": "1"}, "delivery_point", "invalid"),
        ({"delivery_point": True}, "delivery_point", "invalid"),
        ({"is_urgent": "yes"}, "is_urgent", "invalid"),
        ({"latest_arrival_on": 5}, "latest_arrival_on", "invalid"),
        ({"latest_arrival_on": "2026-02-30"}, "latest_arrival_on", "bad_date"),
        ({"plan_number": ["x"]}, "plan_number", "invalid"),
        ({"plan_number": "x" * 41}, "plan_number", "too_long"),
        ({"colour": "red"}, "colour", "invalid"),
        ({"note": "x" * 1_000_000}, "note", "too_long"),
    ],
)
def test_bodies_of_the_wrong_form(world, buyer, basket, change, field, code):
    status, problem = buyer.post(f"{API}/orders/", basket | change)
    assert (status, problem["code"]) == (422, code)
    assert problem["field"].startswith(field.split(".")[0])
    assert count(world, Order) == 0


@pytest.mark.parametrize(
    "change,field",
    [
        ({"quantity": 100}, "lines[0].quantity"),
        ({"quantity": "0"}, "lines[0].quantity"),
        ({"quantity": "-5"}, "lines[0].quantity"),
        ({"quantity": "1.0001"}, "lines[0].quantity"),
        ({"code": 5}, "lines[0].code"),
        ({"code": "C123"}, "lines[0].code"),
        ({"agreement": 2**70}, "lines[0].agreement"),
        ({"agreement": "1"}, "lines[0].agreement"),
        ({"request_numbers": "SQ1"}, "lines[0].request_numbers"),
        ({"price": "1.0000"}, "lines[0].price"),
    ],
)
def test_lines_of_the_wrong_form(world, buyer, basket, change, field):
    body = basket | {"lines": [basket["lines"][0] | change]}
    status, problem = buyer.post(f"{API}/orders/", body)
    assert (status, problem["field"]) == (422, field), problem
    assert any("\u4e00" <= c <= "\u9fff" for c in problem["detail"])
    assert count(world, Order) == count(world, OrderLine) == 0


def test_a_body_that_is_no_object(buyer):
    for body in ([], "x", 5):
        assert buyer.post(f"{API}/orders/", body)[0] == 422


def test_the_same_post_twice(world, buyer, basket):
    body = basket | {"plan_number": "P1", "lines": [basket["lines"][0] | {"plan_line": "1"}]}
    first = buyer.post(f"{API}/orders/", body, **{"Idempotency-Key": "k1"})
    again = buyer.post(f"{API}/orders/", body, **{"Idempotency-Key": "k1"})
    assert first == again and first[0] == 201
    status, problem = buyer.post(f"{API}/orders/", body)
    assert (status, problem["code"], problem["field"]) == (409, "a_plan_line_is_ordered_once", "lines[0].plan_line")
    status, problem = buyer.post(f"{API}/orders/", body | {"note": "x"}, **{"Idempotency-Key": "k1"})
    assert (status, problem["code"]) == (422, "idempotency_key_reused")
    assert count(world, Order) == count(world, OrderLine) == 1


@pytest.mark.clause("SZ24-3.6", on="rule")
def test_refusals_name_clause_field_and_way_out(world, buyer, basket):
    status, problem = buyer.post(f"{API}/orders/", basket | {"distributor_code": world.distributor.credit_code})
    assert (status, problem["field"]) == (422, "distributor_code")
    assert problem["clauses"] == ["SZ20-6.4", "GD25-5.10c", "SZ24-3.6"] and "请去掉" in problem["detail"]
    body = basket | {"lines": [basket["lines"][0] | {"quantity": "120"}]}
    status, problem = buyer.post(f"{API}/orders/", body)
    assert (status, problem["code"]) == (422, "confirm_needed")
    keys = [error["confirmation"] for error in problem["errors"]]
    assert buyer.post(f"{API}/orders/", body | {"confirmations": keys})[0] == 201
    assert kept.refusal(world).code == "distributor_named_by_hospital"


@pytest.mark.parametrize(
    "key,role",
    [
        ("other_hospital", Role.HOSPITAL_BUYER),
        ("other_maker", Role.SUPPLIER_SELLER),
        ("other_distributor", Role.SUPPLIER_SHIPPER),
    ],
)
def test_rows_of_others_are_not_there(world, at, key, role):
    taken = orders.acceptance(world, at=at)
    stranger = ApiClient(world, key, role)
    for path in ("orders", "deliveries", "acceptances"):
        assert stranger.get(f"{API}/{path}/")[1]["results"] == []
    for path in (
        f"orders/{taken.delivery.order_id}",
        f"deliveries/{taken.delivery_id}",
        f"acceptances/{taken.id}",
        "orders/99999999999999999999",
        "deliveries/99999999999999999999",
    ):
        assert stranger.get(f"{API}/{path}/")[0] == 404, path


def test_duties_are_checked_before_anything_else(world, at, agreed, basket):
    receiver = ApiClient(world, "hospital", Role.HOSPITAL_RECEIVER)
    assert receiver.post(f"{API}/orders/", basket)[0] == 403
    maker = ApiClient(world, "maker", Role.SUPPLIER_SHIPPER)
    assert maker.post(f"{API}/authorisations/", {})[0] == 403
    assert ApiClient(world, "hospital", Role.HOSPITAL_BUYER).post(f"{API}/authorisations/", {})[0] == 403
    anonymous = ApiClient(world, "maker", Role.SUPPLIER_SELLER)
    anonymous.headers = {}
    assert anonymous.get(f"{API}/orders/")[0] == 401
    assert count(world, Order) == 0


@pytest.mark.parametrize(
    "body,status",
    [
        ({}, 422),
        ({"lines": []}, 422),
        ({"lines": [{"order_line": "1", "quantity": "1", "lot": "A"}]}, 422),
        ({"lines": [{"order_line": 1, "quantity": "1", "lot": "A", "expires_on": "soon"}]}, 422),
        ({"lines": [{"order_line": 99999999999, "quantity": "1", "lot": "A"}]}, 404),
        ({"lines": [{"order_line": 1, "quantity": "1", "lot": "A", "traceability_codes": [1]}]}, 422),
    ],
)
def test_deliveries_of_the_wrong_form(world, at, body, status):
    order = orders.accepted_order(world, at=at)
    shipper = ApiClient(world, "distributor", Role.SUPPLIER_SHIPPER)
    assert shipper.post(f"{API}/orders/{order.id}/deliveries/", body)[0] == status
    assert count(world, Delivery) == 0


def test_acceptances_of_the_wrong_form(world, at):
    sent = orders.delivered(world, at=at)
    receiver = ApiClient(world, "hospital", Role.HOSPITAL_RECEIVER, person=True)
    path = f"{API}/deliveries/{sent.id}/acceptance/"
    for body in ({}, {"arrived_on": "2026-03-02", "lines": [{}]}, {"arrived_on": "x", "lines": [{"delivery_line": 1}]}):
        assert receiver.post(path, body)[0] == 422
    assert receiver.post(path, {"arrived_on": "2026-03-02", "lines": [{"delivery_line": 10**15}]})[0] == 404
    assert count(world, Acceptance) == 0


def test_an_order_of_five_lines_over_the_api_stays_within_its_statements(world, at):
    listing = catalog.listed(world, "120", specifications=20, listed_on=date(2019, 1, 1))
    pricing.priced(world, listing, at=at)
    agreed = procurement.agreed(world, listing, price="90", quantity="100000", at=at)
    with scope.opened(world.system):
        codes = orders.codes(agreed)
    machine, where = ApiClient(world, "hospital", Role.HOSPITAL_BUYER), orders.point(world).id

    def statements(lines: int) -> int:
        body = {"lines": [{"code": code, "quantity": "50"} for code in codes[:lines]], "delivery_point": where}
        with CaptureQueriesContext(connection) as captured:
            assert machine.post(f"{API}/orders/", body)[0] == 201
        frame = ("SAVEPOINT", "RELEASE", "select pg_catalog.set_config")
        return sum(not query["sql"].startswith(frame) for query in captured.captured_queries)

    counted = {lines: statements(lines) for lines in (1, 5, 20)}
    assert len(set(counted.values())) == 1, counted
    assert counted[5] <= 30, counted


def test_lists_and_details_take_a_constant_number_of_queries(world, at, agreed, buyer):
    def queries(path) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert buyer.get(path)[0] == 200
        return len(captured)

    taken = orders.acceptance(
        world,
        orders.delivered(world, orders.accepted_order(world, orders.placed(world, agreed, at=at), at=at), at=at),
        at=at,
    )
    paths = [f"{API}/{each}/" for each in ("orders", "deliveries", "acceptances")]
    detail = f"{API}/orders/{taken.delivery.order_id}/"
    one, one_detail = [queries(path) for path in paths], queries(detail)
    for _ in range(3):
        order = orders.accepted_order(world, orders.placed(world, agreed, at=at), at=at)
        orders.acceptance(world, orders.delivered(world, order, quantities=["50"], at=at), at=at)
        last = orders.acceptance(world, orders.delivered(world, order, quantities=["50"], at=at), at=at)
    assert [queries(path) for path in paths] == one
    assert queries(f"{API}/orders/{last.delivery.order_id}/") == one_detail
