"""The bargaining line over the API."""

import json
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sunlight.scope import Role
from tests.api_client import ApiClient
from tests.factories.catalog import listed
from tests.factories.pricing import priced
from tests.factories.procurement import agreed


def _clients(world):
    return (
        ApiClient(world, "hospital", Role.HOSPITAL_BUYER, person=True),
        ApiClient(world, "maker", Role.SUPPLIER_SELLER),
        ApiClient(world, "hospital", Role.HOSPITAL_APPROVER, person=True),
    )


@pytest.mark.clause("SZ24-3.4c", "SZ20-6.2b", on="rule")
def test_from_search_to_an_agreement_in_force(world, product):
    buyer, seller, approver = _clients(world)
    status, found = buyer.get("/api/v1/products/", q="支架")
    assert (status, [row["name"] for row in found["results"]]) == (200, ["测试支架"])
    row = found["results"][0]
    assert (row["listed_price"], row["alert_line"], row["own_latest_price"]) == ("120.0000", "100.0000", None)
    status, detail = buyer.get(f"/api/v1/products/{row['id']}/")
    assert (status, detail["ceiling"]) == (200, "100.0000")
    assert [(b["name"], b["price"], b["clause"]) for b in detail["bounds"]] == [
        ("alert_line", "100.0000", "SZ24-3.3c"),
        ("listed", "120.0000", "GD25-2.2a"),
    ]

    body = {"price_group": row["id"], "price": "99.5", "quantity": "40 盒"}
    status, offer = buyer.post("/api/v1/offers/", body)
    assert (status, offer["state"], offer["price"], offer["quantity"]) == (201, "OPEN", "99.5000", "2000.000")
    assert offer["answer_due_on"] == "2026-03-09"
    assert offer["decision"]["allowed"] is True
    assert offer["decision"]["facts"]["alert_line"] == "100.0000"

    status, contract = seller.post(f"/api/v1/offers/{offer['id']}/accept/")
    assert (status, contract["state"], contract["payment_days"]) == (201, "SIGNING", 30)
    sign = f"/api/v1/contracts/{contract['id']}/sign/"
    text = {"text_sha256": contract["text_sha256"]}
    # A machine may accept a price; the contract is signed by a person.
    assert seller.post(sign, text)[1]["code"] == "in_person"
    signer = ApiClient(world, "maker", Role.SUPPLIER_SELLER, person="signs")
    assert signer.post(sign, text)[1]["state"] == "SIGNING"
    status, signed = approver.post(sign, {"text_sha256": contract["text_sha256"]})
    assert (status, signed["state"]) == (200, "IN_FORCE")
    status, agreements = buyer.get("/api/v1/agreements/", in_force="1")
    assert [(a["price"], a["contract_number"]) for a in agreements["results"]] == [("99.5000", contract["number"])]
    assert [(a["source_kind"], a["source_id"]) for a in agreements["results"]] == [("OFFER", offer["id"])]


@pytest.mark.clause("SZ24-3.3c", on="rule")
def test_a_trial_answers_as_the_offer_would_and_keeps_nothing(world, product):
    buyer, _, _ = _clients(world)
    path = f"/api/v1/products/{product.price_group_id}/trial/"
    status, trial = buyer.post(path, {"price": "100.0001"})
    assert (status, trial["allowed"], trial["ceiling"]) == (200, False, "100.0000")
    assert [(r["clause"], r["effect"]) for r in trial["reasons"]] == [("SZ24-3.3c", "refuse"), ("GD25-2.2a", "info")]
    assert (trial["warned"], trial["first_deal"]) == ([], None)
    assert buyer.post(path, {"price": "100"})[1]["allowed"] is True
    assert buyer.get("/api/v1/offers/")[1]["results"] == []


@pytest.mark.clause("SZ24-3.3c", on="trade")
def test_a_refusal_names_field_clause_and_way_out(world, product):
    buyer, _, _ = _clients(world)
    body = {"price_group": product.price_group_id, "price": "100.0001", "quantity": "10"}
    status, problem = buyer.post("/api/v1/offers/", body)
    assert (status, problem["code"], problem["field"], problem["clauses"]) == (
        422,
        "above_alert_line",
        "price",
        ["SZ24-3.3c"],
    )
    assert "请在 100.00 元/个 以内重新报价" in problem["detail"]
    assert "征求意见稿（演示加载）" in problem["detail"]


