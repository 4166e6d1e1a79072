"""The pages of bargaining, as the people who use them."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from procurement.bargaining.models.offers import Offer
from procurement.contracts.models import PriceAgreement, SupplyContract
from sunlight import scope
from sunlight.scope import Role
from tests.api_client import logged_in
from tests.factories.catalog import listed
from tests.factories.pricing import priced
from tests.factories.procurement import agreed, offer


def _text(response) -> str:
    return response.content.decode()


@pytest.fixture
def buyer(world, at):
    return logged_in(world.actor("hospital", Role.HOSPITAL_BUYER))


@pytest.fixture
def approver(world, at):
    return logged_in(world.actor("hospital", Role.HOSPITAL_APPROVER))


@pytest.fixture
def seller(world, at):
    return logged_in(world.actor("maker", Role.SUPPLIER_SELLER))


def test_the_whole_bargain_in_pages(world, product, buyer, seller, approver):
    page = buyer.get("/products/", {"q": "支架"})
    assert page.status_code == 200
    assert "100.00" in _text(page)
    url = f"/products/{product.price_group_id}/"
    page = _text(buyer.get(url))
    assert "今天适用的最低上限" in page
    assert "SZ24-3.3c" in page
    made = buyer.post(url, {"price": "99.5", "quantity": "40 盒", "months": "12"}, follow=True)
    assert "请企业于 2026-03-09 前答复" in _text(made)
    assert "可以报价" in _text(made)

    desk = _text(seller.get("/desk/"))
    assert "测试市第一人民医院" in desk
    assert "还有 5 个工作日" in desk
    with scope.opened(world.system):
        offer_id = Offer.objects.get().id
    contract = seller.post("/desk/accept/", {"offers": [str(offer_id)]}, follow=True)
    assert "医用耗材购销合同" in _text(contract)
    with scope.opened(world.system):
        row = SupplyContract.objects.get()
    assert row.text_sha256 in _text(contract)
    sign = f"/contracts/{row.id}/sign/"
    assert "等待企业先签署" in _text(approver.get(f"/contracts/{row.id}/"))
    assert "已签署" in _text(seller.post(sign, {"text_sha256": row.text_sha256}, follow=True))
    assert row.number in _text(approver.get("/contracts/", {"todo": "1"}))
    assert "生效中" in _text(approver.post(sign, {"text_sha256": row.text_sha256}, follow=True))
    assert "99.50" in _text(buyer.get("/products/"))


@pytest.mark.clause("SZ24-3.3c", on="rule")
def test_a_refused_offer_keeps_what_was_typed(product, buyer):
    page = buyer.post(f"/products/{product.price_group_id}/", {"price": "100.0001", "quantity": "7", "months": "12"})
    text = _text(page)
    assert page.status_code == 422
    assert 'value="100.0001"' in text
    assert 'value="7"' in text
    assert "is-invalid" in text
    assert "请在 100.00 元/个 以内重新报价" in text


@pytest.mark.clause("SZ24-3.3c", on="rule")
def test_the_trial_warns_as_one_types(product, buyer):
    url = f"/products/{product.price_group_id}/trial/"
    assert "会被拦截" in _text(buyer.get(url, {"price": "101", "quantity": "", "months": "12"}))
    good = _text(buyer.get(url, {"price": "99", "quantity": "2盒", "months": "12"}))
    assert "可以报价" in good
    assert "2 盒 = 100 个 · 9,900.00" in good
    assert "不是数字" in _text(buyer.get(url, {"price": "x", "quantity": "", "months": "12"}))
    assert _text(buyer.get(url, {"price": "", "quantity": "", "months": ""})).strip() == ""


def test_search_answers_htmx_with_the_list_alone(product, buyer):
    part = _text(buyer.get("/products/", {"q": "cszj"}, headers={"HX-Request": "true"}))
    assert "<html" not in part
    assert "测试支架" in part
    assert "没有找到可交易的产品" in _text(buyer.get("/products/", {"q": "不存在的词"}))


@pytest.mark.parametrize(
    ("key", "role", "path", "status"),
    [
        ("maker", Role.SUPPLIER_SELLER, "/products/", 403),
        ("hospital", Role.HOSPITAL_BUYER, "/desk/", 403),
        ("hospital", Role.HOSPITAL_RECEIVER, "/offers/", 403),
        ("regulator", Role.REGULATOR_OFFICER, "/offers/", 200),
        ("regulator", Role.REGULATOR_OFFICER, "/contracts/", 200),
        ("hospital", Role.HOSPITAL_AUDITOR, "/products/", 200),
    ],
)
def test_pages_open_to_their_roles(world, at, key, role, path, status):
    assert logged_in(world.actor(key, role)).get(path).status_code == status


@pytest.mark.parametrize("path", ["/products/", "/offers/", "/desk/", "/contracts/"])
def test_a_visitor_is_sent_to_the_login(client, db, path):
    assert client.get(path).headers["Location"].startswith("/login/")


@pytest.mark.parametrize(
    ("key", "role"), [("other_hospital", Role.HOSPITAL_BUYER), ("other_maker", Role.SUPPLIER_SELLER)]
)
def test_a_stranger_finds_nothing(world, product, at, key, role):
    made = offer(world, product, at=at)
    contract = agreed(world, listed(world, "90", listed_on=date(2019, 1, 1)), at=at).contract
    stranger = logged_in(world.actor(key, role))
    assert stranger.get(f"/offers/{made.id}/").status_code == 404
    assert stranger.get(f"/contracts/{contract.id}/").status_code == 404
    assert made.number not in _text(stranger.get("/offers/"))
    assert contract.number not in _text(stranger.get("/contracts/"))


def test_a_bargainer_is_told_to_let_another_sign(world, product, at):
    both = world.actor("hospital", Role.HOSPITAL_APPROVER)
    contract = agreed(world, product, at=at).contract
    with scope.opened(world.system):
        PriceAgreement.objects.update(**scope.by(both, "bargained"))
        SupplyContract.objects.update(state="SIGNING", buyer_signed_at=None)
    client = logged_in(both)
    assert "须由另一位采购审批人签署" in _text(client.get(f"/contracts/{contract.id}/"))
    refused = client.post(f"/contracts/{contract.id}/sign/", {"text_sha256": contract.text_sha256})
    assert refused.status_code == 403


def test_declining_needs_a_reason(world, product, seller, at):
    made = offer(world, product, at=at)
    refused = seller.post(f"/offers/{made.id}/decline/", {"reason": "  "})
    assert (refused.status_code, "请填写拒绝理由" in _text(refused)) == (422, True)
    assert "已拒绝该报价" in _text(seller.post(f"/offers/{made.id}/decline/", {"reason": "成本上涨"}, follow=True))
    assert "成本上涨" in _text(seller.get("/offers/"))


def test_withdrawing(world, product, buyer, at):
    made = offer(world, product, at=at)
    assert "报价已撤回" in _text(buyer.post(f"/offers/{made.id}/withdraw/", follow=True))
    assert buyer.post(f"/offers/{made.id}/withdraw/").status_code == 422


def test_nothing_ticked_and_two_hospitals_are_refused_on_the_desk(world, product, seller, at):
    assert "没有选择任何报价" in _text(seller.post("/desk/accept/", {}))
    ids = [offer(world, product, buyer=key, at=at).id for key in ("hospital", "other_hospital")]
    refused = _text(seller.post("/desk/accept/", {"offers": ids}))
    assert "一份合同只能包含同一家医疗机构的报价" in refused
    assert refused.count(" checked") == 2


def test_the_workbench_counts_what_waits(world, product, seller, approver, at):
    offer(world, product, at=at)
    contract = agreed(world, listed(world, "90", listed_on=date(2019, 1, 1)), at=at).contract
    with scope.opened(world.system):
        SupplyContract.objects.filter(id=contract.id).update(state="SIGNING", buyer_signed_at=None)
    assert "待答复的报价" in _text(seller.get("/"))
    assert "待签署的合同" in _text(approver.get("/"))


@pytest.mark.parametrize(
    ("path", "who"), [("/products/", "buyer"), ("/offers/", "buyer"), ("/contracts/", "buyer"), ("/desk/", "seller")]
)
def test_pages_take_as_many_queries_for_ten_rows_as_for_one(world, at, request, path, who):
    client = request.getfixturevalue(who)

    def count(more):
        for _ in range(more):
            listing = listed(world, "120", listed_on=date(2019, 1, 1))
            priced(world, listing, {"320000": "100"}, at=at, publish=False)
            agreed(world, listing, price="90", at=at)
            offer(world, listing, at=at)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    count(1)
    one = count(0)
    assert count(9) == one
