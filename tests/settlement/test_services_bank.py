"""Bank statements: whole or not at all, once, in sequence; money to its owner or kept apart until assigned."""

from datetime import date

import pytest
from django.db import DatabaseError

from settlement.models.ledger import Entry
from settlement.models.statement import BankStatement, StatementLine
from settlement.queries.ledger import ledger_faults
from settlement.services.bank import bank_statement_import
from settlement.services.bank_lines import statement_line_assign, statement_line_propose, statement_line_send_back
from settlement.services.statement_file import read_statement
from sunlight import scope
from sunlight.demo.files.bank_statement import Movement, statement
from sunlight.files.models import StoredFile
from sunlight.journal.models import Event, Refusal
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere
from sunlight.kernel.machine import IllegalMove
from sunlight.scope import Role
from sunlight.sheets.models import ImportRun
from sunlight.tenancy.models import BankAccount
from tests.factories.settlement import confirmed
from tests.settlement.test_services_ledger import held

ACCOUNT = "622700000000000007"  # the operator's, in tests/world.py
HOSPITAL, OTHER_HOSPITAL = "622700000000000000", "622700000000000001"
DAY = date(2026, 7, 20)


def file(*movements, number="202607-001", opening=0, **more):
    facts = {"account": ACCOUNT, "start": date(2026, 7, 1), "end": date(2026, 7, 31), **more}
    return statement(number=number, movements=movements, opening_fen=opening, **facts)


def credit_of(fen, account=HOSPITAL, reference="货款预存", **more):
    return Movement(DAY, fen, "某医院", account, reference, **more)


@pytest.fixture
def settler(world):
    return world.actor("operator", Role.OPERATOR_SETTLER)


def take(actor, content, name="对账单.csv"):
    with scope.opened(actor):
        return bank_statement_import(actor=actor, at=scope.now(), name=name, content=content)


def nothing_taken(world):
    with scope.opened(world.system):
        counts = [m.objects.count() for m in (BankStatement, StatementLine, Entry, ImportRun, StoredFile)]
        return counts == [0] * 5


@pytest.mark.clause("SZ20-5.3.4", "JS20-31", on="rule")
def test_a_statement_credits_each_hospital_by_its_account_or_its_code(world, settler):
    content = file(
        credit_of(1_000_000_00),
        credit_of(25, OTHER_HOSPITAL, "缴款H44030300002药耗款"),
        credit_of(3_30, account="999", reference="不明"),
    )
    taken = confirmed(world, content)
    assert held(world, "BANK") == 1_000_003_55
    assert held(world, "DEPOSIT", "hospital") == 1_000_000_00
    assert held(world, "DEPOSIT", "other_hospital") == 25
    assert held(world, "UNIDENTIFIED") == 3_30
    with scope.opened(settler):
        states = list(StatementLine.objects.order_by("id").values_list("state", "organisation_id"))
        assert states == [
            ("IDENTIFIED", world.hospital.id),
            ("IDENTIFIED", world.other_hospital.id),
            ("UNIDENTIFIED", None),
        ]
        assert (taken.line_count, taken.closing_fen, taken.import_run.rows_taken) == (3, 1_000_003_55, 3)
        assert ledger_faults(world.platform.id) == []
        assert Entry.objects.order_by("id").first().occurred_on == DAY
        assert Event.objects.filter(name="bank_statement_taken").count() == 1
        assert Event.objects.filter(name="deposit_received").count() == 2


def test_an_account_two_hospitals_registered_is_told_apart_by_the_code_or_not_at_all(world, settler):
    with scope.opened(world.system):
        BankAccount.objects.filter(organisation=world.other_hospital).update(account_number=HOSPITAL)
    confirmed(world, file(credit_of(5), credit_of(7, reference="H44030300002"), credit_of(9, OTHER_HOSPITAL)))
    assert held(world, "UNIDENTIFIED") == 5 + 9
    assert held(world, "DEPOSIT", "other_hospital") == 7


def test_a_contradiction_between_account_and_code_stays_unidentified(world, settler):
    confirmed(world, file(credit_of(5, HOSPITAL, "H44030300002")))
    with scope.opened(settler):
        assert StatementLine.objects.get().finding == "对方账号与附言中的医院编码指向不同的医院"


