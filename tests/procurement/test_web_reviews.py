"""Pages and API of price reviews, first deals and clearances, as the people who use them."""

from datetime import date

import pytest

from procurement.bargaining.models.clearances import Clearance
from procurement.bargaining.models.reviews import PriceReview
from sunlight import scope
from sunlight.scope import Role
from tests.api_client import ApiClient, logged_in
from tests.factories.catalog import listed
from tests.factories.pricing import deal, priced
from tests.factories.procurement import cleared, reviewed
from tests.files.test_files import browser
from tests.procurement.bargaining import make

BUYER, CONFIRMER = Role.HOSPITAL_BUYER, Role.OPERATOR_CONFIRMER
OFFICER, CHIEF = Role.REGULATOR_OFFICER, Role.REGULATOR_CHIEF


def _text(response) -> str:
    return response.content.decode()


@pytest.fixture
def bare(world, at):
    """A product at 120 that nothing compares with."""
    listing = listed(world, "120", listed_on=date(2019, 1, 1))
    priced(world, listing, {}, at=at)
    return listing


@pytest.mark.clause("ASSUMPTION-A24", "SZ24-3.10", on="page")
def test_a_review_from_the_product_page_to_the_offer(world, bare):
    buyer, confirmer = logged_in(world.actor("hospital", BUYER)), logged_in(world.actor("operator", CONFIRMER))
    url = f"/products/{bare.price_group_id}/"
    page = _text(buyer.get(url))
    assert "首批成交" in page and "价格尚未经平台运营机构审核" in page and "征求意见稿（演示加载）" in page
    refused = buyer.post(url, {"price": "110", "quantity": "100", "months": "12"})
    assert refused.status_code == 422 and "请先在产品页申请价格审核" in _text(refused)
    asked = buyer.post(f"{url}review/", {"price": "110", "reason": "本市首次采购"}, follow=True)
    assert "本市首次采购" in _text(asked) and "待审核" in _text(asked)
    with scope.opened(world.system):
        review = PriceReview.objects.get()
    assert review.number in _text(buyer.get(url))
    assert "待审核的价格" in _text(confirmer.get("/"))
    assert review.number in _text(confirmer.get("/price-reviews/"))
    decide = f"/price-reviews/{review.id}/decide/"
    without = confirmer.post(decide, {"decision": "pass", "version": "1"})
    assert without.status_code == 422 and "审核意见" in _text(without)
    assert confirmer.post(decide, {"decision": "pass", "reason": "相当", "version": "1"}).status_code == 302
    assert buyer.post(decide, {"decision": "refuse", "reason": "x"}).status_code == 403
    made = buyer.post(url, {"price": "110", "quantity": "100", "months": "12"}, follow=True)
    assert "可以报价" in _text(made) and "按首批成交管理：价格已经审核" in _text(made)


@pytest.mark.clause("ASSUMPTION-A24", on="page")
def test_the_authority_sees_who_bought_and_what_is_missing(world, bare, product):
    deal(world, bare, buyer="other_hospital", price="110", on=date(2026, 1, 5))
    officer = logged_in(world.actor("regulator", OFFICER))
    page = _text(officer.get("/first-deals/"))
    assert bare.number in page and product.number not in page
    assert "测试市第二人民医院（1 笔，2026-01-05 起）" in page
    assert "还差 2 笔独立成交；价格未经审核" in page and "2026-07-05" in page
    reviewed(world, bare, price="115", at=None, law_date=date(2026, 2, 2))
    page = _text(officer.get("/first-deals/"))
    assert "115.00" in page and "价格未经审核" not in page
    assert logged_in(world.actor("hospital", BUYER)).get("/first-deals/").status_code == 403


@pytest.mark.clause("ASSUMPTION-A21", on="page")
def test_a_clearance_from_proposal_to_the_offers_page(world, product):
    officer, buyer = logged_in(world.actor("regulator", OFFICER)), logged_in(world.actor("hospital", BUYER))
    chief = browser(world.actor("regulator", CHIEF))
    typed = {
        "hospital": world.hospital.credit_code,
        "price_group": str(product.price_group_id),
        "price": "110",
        "quantity": "10 盒",
        "valid_to": "2026-05-31",
        "reason": "罕见病急需",
    }
    wrong = officer.post("/clearances/new/", typed | {"price": "99"})
    assert wrong.status_code == 422 and "不高于价格预警线 100.00 元，无需放行" in _text(wrong)
    assert 'value="99"' in _text(wrong)
    assert officer.post("/clearances/new/", typed).status_code == 302
    with scope.opened(world.system):
        row = Clearance.objects.get()
    url = f"/clearances/{row.id}/"
    assert buyer.get(url).status_code == 404
    assert "待决定的放行" in _text(chief.get("/"))
    assert "同意放行" in _text(chief.get(url)) and "同意放行" not in _text(officer.get(url))
    assert chief.post(f"{url}grant/", {"version": "1"}).status_code == 302
    offer = make(world, product, "110", _at(), quantity="300")
    page = _text(buyer.get(f"/offers/{offer.id}/"))
    assert row.number in page and "监管部门已放行至 110.00 元" in page
    assert "200 个" in _text(buyer.get(url)) and "使用记录" in _text(buyer.get(url))
    assert row.number in _text(buyer.get("/clearances/", {"q": row.number}))
    assert row.number not in _text(buyer.get("/clearances/", {"q": "无此编号"}))
    assert "撤销理由" in _text(chief.post(f"{url}revoke/", {"reason": "", "version": "2"}))
    assert chief.post(f"{url}revoke/", {"reason": "断供解除", "version": "2"}).status_code == 302
    assert "已撤销" in _text(buyer.get(url))


