"""The bargaining line over the API."""

from sunlight.scope import Role
from tests.api_client import ApiClient


def test_from_search_to_an_agreement_in_force(world, product):
    buyer = ApiClient(world, "hospital", Role.HOSPITAL_BUYER)
    seller = ApiClient(world, "maker", Role.SUPPLIER_SELLER)
    approver = ApiClient(world, "hospital", Role.HOSPITAL_APPROVER)
    status, found = buyer.get("/api/v1/products/", q="支架")
    assert status == 200
    print(found)
    group = found["results"][0]["id"]
    print(buyer.get(f"/api/v1/products/{group}/"))
    print(buyer.post(f"/api/v1/products/{group}/trial/", {"price": "101"}))
    status, offer = buyer.post("/api/v1/offers/", {"price_group": group, "price": "99.5", "quantity": "40 盒"})
    print(status, offer)
    status, contract = seller.post(f"/api/v1/offers/{offer['id']}/accept/", {})
    print(status, contract)
    for who in (seller, approver):
        print(who.post(f"/api/v1/contracts/{contract['id']}/sign/", {"text_sha256": contract["text_sha256"]}))
    print(buyer.get("/api/v1/agreements/", in_force="1"))
