"""Pages and endpoints of prices that move: reference prices at the desk, notices for the maker, both for the public."""

from datetime import date

import pytest

from sunlight import scope
from sunlight.scope import Role
from sunlight.web.navigation import todos_of
from tests.api_client import ApiClient, logged_in
from tests.factories.catalog import listed
from tests.factories.pricing import deal, priced
from tests.pricing.moving import notices, references_of, term_ends, told
from tests.pricing.test_web import text
from tests.procurement.bargaining import make, sweep
from tests.regional import at as moment
from tests.regional import elsewhere

API = "/api/v1"
FIRST = moment("2022-03-09", 0)


@pytest.fixture
def clock(settings):
    """Sets the clock of a platform to a moment."""

    def put(platform: str, then) -> None:
        clocks = getattr(settings, "SANDBOX_CLOCKS", {})
        settings.SANDBOX_CLOCKS = clocks | {platform: (clocks.get(platform, (then,))[0], then, 0)}

    return put


@pytest.fixture
def listing(world):
    return listed(world, "120", region="CN-GD-SZ", listed_on=date(2022, 1, 4))


def typed(listing, **more):
    row = {"province_0": "320000", "price_0": "99.5", "source_0": "江苏省平台公告"}
    return {"price_group": str(listing.price_group_id)} | row | more


@pytest.mark.clause("SZ20-5.2.1b", on="page")
def test_the_operator_collects_publishes_and_the_hospital_sees_it(world, listing, at, clock):
    clock("gd-sz", moment("2022-03-01"))
    desk = logged_in(world.actor("operator", Role.OPERATOR_CONFIRMER))
    hospital = logged_in(world.actor("hospital", Role.HOSPITAL_BUYER))
    response = desk.post("/pricing/references/new/", typed(listing, price_1="一百"))
    assert response.status_code == 422 and "江苏省平台公告" in text(response)
    assert references_of(world) == []
    assert desk.post("/pricing/references/new/", typed(listing)).status_code == 302
    (row,) = references_of(world)
    page = text(desk.get(f"/pricing/references/{row.id}/"))
    assert "99.5" in page and "发布公示" in page
    assert hospital.get(f"/pricing/references/{row.id}/").status_code == 404
    actor = world.actor("operator", Role.OPERATOR_CONFIRMER)
    with scope.opened(actor):
        assert "公示采集的参考价" in [todo.label for todo in todos_of(actor, date(2022, 3, 1))]
    assert desk.post(f"/pricing/references/{row.id}/publish/", {"version": row.version}).status_code == 302
    told(world, moment("2022-03-01"))
    page = text(hospital.get("/pricing/references/"))
    assert row.number in page and "公示中" in page
    term_ends(world, FIRST)
    clock("gd-sz", FIRST)
    page = text(hospital.get(f"/pricing/references/{row.id}/"))
    assert "已确认" in page and "2022-03-09" in page and "发布公示" not in page
    page = text(hospital.get(f"/products/{listing.price_group_id}/"))
    assert "挂网参考价" in page and "99.50" in page and "限价目录" in page


@pytest.mark.clause("SZ24-3.5c", on="page")
def test_from_2025_the_product_page_shows_no_catalogue_where_the_draft_binds(world, listing, at, clock):
    clock("gd-sz", moment("2024-12-31"))
    hospital = logged_in(world.actor("hospital", Role.HOSPITAL_BUYER))
    told(world, moment("2024-12-31"))
    assert "备选目录" in text(hospital.get(f"/products/{listing.price_group_id}/"))
    clock("gd-sz", moment("2025-01-01"))
    assert "备选目录" not in text(hospital.get(f"/products/{listing.price_group_id}/"))


@pytest.mark.clause("SZ20-5.2.1c", on="page")
@pytest.mark.parametrize(("day", "first"), [("2024-12-31", "甲"), ("2025-01-01", "乙")])
def test_products_with_a_reference_price_come_first_until_the_end_of_2024(world, clock, day, first):
    names = {"甲": "limit", "乙": "alternative"}
    for name, catalogue in names.items():
        listed(world, "120", region="CN-GD-SZ", listed_on=date(2022, 1, 4), name=f"支架{name}", catalogue=catalogue)
    clock("gd-sz", moment(day))
    page = text(logged_in(world.actor("hospital", Role.HOSPITAL_BUYER)).get("/products/"))
    assert min(names, key=lambda name: page.index(f"支架{name}")) == first


def test_a_collected_price_is_dropped_with_its_reason(world, listing, at, clock):
    clock("gd-sz", moment("2022-03-01"))
    desk = logged_in(world.actor("operator", Role.OPERATOR_CONFIRMER))
    desk.post("/pricing/references/new/", typed(listing))
    (row,) = references_of(world)
    response = desk.post(f"/pricing/references/{row.id}/drop/", {"reason": "", "version": row.version})
    assert response.status_code == 422 and references_of(world)[0].state == "COLLECTED"
    desk.post(f"/pricing/references/{row.id}/drop/", {"reason": "来源有误", "version": row.version})
    assert references_of(world)[0].state == "DROPPED"


