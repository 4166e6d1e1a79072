"""What becomes of a row of the release: each good one is kept as it is written, each bad one is refused by a column."""

from dataclasses import asdict
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.models import StagedCode
from catalog.queries.codes import pairs_of
from catalog.services import release_sql
from catalog.services.release_rows import FULL, full_row
from sunlight import scope
from sunlight.acts import current_policy
from sunlight.demo.files import large_release, national_release
from sunlight.journal.refusals import Invalid
from sunlight.sheets.models import ImportRun
from sunlight.sheets.reading import row_of

LAW = current_policy().law(region="CN-GD-SZ", on=date(2026, 11, 22), drafts="warn")
HEADINGS = list(FULL.headings)
GOOD = [[row[h] for h in HEADINGS] for row in large_release.release_rows(24)]
KEPT_AS_WRITTEN = {
    "单件产品名称": "product_name",
    "耗材企业": "producer_name",
    "规格": "specification",
    "型号": "model",
}
ODD = st.sampled_from(
    [
        "",
        " ",
        "　",
        "停用",
        "保留",
        "映射",
        "变更",
        "待定",
        "－",
        "２.５×１５",
        "=1+1",
        "\x1f",
        "\x1e",
        "a\nb",
        "\x00",
        "C0101010010100104744",
        "C01010100101001047440000001",
        "c０1010100101001047440000001",
        "x" * 41,
        "é",
        "①",
        " A b ",
    ]
)


def read(cells, number=2):
    return full_row(row_of(number, [cell.strip() for cell in cells], HEADINGS), LAW)


def changed(**cells):
    """The first good row with other cells."""
    return [cells.get(heading, cell) for heading, cell in zip(HEADINGS, GOOD[0], strict=True)]


def test_good_rows_are_read_as_they_are_written():
    for number, cells in enumerate(GOOD, start=2):
        row, written = read(cells, number), dict(zip(HEADINGS, cells, strict=True))
        assert (row.row_number, row.code, row.generic_code) == (number, written["27位码"], written["20位码"])
        assert (row.kind, row.is_retired, row.old_code) == ("consumable", False, "")
        assert {h: getattr(row, name) for h, name in KEPT_AS_WRITTEN.items()} == {
            h: written[h] for h in KEPT_AS_WRITTEN
        }
        assert row.registration_number == written["注册备案号"] and row.goods_id == written["GOODS_ID"]


def test_search_finds_names_certificate_specification_model_and_initials():
    row = read(
        changed(
            单件产品名称="示范支架 A1",
            医保通用名="支架",
            耗材企业="样例公司",
            注册备案号="国械注准1",
            规格="２.５",
            型号="M",
        )
    )
    assert row.search_text == "示范支架 a1 支架 样例公司 国械注准1 2.5 m sfzja1 ylgs"
    assert set(row.search_pairs) == pairs_of(row.search_text)
    assert row.initials == "sfzja1"


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 23), st.dictionaries(st.integers(0, 20), ODD, max_size=4))
def test_any_row_is_read_or_refused_by_one_of_its_columns(at, changes):
    cells = [changes.get(place, cell) for place, cell in enumerate(GOOD[at])]
    line = row_of(99, [cell.strip() for cell in cells], HEADINGS)
    assert bool(line.fault) == ("\x00" in "".join(cells))
    try:
        row = full_row(line, LAW)
    except Invalid as wrong:
        assert wrong.field in HEADINGS
        return
    assert (len(row.code), row.kind) in ((27, "consumable"), (22, "reagent"))
    assert row.product_name and row.producer_name and row.old_code != row.code
    assert set(row.search_pairs) == pairs_of(row.search_text)


@pytest.mark.django_db
def test_what_is_staged_is_what_was_read(world):
    odd = ["2\x1f5\x1ex", 'a\n"b"\\c\td', "'; --", "🩹 x", "{}[],null"]
    rows = [read(changed(规格=text), number) for number, text in enumerate(odd, start=2)]
    assert [row.specification for row in rows] == odd
    with scope.opened(world.system):
        release_sql.stage(ImportRun(id=7, platform_id=world.platform.id), 3, rows)
        staged = StagedCode.objects.filter(run_id=7, chunk=3, verdict=release_sql.GOOD).order_by("row_number")
        assert [row | {"search_pairs": tuple(row["search_pairs"])} for row in staged.values(*release_sql.STAGED)] == [
            asdict(row) for row in rows
        ]


@pytest.mark.parametrize("count", [13, 500])
def test_planted_faults_are_of_twelve_kinds(count):
    found = large_release.faults_of(20_000, count)
    assert len(found) == count
    assert len(set(found.values())) == large_release.KINDS == 12


def test_the_generator_makes_the_sample_release_s_rows():
    rows = [row for product in national_release.products(40) for row in product.rows]
    assert list(large_release.release_rows(40)) == rows
