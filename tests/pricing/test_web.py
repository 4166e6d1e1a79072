"""The pages of prices, as the people who use them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pricing.models import Declaration, PriceInformation, ProvincePrice
from pricing.rules.commitment import CURRENT_VERSION
from sunlight import scope
from sunlight.demo.files.price_list import price_list
from sunlight.scope import Role
from sunlight.web.navigation import todos_of
from tests.api_client import logged_in
from tests.factories.catalog import listed
from tests.factories.pricing import DeclarationFactory, deal, priced
from tests.pricing.test_services_price_lists import DAY, product


def text(response) -> str:
    return response.content.decode()


@pytest.fixture
def listing(world, at):
    return listed(world)


@pytest.fixture
def lister(world, at):
    return logged_in(world.actor("maker", Role.SUPPLIER_LISTER))


@pytest.fixture
def confirmer(world, at):
    return logged_in(world.actor("operator", Role.OPERATOR_CONFIRMER))


def form(**cells):
    return {"commits": "on", "commitment_version": CURRENT_VERSION} | cells


def filled(code, price, **more):
    row = {"price": price, "unit": "个", "valid_from": "2026-01-01", "evidence": "公告 1 号"} | more
    return {f"{field}_{code}": value for field, value in row.items()}


def rows(world, model):
    with scope.opened(world.system):
        return list(model.objects.order_by("id"))


@pytest.mark.clause("SZ24-3.2a", "SZ24-3.2b", "SZ24-3.3c", on="rule")
def test_from_the_form_to_the_published_line(world, listing, lister, confirmer):
    page = text(lister.get("/pricing/products/"))
    assert "测试支架" in page
    assert "0 / 15" in page
    url = f"/pricing/products/{listing.price_group_id}/declare/"
    page = text(lister.get(url))
    assert page.count('name="price_') == 15
    assert "1 盒 = 50 个" in page
    assert "真实、有效、合法" in page
    made = lister.post(
        url, form(**filled("320000", "5000", unit="盒"), **filled("110000", "105"), **filled("310000", "")), follow=True
    )
    assert "申报已提交" in text(made)
    assert "1 盒 = 50 个" in text(made)
    (declaration,) = rows(world, Declaration)
    page = text(confirmer.get("/pricing/confirmations/"))
    assert "待确认 1 件" in page
    assert all(
        word in page for word in ("测试医疗器械有限公司", "1 盒 = 50 个", "100.00", "105.00", "首次", "SZ24-3.2a")
    )
    done = confirmer.post(f"/pricing/confirmations/{declaration.id}/", {"decision": "confirm"}, follow=True)
    assert "没有待确认的价格申报" in text(done)
    (information,) = rows(world, PriceInformation)
    assert str(information.alert_line) == "100.0000"
    assert "2 / 15" in text(lister.get("/pricing/products/"))
    again = text(lister.get(url))
    assert "现行 100.00" in again


def test_a_refused_form_keeps_what_was_typed_and_says_where(world, listing, lister):
    url = f"/pricing/products/{listing.price_group_id}/declare/"
    answer = lister.post(url, form(**filled("110000", "100"), **filled("320000", "1.23456", evidence="苏采 2 号")))
    page = text(answer)
    assert answer.status_code == 422
    assert 'value="1.23456"' in page
    assert "苏采 2 号" in page
    assert "单价最多 4 位小数" in page
    assert page.count("is-invalid") == 1
    without = lister.post(url, filled("110000", "100"))
    assert without.status_code == 422
    assert "SZ24-3.2b" in text(without)
    assert rows(world, Declaration) == []


@pytest.mark.clause("SZ24-3.2a", on="rule")
def test_the_confirmer_returns_with_a_reason(world, listing, lister, confirmer):
    lister.post(f"/pricing/products/{listing.price_group_id}/declare/", form(**filled("320000", "100")))
    (declaration,) = rows(world, Declaration)
    url = f"/pricing/confirmations/{declaration.id}/"
    assert confirmer.post(url, {"decision": "reject", "note": ""}).status_code == 422
    assert rows(world, Declaration)[0].state == "SUBMITTED"
    confirmer.post(url, {"decision": "reject", "note": "江苏公告价为 95 元"})
    page = text(lister.get(f"/pricing/declarations/{declaration.id}/"))
    assert "江苏公告价为 95 元" in page
    assert "已退回" in text(lister.get("/pricing/declarations/?state=REJECTED"))
    assert rows(world, ProvincePrice) == []
    late = confirmer.post(url, {"decision": "confirm"})
    assert late.status_code == 409
    assert "当前状态（已退回）不能“确认价格”" in text(late)


def test_the_difference_to_the_price_before_is_shown(world, listing, lister, confirmer):
    priced(world, listing, {"320000": "100"}, at=at_of(world))
    lister.post(f"/pricing/products/{listing.price_group_id}/declare/", form(**filled("320000", "95")))
    assert "-5.00（-5.00%）" in text(confirmer.get("/pricing/confirmations/"))


def at_of(world):
    return scope.now(world.platform.code)


def test_a_file_goes_in_and_its_report_comes_back(world, listing, lister):
    file = SimpleUploadedFile("价格表.csv", price_list([product(world, listing)], on=DAY))
    report = lister.post("/pricing/products/upload/", form(file=file), follow=True)
    page = text(report)
    assert "广东是本省" in page
    assert "15" in page
    bad = lister.post("/pricing/products/upload/", form(file=SimpleUploadedFile("x.csv", b"a,b\n1,2\n")))
    assert bad.status_code == 422
    assert "表头不符" in text(bad)
    template = lister.get("/pricing/products/template.csv").content.decode("utf-8-sig")
    assert template.splitlines()[0].startswith("省份,平台名称,27位码")
    assert len(template.splitlines()) == 16


@pytest.mark.clause("SZ24-3.3a", "SZ24-3.3b", "SZ24-3.3c", on="rule")
def test_price_information_is_shown_in_words_and_tables(world, listing, at):
    for price in ("70", "80", "90"):
        deal(world, listing, price=price, on=DAY.replace(day=1))
    priced(world, listing, at=at)
    buyer = logged_in(world.actor("hospital", Role.HOSPITAL_BUYER))
    page = text(buyer.get(f"/pricing/groups/{listing.price_group_id}/", {"price": "75"}))
    for word in (
        "价格预警线",
        "SZ24-3.3c",
        "征求意见稿",
        "绿区第 2 段",
        "三色九段线",
        "▲ 本价格",
        "三级",
        "80.00",
        "江苏",
    ):
        assert word in page
    assert page.count('aria-current="true"') == 1
    refused = buyer.get(f"/pricing/groups/{listing.price_group_id}/", {"price": "abc"})
    assert refused.status_code == 422


@pytest.mark.parametrize(
    ("key", "role", "answers"),
    [
        ("maker", Role.SUPPLIER_SELLER, (403, 403, 200, 403, 403)),
        ("other_maker", Role.SUPPLIER_LISTER, (200, 404, 404, 403, 403)),
        ("hospital", Role.HOSPITAL_BUYER, (403, 403, 403, 403, 200)),
        ("operator", Role.OPERATOR_REVIEWER, (403, 403, 200, 403, 200)),
        ("regulator", Role.REGULATOR_OFFICER, (403, 403, 200, 403, 200)),
        (None, None, (302, 302, 302, 302, 302)),
    ],
)
def test_who_opens_which_page(world, listing, lister, client, key, role, answers):
    lister.post(f"/pricing/products/{listing.price_group_id}/declare/", form(**filled("320000", "100")))
    (declaration,) = rows(world, Declaration)
    browser = logged_in(world.actor(key, role)) if key else client
    paths = (
        "/pricing/products/",
        f"/pricing/products/{listing.price_group_id}/declare/",
        f"/pricing/declarations/{declaration.id}/",
        "/pricing/confirmations/",
        f"/pricing/groups/{listing.price_group_id}/",
    )
    assert tuple(browser.get(path).status_code for path in paths) == answers
    if key == "other_maker":
        assert declaration.number not in text(browser.get("/pricing/declarations/"))
        assert "测试支架" not in text(browser.get("/pricing/products/"))


def test_to_dos_say_what_waits(world, listing, lister):
    maker, operator = world.actor("maker", Role.SUPPLIER_LISTER), world.actor("operator", Role.OPERATOR_CONFIRMER)

    def waiting(actor):
        with scope.opened(actor):
            return [(t.label, t.count) for t in todos_of(actor, DAY) if "省外价格" in t.label]

    assert (waiting(maker), waiting(operator)) == ([("申报省外价格", 1)], [])
    lister.post(f"/pricing/products/{listing.price_group_id}/declare/", form(**filled("320000", "100")))
    assert (waiting(maker), waiting(operator)) == ([], [("确认省外价格申报", 1)])


def test_lists_take_as_many_queries_for_ten_rows_as_for_one(world, listing, lister):
    def counted(path):
        with CaptureQueriesContext(connection) as made:
            assert lister.get(path).status_code == 200
        return len(made)

    def add(number):
        for _ in range(number):
            each = listed(world)
            with scope.opened(world.system):
                DeclarationFactory(platform=world.platform, region=world.platform.region, price_group=each.price_group)

    add(1)
    before = [counted(path) for path in ("/pricing/products/", "/pricing/declarations/")]
    add(9)
    assert [counted(path) for path in ("/pricing/products/", "/pricing/declarations/")] == before
