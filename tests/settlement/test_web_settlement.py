"""The pages of settlement, as the people who use them."""

import re
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from settlement.models.instruction import InstructionBatch
from settlement.models.ledger import Entry
from settlement.models.payment import Invoice, Payable, Payment, PaymentReturn, PaymentRun
from settlement.models.statement import BankStatement, StatementLine
from sunlight import scope
from sunlight.demo.files.bank_statement import Movement, statement
from sunlight.scope import Role
from tests.api_client import logged_in
from tests.factories import catalog
from tests.factories.settlement import accepted, funded, instructed, owed, prepared

HOME = "/settlement/"


def text(response) -> str:
    return response.content.decode()


def browser(world, who, *roles, person=""):
    return logged_in(world.actor(who, *roles, person=person))


def rows(world, model):
    with scope.opened(world.system):
        return list(model.objects.order_by("id"))


@pytest.fixture
def cashier(world):
    return browser(world, "hospital", Role.HOSPITAL_FINANCE)


@pytest.fixture
def issuer(world):
    return browser(world, "distributor", Role.SUPPLIER_FINANCE)


@pytest.fixture
def settler(world):
    return browser(world, "operator", Role.OPERATOR_SETTLER)


@pytest.mark.clause("SZ20-5.3.4", "SZ20-6.2b", on="rule")
def test_the_supplier_invoices_what_was_accepted(world, issuer):
    line = accepted(world, price="12.5000", quantity="100", payment_days=60)
    page = text(issuer.get(HOME + "to-invoice/"))
    assert "测试市第一人民医院" in page and "12.50" in page
    assert "待开票的验收明细" in text(issuer.get("/"))
    form = text(issuer.get(HOME + "invoices/new/", {"lines": line.id}))
    for filled in ('value="1250.00"', 'value="1106.19"', 'value="143.81"', "壹仟贰佰伍拾元整"):
        assert filled in form
    sent = {
        "lines": line.id,
        "number": "1" * 20,
        "code": "",
        "issued_on": str(scope.today()),
        "tax_rate": "0.13",
        "net": "1106.19",
        "tax": "143.81",
        "amount": "1250.00",
        f"quantity_{line.id}": "100",
        f"price_{line.id}": "12.5",
        f"amount_{line.id}": "1250",
    }
    again = text(issuer.post(HOME + "invoices/new/", sent | {f"quantity_{line.id}": "40", "again": "1"}))
    assert 'value="500.00"' in again and f'value="{"1" * 20}"' in again and "伍佰元整" in again
    wrong = issuer.post(HOME + "invoices/new/", sent | {"number": "12"})
    assert wrong.status_code == 422
    assert "发票号码不正确" in text(wrong) and 'value="12"' in text(wrong) and "is-invalid" in text(wrong)
    assert not rows(world, Invoice)
    made = issuer.post(HOME + "invoices/new/", sent, follow=True)
    assert "发票与订单、验收单一致" in text(made) and "SZ20-6.2b" in text(made) and "还有 30 天" in text(made)
    assert "没有待开票的明细" in text(issuer.get(HOME + "to-invoice/"))


def test_differences_are_listed_and_the_invoice_is_voided(world, issuer):
    line = accepted(world)
    sent = {
        "lines": line.id,
        "number": "2" * 20,
        "issued_on": str(scope.today()),
        "tax_rate": "0.13",
        "net": "1150.44",
        "tax": "149.56",
        "amount": "1300.00",
        f"quantity_{line.id}": "100",
        f"price_{line.id}": "13",
        f"amount_{line.id}": "1300",
    }
    page = issuer.post(HOME + "invoices/new/", sent, follow=True)
    assert "第 1 行单价与订单不符：应为 12.5000，发票为 13.0000" in text(page)
    assert "不一致的发票，须作废重开" in text(issuer.get("/"))
    (invoice,) = rows(world, Invoice)
    path = f"{HOME}invoices/{invoice.id}/void/"
    assert issuer.post(path, {"reason": ""}).status_code == 422
    assert "已作废" in text(issuer.post(path, {"reason": "单价开错"}, follow=True))
    stranger = browser(world, "other_distributor", Role.SUPPLIER_FINANCE)
    assert stranger.get(f"{HOME}invoices/{invoice.id}/").status_code == 404
    assert stranger.get(HOME + "invoices/new/", {"lines": line.id}).status_code == 404