BAD = [
    ({"price": "0"}, "price"),
    ({"price": "-1"}, "price"),
    ({"price": "NaN"}, "price"),
    ({"price": "1.00001"}, "price"),
    ({"price": "1000000000000000"}, "price"),
    ({"price": "1e3"}, "price"),
    ({"price": ""}, "price"),
    ({"price": 12.5}, "price"),
    ({"price": True}, "price"),
    ({"price": None}, "price"),
    ({"price": ["1"]}, "price"),
    ({"price": {"a": 1}}, "price"),
    ({"price": "9" * 100}, "price"),
    ({"quantity": "0"}, "quantity"),
    ({"quantity": "-3"}, "quantity"),
    ({"quantity": 3}, "quantity"),
    ({"quantity": "0.0001"}, "quantity"),
    ({"quantity": "3 箱"}, "quantity"),
    ({"quantity": "99999999999 盒", "price": "0.0001"}, "quantity"),
    ({"quantity": "99999999999", "price": "99"}, "quantity"),
    ({"months": 0}, "months"),
    ({"months": 37}, "months"),
    ({"months": "12"}, "months"),
    ({"months": 1.5}, "months"),
    ({"price_group": "1"}, "price_group"),
    ({"price_group": None}, "price_group"),
    ({"surprise": 1}, "surprise"),
]


def test_bad_input_is_refused_at_its_field(world, product):
    buyer, _, _ = _clients(world)
    for change, field in BAD:
        body = {"price_group": product.price_group_id, "price": "99.5", "quantity": "10"} | change
        status, problem = buyer.post("/api/v1/offers/", body)
        assert (status, problem["field"]) == (422, field), change
        assert any("\u4e00" <= letter <= "\u9fff" for letter in problem["detail"]), change
    assert buyer.get("/api/v1/offers/")[1]["results"] == []


def test_a_body_of_the_wrong_type_is_refused(world, product):
    buyer, _, _ = _clients(world)
    for body in ([], "text", 7, None, [{"price": "1"}]):
        status, problem = buyer.post_text("/api/v1/offers/", json.dumps(body))
        assert (status, problem["status"]) in ((400, 400), (422, 422)), body
    for text in ("", "{", '{"price": NaN}', '{"price": "1", "price": "2"}', "[" * 100_000):
        assert buyer.post_text("/api/v1/offers/", text)[0] in (400, 422), text[:20]
    assert buyer.get("/api/v1/offers/")[1]["results"] == []


def test_unknown_and_strange_products_are_not_there(world, product):
    buyer, _, _ = _clients(world)
    for group in (987654321, 10**30, -1):
        status, problem = buyer.post("/api/v1/offers/", {"price_group": group, "price": "1", "quantity": "1"})
        assert (status, problem["code"]) == (404, "not_found")
    assert buyer.post("/api/v1/offers/", {"price": "1", "quantity": "1"})[1]["field"] == "price_group"


@pytest.mark.parametrize(
    ("key", "role"),
    [
        ("other_hospital", Role.HOSPITAL_BUYER),
        ("other_hospital", Role.HOSPITAL_APPROVER),
        ("other_maker", Role.SUPPLIER_SELLER),
        ("distributor", Role.SUPPLIER_SELLER),
    ],
)
def test_strangers_see_and_move_nothing(world, product, key, role):
    buyer, seller, _ = _clients(world)
    _, offer = buyer.post("/api/v1/offers/", {"price_group": product.price_group_id, "price": "99", "quantity": "1"})
    _, contract = seller.post(f"/api/v1/offers/{offer['id']}/accept/")
    stranger = ApiClient(world, key, role)
    assert stranger.get("/api/v1/offers/")[1]["results"] == []
    assert stranger.get("/api/v1/contracts/")[1]["results"] == []
    assert stranger.get("/api/v1/agreements/")[1]["results"] == []
    assert stranger.get(f"/api/v1/offers/{offer['id']}/")[0] == 404
    assert stranger.get(f"/api/v1/contracts/{contract['id']}/")[0] == 404
    for path, body in (
        (f"/api/v1/offers/{offer['id']}/accept/", {}),
        (f"/api/v1/offers/{offer['id']}/decline/", {"reason": "不"}),
        (f"/api/v1/offers/{offer['id']}/withdraw/", {}),
        (f"/api/v1/contracts/{contract['id']}/sign/", {"text_sha256": contract["text_sha256"]}),
        (f"/api/v1/contracts/{contract['id']}/end/", {"reason": "不"}),
    ):
        assert stranger.post(path, body)[0] in (403, 404)
    assert seller.get(f"/api/v1/contracts/{contract['id']}/")[1]["state"] == "SIGNING"


