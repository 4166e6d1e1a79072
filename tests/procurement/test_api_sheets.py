"""Sheets of offers over the API."""

from datetime import date

import pytest

from sunlight.scope import Role
from tests.api_client import ApiClient
from tests.factories.catalog import listed
from tests.factories.pricing import priced


@pytest.fixture
def buyer(world, at):
    return ApiClient(world, "hospital", Role.HOSPITAL_BUYER)


@pytest.fixture
def url(buyer):
    status, made = buyer.post("/api/v1/offer-sheets/", {"name": "接口"})
    assert (status, made["state"], made["months"], made["filled"]) == (201, "OPEN", 12, 0)
    return f"/api/v1/offer-sheets/{made['id']}/"


@pytest.mark.clause("SZ24-3.3c", on="rule")
def test_write_read_and_send_a_sheet(world, product, buyer, url, at):
    other = listed(world, "90", listed_on=date(2019, 1, 1))
    priced(world, other, at=at)
    body = {
        "lines": [
            {"position": 1, "product": product.price_group.generic_code, "quantity": "40 盒", "price": "99"},
            {"position": 2, "price_group": other.price_group_id, "quantity": "5", "price": "100.5", "remark": "急"},
            {"position": 3, "product": "没有", "quantity": "5", "price": "一"},
        ]
    }
    status, written = buyer.post(f"{url}lines/", body)
    assert status == 200
    assert [(line["verdict"], line["version"], line["ceiling"]) for line in written["lines"]] == [
        ("READY", 1, "100.0000"),
        ("BARRED", 1, "90.0000"),
        ("FAULTY", 1, None),
    ]
    assert [(r["clause"], r["field"]) for r in written["lines"][1]["remarks"]] == [
        ("SZ24-3.3c", "price"),
        ("GD25-2.2a", "price"),
    ]
    assert [r["field"] for r in written["lines"][2]["remarks"]] == ["product", "price"]
    status, again = buyer.post(f"{url}lines/", {"lines": [{"position": 1, "version": 7, "price": "98"}]})
    assert (again["lines"], again["clashes"][0]["theirs"], again["clashes"][0]["yours"]) == (
        [],
        {"price": "99"},
        {"price": "98"},
    )
    key = {"Idempotency-Key": "once"}
    assert buyer.post(f"{url}send/", {}, **key) == (202, {"waiting": 3})
    assert buyer.post(f"{url}send/", {}, **key) == (202, {"waiting": 3})
    status, sheet = buyer.get(url)
    assert (sheet["sent"], sheet["sending"]) == (1, False)
    first, second, third = sheet["lines"]
    assert (first["verdict"], first["answer"], second["answer"]["clauses"]) == (
        "SENT",
        None,
        ["SZ24-3.3c", "GD25-2.2a"],
    )
    assert third["answer"]["code"] == "product_unknown"
    assert buyer.get(f"/api/v1/offers/{first['offer']}/")[1]["quantity"] == "2000.000"
    assert buyer.post(f"{url}close/", {})[1]["state"] == "CLOSED"
    assert buyer.post(f"{url}lines/", body)[0] == 409
    assert buyer.get("/api/v1/offer-sheets/")[1]["results"][0]["filled"] == 3


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"lines": []}, "lines.non_field_errors"),
        ({"lines": [{"position": 0}]}, "lines[0].position"),
        ({"lines": [{"position": 301}]}, "lines[0].position"),
        ({"lines": [{"position": 1, "price": 5}]}, "lines[0].price"),
        ({"lines": [{"position": 1, "colour": "x"}]}, "lines[0].colour"),
        ({"lines": [{"position": 1}, {"position": 1}]}, "lines"),
        ({"lines": [{"position": 1, "price_group": 999999999}]}, "price_group"),
    ],
)
def test_what_is_no_line_is_refused(buyer, url, body, field):
    status, told = buyer.post(f"{url}lines/", body)
    assert (status, told["field"]) == (422, field)
    assert buyer.get(url)[1]["lines"] == []


def test_others_find_nothing(world, buyer, url):
    stranger = ApiClient(world, "other_hospital", Role.HOSPITAL_BUYER)
    assert stranger.get(url)[0] == 404
    assert stranger.post(f"{url}send/", {})[0] == 404
    assert ApiClient(world, "maker", Role.SUPPLIER_SELLER).get(url)[0] == 403
    assert ApiClient(world, "hospital", Role.HOSPITAL_AUDITOR).post(f"{url}lines/", {"lines": []})[0] == 403