@pytest.mark.clause("SZ20-5.3.4", "GD25-4.8a", on="rule")
def test_the_cashier_ticks_prepares_and_a_second_person_approves(world, cashier):
    listing = catalog.listed(world)
    late, soon = owed(world, listing=listing, accepted_on=date(2026, 1, 5)), owed(world, listing=listing)
    funded(world, 150_000)
    page = text(cashier.get(HOME + "payables/"))
    assert page.index(late.due_on.isoformat()) < page.index(soon.due_on.isoformat())
    assert "已逾期" in page and "还有 30 天" in page and "SZ20-6.2b" in page and "1,500.00" in page
    assert "待付款的发票" in text(cashier.get("/"))
    both = text(cashier.get(HOME + "payables/total/", {"payables": [late.id, soon.id, "x"]}))
    assert "2,500.00" in both and "贰仟伍佰元整" in both and "还差 1,000.00 元" in both
    nothing = cashier.post(HOME + "payables/prepare/", {})
    assert nothing.status_code == 422 and "请选择 1 至 1000 笔应付款" in text(nothing)
    page = cashier.post(HOME + "payables/prepare/", {"payables": [late.id, soon.id]}, follow=True)
    (run,) = rows(world, PaymentRun)
    assert "须由另一位财务人员复核" in text(page) and run.number in text(page)
    path = f"{HOME}runs/{run.id}/"
    assert cashier.post(path + "approve/").status_code == 422
    second = browser(world, "hospital", Role.HOSPITAL_FINANCE, person="second")
    assert "没有待办事项" not in text(second.get("/"))
    assert "没有待办事项" in text(cashier.get("/"))
    refused = second.post(path + "approve/", {"note": "同意"})
    assert refused.status_code == 422
    assert "还差 1,000.00 元" in text(refused) and 'value="同意"' in text(refused)
    funded(world, 100_000)
    done = second.post(path + "approve/", {"note": "同意"}, follow=True)
    assert "正在逐笔划拨" in text(done) and "已划拨 2 / 2 笔" in text(done)
    progress = second.get(path + "progress/")
    assert progress.headers["HX-Refresh"] == "true"
    assert [p.state for p in rows(world, Payable)] == ["PAID", "PAID"]
    assert run.number in text(second.get(HOME + "runs/", {"state": "DONE"}))
    assert "测试医药配送有限公司" in text(second.get(HOME + "payments/"))


def test_a_run_is_rejected_with_a_reason(world, cashier):
    run = prepared(world, [owed(world)], person="x")
    path = f"{HOME}runs/{run.id}/reject/"
    assert "请填写驳回原因" in text(cashier.post(path, {"reason": " "}))
    assert "退回待付" in text(cashier.post(path, {"reason": "金额不对"}, follow=True))
    assert rows(world, Payable)[0].state == "OPEN"


def upload(client, *movements, number="1", opening=0):
    today = scope.today()
    content = statement(
        account="622700000000000007", number=number, start=today, end=today, opening_fen=opening, movements=movements
    )
    return client.post(HOME + "bank/", {"file": SimpleUploadedFile("a.csv", content)}, follow=True)


def confirm_last(world, client, **sent):
    """The second settler opens the last statement and confirms what its page shows."""
    taken = rows(world, BankStatement)[-1]
    path = f"{HOME}bank/statements/{taken.id}/"
    digest = re.search(r'name="digest" value="([0-9a-f]{64})"', text(client.get(path)))[1]
    return client.post(path + "confirm/", {"digest": digest, **sent}, follow=True)


@pytest.fixture
def second_settler(world):
    return browser(world, "operator", Role.OPERATOR_SETTLER, person="second")


@pytest.mark.clause("SZ20-5.3.4", on="rule")
def test_two_settlers_take_statements_and_assign_what_nobody_is_known_for(world, settler, second_settler):
    assert "还没有导入过对账单" in text(settler.get(HOME + "bank/"))
    assert settler.post(HOME + "bank/").status_code == 422
    today = scope.today()
    money = Movement(today, 130_000, "医院", "622700000000000000"), Movement(today, 700, "某", "9", "?")
    page = text(upload(settler, *money))
    assert "尚未入账" in page and "您导入了本份对账单" in page and "测试市第一人民医院" in page
    assert 'name="digest"' not in page
    twice = upload(settler, *money)
    assert twice.status_code == 422 and "未重复导入" in text(twice)
    assert "待确认的银行对账单" not in text(settler.get("/")) and "待确认的银行对账单" in text(second_settler.get("/"))
    taken = rows(world, BankStatement)[0]
    path = f"{HOME}bank/statements/{taken.id}/"
    refused = second_settler.post(path + "confirm/", {"digest": "0" * 64, "note": "看过"})
    assert refused.status_code == 422 and 'value="看过"' in text(refused)
    done = text(confirm_last(world, second_settler))
    assert "对账单已确认入账" in done and "待认领的流水（1 笔）" in done and "相符" in done
    line = rows(world, StatementLine)[1]
    at = f"{HOME}bank/lines/{line.id}/"
    refused = settler.post(at + "propose/", {"organisation": "", "reason": "电话确认"})
    assert refused.status_code == 422 and 'value="电话确认"' in text(refused)
    sent = {"organisation": world.hospital.id, "reason": "电话确认"}
    assert "认领已提出" in text(settler.post(at + "propose/", sent, follow=True))
    assert "须由另一位结算员复核" in text(settler.get(HOME + "bank/"))
    assert settler.post(at + "assign/", {"reason": "自己"}).status_code == 422
    assert "认领提议已退回" in text(settler.post(at + "send-back/", {"reason": "再核"}, follow=True))
    settler.post(at + "propose/", sent)
    assert "待复核的认领" in text(second_settler.get("/"))
    assert "流水已认领" in text(second_settler.post(at + "assign/", {"reason": "回单 1"}, follow=True))
    assert "电话确认；复核：回单 1" in text(settler.get(HOME + "bank/lines/", {"state": "ASSIGNED"}))


