"""A sheet for many offers: cells kept as they are left, a verdict each, two people at once, sending line by line."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from procurement.bargaining.models.offers import Offer
from procurement.bargaining.models.sheets import OfferSheetRow
from procurement.bargaining.queries import sheets as queries
from procurement.bargaining.services import sheet_sending as sheetsending
from procurement.bargaining.services import sheets
from procurement.bargaining.services.sheet_verdicts import Verdict, sheet_lines
from procurement.bargaining.services.sheets import Change
from sunlight import scope
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere
from sunlight.scope import Role
from tests.factories.catalog import listed
from tests.factories.many import generic, many_listed
from tests.factories.pricing import deal, priced
from tests.factories.procurement import agreed, offer
from tests.procurement.bargaining import act, counts, refusals


@pytest.fixture
def buyer(world, at):
    return world.actor("hospital", Role.HOSPITAL_BUYER)


@pytest.fixture
def sheet(buyer, at):
    return act(buyer, sheets.sheet_open, at, name="三月耗材")


def write(actor, sheet, at, position, version=0, group=None, **cells):
    return act(
        actor, sheets.sheet_row_write, at, sheet_id=sheet.id, position=position, change=Change(cells, version, group)
    )


def lines(actor, sheet, at, **more):
    with scope.opened(actor):
        return sheet_lines(actor=actor, at=at, sheet=queries.access_sheet(actor, sheet.id), **more)


def send(actor, sheet, at, **more):
    act(actor, sheetsending.sheet_send, at, sheet_id=sheet.id)
    return sheetsending.sheet_send_continue(actor=actor, at=at, sheet_id=sheet.id, **more)


def code_of(listing) -> str:
    return listing.price_group.generic_code


@pytest.mark.clause("SZ24-3.3c", "SZ24-3.4c", "GD25-2.2a", on="rule")
def test_each_line_is_told_why_by_the_rule_that_judges_the_offer(world, buyer, sheet, product, at):
    own = listed(world, "120", listed_on=date(2019, 1, 1))
    priced(world, own, {"320000": "100"}, at=at)
    agreed(world, own, price="90", at=at)
    write(buyer, sheet, at, 1, product=code_of(product), quantity="40 盒", price="99.5")
    write(buyer, sheet, at, 2, product=code_of(own), quantity="1,000", price="９５")
    write(buyer, sheet, at, 4, remark="待定")
    first, second, third, fourth = lines(buyer, sheet, at, upto=4)
    assert (first.verdict, str(first.judged.ceiling), first.amount_fen, first.described) == (
        Verdict.READY,
        "100.0000",
        19_900_000,
        "40 盒 = 2,000 个",
    )
    assert [(b.name, b.clause) for b in first.judged.bounds] == [
        ("alert_line", "SZ24-3.3c"),
        ("listed", "GD25-2.2a"),
    ]
    assert second.verdict is Verdict.BARRED
    assert [(r.clause, r.column) for r in second.remarks] == [("SZ24-3.4c", "price")]
    assert "本机构最新采购价 90.00 元" in second.remarks[0].text
    assert (str(second.suggestion.price), second.suggestion.clause) == ("90.0000", "")
    assert (third.verdict, third.version) == (Verdict.BLANK, 0)
    assert fourth.verdict is Verdict.FAULTY


@pytest.mark.clause("SZ24-3.3b", on="rule")
def test_where_a_price_stands_and_what_is_suggested(world, buyer, sheet, at):
    aided = listed(world, "150", listed_on=date(2019, 1, 1))
    for price in ("80", "90", "96"):
        deal(world, aided, price=price, quantity="10", on=at.date() - timedelta(days=30))
    priced(world, aided, {"320000": "100"}, at=at)
    write(buyer, sheet, at, 1, product=code_of(aided), quantity="1", price="95")
    (line,) = lines(buyer, sheet, at)
    assert (line.standing.segment, line.standing.colour) == (6, "yellow")
    assert (str(line.suggestion.price), line.suggestion.clause) == ("90.0000", "SZ24-3.3b")


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        ({"price": "abc"}, "price", "不是数字"),
        ({"price": "-5"}, "price", "不是数字"),
        ({"price": "99.12345"}, "price", "最多 4 位小数"),
        ({"price": ""}, "price", "请填写单价"),
        ({"quantity": "3 箱"}, "quantity", "不是本产品的单位"),
        ({"quantity": "0"}, "quantity", "必须大于 0"),
        ({"quantity": ""}, "quantity", "请填写数量"),
        ({"product": "没有的东西"}, "product", "没有找到可交易的产品"),
        ({"product": ""}, "product", "请填写产品"),
    ],
)
def test_a_cell_that_cannot_be_read_is_kept_and_marked(buyer, sheet, product, at, cells, column, words):
    row = write(buyer, sheet, at, 1, **({"product": code_of(product), "quantity": "5", "price": "99"} | cells))
    assert getattr(row, column) == cells[column]
    (line,) = lines(buyer, sheet, at)
    assert line.verdict is Verdict.FAULTY
    assert [(r.column, words in r.text) for r in line.remarks] == [(column, True)]


def test_products_are_known_by_code_number_and_name(world, buyer, sheet, product, at):
    other = listed(world, "90", name="唯一导管", listed_on=date(2019, 1, 1))
    twin = listed(world, "90", name="测试支架", listed_on=date(2019, 1, 1))
    with scope.opened(buyer):
        full = product.price_group.generic_code + "%"
        from catalog.models import NationalCode

        code = NationalCode.objects.get(code__startswith=full[:-1]).code
    for position, text in enumerate((f" {code.lower()} ", product.number, "唯一导管", "测试支架"), start=1):
        write(buyer, sheet, at, position, product=text)
    with scope.opened(buyer):
        groups = [row.price_group_id for row in queries.rows_of(sheet.id)]
    assert groups == [product.price_group_id, product.price_group_id, other.price_group_id, None]
    assert "对应 2 个挂网产品" in lines(buyer, sheet, at)[3].remarks[0].text
    chosen = write(buyer, sheet, at, 4, 1, group=twin.price_group_id)
    assert (chosen.product, chosen.price_group_id, chosen.version) == ("测试支架", twin.price_group_id, 2)
    with pytest.raises(Invalid, match="不能在本平台交易"):
        write(buyer, sheet, at, 5, group=10**9)


def test_what_stands_in_the_way_beside_the_price_is_told(world, buyer, sheet, product, at):
    waiting = offer(world, product, at=at)
    other = listed(world, "90", listed_on=date(2019, 1, 1))
    priced(world, other, at=at)
    for position, listing in ((1, product), (2, other), (3, other)):
        write(buyer, sheet, at, position, product=code_of(listing), quantity="5", price="80")
    first, second, third = lines(buyer, sheet, at)
    assert (first.verdict, waiting.number in first.remarks[0].text) == (Verdict.BARRED, True)
    assert second.verdict is Verdict.READY
    assert (third.verdict, third.remarks[0].text[:8]) == (Verdict.BARRED, "与第 2 行是同")


def test_the_second_of_two_people_sees_both_values_and_nothing_is_lost(world, buyer, sheet, product, at):
    colleague = world.actor("hospital", Role.HOSPITAL_BUYER, person="colleague")
    write(buyer, sheet, at, 1, product=code_of(product), price="99")
    write(colleague, sheet, at, 1, 1, price="98")
    with pytest.raises(Conflict) as told:
        write(buyer, sheet, at, 1, 1, price="97")
    assert told.value.facts | {"changed_at": None, "changed_by": None} == {
        "position": 1,
        "version": 2,
        "theirs": {"price": "98"},
        "yours": {"price": "97"},
        "changed_at": None,
        "changed_by": None,
    }
    assert told.value.facts["changed_by"] == colleague.user_name
    assert write(buyer, sheet, at, 1, 1, price="98").version == 2  # the same value is no conflict
    assert write(buyer, sheet, at, 1, 2, price="97").price == "97"
    assert refusals(world) == []


def test_writing_what_stands_there_changes_nothing(buyer, sheet, product, at):
    write(buyer, sheet, at, 1, product=code_of(product))
    assert write(buyer, sheet, at, 1, 1, product=code_of(product)).version == 1


def test_a_paste_of_three_hundred_lines_keeps_all_and_marks_the_three(world, buyer, sheet, at):
    many_listed(world.system, world.platform, world.maker, 300)
    pasted = [[generic(n), "1,200", f"{90 + n / 100:.2f}", f"第 {n} 行"] for n in range(300)]
    pasted[10][2], pasted[150][1], pasted[299][0] = "九十", "12 箱", "C000"
    text = "产品\t数量\t单价（元）\t备注\r\n" + "\r\n".join("\t".join(row) for row in pasted) + "\r\n"
    with scope.opened(buyer), CaptureQueriesContext(connection) as pasting:
        written = sheets.sheet_paste(
            actor=buyer, at=at, sheet_id=sheet.id, position=1, column="product", text=text, seen={}
        )
    assert (len(written.rows), written.clashes, written.left_out) == (300, [], 0)
    with CaptureQueriesContext(connection) as reading:
        found = lines(buyer, sheet, at)
    assert [line.position for line in found if line.verdict is not Verdict.READY] == [11, 151, 300]
    assert [line.cells[column][1:] for line, column in ((found[10], 2), (found[150], 1), (found[299], 0))] == [
        ("九十", True),
        ("12 箱", True),
        ("C000", True),
    ]
    assert found[0].row.quantity == "1,200"
    assert (str(found[0].quantity), found[298].row.remark) == ("1200.000", "第 298 行")
    with CaptureQueriesContext(connection) as reading_one:
        lines(buyer, sheet, at, positions={5, 300})
    assert len(reading) == len(reading_one)
    assert len(pasting) < 16


def test_a_paste_keeps_what_others_changed_and_leaves_out_what_has_no_place(world, buyer, sheet, product, at):
    write(buyer, sheet, at, 299, price="1")
    written = act(
        buyer,
        sheets.sheet_paste,
        at,
        sheet_id=sheet.id,
        position=298,
        column="price",
        text="10\n11\n12\n13\n14",
        seen={299: 0},
    )
    assert [row.position for row in written.rows] == [298, 300]
    assert [(c.position, c.theirs, c.yours) for c in written.clashes] == [(299, {"price": "1"}, {"price": "11"})]
    assert written.left_out == 2
    with pytest.raises(Invalid, match="没有单元格"):
        act(buyer, sheets.sheet_paste, at, sheet_id=sheet.id, position=1, column="price", text="\n", seen={})
    with pytest.raises(Invalid, match="1 至 300"):
        act(buyer, sheets.sheet_paste, at, sheet_id=sheet.id, position=301, column="price", text="1", seen={})


@pytest.mark.clause("SZ24-3.3c", on="trade")
def test_sending_makes_each_offer_once_and_keeps_the_refused_with_their_clause(world, buyer, sheet, product, at):
    other = listed(world, "90", listed_on=date(2019, 1, 1))
    priced(world, other, at=at)
    write(buyer, sheet, at, 1, product=code_of(product), quantity="40 盒", price="99.5")
    write(buyer, sheet, at, 2, product=code_of(other), quantity="5", price="100.01")
    write(buyer, sheet, at, 3, product="？", quantity="5", price="1")
    done = send(buyer, sheet, at)
    assert (done.made, done.refused, done.left) == (1, 2, 0)
    with scope.opened(buyer):
        first, second, third = queries.rows_of(sheet.id)
        assert (first.offer.price, first.offer.quantity, first.offer.state) == (99.5, 2000, "OPEN")
        assert Offer.objects.count() == 1
        assert queries.access_sheet(buyer, sheet.id).sending_at is None
    assert (second.answer["clauses"], second.price, second.offer_id) == (["SZ24-3.3c", "GD25-2.2a"], "100.01", None)
    assert third.answer["code"] == "product_unknown"
    assert [(r.service, r.code) for r in refusals(world)] == [("row_send", "above_alert_line")]
    assert [line.verdict for line in lines(buyer, sheet, at)] == [Verdict.SENT, Verdict.BARRED, Verdict.FAULTY]
    with pytest.raises(Conflict, match="已发送报价"):
        write(buyer, sheet, at, 1, 2, price="1")
    again = act(buyer, sheetsending.row_send, at, row_id=first.id)
    assert again.offer_id == first.offer_id
    write(buyer, sheet, at, 2, 1, price="80")
    assert send(buyer, sheet, at + timedelta(minutes=1)).made == 1


def test_a_sending_goes_on_where_it_was_broken_off_and_can_be_stopped(world, buyer, sheet, at):
    many_listed(world.system, world.platform, world.maker, 5)
    for n in range(5):
        write(buyer, sheet, at, n + 1, product=generic(n), quantity="1", price="90")
    assert send(buyer, sheet, at, limit=2).left == 3
    assert act(buyer, sheetsending.sheet_send, at, sheet_id=sheet.id) == 3
    assert sheetsending.sheet_send_continue(actor=buyer, at=at, sheet_id=sheet.id, limit=2).left == 1
    act(buyer, sheetsending.sheet_send_stop, at, sheet_id=sheet.id)
    assert sheetsending.sheet_send_continue(actor=buyer, at=at, sheet_id=sheet.id).made == 0
    with scope.opened(buyer):
        assert OfferSheetRow.objects.filter(sheet=sheet, offer__isnull=False).count() == 4


def test_a_closed_sheet_takes_nothing(buyer, sheet, product, at):
    write(buyer, sheet, at, 1, product=code_of(product))
    act(buyer, sheets.sheet_close, at, sheet_id=sheet.id)
    for refused in (
        lambda: write(buyer, sheet, at, 1, 1, price="1"),
        lambda: act(buyer, sheetsending.sheet_send, at, sheet_id=sheet.id),
        lambda: act(buyer, sheets.sheet_close, at, sheet_id=sheet.id),
    ):
        with pytest.raises(Conflict):
            refused()


def test_an_empty_sheet_sends_nothing(world, buyer, sheet, at):
    write(buyer, sheet, at, 1, remark="只有备注")
    before = counts(world)
    with pytest.raises(Invalid, match="没有可发送的行"):
        act(buyer, sheetsending.sheet_send, at, sheet_id=sheet.id)
    assert counts(world) == before


def test_a_sheet_is_its_hospitals_alone(world, buyer, sheet, product, at):
    write(buyer, sheet, at, 1, price="1")
    stranger = world.actor("other_hospital", Role.HOSPITAL_BUYER)
    maker = world.actor("maker", Role.SUPPLIER_SELLER)
    approver = world.actor("hospital", Role.HOSPITAL_APPROVER)
    with pytest.raises(NotThere):
        write(stranger, sheet, at, 1, 1, price="2")
    for actor in (maker, approver):
        with pytest.raises(Forbidden):
            write(actor, sheet, at, 1, 1, price="2")
    for actor in (stranger, maker):
        with scope.opened(actor):
            assert (queries.sheets_visible_to(actor).count(), OfferSheetRow.objects.count()) == (0, 0)


@pytest.mark.parametrize(("name", "months"), [("名" * 61, 12), ("", 0), ("", 37), ("", True)])
def test_a_sheet_has_a_name_and_a_term(buyer, at, name, months):
    with pytest.raises(Invalid):
        act(buyer, sheets.sheet_open, at, name=name, months=months)
