"""ETags, preconditions and batches, on offers."""

from datetime import date

from procurement.bargaining.models.offers import Offer
from sunlight import scope
from sunlight.journal.models import Refusal
from sunlight.scope import Role
from tests.api_client import ApiClient
from tests.factories.catalog import listed
from tests.factories.pricing import priced
from tests.procurement.bargaining import counts, make


def get(client, path, **headers):
    return client.client.get(path, headers=client.headers | headers)


def test_what_has_not_changed_is_not_sent_again(world, product, at):
    offer = make(world, product, "90", at)
    buyer = ApiClient(world, "hospital", Role.HOSPITAL_BUYER)
    path = f"/api/v1/offers/{offer.id}/"
    first = get(buyer, path)
    etag = first["ETag"]
    assert etag.startswith('"1-')
    for known in (etag, f'"other", W/{etag}', "*"):
        again = get(buyer, path, **{"If-None-Match": known})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)
    assert get(buyer, path, **{"If-None-Match": '"1-other"'}).status_code == 200
    ApiClient(world, "maker", Role.SUPPLIER_SELLER).post(f"{path}decline/", {"reason": "价格过低"})
    changed = get(buyer, path, **{"If-None-Match": etag})
    assert (changed.status_code, changed["ETag"][:3]) == (200, '"2-')
    assert get(buyer, "/api/v1/offers/")["ETag"] != get(buyer, "/api/v1/agreements/")["ETag"]


def test_what_has_changed_is_not_changed_unseen(world, product, at):
    offer = make(world, product, "90", at)
    seller = ApiClient(world, "maker", Role.SUPPLIER_SELLER)
    path = f"/api/v1/offers/{offer.id}/"
    etag = get(seller, path)["ETag"]
    with scope.opened(world.system):
        Offer.objects.filter(id=offer.id).update(version=2)
    before = counts(world)
    for stale in (etag, '"nonsense"', f"W/{etag}"):
        status, problem = seller.post(f"{path}decline/", {"reason": "价格过低"}, **{"If-Match": stale})
        assert (status, problem["code"]) == (412, "precondition_failed")
        assert "第 2 版" in problem["detail"]
    for unreadable in ("", etag.strip('"')):
        status, problem = seller.post(f"{path}decline/", {"reason": "价格过低"}, **{"If-Match": unreadable})
        assert (status, problem["code"], problem["field"]) == (422, "if_match_form", "If-Match")
    assert counts(world) == before
    fresh = get(seller, path)["ETag"]
    # A stranger learns nothing from a precondition.
    stranger = ApiClient(world, "other_maker", Role.SUPPLIER_SELLER)
    assert stranger.post(f"{path}decline/", {"reason": "x"}, **{"If-Match": fresh})[0] == 404
    key = {"If-Match": fresh, "Idempotency-Key": "k"}
    first = seller.post(f"{path}decline/", {"reason": "价格过低"}, **key)
    assert first[0] == 200
    assert seller.post(f"{path}decline/", {"reason": "价格过低"}, **key) == first


def test_a_row_without_versions_takes_no_if_match(world, product):
    buyer = ApiClient(world, "hospital", Role.HOSPITAL_BUYER)
    body = {"price_group": product.price_group_id, "price": "90", "quantity": "1"}
    assert buyer.post("/api/v1/offers/", body, **{"If-Match": '"1"'})[0] == 412


def operation(key, listing, price) -> dict:
    return {
        "idempotency_key": key,
        "body": {"price_group": listing.price_group_id, "price": price, "quantity": "10"},
    }


def test_a_batch_answers_each_operation_and_keeps_what_was_allowed(world, product, at):
    other = listed(world, "80", listed_on=date(2019, 1, 1))
    priced(world, other, {"320000": "70"}, at=at)
    buyer = ApiClient(world, "hospital", Role.HOSPITAL_BUYER)
    operations = [operation("a", product, "100.0001"), operation("b", other, "60"), operation("c", product, 1)]
    status, answer = buyer.post("/api/v1/offers/batch/", {"operations": operations})
    assert (status, answer["succeeded"], answer["refused"]) == (200, 1, 2)
    assert [(r["idempotency_key"], r["status"], r["replayed"]) for r in answer["results"]] == [
        ("a", 422, False),
        ("b", 201, False),
        ("c", 422, False),
    ]
    assert answer["results"][0]["body"]["clauses"] == ["SZ24-3.3c"]
    assert answer["results"][1]["body"]["price"] == "60.0000"
    assert answer["results"][2]["body"]["field"] == "price"
    before = counts(world)

    # The very same again: nothing twice, also by the single call with the operation's key.
    status, again = buyer.post("/api/v1/offers/batch/", {"operations": operations})
    assert [r["replayed"] for r in again["results"]] == [True, True, False]
    assert [r["body"] for r in again["results"]] == [r["body"] for r in answer["results"]]
    single = buyer.post("/api/v1/offers/", operations[1]["body"], **{"Idempotency-Key": "b"})
    assert single == (201, answer["results"][1]["body"])
    assert counts(world) == before
    changed = operations[1] | {"body": operations[1]["body"] | {"quantity": "11"}}
    status, reused = buyer.post("/api/v1/offers/batch/", {"operations": [changed]})
    assert reused["results"][0]["body"]["code"] == "idempotency_key_reused"
    with scope.opened(world.system):
        assert Refusal.objects.filter(service="offer_make").count() == 1


def test_an_operation_that_breaks_touches_no_other(world, product, at, monkeypatch):
    from procurement.bargaining.services import offers as bargaining

    other = listed(world, "80", listed_on=date(2019, 1, 1))
    priced(world, other, {"320000": "70"}, at=at)
    real = bargaining.offer_make

    def breaks(**facts):
        made = real(**facts)
        if facts["price"] == "60":
            raise ZeroDivisionError
        return made

    monkeypatch.setattr(bargaining, "offer_make", breaks)
    buyer = ApiClient(world, "hospital", Role.HOSPITAL_BUYER)
    operations = [operation("a", other, "60"), operation("b", product, "90")]
    status, answer = buyer.post("/api/v1/offers/batch/", {"operations": operations})
    assert [r["status"] for r in answer["results"]] == [500, 201]
    assert "ZeroDivision" not in str(answer)
    with scope.opened(world.system):
        assert [str(o.price) for o in Offer.objects.all()] == ["90.0000"]
    monkeypatch.undo()
    status, again = buyer.post("/api/v1/offers/batch/", {"operations": operations})
    assert [(r["status"], r["replayed"]) for r in again["results"]] == [(201, False), (201, True)]


def test_a_batch_of_another_form_does_nothing(world, product):
    buyer = ApiClient(world, "hospital", Role.HOSPITAL_BUYER)
    good = operation("a", product, "90")
    before = counts(world)
    for operations in ([], [good, good], [good] * 101, [{"body": good["body"]}], [good | {"more": 1}], "x"):
        status, problem = buyer.post("/api/v1/offers/batch/", {"operations": operations})
        assert (status, problem["field"][:10]) == (422, "operations")
    assert counts(world) == before
    seller = ApiClient(world, "maker", Role.SUPPLIER_SELLER)
    assert seller.post("/api/v1/offers/batch/", {"operations": [good]})[0] == 403
