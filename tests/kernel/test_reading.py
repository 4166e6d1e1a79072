"""Typed input: each reader's value or its one refusal."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from sunlight.journal.refusals import Invalid, invalid_of
from sunlight.kernel.reading import (
    Collected,
    Unreadable,
    day,
    possible_id,
    price,
    quantity,
    reason,
    row_id,
    text,
    whole,
)


def fault(reader, *args, **more) -> tuple[str, str]:
    with pytest.raises(Unreadable) as caught:
        reader(*args, **more)
    return caught.value.code, caught.value.field


def note(typed, **more):
    return text(typed, "note", "说明", most=5, **more)


def test_text_is_stripped_and_loses_what_nobody_sees():
    assert note("  一二\u200b\ufeff三 ") == "一二三"
    assert note("a\r\nb") == "a\nb"
    assert note(" ", required=False) == note(None, required=False) == note("\u200b", required=False) == ""
    assert note("一" * 5) == "一" * 5, "the limit itself"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (None, "missing"),
        ("", "missing"),
        (" \n\u200b", "missing"),
        ("一" * 6, "too_long"),
        ("a\x00b", "invalid"),
        ("a\x07", "invalid"),
        ("\ud800", "invalid"),
        (5, "invalid"),
        (True, "invalid"),
        (["a"], "invalid"),
    ],
)
def test_text_is_refused_and_never_cut(typed, code):
    assert fault(note, typed) == (code, "note")


def test_a_refusal_names_field_limit_and_way_out():
    with pytest.raises(Unreadable) as long:
        reason("x" * 301, label="驳回原因", most=300)
    assert long.value.message == "驳回原因有 301 个字，不能超过 300 个字，请缩短。"
    with pytest.raises(Unreadable) as missing:
        reason("", way_out="，原因将保存在订单中")
    assert (missing.value.code, missing.value.message) == (
        "reason_missing",
        "请填写原因（500 字以内），原因将保存在订单中。",
    )
    assert fault(note, "", missing="name_missing") == ("name_missing", "note")


def test_days_are_iso_and_days_pass():
    day_, made = date(2026, 8, 31), {"field": "made_on", "label": "生产日期"}
    assert day(day_, **made) == day("2026-08-31", **made) == day(" ２０２６-08-31 ", **made) == day_
    assert day(None, **made, required=False) is day(" ", **made, required=False) is None
    assert fault(day, "", **made) == fault(day, None, **made) == ("missing", "made_on")


@pytest.mark.parametrize(
    "typed",
    [
        "2026-02-30",
        "20260831",
        "2026-W35-1",
        "31.8.2026",
        "x",
        "x" * 10**6,
        "\x00",
        20260831,
        True,
        datetime(2026, 8, 31),  # noqa: DTZ001 - a moment, not a day
    ],
)
def test_what_is_no_day_is_refused(typed):
    assert fault(day, typed, "made_on", "生产日期") == ("bad_date", "made_on")


def test_ids_are_whole_numbers_of_the_database():
    line = {"field": "line", "label": "订单行"}
    assert row_id(7, **line) == row_id("7", **line) == row_id(" 007 ", **line) == 7
    assert row_id(2**63 - 1, **line) == row_id(str(2**63 - 1), **line) == 2**63 - 1
    assert row_id("", **line, required=False) is None
    assert fault(row_id, "", **line) == ("missing", "line")
    for typed in (0, -1, 2**63, str(2**63), "9" * 40, "9" * 5000):
        assert row_id(typed, **line) == -1, typed
    for typed in ("x", "1.0", "-1", "²", "1\x00", True, 1.0, [1]):
        assert fault(row_id, typed, **line) == ("invalid", "line"), typed
    assert [possible_id(each) for each in (5, 0, 2**63, True, "5", None)] == [5, -1, -1, -1, -1, -1]


def test_numbers_are_read_by_the_money_parser():
    assert (price("１２.5"), quantity(" 3 ")) == (Decimal("12.5000"), Decimal("3.000"))
    assert fault(price, "1e3", "price") == ("malformed", "price")
    assert fault(quantity, "0", "lines[0].quantity") == ("zero", "lines[0].quantity")
    assert fault(quantity, "", "quantity") == ("malformed", "quantity")
    with pytest.raises(Unreadable) as caught:
        price("1\x00\ud800x")
    assert "\x00" not in caught.value.message and caught.value.message.encode()


def test_whole_numbers_have_bounds():
    months = {"field": "months", "label": "期限", "least": 1, "most": 36}
    assert whole(" 12 ", **months) == whole(12, **months) == 12
    for typed in ("0", 37, True, 1.0, "x", "", None, "9" * 30, "１２"):
        assert fault(whole, typed, **months) == ("invalid", "months"), typed


def test_several_faults_are_refused_at_once():
    read = Collected()
    assert read(text, "x", "lot", "批号", most=60) == "x"
    assert read(day, "x", "made_on", "生产日期") is None
    assert read(row_id, "x", "line", "订单行") is None
    with pytest.raises(Unreadable) as caught:
        read.check()
    refusal = invalid_of(caught.value)
    assert isinstance(refusal, Invalid) and (refusal.code, refusal.field) == ("bad_date", "made_on")
    assert [(each["code"], each["field"]) for each in refusal.items] == [("bad_date", "made_on"), ("invalid", "line")]


def test_one_fault_has_no_list():
    read = Collected()
    read(day, "x", "made_on", "生产日期")
    with pytest.raises(Unreadable) as caught:
        read.check()
    assert invalid_of(caught.value).items == []