def test_a_statement_is_turned_away_with_a_reason(world, settler):
    upload(settler, Movement(scope.today(), 130_000, "医院", "622700000000000000"))
    path = f"{HOME}bank/statements/{rows(world, BankStatement)[0].id}/"
    assert settler.post(path + "reject/", {"reason": ""}).status_code == 422
    assert "对账单已拒收" in text(settler.post(path + "reject/", {"reason": "日期错"}, follow=True))
    assert "日期错" in text(settler.get(path)) and not rows(world, Entry)


@pytest.fixture
def approved(world):
    """A run whose payments are made."""
    run = prepared(world, [owed(world)])
    funded(world, 130_000)
    browser(world, "hospital", Role.HOSPITAL_FINANCE, person="second").post(f"{HOME}runs/{run.id}/approve/")
    return run


@pytest.mark.clause("SZ20-5.3.4", on="rule")
def test_one_settler_makes_an_instruction_and_another_releases_it(world, settler, second_settler, cashier, approved):
    page = text(settler.get(HOME + "instructions/"))
    assert "待编制指令的付款批次" in page and approved.number in page
    page = text(settler.post(f"{HOME}runs/{approved.id}/instruct/", follow=True))
    batch = rows(world, InstructionBatch)[0]
    assert "须由另一位结算员放行" in page and batch.sha256 in page
    at = f"{HOME}instructions/{batch.id}/"
    assert settler.post(at + "export/", {"form": "CSV"}).status_code == 422
    assert "没有等您放行的指令批次" in text(settler.get(HOME + "instructions/release/"))
    waits = text(second_settler.get(HOME + "instructions/release/"))
    assert batch.sha256 in waits and "622700000000000005" in waits
    assert second_settler.post(HOME + "instructions/release/", {}).status_code == 422
    ticked = {"batches": f"{batch.id}:{batch.sha256}"}
    assert settler.post(HOME + "instructions/release/", ticked).status_code == 422
    assert "已放行" in text(second_settler.post(HOME + "instructions/release/", ticked, follow=True))
    # The hospital sees on its run what was released.
    assert batch.sha256 in text(cashier.get(f"{HOME}runs/{approved.id}/"))
    assert batch.number in text(cashier.get(at)) and "导出给银行" not in text(cashier.get(at))
    sheet = settler.post(at + "export/", {"form": "CSV"}).content.decode("utf-8-sig").splitlines()
    assert sheet[0] == "平台付款编号,收款户名,收款开户行,收款账号,金额（元）,附言"
    assert "622700000000000005,1250.00" in sheet[1]
    again = settler.post(at + "export/", {"form": "PAIN001", "reason": ""})
    assert again.status_code == 422 and "第 2 次导出的原因" in text(again)
    file = settler.post(at + "export/", {"form": "PAIN001", "reason": "银行要报文"})
    assert file.headers["Content-Type"] == "application/xml" and b"pain.001.001.09" in file.content
    assert "银行要报文" in text(settler.get(at))
    assert "已登记银行受理" in text(settler.post(at + "acknowledge/", {"bank_reference": "B9"}, follow=True))
    number = sheet[1].split(",")[0]
    upload(settler, Movement(scope.today(), -125_000, reference=number), number="2", opening=130_000)
    confirm_last(world, second_settler)
    assert "银行已到账" in text(settler.get(HOME + "payments/"))


