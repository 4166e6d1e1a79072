"""Saved views: one's own, judged when saved and again at each use, opened by name or by default, over pages and API."""

import pytest

import sunlight.urls  # noqa: F401 the lists of all apps
from sunlight import scope
from sunlight.journal.models import Refusal
from sunlight.saved_views.models import SavedView
from sunlight.scope import Role
from tests.api_client import ApiClient, logged_in

ORDERS = "procurement.orders"


def text(response) -> str:
    return response.content.decode()


def kept(world) -> list[tuple]:
    with scope.opened(world.system):
        return list(SavedView.objects.order_by("id").values_list("list_key", "name", "query", "is_default"))


@pytest.fixture
def buyer(world):
    return logged_in(world.actor("hospital", Role.HOSPITAL_BUYER))


def save(browser, **more):
    return browser.post("/views/", {"list": ORDERS, "name": "大额待确认", "query": "", **more})


def test_a_view_is_saved_opened_made_the_default_and_forgotten(world, buyer):
    answer = save(buyer, query="state=PLACED&sort=-amount_fen&page=3&utm=x")
    assert answer["Location"] == "/orders/?state=PLACED&sort=-amount_fen"
    page = text(buyer.get("/orders/?page=1"))
    assert "大额待确认" in page and "/orders/?state=PLACED&amp;sort=-amount_fen" in page
    assert buyer.get("/orders/").status_code == 200
    save(buyer, query="state=PLACED", is_default="1")
    assert kept(world) == [(ORDERS, "大额待确认", "state=PLACED", True)]
    assert buyer.get("/orders/")["Location"] == "/orders/?state=PLACED"
    save(buyer, name="已撤", query="state=CANCELLED", is_default="1")
    assert [row[3] for row in kept(world)] == [False, True]
    with scope.opened(world.system):
        view = SavedView.objects.get(name="已撤")
    buyer.post(f"/views/{view.id}/", {"do": "plain"})
    assert buyer.get("/orders/").status_code == 200
    assert buyer.post(f"/views/{view.id}/", {"do": "delete"})["Location"] == "/orders/?page=1"
    assert [row[1] for row in kept(world)] == ["大额待确认"]


def test_what_a_list_cannot_be_asked_with_is_not_saved(world, buyer):
    for query, words in (
        ("state=%27%3B+drop+table", "状态："),
        ("q=%00", "订单号或计划号："),
        ("sort=seller__credit_code", "不能按"),
        ("since=yesterday", "下单日起："),
        ("q=" + "x" * 1001, "太长"),
    ):
        answer = save(buyer, query=query)
        assert answer.status_code == 422 and words in text(answer), query
    assert save(buyer, list="no.such").status_code == 422
    assert save(buyer, list="procurement.receiving").status_code == 422
    assert save(buyer, name=" ").status_code == 422
    assert kept(world) == []
    with scope.opened(world.system):
        assert not Refusal.objects.filter(service__endswith="view_save").exists()


def test_a_view_that_has_become_wrong_says_so_at_its_next_use(world, buyer):
    save(buyer, query="state=PLACED", is_default="1")
    with scope.opened(world.system):
        SavedView.objects.update(query="state=1%27+or+1%3D1&sort=id%29+--")
    answer = buyer.get("/orders/", follow=True)
    assert answer.status_code == 400
    assert "没有列出任何数据" in text(answer) and "清除筛选" in text(answer)


def test_nobody_sees_or_changes_anothers_view(world, buyer):
    save(buyer, query="state=PLACED", is_default="1")
    with scope.opened(world.system):
        view = SavedView.objects.get()
    for other in (
        world.actor("hospital", Role.HOSPITAL_BUYER, person="b"),
        world.actor("other_hospital", Role.HOSPITAL_BUYER),
        world.actor("operator", Role.OPERATOR_SUPPORT),
    ):
        browser = logged_in(other)
        assert "大额待确认" not in text(browser.get("/orders/"))
        assert browser.post(f"/views/{view.id}/", {"do": "delete"}).status_code == 404
        with scope.opened(other):
            seen = SavedView.objects.filter(organisation_id=world.hospital.id).count()
        assert seen == (1 if other.organisation_id == world.hospital.id or not other.is_party else 0)
    assert len(kept(world)) == 1


def test_views_over_the_api(world):
    client = ApiClient(world, "hospital", Role.HOSPITAL_BUYER)
    body = {"list": ORDERS, "name": "待确认", "query": "?state=PLACED&nothing=1", "is_default": True}
    status, made = client.post("/api/v1/saved-views/", body)
    assert (status, made["query"], made["is_default"]) == (201, "state=PLACED", True)
    status, listed = client.get("/api/v1/saved-views/", list=ORDERS)
    assert [each["id"] for each in listed["results"]] == [made["id"]]
    status, refused = client.post("/api/v1/saved-views/", body | {"query": "state=GONE"})
    assert (status, refused["code"]) == (422, "bad_filter")
    assert client.client.delete(f"/api/v1/saved-views/{made['id']}/", headers=client.headers).status_code == 204
    assert kept(world) == []
