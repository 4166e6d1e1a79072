"""One product from the national workbook to the paid invoice, by people at browsers."""

import pytest

from sunlight.demo.files.national_release import HEADINGS
from sunlight.sheets.writing import csv_bytes

pytestmark = pytest.mark.browser

GENERIC = "C0201010010200177001"
CODE = f"{GENERIC}0000001"
CERTIFICATE = "国械注准20263177001"
NAME = "浏览器示例支架"
INVOICE = "26447000000000177001"
# What the first hospital has left in the supervised account: the demonstration's balance less the payment.
BALANCE = "2,871,453.18"


def release() -> bytes:
    """Two rows of the national release: one good, one of a kind that nobody knows."""
    good = {
        "GOODS_ID": "9177001",
        "原27位码": CODE,
        "原码状态": "保留",
        "27位码": CODE,
        "类型": "保留",
        "20位码": GENERIC,
        "一级分类": "02-血管介入治疗类材料",
        "二级分类": "01-冠状动脉介入",
        "三级分类": "01-冠状动脉支架",
        "医保通用名分类": "001-支架",
        "材质": "02-铂铬合金",
        "特征": "001-雷帕霉素",
        "注册备案号": CERTIFICATE,
        "单件产品名称": NAME,
        "耗材企业": "示范医疗器械有限公司",
        "规格型号数": "1",
        "规格": "3.0×18",
        "型号": "WEB-1",
        "医保通用名编号": GENERIC[1:15],
        "医保通用名": "支架",
    }
    bad = good | {"27位码": f"{GENERIC}0000002", "原27位码": "", "类型": "待定"}
    return csv_bytes(HEADINGS, [[row.get(heading, "") for heading in HEADINGS] for row in (good, bad)])


def shown(page) -> str:
    return page.locator("main").inner_text()


def says(page, text: str) -> None:
    """The page shows the text, as soon as it is there."""
    page.get_by_text(text).first.wait_for()


def goes(page, label: str) -> None:
    """Choose an entry of the menu."""
    page.get_by_label("主菜单").get_by_role("link", name=label, exact=True).click()


def test_from_the_workbook_to_the_paid_invoice(site, person):
    desk = person("reviewer")
    desk.refusals = 1
    imports(desk.page)
    applies(desk.becomes("lister1"))
    approves(desk.becomes("reviewer"))
    site.turn()
    declares(desk.becomes("lister1"))
    confirms(desk.becomes("confirmer"))
    site.turn()
    offers(desk.becomes("buyer1"))
    accepts(desk.becomes("seller1"))
    signs(desk.becomes("approver1"))
    site.turn()
    orders(desk.becomes("buyer1"))
    confirms_order(desk.becomes("seller1"))
    dispatches(desk.becomes("shipper1"))
    receives(desk.becomes("receiver1"))
    site.turn()
    invoices(desk.becomes("finance1"))
    prepares(desk.becomes("cashier1"))
    pays(desk.becomes("treasurer1"))
    site.turn()
    reads(desk.becomes("cashier1"))
    understands(desk.becomes("buyer1"))


def imports(page):
    goes(page, "导入国家目录")
    page.get_by_label("国家医保医用耗材编码文件").set_input_files(
        {"name": "目录增补.csv", "mimeType": "text/csv", "buffer": release()}
    )
    page.get_by_role("button", name="开始导入").click()
    says(page, "导入结果")
    report = page.locator("main").inner_text()
    assert "共读取\n2 行\n已采用\n1 行\n与现有一致\n0 行\n拒收\n1 行" in report
    refused = page.get_by_role("row").nth(1)
    assert refused.get_by_role("cell").all_inner_texts()[:3] == [
        "3",
        "类型",
        "“类型”为“待定”，只能是：保留、变更、新增、映射。请改正后重新上传。",
    ]


def applies(page):
    goes(page, "申请挂网")
    page.get_by_label("搜索本企业产品").fill(NAME)
    page.keyboard.press("Enter")
    page.get_by_role("row", name=NAME).get_by_role("link", name="选择").click()
    page.get_by_label("计价单位").first.select_option("套")
    page.get_by_label("申报价").fill("800.00")
    page.get_by_label("注册证生效日").fill("2026-01-01")
    page.get_by_label("注册证有效期至").fill("2030-12-31")
    page.get_by_role("button", name="保存草稿，下一步核对").click()
    says(page, "申请已保存为草稿。")
    says(page, "全部符合")
    page.get_by_label("我已阅读，代表本企业作出上述承诺").check()
    page.get_by_role("button", name="提交审核").click()
    says(page, "已签署承诺书并提交，等待运营机构审核。")


