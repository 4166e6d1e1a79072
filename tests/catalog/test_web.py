"""The catalogue's pages, as people use them."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from catalog.models import Listing
from sunlight import scope
from sunlight.demo.files import national_release as sample
from sunlight.scope import Role
from sunlight.scope.clock import business_date
from sunlight.web.navigation import todos_of
from tests.api_client import logged_in
from tests.catalog.conftest import Catalogue
from tests.factories.catalog import listed as made_listing


@pytest.fixture
def catalogue(world):
    """A test's own: others of this file ask for an empty catalogue."""
    return Catalogue(world)


def sheet_of(response) -> list[list[str]]:
    content = io.BytesIO(response.getvalue())
    return CalamineWorkbook.from_filelike(content).get_sheet_by_index(0).to_python()


def text(response) -> str:
    return response.content.decode()


def test_operator_imports_a_release_and_downloads_what_was_refused(world):
    browser = logged_in(world.actor("operator", Role.OPERATOR_SUPPORT))
    assert "还没有导入过目录" in text(browser.get("/catalog/releases/"))
    file = SimpleUploadedFile("全量.xlsx", sample.full_workbook(40))
    report = browser.post("/catalog/releases/", {"file": file}, follow=True)
    assert report.status_code == 200
    assert "导入结果" in text(report) and "拒收的行" in text(report) and "SZ24-3.7" in text(report)
    assert "全量规格型号信息" in text(browser.get("/catalog/releases/"))
    run = report.redirect_chain[0][0].rstrip("/").split("/")[-1]
    table = browser.get(f"/imports/{run}/refused.csv")
    assert table.content.decode("utf-8-sig").splitlines()[0].endswith("原行号,出错列,拒收原因,依据条款")
    assert len(table.content.decode("utf-8-sig").splitlines()) == 8
    assert browser.get(f"/imports/{run}/refused.xlsx").content[:2] == b"PK"
    assert browser.get(f"/imports/{run}/original").getvalue() == sample.full_workbook(40)
    marked = sheet_of(browser.get(f"/imports/{run}/marked.xlsx"))
    assert marked[0][-3:] == ["出错列", "拒收原因", "依据条款"] and len(marked) == 50
    assert [row[-3] for row in marked if row[-2]][1:] == ["27位码"] * 4 + ["耗材企业", "20位码", "类型"]
    stranger = logged_in(world.actor("maker", Role.SUPPLIER_LISTER))
    for path in ("", "refused.csv", "original", "marked.xlsx"):
        assert stranger.get(f"/imports/{run}/{path}").status_code == 404


@pytest.mark.parametrize(
    ("files", "said"),
    [({}, "请先选择"), ({"file": b"x,y\n1,2\n"}, "表头不符"), ({"file": b"PK\x03\x04"}, "不是有效的 xlsx")],
)
def test_wrong_file_is_refused_on_the_page(world, files, said):
    browser = logged_in(world.actor("operator", Role.OPERATOR_REVIEWER))
    data = {name: SimpleUploadedFile("a.csv", content) for name, content in files.items()}
    answer = browser.post("/catalog/releases/", data)
    assert answer.status_code == 422 and said in text(answer)