@pytest.mark.parametrize("path", ["products/", "offers/", "contracts/", "agreements/"])
def test_nobody_sees_anything_without_a_token(client, db, path):
    assert client.get(f"/api/v1/{path}").status_code == 401


def test_the_same_key_twice_makes_one_offer(world, product):
    buyer, _, _ = _clients(world)
    body = {"price_group": product.price_group_id, "price": "99.5", "quantity": "10"}
    first = buyer.post("/api/v1/offers/", body, **{"Idempotency-Key": "k1"})
    assert first[0] == 201
    assert buyer.post("/api/v1/offers/", body, **{"Idempotency-Key": "k1"}) == first
    status, problem = buyer.post("/api/v1/offers/", body | {"price": "98"}, **{"Idempotency-Key": "k1"})
    assert (status, problem["code"]) == (422, "idempotency_key_reused")
    assert len(buyer.get("/api/v1/offers/")[1]["results"]) == 1
    status, problem = buyer.post("/api/v1/offers/", body)
    assert (status, problem["code"]) == (409, "offer_already_open")


def test_several_offers_make_one_contract(world, product, at):
    other = listed(world, "60", listed_on=date(2019, 1, 1), name="测试导管")
    priced(world, other, {"320000": "50"}, at=at)
    buyer, seller, _ = _clients(world)
    ids = [
        buyer.post("/api/v1/offers/", {"price_group": each.price_group_id, "price": "49", "quantity": "10"})[1]["id"]
        for each in (product, other)
    ]
    status, contract = seller.post("/api/v1/contracts/", {"offers": ids, "payment_days": 20})
    assert (status, contract["payment_days"]) == (201, 20)
    assert [(a["source_kind"], a["source_id"]) for a in contract["agreements"]] == [("OFFER", each) for each in ids]
    assert "测试导管" in contract["text"]
    assert "测试支架" in contract["text"]
    status, problem = seller.post("/api/v1/contracts/", {"offers": []})
    assert (status, problem["field"]) == (422, "offers")


@pytest.mark.clause("SZ20-6.2b", on="rule")
def test_a_contract_promises_no_longer_term_than_the_law(world, product):
    buyer, seller, _ = _clients(world)
    _, offer = buyer.post("/api/v1/offers/", {"price_group": product.price_group_id, "price": "99", "quantity": "1"})
    status, problem = seller.post(f"/api/v1/offers/{offer['id']}/accept/", {"payment_days": 31})
    assert (status, problem["field"], problem["clauses"]) == (422, "payment_days", ["SZ20-6.2b"])
    assert buyer.get(f"/api/v1/offers/{offer['id']}/")[1]["state"] == "OPEN"


@pytest.mark.parametrize("path", ["products/", "offers/", "contracts/", "agreements/"])
def test_lists_take_as_many_queries_for_ten_rows_as_for_one(world, at, path):
    buyer, _, _ = _clients(world)

    def count(more):
        for _ in range(more):
            listing = listed(world, "120", listed_on=date(2019, 1, 1))
            priced(world, listing, {"320000": "100"}, at=at, publish=False)
            agreed(world, listing, price="90", at=at)
        with CaptureQueriesContext(connection) as queries:
            status, answer = buyer.get(f"/api/v1/{path}")
        assert status == 200
        return len(queries), len(answer["results"])

    one, rows = count(1)
    assert rows < 5
    assert count(9) == (one, rows + 9)