def approves(page):
    goes(page, "挂网产品")
    page.get_by_role("row", name=NAME).get_by_role("link").first.click()
    says(page, "800.00 元 / 套")
    page.get_by_label("审核意见").fill("资料齐全")
    page.get_by_role("button", name="审核通过，挂网").click()
    says(page, "已审核通过，产品已挂网并开放交易。")


def declares(page):
    goes(page, "省外价格申报")
    page.get_by_role("row", name=NAME).get_by_role("link", name="填报").click()
    for province, price in (("江苏", "760.00"), ("浙江", "755.00")):
        row = page.get_by_role("row", name=province)
        row.get_by_label("平台价").fill(price)
        row.get_by_label("生效日期").fill("2026-01-01")
        row.get_by_label("依据").fill("省平台挂网公示 2026-1")
    page.get_by_label("我已阅读并代表本企业作出以上承诺").check()
    page.get_by_role("button", name="提交申报").click()
    says(page, "申报已提交，等待承办机构确认。")


def confirms(page):
    goes(page, "价格确认")
    # The demonstration's own has waited longer.
    page.get_by_role("button", name="单位与包装可比，确认").click()
    says(page, NAME)
    page.get_by_role("button", name="单位与包装可比，确认").click()
    says(page, "没有待确认的价格申报")


def offers(page):
    goes(page, "找产品、报价")
    page.get_by_label("搜索产品").press_sequentially("浏览器示例")
    row = page.get_by_role("row", name=NAME)
    row.wait_for()
    cells = row.get_by_role("cell").all_inner_texts()
    assert [cell.split("\n")[0] for cell in cells[2:9]] == [
        "示范医疗器械有限公司",
        "1",
        "套",
        "800.00",
        "755.00",
        "—",
        "—",
    ]
    row.get_by_role("link", name="看价格、报价").click()
    told = shown(page)
    assert "今天适用的最低上限\n755.00 元/套\n价格预警线 755.00 SZ24-3.3c" in told
    assert "挂网价 800.00 GD25-2.2a" in told
    assert "只有比价省份最低价 755.00 元（浙江），以其为预警线。" in told
    page.get_by_label("单价").fill("755.01")
    page.get_by_label("数量").fill("200")
    page.get_by_role("button", name="提交报价").click()
    refusal = page.locator("#refusal")
    assert refusal.inner_text().startswith(
        "未予受理\n报价 755.01 元高于价格预警线 755.00 元，请以不高于 755.00 元的价格重新报价（依据 SZ24-3.3c"
    )
    assert refusal.get_by_role("link", name="SZ24-3.3c").get_attribute("href") == "/supervision/clauses/SZ24-3.3c/"
    assert page.get_by_label("数量").input_value() == "200"
    page.get_by_label("单价").fill("750")
    says(page, "试算：可以报价")
    says(page, "150,000.00 元")
    page.get_by_role("button", name="提交报价").click()
    says(page, "已送达企业，请企业于")
    assert "750.00" in shown(page)


def accepts(page):
    goes(page, "待答复报价")
    page.get_by_role("row", name=NAME).get_by_role("checkbox").check()
    page.get_by_role("button", name="接受所选报价").click()
    says(page, "请核对全文后签署。")
    assert "合同约定采购金额合计：150000.00 元（壹拾伍万元整）。" in shown(page)
    page.get_by_role("button", name="已阅读全文，签署").click()
    says(page, "企业已签署，等待医疗机构审批人签署")


def signs(page):
    page.get_by_role("link", name="待签署的合同").click()
    page.locator("main").get_by_role("row").nth(1).get_by_role("link").first.click()
    page.get_by_role("button", name="已阅读全文，签署").click()
    says(page, "已签署。")
    says(page, "生效中")


def orders(page):
    goes(page, "下单")
    page.get_by_label("找协议产品").press_sequentially("浏览器示例")
    page.get_by_role("row", name=NAME).get_by_role("button", name="加入").click()
    page.get_by_label(f"数量 {CODE}").fill("20")
    page.get_by_label("采购计划号").fill("JH-WEB-1")
    says(page, "合计 15,000.00 元")
    page.get_by_role("button", name="提交订单").click()
    says(page, "已提交 1 张订单")
    says(page, "15,000.00（壹万伍仟元整）")


