"""What is pasted into a sheet, and the price it suggests."""

from decimal import Decimal

import pytest

from procurement.bargaining.rules.pasting import LONGEST_PASTE, PasteError, is_heading, pasted_cells, plain_number
from procurement.bargaining.rules.suggesting import Suggestion, suggested_price


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("a\tb\nc\td", [["a", "b"], ["c", "d"]]),
        ("a\tb\r\nc\td\r\n\r\n", [["a", "b"], ["c", "d"]]),
        ("一\r二", [["一"], ["二"]]),
        ('"a\tb"\t"第一行\n第二行"', [["a b", "第一行 第二行"]]),
        ('"他说""好"""\t1', [['他说"好"', "1"]]),
        ('3.5"导管\t2', [['3.5"导管', "2"]]),
        ('3.5"导管\t2\n"x\ty', [['3.5"导管', "2"], ["x y"]]),
        ("\ta", [["", "a"]]),
        ("a\n\nb", [["a"], [], ["b"]]),
        (" a  b \x00", [["a b"]]),
        ("", []),
        ("\t\n\t", []),
        ("=1+1\t-2", [["=1+1", "-2"]]),
    ],
)
def test_cells_of_a_paste(text, rows):
    assert pasted_cells(text) == rows


def test_a_quote_nobody_closed_swallows_nothing():
    assert pasted_cells('a "\tb\nc\td') == [['a "', "b"], ["c", "d"]]


def test_more_than_a_sheet_holds_is_refused():
    with pytest.raises(PasteError, match="分次粘贴"):
        pasted_cells("x" * (LONGEST_PASTE + 1))


@pytest.mark.parametrize(
    ("cells", "first", "expected"),
    [
        (["产品", "数量", "单价", "备注"], 0, True),
        (["数量", "单价（元）"], 1, True),
        (["产品 编码", ""], 0, True),
        (["支架", "数量"], 0, False),
        (["数量"], 0, False),
        ([], 0, False),
    ],
)
def test_headings_are_known_where_they_lie(cells, first, expected):
    assert is_heading(cells, first) is expected


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("１２３．５", "123.5"),
        ("1,234.50", "1234.50"),
        ("１，２３４", "1234"),
        ("1 234 567", "1234567"),
        ("￥98.5", "98.5"),
        ("98.5 元", "98.5"),
        ("1,200 盒", "1200 盒"),
        ("40盒", "40盒"),
        ("1,23", "1,23"),
        ("12,34,567", "12,34,567"),
        ("-5", "-5"),
        ("1e3", "1e3"),
        ("", ""),
    ],
)
def test_numbers_as_spreadsheets_write_them(typed, plain):
    assert plain_number(typed) == plain


LINES = [Decimal(n) for n in (80, 82, 84, 86, 88, 90, 92, 94, 96, 98)]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (
            {"ceiling": Decimal(100), "boundaries": LINES, "median": Decimal(85)},
            Suggestion(Decimal(86), "绿区上沿（按数量加权的中位价）", "SZ24-3.3b"),
        ),
        (
            {"ceiling": Decimal(84), "boundaries": LINES, "median": None},
            Suggestion(Decimal(84), "绿区上沿（按数量加权的中位价）高于最低上限，取最低上限"),
        ),
        (
            {"ceiling": None, "boundaries": [], "median": Decimal(85)},
            Suggestion(Decimal(85), "近十二个月中位价", "SZ24-3.3a"),
        ),
        (
            {"ceiling": Decimal(100), "boundaries": [], "median": None},
            Suggestion(Decimal(100), "没有成交可参考，取最低上限"),
        ),
        ({"ceiling": None, "boundaries": [], "median": None}, None),
    ],
)
def test_the_suggested_price(facts, expected):
    assert suggested_price(**facts) == expected