@pytest.mark.clause("SZ20-5.2.1b", on="page")
def test_the_api_collects_publishes_and_tells_the_same(world, listing, at, clock):
    clock("gd-sz", moment("2022-03-01"))
    desk = ApiClient(world, "operator", Role.OPERATOR_CONFIRMER)
    wrong = {"price_group": listing.price_group_id, "prices": [{"province": "火星", "price": "0", "source": ""}]}
    status, answer = desk.post(f"{API}/reference-prices/", wrong)
    assert status == 422 and [each["field"] for each in answer["errors"]][:1] == ["prices[0].province"]
    right = {
        "price_group": listing.price_group_id,
        "prices": [{"province": "320000", "price": "99.5", "source": "江苏省平台公告"}],
    }
    status, made = desk.post(f"{API}/reference-prices/", right)
    assert (status, made["state"], made["price"]) == (201, "COLLECTED", "99.5000")
    status, published = desk.post(f"{API}/reference-prices/{made['id']}/publish/")
    assert (status, published["state"]) == (200, "PUBLISHED") and published["publication"]
    buyer = ApiClient(world, "hospital", Role.HOSPITAL_BUYER)
    assert [each["number"] for each in buyer.get(f"{API}/reference-prices/")[1]["results"]] == [made["number"]]
    assert buyer.post(f"{API}/reference-prices/", right)[0] == 403
    status, answer = desk.post(f"{API}/reference-prices/{made['id']}/drop/", {"reason": "晚了"})
    assert (status, answer["code"]) == (409, "illegal_move")


@pytest.fixture
def nanjing(db):
    return elsewhere("js", "CN-JS-NJ")


@pytest.fixture
def product(nanjing):
    made = listed(nanjing, "120", region="CN-JS", listed_on=date(2021, 12, 1))
    priced(nanjing, made, {}, at=moment("2021-12-01"), publish=False)
    deal(nanjing, made, buyer="other_hospital", price="95", on=date(2022, 2, 2))
    make(nanjing, made, "95", moment("2022-03-01"))
    sweep(nanjing, FIRST)
    told(nanjing, FIRST)
    return made


@pytest.mark.clause("JS20-11B", on="page")
def test_the_maker_sees_its_notices_and_what_comes_next(nanjing, product, clock):
    clock("js", moment("2022-03-09"))
    (notice,) = notices(nanjing)
    lister = nanjing.actor("maker", Role.SUPPLIER_LISTER)
    maker = logged_in(lister)
    page = text(maker.get("/pricing/notices/"))
    assert notice.number in page and "120.00" in page and "95.00" in page
    page = text(maker.get(f"/pricing/notices/{notice.id}/"))
    assert "公示至 2022-03-16 24 时" in page and "自 2022-03-17 起执行" in page and "不产生合同" in page
    assert "JS20-11B" in page and "最近一笔 2022-02-02" in page
    other = logged_in(nanjing.actor("other_maker", Role.SUPPLIER_LISTER))
    assert other.get(f"/pricing/notices/{notice.id}/").status_code == 404
    with scope.opened(lister):
        assert "公示中的挂网价调整" in [todo.label for todo in todos_of(lister, date(2022, 3, 9))]
    portal = text(maker.get(f"/portal/publications/{notice.publication.number}/"))
    assert "拟调整为（元）" in portal and "95.00" in portal and "测试市人民医院" not in portal
    term_ends(nanjing, moment("2022-03-17", 0))
    page = text(maker.get(f"/pricing/notices/{notice.id}/"))
    assert "自 2022-03-17 起按新挂网价执行" in page


@pytest.mark.clause("JS20-11B", on="page")
def test_the_api_tells_the_same_of_a_notice(nanjing, product, clock):
    clock("js", moment("2022-03-09"))
    (notice,) = notices(nanjing)
    maker = ApiClient(nanjing, "maker", Role.SUPPLIER_LISTER)
    status, answer = maker.get(f"{API}/price-notices/{notice.id}/")
    assert (status, answer["old_price"], answer["new_price"]) == (200, "120.0000", "95.0000")
    assert (answer["ground"], answer["clause"], answer["state"]) == ("deal", "JS20-11B", "PUBLISHED")
    assert "自 2022-03-17 起执行" in answer["next"]
    listed_here = maker.get(f"{API}/price-notices/", state="PUBLISHED")[1]["results"]
    assert [each["id"] for each in listed_here] == [notice.id]
    assert maker.get(f"{API}/price-notices/", state="NONE")[0] == 422
