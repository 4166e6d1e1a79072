"""The fast lane gives what the slow way gives, row for row, and leaves to it what it does not know."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.services.release_lane import FIELD, LINE, Lane, staged_line
from catalog.services.release_rows import FULL, full_row
from sunlight.acts import current_policy
from sunlight.demo.files import large_release, national_release
from sunlight.journal.refusals import Invalid

LAW = current_policy().law(region="CN-GD-SZ", on=date(2026, 11, 22), drafts="warn")
HEADINGS = list(FULL.headings)
GOOD = [[row[h] for h in HEADINGS] for row in large_release.release_rows(24)]
ODD = st.sampled_from(
    ["", " ", "　", "停用", "保留", "映射", "变更", "待定", "－", "２.５×１５", "=1+1", "\x1f", "\x1e", "a\nb", "\x00",
     "C0101010010100104744", "C01010100101001047440000001", "c０1010100101001047440000001", "x" * 41, "é", "①", " A b "]
)  # fmt: skip


def slowly(number, cells):
    """What the slow way says: the staged line, or the refusal's code."""
    row = Lane(HEADINGS, LAW).row(number, cells)
    if row.fault:
        return "row_broken"
    try:
        return staged_line(full_row(row, LAW), number)
    except Invalid as wrong:
        return wrong.code, wrong.field


def by_lane(lane, number, cells):
    try:
        return lane.take(number, cells)
    except Invalid as wrong:
        return "row_broken" if wrong.code == "row_broken" else (wrong.code, wrong.field)


def test_good_rows_go_fast_and_come_out_the_same():
    lane = Lane(HEADINGS, LAW)
    for number, cells in enumerate(GOOD, start=2):
        expected = slowly(number, cells)
        assert lane.take(number, cells) == expected
        assert lane._fast(number, cells) == expected  # known by now


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 23), st.dictionaries(st.integers(0, 20), ODD, max_size=4))
def test_any_row_comes_out_as_by_the_slow_way(at, changes):
    lane = Lane(HEADINGS, LAW)
    for number, cells in enumerate(GOOD, start=2):
        lane.take(number, cells)
    cells = [changes.get(place, cell) for place, cell in enumerate(GOOD[at])]
    assert by_lane(lane, 99, cells) == slowly(99, cells)
    assert by_lane(lane, 99, cells) == slowly(99, cells)  # and again, with what was remembered of it


def test_separators_inside_a_cell_become_blanks():
    cells = [*GOOD[0]]
    cells[HEADINGS.index("规格")] = f"2{FIELD}5{LINE}x"
    line = Lane(HEADINGS, LAW).take(2, cells)
    assert line.count(FIELD) == 23 and LINE not in line and f"{FIELD}2 5 x{FIELD}" in line


@pytest.mark.parametrize("count", [13, 500])
def test_planted_faults_are_of_twelve_kinds(count):
    found = large_release.faults_of(20_000, count)
    assert len(found) == count
    assert len(set(found.values())) == large_release.KINDS == 12


def test_the_generator_makes_the_sample_release_s_rows():
    rows = [row for product in national_release.products(40) for row in product.rows]
    assert list(large_release.release_rows(40)) == rows