def confirms_order(page):
    goes(page, "待确认订单")
    page.get_by_role("row", name="15,000.00").get_by_role("checkbox").check()
    page.get_by_role("button", name="确认所选订单").click()
    says(page, "已确认 1 张订单，配送企业按配送授权选定。")


def dispatches(page):
    goes(page, "待发货")
    page.get_by_role("row", name="15,000.00").get_by_role("link", name="发货").click()
    page.get_by_label("批号 1", exact=True).fill("L-WEB-1")
    page.get_by_label("有效期至 1").fill("2028-12-31")
    page.get_by_label("随货单号").fill("PS-WEB-1")
    page.get_by_role("button", name="确认发货").click()
    says(page, "已发货，医院可以验收。")
    assert "示范医药配送有限公司" in shown(page)


def receives(page):
    goes(page, "收货验收")
    page.get_by_role("row", name="PS-WEB-1").get_by_role("link", name="验收", exact=True).click()
    page.get_by_label("验收数量 1").fill("19")
    page.get_by_label("拒收原因 1").focus()
    assert page.get_by_label("拒收数量 1").input_value() == "1"
    page.get_by_label("拒收原因 1").fill("外包装破损")
    page.get_by_role("button", name="确认验收结果").click()
    says(page, "14,250.00（壹万肆仟贰佰伍拾元整）")
    row = page.get_by_role("row", name=NAME)
    row.wait_for()
    cells = row.get_by_role("cell").all_inner_texts()
    assert cells[3:] == ["20 套", "19", "1", "外包装破损", "0"]


def invoices(page):
    goes(page, "开票")
    form = page.locator("form", has_text=NAME)
    for box in form.get_by_role("checkbox").all():
        box.uncheck()
    form.get_by_role("row", name=NAME).get_by_role("checkbox").check()
    form.get_by_role("button", name="为所选明细开票").click()
    page.get_by_label("发票号码").fill(INVOICE)
    values = {field: page.get_by_label(field).input_value() for field in ("不含税金额", "税额", "价税合计")}
    assert values == {"不含税金额": "12610.62", "税额": "1639.38", "价税合计": "14250.00"}
    page.get_by_role("button", name="提交并匹配").click()
    says(page, "发票与订单、验收单一致（三流合一）。")
    assert "还有 30 天" in shown(page)


def prepares(page):
    goes(page, "付款")
    page.get_by_label(f"选择 {INVOICE}").check()
    says(page, "壹万肆仟贰佰伍拾元整")
    page.get_by_role("button", name="编制付款批次").click()
    says(page, "付款批次已编制，请另一位财务人员复核。")
    says(page, "您编制了本批次，须由另一位财务人员复核。")


def pays(page):
    page.get_by_role("link", name="待复核的付款批次").first.click()
    page.get_by_role("row", name="14,250.00").get_by_role("link").first.click()
    page.get_by_role("button", name="同意付款 14,250.00 元").click()
    says(page, "付款批次已复核，正在逐笔划拨。")
    says(page, "已划拨 1 / 1 笔")


def reads(page):
    goes(page, "对账单")
    row = page.get_by_role("row", name=INVOICE)
    row.wait_for()
    cells = row.get_by_role("cell").all_inner_texts()
    assert [*cells[3:5], *cells[6:]] == ["示范医药配送有限公司", INVOICE, "14,250.00", BALANCE]
    goes(page, "付款记录")
    page.get_by_role("row", name=INVOICE).get_by_role("link", name="依据").click()
    says(page, "发生：付款")
    says(page, "系统（代 示范市第一人民医院·赵财务负责人）")


def understands(page):
    """The buyer asks why the first offer was refused and the second taken."""
    goes(page, "未予受理记录")
    row = page.get_by_role("row", name="报价 755.01 元高于价格预警线 755.00 元")
    row.get_by_role("link", name="SZ24-3.3c").wait_for()
    goes(page, "我的议价")
    page.get_by_role("row", name=NAME).get_by_role("link", name="依据").click()
    says(page, "规则：报价裁定")
    facts = page.get_by_role("row").all_inner_texts()
    assert {"报价\t750.0000", "挂网价\t800.0000", "价格预警线\t755.0000"} <= set(facts)
    assert any("SZ24-3.3c" in fact for fact in facts)
    page.get_by_role("link", name="SZ24-3.3c").first.click()
    page.get_by_role("heading", name="SZ24-3.3c").wait_for()
