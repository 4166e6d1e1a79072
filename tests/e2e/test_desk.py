"""The bargaining desk by keyboard: three hundred lines from a spreadsheet, three of them corrected, all sent."""

import pytest

from sunlight import scope
from sunlight.tenancy.models import Organisation
from sunlight.tenancy.queries.actors import open_platform_actors
from sunlight.tenancy.queries.platforms import platform_by_code
from tests.factories.many import generic, many_listed

pytestmark = [pytest.mark.browser, pytest.mark.faces]

PASTE = """text => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  const cell = document.activeElement;
  cell.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""


def products() -> None:
    """Three hundred products that nobody has an offer for."""
    system = next(actor for actor in open_platform_actors() if actor.platform_code == "gd-sz")
    with scope.opened(system):
        platform = platform_by_code("gd-sz")
        maker = Organisation.objects.get(name="示范医疗器械有限公司")
    many_listed(system, platform, maker, 300)


def lines() -> str:
    rows = [[generic(n), "1,200", f"{90 + n / 100:.2f}", f"第 {n + 1} 行"] for n in range(300)]
    rows[10][2], rows[150][1], rows[299][2] = "九十", "3 箱", "１０９．５"
    return "产品\t数量\t单价\t备注\r\n" + "\r\n".join("\t".join(row) for row in rows) + "\r\n"


def count(page, kind: str) -> str:
    return page.locator(f"#sheet-counts [data-count={kind}]").inner_text()


@pytest.mark.clause("SZ24-3.3c", on="rule")
def test_three_hundred_lines_are_pasted_three_corrected_and_all_sent(site, person):
    site.do(products)
    page = person("buyer1").page
    page.goto("/offer-sheets/")
    page.get_by_role("button", name="新建").press("Enter")
    page.wait_for_url("**/offer-sheets/*/")
    page.locator("#product-1").focus()
    page.evaluate(PASTE, lines())
    page.locator("#line-300").wait_for(timeout=60_000)
    assert [count(page, kind) for kind in ("filled", "READY", "FAULTY", "BARRED")] == ["300", "297", "2", "1"]
    assert page.locator("#lines [aria-invalid]").evaluate_all("cells => cells.map(cell => cell.id)") == [
        "price-11",
        "quantity-151",
        "price-300",
    ]
    assert "SZ24-3.3c" in page.locator("#answer-300").inner_text()
    for cell, right in (("price-11", "90.1"), ("quantity-151", "1 200"), ("price-300", "99")):
        page.get_by_role("button", name="到下一处问题").press("Enter")
        assert page.evaluate("document.activeElement.id") == cell
        with page.expect_response(lambda response: "/rows/" in response.url):
            page.keyboard.type(right)
            page.keyboard.press("Enter" if cell != "price-300" else "Tab")
        page.locator(f"#{cell}:not([aria-invalid])").wait_for()
    assert count(page, "READY") == "300"
    page.get_by_role("button", name="发送未发送的行").press("Enter")
    page.locator("#sheet-counts [data-count=SENT]", has_text="300").wait_for(timeout=60_000)
    assert page.get_by_role("button", name="发送未发送的行").count() == 0
    page.locator("#answer-151 a").click()
    page.get_by_text("批量耗材150").first.wait_for()
