"""ISO 20022: what the bank sends is checked against its schema and read, what it is sent holds its schema too."""

from importlib import resources
from xml.etree import ElementTree

import pytest
import xmlschema

from settlement.models.payment import Payment
from settlement.models.statement import BankNotice, BankStatement, StatementLine
from settlement.services.instructions import instruction_export
from settlement.services.notices import bank_notices_import
from settlement.services.statement_file import read_statement
from sunlight import scope
from sunlight.journal.refusals import Forbidden, Invalid
from sunlight.scope import Role
from sunlight.tenancy.models import BankAccount
from tests.factories.settlement import confirmed, funded, instructed, owed, prepared
from tests.settlement.iso20022 import camt053, camt054, entry
from tests.settlement.test_services_ledger import held
from tests.settlement.test_services_payments import approve, rows, sound

FEN = 125_000
NAMES = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}


@pytest.fixture
def first(world):
    return world.actor("operator", Role.OPERATOR_SETTLER)


@pytest.fixture
def paid(world):
    with scope.opened(world.system):
        BankAccount.objects.filter(organisation=world.distributor).update(bank_code="102584001234")
    funded(world, 2 * FEN)
    run = prepared(world, [owed(world)])
    approve(world, run)
    return rows(world, Payment)[0], instructed(world, run)


def test_an_order_to_the_bank_holds_its_schema(world, paid, first):
    payment, batch = paid
    with scope.opened(first):
        file = instruction_export(actor=first, at=scope.now(), batch_id=batch.id, form="PAIN001", reason="改用报文")
    assert (file.name, file.content_type) == (f"instruction-{batch.number}-2.xml", "application/xml")
    # The schema of a published package, not what our own check was made from.
    schema = xmlschema.XMLSchema(str(resources.files("sepaxml") / "schemas" / "pain.001.001.09.xsd"))
    schema.validate(file.content.decode())
    root = ElementTree.fromstring(file.content)
    found = {name: root.findtext(f".//p:{name}", namespaces=NAMES) for name in ("MsgId", "CtrlSum", "EndToEndId")}
    assert found == {"MsgId": batch.number, "CtrlSum": "1250.00", "EndToEndId": payment.number}
    assert root.find(".//p:InstdAmt", NAMES).attrib == {"Ccy": "CNY"}
    bank = root.find(".//p:CdtrAgt/p:FinInstnId", NAMES)
    assert bank.findtext("p:ClrSysMmbId/p:ClrSysId/p:Cd", namespaces=NAMES) == "CNAPS"
    assert bank.findtext("p:ClrSysMmbId/p:MmbId", namespaces=NAMES) == "102584001234"
    assert root.findtext(".//p:CdtTrfTxInf/p:Cdtr/p:Nm", namespaces=NAMES) == payment.payee_account_name


def test_a_camt053_settles_returns_and_credits_as_a_csv_does(world, paid):
    payment, _ = paid
    today = scope.today()
    content = camt053(
        "S1",
        today,
        2 * FEN,
        2 * FEN + 5_00,
        entry("B1", -FEN, today, end_to_end=payment.number, name="配送"),
        entry("B2", FEN, today, end_to_end=payment.number, returned="AC04", why="账户已销户"),
        entry("B3", 5_00, today, name="测试市第一人民医院", account="622700000000000000", text="货款"),
    )
    confirmed(world, content, name="S1.xml")
    (statement,) = rows(world, BankStatement)
    assert (statement.form, statement.statement_number, statement.line_count) == ("CAMT053", "S1", 3)
    lines = rows(world, StatementLine)
    assert [line.meaning for line in lines] == ["SETTLEMENT", "RETURN", "DEPOSIT"]
    assert [line.balance_fen for line in lines] == [FEN, 2 * FEN, 2 * FEN + 500]
    assert (lines[1].return_code, lines[1].return_reason) == ("AC04", "账户已销户")
    assert rows(world, Payment)[0].state == "RETURNED"
    assert held(world, "DEPOSIT", "hospital") == 2 * FEN + 500 and sound(world)


