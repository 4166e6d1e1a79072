import pytest

from catalog.models import NationalCode
from catalog.services.release_rows import FULL
from catalog.services.releases import national_release_import
from sunlight import scope
from sunlight.demo.files import national_release as sample
from sunlight.journal.models import Refusal
from sunlight.journal.refusals import Forbidden, Invalid
from sunlight.scope import Role
from sunlight.sheets import queries
from sunlight.sheets.writing import csv_bytes, xlsx_bytes

GOOD = sample.products(8)[0].rows


def take(world, content, name="目录.csv", actor=None):
    actor = actor or world.actor("operator", Role.OPERATOR_REVIEWER)
    with scope.opened(actor):
        run = national_release_import(actor=actor, at=scope.now(), name=name, content=content)
        return run, list(queries.refused_rows(run))


def full(*changes):
    """A full sheet: the sample's first rows, each with changes."""
    rows = [GOOD[i] | change for i, change in enumerate(changes)]
    return csv_bytes(FULL.headings, [[row[h] for h in FULL.headings] for row in rows])


def codes(world, **where):
    with scope.opened(world.system):
        return list(NationalCode.objects.filter(**where).order_by("code"))


def counts(run):
    return run.rows_total, run.rows_taken, run.rows_unchanged, run.rows_refused


@pytest.mark.clause("SZ20-5.1.1", on="rule")
@pytest.mark.parametrize("form", ["full_csv", "full_workbook"])
def test_sample_release_is_taken_and_taken_again_unchanged(world, form):
    content = getattr(sample, form)(40)
    run, refused = take(world, content)
    # 40 good, 3 quirky; the last good row is contradicted by a planted one: both refused; 5 more bad ones.
    assert counts(run) == (49, 39, 3, 7)
    assert run.kind == "catalog.full"
    assert [r.code for r in refused] == [
        "duplicate_contradicts",
        "code_not_full",
        "code_malformed",
        "duplicate_contradicts",
        "value_missing",
        "generic_code_differs",
        "unknown_value",
    ]
    assert counts(take(world, content)[0]) == (49, 0, 42, 7)
    first = codes(world, code=GOOD[0]["27位码"])[0]
    assert first.category_1 == "02-血管介入治疗类材料"
    assert first.generic_code == GOOD[0]["20位码"]
    assert (first.product_name, first.producer_name) == ("药物洗脱冠脉支架系统", "示范医疗器械有限公司")
    assert "ywxtgmzjxt" in first.search_text and first.initials == "ywxtgmzjxt"


@pytest.mark.clause("SZ24-3.1a", "SZ24-3.7", on="rule")
@pytest.mark.parametrize(
    ("typed", "code", "clause"),
    [
        (GOOD[0]["20位码"], "code_not_full", "SZ24-3.7"),
        (GOOD[0]["27位码"][:-1], "code_malformed", "SZ20-5.1.1"),
        ("X" + GOOD[0]["27位码"][1:], "code_malformed", "SZ20-5.1.1"),
        ("", "code_missing", ""),
        ("=1+1", "code_malformed", "SZ20-5.1.1"),
    ],
)
def test_bad_code_refuses_the_row_with_clause_and_takes_the_rest(world, typed, code, clause):
    run, refused = take(
        world,
        xlsx_bytes(
            FULL.headings,
            [
                [(GOOD[0] | {"27位码": typed, "原27位码": ""})[h] for h in FULL.headings],
                [GOOD[1][h] for h in FULL.headings],
            ],
        ),
    )
    assert counts(run) == (2, 1, 0, 1)
    assert [(r.row_number, r.column, r.code, r.clause) for r in refused] == [(2, "27位码", code, clause)]
    assert [c.code for c in codes(world)] == [GOOD[1]["27位码"]]


def test_full_width_and_lower_case_codes_are_normalised(world):
    wide = "".join(chr(ord(c) + 0xFEE0) for c in GOOD[0]["27位码"].lower())
    run, _ = take(world, full({"27位码": f" {wide} ", "原27位码": "", "UDI": ""}))
    assert counts(run) == (1, 1, 0, 0)
    assert [c.code for c in codes(world)] == [GOOD[0]["27位码"]]


