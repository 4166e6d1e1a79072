"""When a declared price can be compared: province, price, unit, dates, evidence (SZ24-3.2a); the commitment's text (SZ24-3.2b)."""

from datetime import date
from decimal import Decimal

import pytest

from pricing.rules.commitment import COMMITMENTS, CURRENT_VERSION, commitment_text, rows_sha256
from pricing.rules.comparison import RowRefused, compared_row
from pricing.rules.provinces import PROVINCES, province_code, province_of_region
from sunlight.kernel.units import Pack, Units

TODAY = date(2026, 3, 2)
UNITS = Units("个", (Pack("盒", 50), Pack("箱", 600)))
GOOD = {
    "province": "江苏",
    "price": "5001",
    "unit": "盒",
    "valid_from": "2026-01-01",
    "valid_to": "",
    "platform_name": "江苏省药品（医用耗材）阳光采购平台",
    "evidence": "苏药采〔2026〕1 号",
}


def compared(**changes):
    return compared_row(GOOD | changes, units=UNITS, own_province="440000", today=TODAY)


def codes(**changes):
    with pytest.raises(RowRefused) as refused:
        compared(**changes)
    return [(fault.field, fault.code) for fault in refused.value.faults]


@pytest.mark.clause("SZ24-3.2a", on="rule")
def test_a_pack_price_is_converted_by_its_factor():
    row = compared()
    assert (row.province, row.stated_price, row.stated_unit, row.factor) == ("320000", Decimal("5001.0000"), "盒", 50)
    assert row.price == Decimal("100.0200")
    assert (row.valid_from, row.valid_to) == (date(2026, 1, 1), None)


@pytest.mark.clause("SZ24-3.2a", on="rule")
def test_a_converted_price_is_rounded_half_up_to_four_decimals():
    assert compared(price="0.0325", unit="箱").price == Decimal("0.0001")  # 0.0000541…
    assert compared(price="0.03", unit="箱").price == Decimal("0.0001")  # 0.00005 exactly
    assert codes(price="0.0299", unit="箱") == [("price", "too_small")]


def test_the_pricing_unit_stands_where_no_unit_is_given():
    assert (compared(unit="", price="7").factor, compared(unit="", price="7").price) == (1, Decimal("7.0000"))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"province": "999999"}, ("province", "unknown_province")),
        ({"province": ""}, ("province", "unknown_province")),
        ({"province": "440300"}, ("province", "unknown_province")),
        ({"province": "广东省"}, ("province", "own_province")),
        ({"price": "1.23456"}, ("price", "too_many_decimals")),
        ({"price": "NaN"}, ("price", "malformed")),
        ({"price": float("nan")}, ("price", "malformed")),
        ({"price": "-1"}, ("price", "malformed")),
        ({"price": "1e3"}, ("price", "malformed")),
        ({"price": "0"}, ("price", "zero")),
        ({"price": "1000000000000000"}, ("price", "too_large")),
        ({"price": None}, ("price", "malformed")),
        ({"price": ["1"]}, ("price", "malformed")),
        ({"unit": "支"}, ("unit", "unknown_unit")),
        ({"factor": "100"}, ("factor", "other_factor")),
        ({"valid_from": ""}, ("valid_from", "missing")),
        ({"valid_from": "2026-02-30"}, ("valid_from", "bad_date")),
        ({"valid_from": "昨天"}, ("valid_from", "bad_date")),
        ({"valid_from": "1999-12-31"}, ("valid_from", "out_of_range")),
        ({"valid_to": "2100-01-01"}, ("valid_to", "out_of_range")),
        ({"valid_from": "2026-03-03"}, ("valid_from", "not_yet_valid")),
        ({"valid_to": "2026-03-01"}, ("valid_to", "no_longer_valid")),
        ({"valid_to": "2025-12-31"}, ("valid_to", "ends_before_it_begins")),
        ({"evidence": " "}, ("evidence", "missing")),
        ({"evidence": "长" * 301}, ("evidence", "too_long")),
        ({"evidence": "a\x00b"}, ("evidence", "invalid")),
    ],
)
@pytest.mark.clause("SZ24-3.2a", on="rule")
def test_a_row_that_cannot_be_compared_is_refused(change, expected):
    assert codes(**change) == [expected]


def test_every_fault_of_a_row_is_named():
    assert codes(province="火星", price="0", unit="支", evidence="") == [
        ("province", "unknown_province"),
        ("price", "zero"),
        ("unit", "unknown_unit"),
        ("evidence", "missing"),
    ]


def test_today_is_in_time_on_both_ends():
    row = compared(valid_from="2026/3/2", valid_to="2026年3月2日")
    assert (row.valid_from, row.valid_to) == (TODAY, TODAY)


def test_the_factor_may_be_stated_as_it_is():
    assert compared(factor="50").factor == 50


@pytest.mark.parametrize("typed", ["320000", "江苏", "江苏省", " 江苏省 "])
def test_provinces_are_known_by_code_and_name(typed):
    assert province_code(typed) == "320000"


def test_regions_lie_in_their_provinces():
    assert [province_of_region(r) for r in ("CN-GD-SZ", "CN-GD", "CN-JS-NJ", "CN")] == [
        "440000",
        "440000",
        "320000",
        "",
    ]
    assert [province_code(f"{name}{end}") for name, end in (("广西", "壮族自治区"), ("北京", "市"))] == [
        "450000",
        "110000",
    ]
    assert len(PROVINCES) == 34


@pytest.mark.clause("SZ24-3.2b", on="rule")
def test_the_commitment_names_who_what_when_and_the_data():
    rows = [compared(), compared(province="110000", price="6000")]
    text = commitment_text(
        CURRENT_VERSION, manufacturer="甲公司", credit_code="X", price_group="支架", region="深圳", on=TODAY, rows=rows
    )
    assert COMMITMENTS[CURRENT_VERSION] in text
    assert all(word in text for word in ("甲公司", "支架", "深圳", "2026-03-02", rows_sha256(rows)))
    assert all(word in COMMITMENTS[CURRENT_VERSION] for word in ("真实", "有效", "合法"))
    assert rows_sha256(rows) == rows_sha256(rows[::-1])
    assert rows_sha256(rows) != rows_sha256(rows[:1])