@pytest.mark.clause("SZ24-3.2b", on="rule")
def test_maker_lists_a_product_and_operator_approves_it(world, catalogue):
    maker = logged_in(catalogue.lister)
    assert "申请挂网" in text(maker.get("/catalog/listings/"))
    chosen = maker.get("/catalog/apply/", {"q": "支架"})
    assert catalogue.own.generic_code in text(chosen) and catalogue.foreign.generic_code not in text(chosen)
    form = f"/catalog/apply/{catalogue.own.generic_code}/?certificate={catalogue.own.certificate}"
    assert catalogue.own.codes[0] in text(maker.get(form))
    typed = {
        "pricing_unit": "套",
        "declared_price": "abc",
        "codes": list(catalogue.own.codes),
        "valid_until": "2099-12-31",
        "pack_name_1": "盒",
        "pack_factor_1": "5",
    }
    wrong = maker.post(form, typed)
    assert wrong.status_code == 422
    assert "未予受理" in text(wrong) and 'value="abc"' in text(wrong) and 'value="2099-12-31"' in text(wrong)
    assert maker.post(form, typed | {"declared_price": "1", "valid_until": "2099-13-31"}).status_code == 422
    drafted = maker.post(form, typed | {"declared_price": "798"}, follow=True)
    assert "承诺书" in text(drafted) and "1 盒 = 5 套" in text(drafted)
    where = drafted.redirect_chain[0][0]
    with scope.opened(world.system):
        listing = Listing.objects.get()
    signed = drafted.context["view"].commitment.sha256
    unsigned = maker.post(where, {"move": "submit", "commitment_sha256": signed})
    assert unsigned.status_code == 422 and "承诺书" in text(unsigned)
    revised = maker.post(f"{where}revise/", {"declared_price": "700", "codes": [catalogue.own.codes[0]]}, follow=True)
    assert "700.00" in text(revised)
    signed = revised.context["view"].commitment.sha256
    assert "已签署承诺书并提交" in text(
        maker.post(where, {"move": "submit", "agreed": "1", "commitment_sha256": signed}, follow=True)
    )

    reviewer = logged_in(catalogue.reviewer)
    review = reviewer.get("/catalog/review/", follow=True)
    assert listing.number in text(review) and "全部符合" in text(review) and "审核通过，挂网" in text(review)
    assert reviewer.post(where, {"move": "reject", "text": ""}).status_code == 422
    assert "产品已挂网" in text(reviewer.post(where, {"move": "approve", "text": "资料齐全"}, follow=True))
    assert "没有待审核的申请" in text(reviewer.get("/catalog/review/"))
    assert "已挂网" in text(maker.get("/catalog/listings/"))
    assert "活跃区" in text(maker.get(where))
    suspended = reviewer.post(where, {"move": "suspend", "text": "编码待维护"}, follow=True)
    assert "编码待维护" in text(suspended) and "恢复挂网" in text(suspended)
    assert reviewer.post(where, {"move": "fly"}).status_code == 422


def test_strangers_do_not_see_an_application(world, catalogue):
    draft = catalogue.draft()
    where = f"/catalog/listings/{draft.id}/"
    for key, role in (("other_maker", Role.SUPPLIER_LISTER), ("hospital", Role.HOSPITAL_BUYER)):
        browser = logged_in(world.actor(key, role))
        assert browser.get(where).status_code == 404
        assert browser.post(where, {"move": "delist", "text": "x"}).status_code in (403, 404, 409, 422)
        listed = browser.get("/catalog/listings/")
        assert listed.status_code == 200 and draft.number not in text(listed)


def test_catalogue_search_page(world, catalogue):
    browser = logged_in(world.actor("hospital", Role.HOSPITAL_BUYER))
    assert "请输入要查找的内容" in text(browser.get("/catalog/codes/"))
    assert catalogue.own.codes[0] in text(browser.get("/catalog/codes/", {"q": "支架 测试"}))
    assert browser.get("/catalog/codes/", {"q": "支"}).status_code == 422
    assert "没有找到" in text(browser.get("/catalog/codes/", {"q": "无此产品"}))


def test_workbench_counts_what_waits(world, catalogue):
    catalogue.draft()
    assert "待签署承诺并提交的挂网申请" in text(logged_in(catalogue.lister).get("/"))
    with scope.opened(catalogue.reviewer):
        assert [todo.label for todo in todos_of(catalogue.reviewer, business_date(scope.now()))] == []


def test_listings_page_reads_one_and_ten_rows_with_the_same_queries(world):
    browser, counts = logged_in(world.actor("operator", Role.OPERATOR_REVIEWER)), []
    for number in (1, 9):
        for _ in range(number):
            made_listing(world)
        with CaptureQueriesContext(connection) as ran:
            assert browser.get("/catalog/listings/").status_code == 200
        counts.append(len(ran))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("sheet", ["full", "disabled", "transcode"])
def test_the_empty_sheets_are_recognised_when_they_come_back(world, sheet):
    browser = logged_in(world.actor("operator", Role.OPERATOR_SUPPORT))
    empty = browser.get(f"/catalog/releases/{sheet}.xlsx").getvalue()
    answer = browser.post("/catalog/releases/", {"file": SimpleUploadedFile("空表.xlsx", empty)})
    assert "文件只有表头，没有数据行" in text(answer)