def _at():
    from tests.procurement.conftest import AT

    return AT


def test_reviews_over_the_api(world, bare):
    buyer, confirmer = ApiClient(world, "hospital", BUYER), ApiClient(world, "operator", CONFIRMER, person=True)
    body = {"price_group": bare.price_group_id, "price": "110", "reason": "本市首次采购"}
    status, made = buyer.post("/api/v1/price-reviews/", body)
    assert (status, made["state"], made["price"], made["version"]) == (201, "WAITING", "110.0000", 1)
    assert buyer.post("/api/v1/price-reviews/", body)[1]["code"] == "review_waits"
    own = f"/api/v1/price-reviews/{made['id']}/"
    assert buyer.post(f"{own}pass/", {"reason": "相当"})[0] == 403
    status, passed = confirmer.post(f"{own}pass/", {"reason": "相当"})
    assert (status, passed["state"], passed["decision_note"]) == (200, "PASSED", "相当")
    assert [row["id"] for row in buyer.get("/api/v1/price-reviews/", state="PASSED")[1]["results"]] == [made["id"]]
    status, trial = buyer.post(f"/api/v1/products/{bare.price_group_id}/trial/", {"price": "111"})
    assert (status, trial["allowed"], trial["first_deal"]["outcome"]["broken"]) == (200, False, ["review"])
    assert buyer.post("/api/v1/price-reviews/", body)[1]["code"] == "reviewed_already"


def test_clearances_over_the_api(world, product):
    officer, chief = ApiClient(world, "regulator", OFFICER), ApiClient(world, "regulator", CHIEF, person=True)
    body = {
        "hospital": world.hospital.credit_code,
        "price_group": product.price_group_id,
        "price": "110",
        "quantity": "500",
        "valid_to": "2026-05-31",
        "reason": "罕见病急需",
    }
    status, made = officer.post("/api/v1/clearances/", body)
    assert (status, made["state"], made["left"]) == (201, "PROPOSED", "500.000")
    own = f"/api/v1/clearances/{made['id']}/"
    status, granted = chief.post(f"{own}refuse/", {"reason": "可用同类产品替代"})
    assert (status, granted["state"]) == (200, "REFUSED")
    machine = ApiClient(world, "regulator", CHIEF)
    again = officer.post("/api/v1/clearances/", body)[1]
    assert machine.post(f"/api/v1/clearances/{again['id']}/grant/")[1]["code"] == "in_person"
    assert ApiClient(world, "hospital", BUYER).get(own)[1]["state"] == "REFUSED"
    assert ApiClient(world, "other_hospital", BUYER).get(own)[0] == 404


@pytest.mark.clause("SZ24-3.10", on="page")
def test_what_only_warns_is_shown_as_a_drafts(world, product):
    buyer = logged_in(world.actor("hospital", BUYER))
    with scope.opened(world.system):
        world.platform.drafts = "warn"
        type(world.platform).objects.filter(id=world.platform.id).update(drafts="warn")
    page = _text(buyer.get(f"/products/{product.price_group_id}/"))
    assert "征求意见稿，超过只提示" in page and "价格预警线" in page
    trial = _text(buyer.get(f"/products/{product.price_group_id}/trial/", {"price": "110", "months": "12"}))
    assert "可以报价" in trial and "高于价格预警线 100.00 元，仅提示（依据 SZ24-3.3c，征求意见稿（演示加载））" in trial
    assert "不高于挂网价 120.00 元" in trial


def test_the_lists_ask_no_more_for_more_rows(world, bare, product):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    officer = logged_in(world.actor("regulator", OFFICER))

    def asked(url) -> int:
        officer.get(url)
        with CaptureQueriesContext(connection) as captured:
            assert officer.get(url).status_code == 200
        return len(captured.captured_queries)

    reviewed(world, bare, price="110", at=_at())
    cleared(world, product, at=_at())
    before = {url: asked(url) for url in ("/first-deals/", "/clearances/", "/price-reviews/")}
    for _ in range(3):
        more = listed(world, "120", listed_on=date(2019, 1, 1))
        priced(world, more, {}, at=_at())
        deal(world, more, buyer="other_hospital", price="110", on=date(2026, 1, 5))
        reviewed(world, more, price="110", at=_at())
        cleared(world, more, at=_at())
    assert {url: asked(url) for url in before} == before
