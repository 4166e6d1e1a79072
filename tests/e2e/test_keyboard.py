"""The main ways through the trade by somebody who uses no mouse, from login to law."""

import re

import pytest

from tests.e2e.keyboard import chooses, dates, presses, tabs, types
from tests.e2e.test_trade import says

pytestmark = [pytest.mark.browser, pytest.mark.faces]
ROW = re.compile("^选择")
LOT = re.compile(r"^批号 \d+$")


def todo(page, label: str):
    """An entry of the list of what is to be done; key figures may bear the same words."""
    return page.locator("a.list-group-item", has_text=label)


def test_logging_in(chromium, site):
    page = chromium.new_page(base_url=site, locale="zh-CN")
    page.goto("/login/")
    password = page.locator("form:has([data-demo-account=buyer1]) input[name=password]").input_value()
    page.keyboard.type("buyer1")
    types(page, page.get_by_label("密码"), password)
    page.keyboard.press("Enter")
    page.wait_for_url("/")
    presses(page, page.get_by_role("link", name="跳到正文"))
    assert page.evaluate("document.activeElement.id") == "content"
    page.close()


def test_offering_and_ordering(person):
    page = person("buyer1").page
    chooses(page, "找产品、报价")
    search = page.get_by_label("搜索产品")
    types(page, search, "吻合器")
    page.keyboard.press("Enter")
    row = page.get_by_role("row", name="样例介入科技有限公司")
    presses(page, row.get_by_role("link", name="看价格、报价"))
    types(page, page.get_by_label("单价"), "600")
    types(page, page.get_by_label("数量"), "2盒")
    page.get_by_text("试算：可以报价 · 2 盒 = 12 个 · 7,200.00 元").wait_for()
    presses(page, page.get_by_role("button", name="提交报价"))
    says(page, "已送达企业，请企业于")
    chooses(page, "下单")
    types(page, page.get_by_label("找协议产品"), "冠脉球囊")
    presses(page, page.get_by_role("row", name="冠脉球囊").get_by_role("button", name="加入").first)
    types(page, page.get_by_label("数量", exact=False).last, "1盒")
    presses(page, page.get_by_role("button", name="提交订单"))
    says(page, "已提交 1 张订单")


def test_answering_offers_and_orders(person):
    page = person("seller1").page
    presses(page, todo(page, "待答复的报价"))
    presses(page, page.get_by_role("checkbox", name=ROW).first, "Space")
    presses(page, page.get_by_role("button", name="接受所选报价"))
    says(page, "已接受 1 条报价")
    chooses(page, "待确认订单")
    presses(page, page.get_by_role("checkbox", name=ROW).first, "Space")
    presses(page, page.get_by_role("button", name="确认所选订单"))
    says(page, "已确认 1 张订单")


def test_dispatching(person):
    page = person("shipper1").page
    chooses(page, "待发货")
    presses(page, page.get_by_role("link", name="发货", exact=True).last)
    lots = page.get_by_label(LOT)
    lots.first.wait_for()
    for number in range(1, lots.count() + 1):
        types(page, page.get_by_label(f"批号 {number}", exact=True), f"L-KEY-{number}")
        dates(page, page.get_by_label(f"有效期至 {number}", exact=True), 2029, 12, 31)
    types(page, page.get_by_label("随货单号"), "PS-KEY-1")
    presses(page, page.get_by_role("button", name="确认发货"))
    says(page, "已发货，医院可以验收。")


def test_receiving(person):
    page = person("receiver1").page
    chooses(page, "收货验收")
    presses(page, page.get_by_role("link", name="验收", exact=True).first)
    presses(page, page.get_by_role("button", name="确认验收结果"))
    says(page, "验收金额（元）")


def test_invoicing(person):
    page = person("finance1").page
    chooses(page, "开票")
    presses(page, page.get_by_role("checkbox", name=ROW).last, "Space")
    presses(page, page.get_by_role("button", name="为所选明细开票").last)
    types(page, page.get_by_label("发票号码"), "26447000000000177002")
    presses(page, page.get_by_role("button", name="提交并匹配"))
    says(page, "发票与订单、验收单一致")


def test_paying_by_two(person):
    page = person("cashier1").page
    chooses(page, "付款")
    presses(page, page.get_by_role("checkbox", name=ROW).first, "Space")
    presses(page, page.get_by_role("button", name="编制付款批次"))
    says(page, "付款批次已编制，请另一位财务人员复核。")
    page = person("treasurer1").page
    presses(page, todo(page, "待复核的付款批次"))
    presses(page, page.get_by_role("row", name="待复核").get_by_role("link").first)
    presses(page, page.get_by_role("button", name="同意付款"))
    says(page, "付款批次已复核")


def test_reviewing_a_listing(person):
    page = person("reviewer").page
    presses(page, todo(page, "待审核的挂网申请"))
    presses(page, page.locator("[data-review-key=a]"))
    says(page, "已审核通过并挂网")


def test_watching(person):
    page = person("insurance.officer").page
    chooses(page, "监管总览")
    presses(page, page.get_by_role("link", name="SZ24-3.3c").first)
    page.wait_for_load_state()
    says(page, "SZ24-3.3c")
    chooses(page, "规则试算")
    presses(page, page.get_by_role("link", name="报价裁定").first)
    page.get_by_role("heading", name="报价裁定").wait_for()


def test_reading_why(person):
    page = person("buyer1").page
    chooses(page, "我的议价")
    presses(page, page.get_by_role("link", name="依据").first)
    says(page, "规则：报价裁定")
    clause = page.get_by_role("link", name="SZ24-3.3c").first
    tabs(page, clause)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="SZ24-3.3c").wait_for()
