"""Prices over the API."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pricing.models import Declaration, PriceInformation, ProvincePrice
from pricing.rules.commitment import CURRENT_VERSION
from sunlight import scope
from sunlight.demo.files.price_list import price_list
from sunlight.journal.models import Refusal
from sunlight.scope import Role
from tests.api_client import ApiClient
from tests.factories.catalog import listed
from tests.factories.pricing import DeclarationFactory, deal, priced
from tests.pricing.conftest import AT as DAY_AT
from tests.pricing.test_services_price_lists import DAY, product

PRICE = {
    "province": "320000",
    "price": "5000",
    "unit": "盒",
    "valid_from": "2026-01-01",
    "platform_name": "江苏省平台",
    "evidence": "苏采 1 号",
}


@pytest.fixture
def listing(world, at):
    return listed(world)


@pytest.fixture
def lister(world, at):
    return ApiClient(world, "maker", Role.SUPPLIER_LISTER)


@pytest.fixture
def confirmer(world, at):
    return ApiClient(world, "operator", Role.OPERATOR_CONFIRMER)


def body(listing, *prices, **more):
    return {
        "price_group": listing.price_group_id,
        "commitment": {"version": CURRENT_VERSION, "accepted": True},
        "prices": list(prices) or [PRICE],
    } | more


def count(world, model):
    with scope.opened(world.system):
        return model.objects.count()


@pytest.mark.clause("SZ24-3.2a", "SZ24-3.3c", on="rule")
def test_declared_confirmed_and_published(world, listing, lister, confirmer):
    status, made = lister.post("/api/v1/declarations/", body(listing))
    assert (status, made["state"]) == (201, "SUBMITTED")
    assert made["prices"] == [
        {
            "province": "320000",
            "name": "江苏",
            "platform_name": "江苏省平台",
            "stated_price": "5000.0000",
            "stated_unit": "盒",
            "factor": 50,
            "price": "100.0000",
            "valid_from": "2026-01-01",
            "valid_to": None,
            "evidence": "苏采 1 号",
        }
    ]
    status, seen = confirmer.get("/api/v1/declarations/", state="SUBMITTED")
    assert (status, [row["id"] for row in seen["results"]]) == (200, [made["id"]])
    status, confirmed = confirmer.post(f"/api/v1/declarations/{made['id']}/confirm/", {"note": "可比"})
    assert (status, confirmed["state"], confirmed["decision_note"]) == (200, "CONFIRMED", "可比")
    hospital = ApiClient(world, "hospital", Role.HOSPITAL_BUYER)
    status, found = hospital.get("/api/v1/price-information/", price_group=listing.price_group_id, price="101")
    assert status == 200
    assert found["alert_line"]["line"] == "100.0000"
    assert found["alert_line"]["basis"][0]["clause"] == "SZ24-3.3c"
    assert found["alert_line"]["basis"][0]["status"] == "draft"
    assert found["position"]["above_alert_line"] is True
    status, prices = lister.get(f"/api/v1/price-groups/{listing.price_group_id}/prices/")
    assert [(p["name"], p["price"]) for p in prices["province_prices"]] == [("江苏", "100.0000")]
    assert "statistics" not in prices


@pytest.mark.clause("SZ24-3.3a", "SZ24-3.3b", on="rule")
def test_figures_and_segments(world, listing):
    for price in ("70", "80", "90"):
        deal(world, listing, price=price, on=DAY.replace(day=1))
    priced(world, listing, at=DAY_AT)
    hospital = ApiClient(world, "hospital", Role.HOSPITAL_BUYER)
    _, found = hospital.get("/api/v1/price-information/", price_group=listing.price_group_id, price="75")
    assert found["statistics"]["levels"]["tertiary"]["median"] == "80.0000"
    assert len(found["segments"]["segments"]) == 9
    assert (found["position"]["segment"], found["position"]["colour"]) == (2, "green")
    _, before = hospital.get("/api/v1/price-information/", price_group=listing.price_group_id, on="2026-03-01")
    assert (before["alert_line"]["line"], before["business_day"]) == (None, None)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"prices": [PRICE | {"price": 5000}]}, "prices[0].price"),
        ({"prices": [PRICE | {"price": "1.23456"}]}, "prices[0].price"),
        ({"prices": [PRICE, PRICE | {"province": "440000"}]}, "prices[1].province"),
        ({"prices": [PRICE | {"colour": "red"}]}, "prices[0].colour"),
        ({"prices": []}, "prices"),
        ({"prices": "5000"}, "prices.non_field_errors"),
        ({"price_group": "1"}, "price_group"),
        ({"commitment": {"version": CURRENT_VERSION, "accepted": False}}, "commitment"),
        ({"extra": 1}, "extra"),
    ],
)
def test_a_bad_body_is_refused_at_its_field(world, listing, lister, change, field):
    status, problem = lister.post("/api/v1/declarations/", body(listing) | change)
    assert (status, problem["field"]) == (422, field)
    assert problem["detail"]
    assert count(world, Declaration) == 0


def test_not_a_number_and_a_body_of_the_wrong_type(world, listing, lister):
    text = json.dumps(body(listing)).replace('"5000"', "NaN")
    answer = lister.client.post("/api/v1/declarations/", text, content_type="application/json", headers=lister.headers)
    assert answer.status_code == 400
    assert lister.post("/api/v1/declarations/", [1])[0] == 422
    assert count(world, Declaration) == 0


def test_the_same_post_twice_is_one_declaration(world, listing, lister):
    first = lister.post("/api/v1/declarations/", body(listing), **{"Idempotency-Key": "k1"})
    again = lister.post("/api/v1/declarations/", body(listing), **{"Idempotency-Key": "k1"})
    assert first == again
    assert count(world, Declaration) == 1
    other = body(listing, PRICE | {"province": "110000"})
    assert lister.post("/api/v1/declarations/", other, **{"Idempotency-Key": "k1"})[0] == 422


@pytest.mark.parametrize(
    ("key", "role", "status"),
    [
        ("other_maker", Role.SUPPLIER_LISTER, 404),
        ("distributor", Role.SUPPLIER_SELLER, 404),
        ("hospital", Role.HOSPITAL_BUYER, 403),
        ("maker", Role.SUPPLIER_SELLER, 200),
        ("regulator", Role.REGULATOR_OFFICER, 200),
    ],
)
def test_who_reads_a_declaration(world, listing, lister, key, role, status):
    _, made = lister.post("/api/v1/declarations/", body(listing))
    caller = ApiClient(world, key, role)
    assert caller.get(f"/api/v1/declarations/{made['id']}/")[0] == status
    found = caller.get("/api/v1/declarations/")
    assert found[0] == (403 if status == 403 else 200)
    if status == 404:
        assert found[1]["results"] == []
    assert caller.post(f"/api/v1/declarations/{made['id']}/confirm/")[0] == 403
    assert count(world, ProvincePrice) == 0


def test_anonymous_gets_nothing(client, world):
    for path in ("declarations/", "price-information/?price_group=1", "price-groups/1/prices/", "price-lists/1/"):
        assert client.get(f"/api/v1/{path}").status_code == 401
    assert client.post("/api/v1/declarations/", "{}", content_type="application/json").status_code == 401


def test_a_decided_declaration_answers_conflict(world, listing, lister, confirmer):
    _, made = lister.post("/api/v1/declarations/", body(listing))
    path = f"/api/v1/declarations/{made['id']}"
    assert confirmer.post(f"{path}/reject/", {"reason": " "})[0] == 422
    assert confirmer.post(f"{path}/reject/", {"reason": "与公告不符"})[0] == 200
    status, problem = confirmer.post(f"{path}/confirm/")
    assert (status, problem["code"]) == (409, "illegal_move")
    assert count(world, PriceInformation) == 0


def test_suppliers_do_not_read_what_hospitals_pay(world, listing):
    maker, other = (ApiClient(world, key, Role.SUPPLIER_SELLER) for key in ("maker", "other_maker"))
    assert maker.get("/api/v1/price-information/", price_group=listing.price_group_id)[0] == 403
    assert other.get(f"/api/v1/price-groups/{listing.price_group_id}/prices/")[0] == 404


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"price_group": "x"}, "price_group"),
        ({}, "price_group"),
        ({"price_group": "1", "on": "2026-13-01"}, "on"),
        ({"price_group": "1", "on": "1999-01-01"}, "on"),
        ({"price_group": "1", "price": "1.23456"}, "price"),
        ({"price_group": "1", "price": "NaN"}, "price"),
    ],
)
def test_a_bad_question_is_answered_at_its_field(world, listing, query, field):
    if "price_group" in query and query["price_group"] == "1":
        query |= {"price_group": listing.price_group_id}
    status, problem = ApiClient(world, "hospital", Role.HOSPITAL_BUYER).get("/api/v1/price-information/", **query)
    assert (status, problem["field"]) == (422, field)


def test_a_price_list_is_uploaded_and_reported(world, listing, lister):
    content = price_list([product(world, listing)], on=DAY)

    def upload(**fields):
        file = SimpleUploadedFile("价格表.csv", content, content_type="text/csv")
        answer = lister.client.post("/api/v1/price-lists/", {"file": file} | fields, headers=lister.headers)
        return answer.status_code, json.loads(answer.content)

    assert upload()[0] == 422
    status, report = upload(accepted="true")
    assert (status, report["rows_taken"], report["rows_refused"]) == (201, 15, 5)
    assert [row["code"] for row in report["refused"]][:2] == ["own_province", "too_many_decimals"]
    assert lister.get(f"/api/v1/price-lists/{report['id']}/") == (200, report)
    stranger = ApiClient(world, "other_maker", Role.SUPPLIER_LISTER)
    assert stranger.get(f"/api/v1/price-lists/{report['id']}/")[0] == 404
    status, problem = lister._answer(lister.client.post("/api/v1/price-lists/", {}, headers=lister.headers))
    assert (status, problem["field"]) == (422, "file")
    with scope.opened(world.system):
        assert Refusal.objects.filter(code="commitment_missing").count() == 1


def test_the_list_takes_as_many_queries_for_ten_rows_as_for_one(world, listing, lister):
    def listed_rows():
        with CaptureQueriesContext(connection) as made:
            status, found = lister.get("/api/v1/declarations/")
        assert status == 200
        return len(found["results"]), len(made)

    def add(number):
        with scope.opened(world.system):
            for _ in range(number):
                DeclarationFactory(
                    platform=world.platform, region=world.platform.region, price_group=listing.price_group
                )

    add(1)
    one = listed_rows()
    add(9)
    ten = listed_rows()
    assert (one[0], ten[0]) == (1, 10)
    assert one[1] == ten[1]