def test_a_notification_books_nothing_and_says_why_money_came_back(world, paid, first):
    payment, _ = paid
    today = scope.today()
    told = camt054(
        "N1", today, entry("B2", FEN, today, end_to_end=payment.number, returned="AC01", why="账号错误", name="某行")
    )
    with scope.opened(first):
        assert bank_notices_import(actor=first, at=scope.now(), name="N1.xml", content=told) == 1
        assert bank_notices_import(actor=first, at=scope.now(), name="N1.xml", content=told) == 0
    assert len(rows(world, BankNotice)) == 1 and held(world, "BANK") == 2 * FEN
    assert rows(world, Payment)[0].state == "PAID"
    # The statement itself says only that money came in.
    content = camt053(
        "S1", today, 2 * FEN, 2 * FEN, entry("B1", -FEN, today, end_to_end=payment.number), entry("B2", FEN, today)
    )
    confirmed(world, content, name="S1.xml")
    line = rows(world, StatementLine)[1]
    assert (line.meaning, line.return_code, line.return_reason) == ("RETURN", "AC01", "账号错误")
    assert rows(world, Payment)[0].state == "RETURNED" and sound(world)


def test_an_entry_of_several_payments_is_taken_apart(world):
    today = scope.today()
    amounts = "".join(
        f'<TxDtls><Refs><EndToEndId>{n:020d}</EndToEndId></Refs><Amt Ccy="CNY">{n}.00</Amt>'
        f"<CdtDbtInd>DBIT</CdtDbtInd></TxDtls>"
        for n in (1, 2)
    )
    single = entry("B1", -3_00, today)
    start, end = single.index("<NtryDtls>"), single.index("</Ntry>")
    whole = f"{single[:start]}<NtryDtls>{amounts}</NtryDtls>{single[end:]}"
    found = read_statement(camt053("S1", today, 10_00, 7_00, whole))
    assert [(b.serial, b.amount_fen, b.balance_fen) for b in found.bookings] == [("B1/1", 100, 900), ("B1/2", 200, 700)]
    with pytest.raises(Invalid) as refused:
        read_statement(camt053("S1", today, 10_00, 7_00, whole.replace(">2.00<", ">1.50<")))
    assert refused.value.code == "statement_not_whole"


def bad_messages():
    on = scope.today()
    good = camt053("S1", on, 1_00, 2_00, entry("B1", 1_00, on)).decode()
    bomb = good.replace("<Document", '<!DOCTYPE a [<!ENTITY b "c">]><Document', 1)
    return {
        "an entity": (bomb, "not_a_bank_message"),
        "cut in half": (good[: len(good) // 2], "not_a_bank_message"),
        "another message": (good.replace("camt.053.001.08", "camt.052.001.08"), "not_a_bank_message"),
        "an unknown version": (good.replace("camt.053.001.08", "camt.053.001.99"), "not_a_bank_message"),
        "an unknown element": (good.replace("<Sts>", "<Foo/><Sts>"), "not_a_bank_message"),
        "a wrong code": (good.replace("CRDT", "CRTD"), "not_a_bank_message"),
        "a missing element": (good.replace("<BkTxCd><Prtry><Cd>X</Cd></Prtry></BkTxCd>", ""), "not_a_bank_message"),
        "a text too long": (good.replace("<MsgId>MS1", f"<MsgId>{'M' * 36}"), "not_a_bank_message"),
        "another currency": (
            good.replace(
                '"CNY">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts', '"USD">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts'
            ),
            "currency_unknown",
        ),
        "no closing balance": (good.replace("CLBD", "CLAV"), "header_missing"),
        "a balance that does not fit": (good.replace(">2.00<", ">3.00<"), "statement_not_whole"),
        "an overdraft": (good.replace("CRDT", "DBIT"), "balance_negative"),
        "half a fen": (
            good.replace(">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts", ">1.005</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts"),
            "amount_invalid",
        ),
        "a serial twice": (good.replace("</Ntry>", "</Ntry>" + entry("B1", 1, on)), "serial_twice"),
    }


@pytest.mark.parametrize("how", bad_messages())
def test_a_message_that_is_not_whole_and_true_to_its_schema_is_refused(how):
    content, code = bad_messages()[how]
    with pytest.raises(Invalid) as refused:
        read_statement(content.encode())
    assert refused.value.code == code


def test_a_notification_of_another_account_or_by_another_is_refused(world, first):
    today = scope.today()
    told = camt054("N1", today, entry("B2", FEN, today), account="1")
    with scope.opened(first), pytest.raises(Invalid) as refused:
        bank_notices_import(actor=first, at=scope.now(), name="N1.xml", content=told)
    assert refused.value.code == "not_the_supervised_account"
    support = world.actor("operator", Role.OPERATOR_SUPPORT)
    with scope.opened(support), pytest.raises(Forbidden):
        bank_notices_import(actor=support, at=scope.now(), name="N1.xml", content=told)
    assert not rows(world, BankNotice)