def test_contradicting_rows_of_a_code_are_both_refused_with_both_numbers(world):
    same = {"27位码": GOOD[0]["27位码"], "原27位码": GOOD[0]["27位码"]}
    run, refused = take(world, full({}, same | {"单件产品名称": "另一产品"}))
    assert counts(run) == (2, 0, 0, 2)
    assert [r.row_number for r in refused] == [2, 3]
    assert all("第 2、3 行" in r.message for r in refused)
    assert codes(world) == []


def test_changed_row_is_taken_and_very_long_specification_kept(world):
    take(world, full({}))
    run, _ = take(world, full({"规格": "长" * 30_000}))
    assert counts(run) == (1, 1, 0, 0)
    assert codes(world)[0].specification == "长" * 30_000


def test_disabled_sheet_retires_once_and_later_full_release_does_not_revive(world):
    take(world, full({}, {}))
    code = GOOD[0]["27位码"]
    sheet = csv_bytes(("27位码", "原码状态"), [[code, "停用"], [code, "停用"], ["C" + "9" * 26, "停用"]])
    run, refused = take(world, sheet)
    assert (run.kind, *counts(run)) == ("catalog.disabled", 3, 1, 1, 1)
    assert (refused[0].code, refused[0].row_number) == ("code_unknown", 4)
    assert [c.is_retired for c in codes(world)] == [True, False]
    assert counts(take(world, full({}, {}))[0]) == (2, 0, 2, 0)
    assert [c.is_retired for c in codes(world)] == [True, False]


@pytest.mark.parametrize("kind", ["变更", "映射"])
def test_transcode_sheet_retires_the_old_and_names_its_successor(world, kind):
    take(world, full({}, {}))
    known, new = GOOD[0]["27位码"], GOOD[1]["27位码"]
    gone = f"{GOOD[0]['20位码']}7777777"
    rows = [[known, "停用", new, kind], [gone, "停用", new, kind], [new, "停用", new, kind]]
    run, refused = take(world, csv_bytes(("原27位码", "原码状态", "27位码", "类型"), rows))
    assert (run.kind, *counts(run)) == ("catalog.transcode", 3, 2, 0, 1)
    assert refused[0].code == "code_replaces_itself"
    assert [(c.code, c.is_retired, c.replaced_by) for c in codes(world)] == [
        (known, True, new),
        (new, False, ""),
        (gone, True, new),
    ]
    assert codes(world, code=gone)[0].product_name == GOOD[1]["单件产品名称"]


def test_changed_code_in_full_release_retires_the_old_one(world):
    take(world, full({}))
    old, new = GOOD[0]["27位码"], GOOD[1]["27位码"]
    run, _ = take(world, full({"原27位码": old, "原码状态": "停用", "27位码": new, "类型": "变更", "20位码": ""}))
    assert counts(run) == (1, 1, 0, 0)
    assert [(c.code, c.is_retired, c.replaced_by) for c in codes(world)] == [(old, True, new), (new, False, "")]


def test_sample_sheets_of_disabled_and_replaced_codes_are_taken(world):
    take(world, sample.full_csv(400, planted=False))
    assert counts(take(world, sample.disabled_workbook(400))[0]) == (7, 5, 1, 1)
    run, _ = take(world, sample.transcode_workbook(400))
    assert (run.rows_taken, run.rows_refused) == (3, 0)


@pytest.mark.parametrize(
    ("key", "role"),
    [
        ("maker", Role.SUPPLIER_LISTER),
        ("hospital", Role.HOSPITAL_BUYER),
        ("operator", Role.OPERATOR_SETTLER),
        ("regulator", Role.REGULATOR_OFFICER),
    ],
)
def test_nobody_but_the_operator_imports(world, key, role):
    with pytest.raises(Forbidden):
        take(world, full({}), actor=world.actor(key, role))
    assert codes(world) == []
    with scope.opened(world.system):
        assert Refusal.objects.get().code == "not_your_duty"


def test_file_with_other_headings_leaves_nothing(world):
    with pytest.raises(Invalid) as wrong:
        take(world, "编码,价格\nC1,2\n".encode())
    assert wrong.value.code == "other_headings"
    with scope.opened(world.system):
        assert not Refusal.objects.exists()
        assert queries.runs_visible_to(world.system).count() == 0


def test_samples_are_deterministic():
    assert sample.full_csv(60) == sample.full_csv(60)
    assert sample.full_workbook(60) == sample.full_workbook(60)
    assert len({row["27位码"] for p in sample.products(2_000) for row in p.rows}) == 2_000