def test_a_payment_the_bank_refused_is_returned_by_two(world, settler, second_settler, approved):
    batch = instructed(world, approved)
    payment = rows(world, Payment)[0]
    page = text(settler.get(f"{HOME}instructions/{batch.id}/"))
    at = f"{HOME}payments/{payment.id}/return/"
    assert at in page and "提出银行退回" in text(settler.get(at))
    assert settler.post(at, {"reason": "", "code": "AC04"}).status_code == 422
    assert "银行退回已提出" in text(settler.post(at, {"reason": "退票通知 3", "code": "AC04"}, follow=True))
    said = rows(world, PaymentReturn)[0]
    path = f"{HOME}returns/{said.id}/"
    assert settler.post(path + "confirm/", {}).status_code == 422
    assert settler.post(path + "refuse/", {"reason": ""}).status_code == 422
    assert "已确认银行退回" in text(second_settler.post(path + "confirm/", {"note": "对"}, follow=True))
    assert rows(world, Payment)[0].state == "RETURNED" and rows(world, Payable)[0].state == "OPEN"
    supplier = browser(world, "distributor", Role.SUPPLIER_FINANCE)
    assert "退票通知 3" in text(supplier.get(HOME + "returns/"))


@pytest.mark.clause("JS20-31", on="rule")
def test_the_statement_page_prints_the_month(world, cashier):
    funded(world, 123_456)
    page = text(cashier.get(HOME + "statement/"))
    assert "1,234.56" in page and "壹仟贰佰叁拾肆元伍角陆分" in page and "月末未付" in page
    assert "本月没有资金变动" in text(cashier.get(HOME + "statement/", {"month": "2026-01"}))
    assert cashier.get(HOME + "statement/", {"month": "2026-13"}).status_code == 422
    sheet = cashier.get(f"{HOME}statement/{scope.today():%Y-%m}/sheet.xlsx")
    assert sheet.content[:2] == b"PK"


PAGES = {
    "payables/": {
        "hospital": Role.HOSPITAL_FINANCE,
        "maker": Role.SUPPLIER_FINANCE,
        "regulator": Role.REGULATOR_OFFICER,
    },
    "runs/": {"hospital": Role.HOSPITAL_AUDITOR, "operator": Role.OPERATOR_SETTLER},
    "payments/": {"distributor": Role.SUPPLIER_FINANCE, "regulator": Role.REGULATOR_AUDITOR},
    "invoices/": {"hospital": Role.HOSPITAL_FINANCE, "distributor": Role.SUPPLIER_FINANCE},
    "bank/": {"operator": Role.OPERATOR_SETTLER},
    "bank/lines/": {"operator": Role.OPERATOR_SETTLER},
    "to-invoice/": {"distributor": Role.SUPPLIER_FINANCE},
    "instructions/": {"operator": Role.OPERATOR_SETTLER, "hospital": Role.HOSPITAL_AUDITOR},
    "returns/": {"operator": Role.OPERATOR_SETTLER, "distributor": Role.SUPPLIER_FINANCE},
}


def test_every_list_has_an_empty_state_and_a_constant_number_of_queries(world, settler):
    listing, counts = catalog.listed(world), {}
    opening = 0
    for round_, many in enumerate((0, 1, 2)):
        for n in range(many):
            accepted(world, listing)
            owed(world, listing=listing)
            prepared(world, [owed(world, listing=listing)])
            upload(settler, Movement(scope.today(), 5, account="9"), number=f"{many}-{n}", opening=opening)
            opening += 5
        for path, who in PAGES.items():
            for key, role in who.items():
                client = browser(world, key, role)
                with CaptureQueriesContext(connection) as captured:
                    response = client.get(HOME + path)
                assert response.status_code == 200, (path, key)
                assert (round_ > 0) or "empty-title" in text(response), path
                counts.setdefault((path, key), []).append(len(captured))
    assert {page: found for page, found in counts.items() if found[1] != found[2]} == {}


def test_others_open_none_of_these_pages(world):
    run = prepared(world, [owed(world)])
    buyer = browser(world, "hospital", Role.HOSPITAL_BUYER)
    other = browser(world, "other_hospital", Role.HOSPITAL_FINANCE)
    for path in ("payables/", "runs/", "payments/", "invoices/", "bank/", "to-invoice/", "statement/"):
        assert buyer.get(HOME + path).status_code == 403, path
    assert other.get(HOME + "bank/").status_code == 403
    for path in (f"runs/{run.id}/", f"runs/{run.id}/progress/"):
        assert other.get(HOME + path).status_code == 404
    assert other.post(f"{HOME}runs/{run.id}/approve/").status_code == 404
    assert run.number not in text(other.get(HOME + "runs/"))
    assert browser(world, "distributor", Role.SUPPLIER_FINANCE).get(f"{HOME}runs/{run.id}/").status_code == 403
