"""The product page and the comparison: what a hospital sees before it bargains."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pricing.queries.view import price_view
from sunlight import scope
from sunlight.acts import current_policy
from sunlight.scope import Role
from tests.api_client import logged_in
from tests.factories.catalog import listed
from tests.factories.pricing import deal, priced
from tests.factories.procurement import agreed

OLD = date(2019, 1, 1)


def text(response) -> str:
    return response.content.decode()


@pytest.fixture
def buyer(world, at):
    return logged_in(world.actor("hospital", Role.HOSPITAL_BUYER))


def traded(world, at, price="120", **more):
    """A product that three hospitals bought, once above its alert line of 100."""
    made = listed(world, price, listed_on=OLD, **more)
    for key, paid in (("hospital", "80"), ("other_hospital", "90"), ("private_hospital", "96")):
        deal(world, made, buyer=key, price=paid, quantity="10", on=at.date() - timedelta(days=30))
    deal(world, made, price="110", quantity="10", on=at.date() - timedelta(days=40))
    priced(world, made, {"320000": "100"}, at=at)
    return made


@pytest.mark.clause("SZ24-3.3a", "SZ24-3.3b", "SZ24-3.3c", on="rule")
def test_the_product_page_shows_levels_segments_line_history_and_distribution(world, at, buyer):
    made = traded(world, at)
    agreement = agreed(world, made, price="85", at=at)
    page = text(buyer.get(f"/products/{made.price_group_id}/"))
    for level in ("全部医疗机构", "三级", "二级", "一级"):
        assert level in page
    assert re.search(r"比价省份最低价 100[.0]* 元（江苏）与本市公立医疗机构近两年最高成交价 110[.0]* 元取较低者", page)
    assert "由低到高九段" in page
    assert page.count("绿区") >= 3
    assert '"labels": ["1 \\u7eff\\u533a"' in page
    assert "3 家医疗机构、4 笔成交" in page
    assert agreement.contract.number in page
    assert 'id="own-history"' in page
    assert re.search(r"所用的规定与数值.*预警线本市成交价观察年限.*SZ24-3.3c", page, re.DOTALL)
    for clause in ("SZ24-3.3a", "SZ24-3.3b", "SZ24-3.3c"):
        assert f"/clauses/{clause}/" in page


def test_nobody_reads_another_hospitals_deals_there(world, at, buyer):
    made = traded(world, at)
    own = text(buyer.get(f"/products/{made.price_group_id}/"))
    assert '<td class="number">80.00</td>' in own
    assert '<td class="number">96.00</td><td class="number">10</td>' not in own


def test_a_product_nobody_bought_says_so(product, buyer):
    page = text(buyer.get(f"/products/{product.price_group_id}/"))
    assert "本院近两年没有买过这个产品" in page
    assert "没有成交，暂无分布" in page


@pytest.mark.clause("SZ24-3.3a", "SZ24-3.3c", on="rule")
def test_up_to_five_products_side_by_side(world, at, buyer):
    first, second = traded(world, at), traded(world, at, "110", unit="套")
    hidden = listed(world, "90", listed_on=OLD, state="SUSPENDED")
    ids = [second.price_group_id, first.price_group_id, hidden.price_group_id]
    page = text(buyer.get("/products/compare/", {"id": ids}))
    assert page.index(second.price_group.certificate.number) < page.index(first.price_group.certificate.number)
    assert "有 1 个产品当前不能在本平台交易" in page
    assert "计价单位不同" in page
    assert "80.00 – 110.00" in page
    assert "绿区 ≤ " in page
    assert 'name="id"' in text(buyer.get("/products/"))
    refused = buyer.get("/products/compare/", {"id": list(range(1, 7))})
    assert (refused.status_code, "请勾选 2 至 5 个产品" in text(refused)) == (422, True)
    assert buyer.get("/products/compare/", {"id": "x"}).status_code == 422


def test_a_comparison_asks_as_often_for_five_as_for_one(world, at, buyer):
    made = [traded(world, at) for _ in range(5)]

    def asked(count: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            page = buyer.get("/products/compare/", {"id": [each.price_group_id for each in made[:count]]})
        assert page.status_code == 200
        return len(captured)

    assert asked(1) == asked(5)


@pytest.mark.clause("JS20-12", on="rule")
def test_jiangsu_colours_carry_words_and_positions(world, at):
    from django.template.loader import render_to_string

    from pricing.queries.view import _band_list, _bands

    made = traded(world, at)
    with scope.opened(world.actor("hospital", Role.HOSPITAL_BUYER)):
        view = price_view(price_group_id=made.price_group_id, region="CN-GD-SZ", on=at.date(), drafts="binding")
    assert view.bands == ()
    bands = _band_list(
        _bands(current_policy().law(region="CN-JS", on=at.date()), view.levels, view.levels[0].weighted_average)
    )
    assert [(b.colour, b.word, b.is_here) for b in bands] == [
        ("blue", "蓝色区域", False),
        ("yellow", "黄色区域", True),
        ("red", "红色区域", False),
    ]
    shown = render_to_string("pricing/_bands.html", {"view": {"bands": bands, "bands_bases": ()}})
    assert shown.index("蓝色区域") < shown.index("≤ 84.00") < shown.index("黄色区域") < shown.index("▲ 本价格")