def cut(content: bytes, how: str) -> bytes:
    lines = content.decode("gb18030").splitlines(keepends=True)
    return {
        "last line gone": "".join(lines[:-1]),
        "middle line gone": "".join(lines[:11] + lines[12:]).replace("明细笔数,3", "明细笔数,2"),
        "half the bytes": "".join(lines)[: -len(lines[-1]) // 2],
        "count and rows cut": "".join(lines[:-1]).replace("明细笔数,3", "明细笔数,2"),
    }[how].encode("gb18030")


@pytest.mark.parametrize("how", ["last line gone", "middle line gone", "half the bytes", "count and rows cut"])
def test_a_statement_cut_in_half_is_refused_whole(world, settler, how):
    whole = file(credit_of(100), credit_of(200), credit_of(300))
    with pytest.raises(Invalid) as refused:
        take(settler, cut(whole, how))
    assert refused.value.code in ("statement_not_whole", "statement_lines_invalid")
    assert "整份未入账" in refused.value.message
    assert nothing_taken(world)
    with scope.opened(world.system):
        assert not Refusal.objects.exists()


def test_a_statement_sent_twice_is_refused_and_names_the_run_that_took_it(world, settler):
    taken = confirmed(world, file(credit_of(100)), name="七月.csv")
    for again in (
        file(credit_of(100)),
        file(credit_of(999, serial="other")),
        file(credit_of(100), encoding="utf-8-sig"),
    ):
        with pytest.raises(Conflict) as refused:
            take(settler, again)
        assert refused.value.code == "statement_taken_already"
        assert f"第 {taken.import_run_id} 次导入" in refused.value.message and "七月.csv" in refused.value.message
    with pytest.raises(Conflict) as refused:
        take(settler, file(credit_of(1, serial="202607-001000001"), number="202607-002", opening=100))
    assert (refused.value.code, refused.value.facts["serial"]) == ("booking_taken_already", "202607-001000001")
    assert held(world, "BANK") == 100


def test_a_statement_follows_on_from_the_last(world, settler):
    confirmed(world, file(credit_of(100)))
    with pytest.raises(Conflict) as refused:
        take(settler, file(credit_of(1), number="202607-003", opening=99))
    assert refused.value.message.startswith("期初余额 0.99 元与已入账的余额 1.00 元不衔接")
    confirmed(world, file(credit_of(1), number="202607-002", opening=100))
    assert held(world, "BANK") == 101


def test_a_month_without_bookings_is_a_statement_too(world, settler):
    assert confirmed(world, file()).line_count == 0


def test_a_debit_nobody_is_known_for_is_taken_and_listed(world, settler):
    confirmed(world, file(credit_of(1000), Movement(DAY, -300, "某公司", "1", "手续费")))
    with scope.opened(settler):
        line = StatementLine.objects.get(direction="DEBIT")
        assert (line.state, line.entry, line.finding) == (
            "UNIDENTIFIED",
            None,
            "附言中没有平台付款编号，或编号不是待到账的付款",
        )
        assert ledger_faults(world.platform.id) == []
    # The next statement opens at what the bank says, less than the ledger by the debit still to be explained.
    confirmed(world, file(credit_of(1), number="2", opening=700))


BAD_FILES = [
    (("账号," + ACCOUNT, "账号,622700000000000003"), "not_the_supervised_account"),
    (("对账单号", "编号"), "header_missing"),
    (("20260731", "20990101"), "statement_from_the_future"),
    (("起始日期,20260701", "起始日期,20260801"), "statement_lines_invalid"),
    (("明细笔数,1", "明细笔数,一"), "header_invalid"),
    (("收,", "进,"), "statement_lines_invalid"),
    (("1.00,1.00", "1.001,1.00"), "statement_lines_invalid"),
    (("1.00,1.00", "-1.00,1.00"), "statement_lines_invalid"),
    (("1.00,1.00", "NaN,1.00"), "statement_lines_invalid"),
    (("1.00,1.00", "1000000000000000,1.00"), "statement_lines_invalid"),
    (("20260720", "20260740"), "statement_lines_invalid"),
    (("交易流水号", "流水"), "not_a_statement"),
    (("账户余额", "余额"), "other_headings"),
    (("202607-001000001", ""), "statement_lines_invalid"),
    (("货款预存", "长" * 201), "statement_lines_invalid"),
    (("货款预存", "长" * 1_000_000), "cell_too_long"),
    (("货款预存", "\x00"), "not_a_statement"),
]


def test_bad_files_are_refused_with_the_field(world, settler):
    text = file(credit_of(100)).decode("gb18030")
    for change, code in BAD_FILES:
        assert change[0] in text
        with pytest.raises(Invalid) as refused:
            take(settler, text.replace(*change, 1).encode("gb18030"))
        assert refused.value.code == code, change
        assert nothing_taken(world)


def test_what_is_no_statement_is_refused(world, settler):
    for content in [b"", b"\x00\xff\xfe", b"PK\x03\x04zip", "甲,乙".encode(), b"%PDF-1.7"]:
        with pytest.raises(Invalid) as refused:
            take(settler, content)
        assert refused.value.code == "not_a_statement"


def test_banks_write_the_same_thing_in_different_ways():
    text = file(credit_of(1_234_567_89), credit_of(5)).decode("gb18030")
    other = (
        text.replace("20260720", "2026-07-20")
        .replace("收,", "贷,")
        .replace("1234567.89", '"1,234,567.89"')
        .replace("截止日期", "终止日期")
        .replace("账号,", "账号：", 1)
        .replace(HOSPITAL, f"\t{HOSPITAL}")
    )
    assert read_statement(other.encode("utf-8-sig")) == read_statement(text.encode("gb18030"))


def test_only_the_settler_takes_statements(world):
    for role in (Role.OPERATOR_REVIEWER, Role.OPERATOR_CONFIRMER, Role.OPERATOR_SUPPORT):
        with pytest.raises(Forbidden):
            take(world.actor("operator", role), file(credit_of(100)))
    assert nothing_taken(world)


@pytest.mark.parametrize(("who", "role"), [("hospital", Role.HOSPITAL_FINANCE), ("maker", Role.SUPPLIER_FINANCE)])
def test_parties_see_no_statement(world, settler, who, role):
    confirmed(world, file(credit_of(100)))
    actor = world.actor(who, role)
    with pytest.raises(Forbidden):
        take(actor, file(credit_of(100), number="x"))
    with pytest.raises(DatabaseError, match="permission denied"), scope.opened(actor):
        BankStatement.objects.count()


@pytest.mark.duty("statement_line", "assign", "propose")
@pytest.mark.duty("statement_line", "assign", "import")
def test_one_settler_proposes_whose_unidentified_money_is_and_another_agrees(world, settler):
    second, third = (world.actor("operator", Role.OPERATOR_SETTLER, person=p) for p in ("second", "third"))
    confirmed(world, file(credit_of(500, account="999")))
    with scope.opened(settler):
        line = StatementLine.objects.get()
        ask = {"actor": settler, "at": scope.now(), "line_id": line.id}
        for bad, code in (
            ({"reason": " ", "organisation_id": world.hospital.id}, "reason_missing"),
            ({"reason": "电话确认", "organisation_id": world.maker.id}, "hospital_unknown"),
            ({"reason": "电话确认"}, "hospital_unknown"),
        ):
            with pytest.raises(Invalid) as refused:
                statement_line_propose(**ask, **bad)
            assert refused.value.code == code
        with pytest.raises(Conflict):
            statement_line_assign(**ask, reason="自己来")
        line = statement_line_propose(**ask, reason="电话确认", organisation_id=world.hospital.id)
        assert (line.state, line.assign_reason, line.proposed_by) == ("PROPOSED", "电话确认", settler.acting)
        with pytest.raises(Conflict):
            statement_line_propose(**ask, reason="再来", organisation_id=world.hospital.id)
        with pytest.raises(Forbidden) as refused:
            statement_line_assign(**ask, reason="自己来")
        assert refused.value.code == "four_eyes"
        with pytest.raises(NotThere):
            statement_line_propose(**{**ask, "line_id": 0}, reason="x", organisation_id=world.hospital.id)
    assert not held(world, "DEPOSIT", "hospital") and held(world, "UNIDENTIFIED") == 500
    with scope.opened(third):
        statement_line_send_back(actor=third, at=scope.now(), line_id=line.id, reason="电话打不通")
        line = statement_line_propose(**{**ask, "actor": third}, reason="回单", organisation_id=world.hospital.id)
    with scope.opened(settler), pytest.raises(Forbidden) as refused:
        # Who imported the statement does not decide on its bookings either.
        statement_line_assign(**ask, reason="我导入的")
    assert refused.value.code == "imported_it"
    with scope.opened(second):
        line = statement_line_assign(actor=second, at=scope.now(), line_id=line.id, reason="回单 0012")
        assert (line.state, line.assign_reason, line.assigned_by) == (
            "ASSIGNED",
            "回单；复核：回单 0012",
            second.acting,
        )
        with pytest.raises(Conflict):
            statement_line_assign(actor=second, at=scope.now(), line_id=line.id, reason="再来")
        assert ledger_faults(world.platform.id) == []
        event = Event.objects.get(name="statement_line_assigned")
        assert event.parties == sorted([world.hospital.id, world.operator.id])
    assert held(world, "DEPOSIT", "hospital") == 500
    assert held(world, "UNIDENTIFIED") == 0


def test_every_other_move_of_a_line_is_refused():
    from settlement.workflows.bank import STATEMENT_LINE
    from settlement.workflows.states import StatementLineState

    for state in StatementLineState:
        for role in Role:
            for move in STATEMENT_LINE.table:
                legal = state in move.from_states and role in move.by
                if legal:
                    assert STATEMENT_LINE.apply(state, move.name, role) == move.to_state
                else:
                    with pytest.raises(IllegalMove):
                        STATEMENT_LINE.apply(state, move.name, role)


def test_a_statement_takes_as_many_queries_whatever_its_lines(world, settler, django_assert_max_num_queries):
    confirmed(world, file(credit_of(1)))
    lines = [credit_of(1, account="999") for _ in range(50)]
    with django_assert_max_num_queries(120):
        confirmed(world, file(*lines, number="2", opening=1))
