"""The bargaining desk's pages."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from procurement.bargaining.models.offers import Offer
from procurement.bargaining.models.sheets import OfferSheet, OfferSheetRow
from sunlight import scope
from sunlight.scope import Role
from tests.api_client import logged_in
from tests.factories.many import generic, many_listed


def text(response) -> str:
    return response.content.decode()


@pytest.fixture
def buyer(world, at):
    return logged_in(world.actor("hospital", Role.HOSPITAL_BUYER))


@pytest.fixture
def url(world, buyer):
    page = buyer.post("/offer-sheets/", {"name": "三月耗材", "months": "12"}, follow=True)
    assert "三月耗材" in text(page)
    with scope.opened(world.system):
        return f"/offer-sheets/{OfferSheet.objects.get().id}/"


HTMX = {"HX-Request": "true"}


def leave(buyer, url, position, version, **cells):
    return buyer.post(f"{url}rows/{position}/", {"version": version, **cells}, headers=HTMX)


def test_a_cell_is_saved_as_it_is_left_and_answered_beside_it(product, buyer, url):
    code = product.price_group.generic_code
    answer = leave(buyer, url, 1, 0, product=code)
    assert 'data-verdict="FAULTY"' in text(answer)
    assert 'data-wrong="quantity price "' in text(answer)
    assert 'id="version-1" name="version" value="1" hx-swap-oob="true"' in text(answer)
    assert "测试支架 · 测试医疗器械有限公司" in text(answer)
    leave(buyer, url, 1, 1, quantity="40 盒")
    answer = text(leave(buyer, url, 1, 2, price="１０１"))
    assert 'data-verdict="BARRED"' in answer
    assert "高于价格预警线 100.00 元" in answer
    assert "/clauses/SZ24-3.3c/" in answer
    answer = text(leave(buyer, url, 1, 3, price="99"))
    assert 'data-verdict="READY"' in answer
    assert "40 盒 = 2,000 个" in answer
    page = text(buyer.get(url))
    assert 'value="40 盒"' in page
    assert ">198,000.00<" in page


def test_two_people_on_one_line(world, product, buyer, url):
    colleague = logged_in(world.actor("hospital", Role.HOSPITAL_BUYER, person="colleague"))
    leave(buyer, url, 1, 0, price="99")
    leave(colleague, url, 1, 1, price="98")
    told = leave(buyer, url, 1, 1, price="97")
    assert told.status_code == 409
    assert re.search(r"已修改该行.*单价.*98.*97", text(told), re.DOTALL)
    assert "{&quot;price&quot;: &quot;97&quot;, &quot;version&quot;: 2}" in text(told)
    assert 'value="98"' in text(buyer.get(f"{url}rows/1/line/"))
    assert leave(buyer, url, 1, 2, price="97").status_code == 200


def test_a_paste_answers_with_the_sheet(world, product, buyer, url):
    leave(buyer, url, 2, 0, price="1")
    page = buyer.post(
        f"{url}paste/",
        {"position": "1", "column": "quantity", "text": "数量\t单价\n1,000\t９９\n2\t98\n", "seen": "2:7"},
        headers=HTMX,
    )
    assert page.status_code == 200
    assert "<html" not in text(page)
    assert 'value="1,000"' in text(page)
    assert "有 1 行在您粘贴前已被他人修改" in text(page)
    assert 'value="1"' in text(page)
    refused = buyer.post(f"{url}paste/", {"position": "1", "column": "x", "text": "1", "seen": "a:b,,"}, headers=HTMX)
    assert (refused.status_code, "没有“x”这一列" in text(refused)) == (422, True)


def test_sending_by_stretches_until_nothing_waits(world, buyer, url, monkeypatch):
    monkeypatch.setattr("procurement.bargaining.web.sheets.STRETCH", 2)
    many_listed(world.system, world.platform, world.maker, 3)
    rows = "".join(f"{generic(n)}\t5\t{90 + n * 6}\n" for n in range(3))
    buyer.post(f"{url}paste/", {"position": "1", "column": "product", "text": rows, "seen": ""}, headers=HTMX)
    assert "还有 3 行" in text(buyer.post(f"{url}send/", headers=HTMX))
    assert "已发送 2，还有 1 行" in text(buyer.get(f"{url}body/"))
    buyer.post(f"{url}send/", headers=HTMX)
    page = text(buyer.get(f"{url}body/"))
    assert "正在发送" not in page
    assert page.count('data-verdict="SENT"') == 2
    assert "会被拦截" in page
    with scope.opened(world.system):
        assert Offer.objects.count() == 2
        assert OfferSheetRow.objects.get(position=3).answer["clauses"] == ["SZ24-3.3c"]
    assert buyer.post(f"{url}close/", follow=True).status_code == 200
    assert buyer.post(f"{url}send/", headers=HTMX).status_code == 409


def test_finding_a_product_while_typing(product, buyer):
    found = text(buyer.get("/offer-sheets/products/", {"q": "支架"}, headers=HTMX))
    assert f'data-group="{product.price_group_id}"' in found
    assert "没有候选" in text(buyer.get("/offer-sheets/products/", {"q": "不存在"}, headers=HTMX))


def test_the_page_asks_the_database_as_often_for_thirty_lines_as_for_one(world, buyer, url):
    many_listed(world.system, world.platform, world.maker, 30)

    def queries(upto: int) -> int:
        rows = "".join(f"{generic(n)}\t5\t90\n" for n in range(upto))
        buyer.post(f"{url}paste/", {"position": "1", "column": "product", "text": rows, "seen": ""}, headers=HTMX)
        with CaptureQueriesContext(connection) as captured:
            assert buyer.get(url).status_code == 200
        return len(captured)

    assert queries(1) == queries(30)


def test_who_may_open_it(world, product, buyer, url):
    assert logged_in(world.actor("other_hospital", Role.HOSPITAL_BUYER)).get(url).status_code == 404
    assert logged_in(world.actor("maker", Role.SUPPLIER_SELLER)).get(url).status_code == 403
    leave(buyer, url, 1, 0, price="99")
    auditor = text(logged_in(world.actor("hospital", Role.HOSPITAL_AUDITOR)).get(url))
    assert "99" in auditor
    assert "data-cell" not in auditor
