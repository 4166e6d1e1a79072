"""A fifteen-province price list: good rows declared, bad rows kept with their reasons, the same file twice (SZ24-3.2a)."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from catalog.models import ListedSpecification, NationalCode
from pricing.models import Declaration, DeclaredPrice
from pricing.services.price_lists import price_list_import
from sunlight import scope
from sunlight.demo.files.price_list import BAD_ROWS, HEADINGS, PROVINCES, Product, price_list
from sunlight.files.models import StoredFile
from sunlight.journal.models import Event, Refusal
from sunlight.journal.refusals import Forbidden, Invalid
from sunlight.scope import Role
from sunlight.sheets.models import ImportRun, RefusedRow
from sunlight.sheets.writing import csv_bytes
from tests.factories.catalog import listed

AT = datetime(2026, 3, 2, 2, tzinfo=UTC)
DAY = date(2026, 3, 2)


@pytest.fixture
def lister(world):
    return world.actor("maker", Role.SUPPLIER_LISTER)


@pytest.fixture
def listing(world):
    return listed(world)


def take(actor, content, *, name="价格表.csv", at=AT, commits=True):
    with scope.opened(actor):
        return price_list_import(actor=actor, at=at, name=name, content=content, commits=commits)


def kept(world, model, **where):
    with scope.opened(world.system):
        return list(model.objects.filter(**where).order_by("id"))


def code_of(world, listing):
    with scope.opened(world.system):
        return ListedSpecification.objects.filter(listing=listing).order_by("id").first().national_code.code


def product(world, listing, **more):
    return Product(
        code=code_of(world, listing),
        registration_number=listing.price_group.certificate.number,
        unit="个",
        price=Decimal("100"),
        pack=("盒", 50),
        **more,
    )


def row(world, listing, **cells):
    good = {
        "省份": "江苏",
        "平台名称": "江苏省平台",
        "27位码": code_of(world, listing),
        "20位码": "",
        "注册备案号": listing.price_group.certificate.number,
        "计价单位": "盒",
        "挂网价": "5000",
        "生效日期": "2026/1/1",
        "截止日期": "",
        "依据": "苏采 1 号",
    }
    return list((good | cells).values())


@pytest.mark.clause("SZ24-3.2a", "SZ24-3.2b", on="rule")
def test_a_list_becomes_one_declaration_a_price_group(world, lister, listing):
    other = listed(world, name="测试导管")
    content = price_list([product(world, listing), product(world, other)], on=DAY)
    run = take(lister, content)
    assert (run.state, run.rows_total, run.rows_taken, run.rows_unchanged, run.rows_refused) == ("DONE", 35, 30, 0, 5)
    assert [(r.row_number, r.code) for r in kept(world, RefusedRow)] == list(enumerate(BAD_ROWS, start=32))
    declarations = kept(world, Declaration)
    assert {d.price_group_id for d in declarations} == {listing.price_group_id, other.price_group_id}
    assert {(d.state, d.import_run_id) for d in declarations} == {("SUBMITTED", run.id)}
    assert all("真实、有效、合法" in d.commitment_text and len(d.commitment_sha256) == 64 for d in declarations)
    prices = kept(world, DeclaredPrice, declaration=declarations[0])
    assert sorted(p.province for p in prices) == sorted(
        [
            "110000",
            "120000",
            "130000",
            "310000",
            "320000",
            "330000",
            "340000",
            "350000",
            "360000",
            "370000",
            "410000",
            "420000",
            "430000",
            "500000",
            "510000",
        ]
    )
    by_pack = [p for p in prices if p.stated_unit == "盒"]
    assert len(by_pack) == 3
    assert all(p.factor == 50 and p.price * 50 == p.stated_price for p in by_pack)
    assert all(Decimal("96") <= p.price <= Decimal("118") for p in prices)
    assert [e.subject_id for e in kept(world, Event, name="declaration_submitted")] == [d.id for d in declarations]


def test_the_demonstrations_list_is_the_same_every_time(world, listing):
    given = [product(world, listing)]
    assert price_list(given, on=DAY) == price_list(given, on=DAY)
    assert len(PROVINCES) == 15
    assert price_list(given, on=DAY, bad_rows=False).decode("utf-8-sig").count("\r\n") == 16


def test_a_file_sent_twice_declares_nothing_twice(world, lister, listing):
    content = price_list([product(world, listing)], on=DAY, bad_rows=False)
    take(lister, content)
    again = take(lister, content)
    assert (again.rows_taken, again.rows_unchanged, again.rows_refused) == (0, 15, 0)
    assert len(kept(world, Declaration)) == 1
    changed = take(lister, content.replace("江苏平台公告".encode(), "江苏新公告".encode()))
    assert (changed.rows_taken, changed.rows_unchanged) == (1, 14)


@pytest.mark.clause("SZ24-3.2a", on="rule")
@pytest.mark.parametrize(
    ("cells", "column", "code", "clause"),
    [
        ({"省份": "火星"}, "省份", "unknown_province", ""),
        ({"省份": "440000"}, "省份", "own_province", "SZ24-3.2a"),
        ({"挂网价": "1.23456"}, "挂网价", "too_many_decimals", ""),
        ({"挂网价": "NaN"}, "挂网价", "malformed", ""),
        ({"挂网价": "1000000000000000"}, "挂网价", "too_large", ""),
        ({"挂网价": "0"}, "挂网价", "zero", ""),
        ({"挂网价": ""}, "挂网价", "malformed", ""),
        ({"计价单位": "支"}, "计价单位", "unknown_unit", ""),
        ({"生效日期": "1999-01-01"}, "生效日期", "out_of_range", ""),
        ({"生效日期": "2026-03-03"}, "生效日期", "not_yet_valid", "SZ24-3.2a"),
        ({"截止日期": "2026-03-01"}, "截止日期", "no_longer_valid", "SZ24-3.2a"),
        ({"依据": ""}, "依据", "missing", ""),
        ({"注册备案号": "国械注准20990000000"}, "注册备案号", "other_certificate", ""),
        ({"27位码": "C02"}, "27位码", "bad_code", ""),
        ({"27位码": ""}, "20位码", "bad_code", ""),
        ({"27位码": "C" + "9" * 26}, "27位码", "unknown_code", "SZ20-5.1.1"),
        ({"27位码": "", "20位码": "C" + "9" * 19}, "20位码", "not_your_product", ""),
    ],
)
def test_a_bad_row_is_kept_with_column_reason_and_clause(world, lister, listing, cells, column, code, clause):
    run = take(lister, csv_bytes(HEADINGS, [row(world, listing, **cells)]))
    assert (run.rows_taken, run.rows_refused) == (0, 1)
    (bad,) = kept(world, RefusedRow)
    assert (bad.row_number, bad.column, bad.code, bad.clause) == (2, column, code, clause)
    assert bad.message
    assert bad.cells["平台名称"] == "江苏省平台"
    assert not kept(world, Declaration)


def test_a_code_is_taken_as_people_paste_it(world, lister, listing):
    code = code_of(world, listing)
    wide = " " + code.lower().translate({ord(c): chr(ord(c) + 0xFEE0) for c in "0123456789"})
    run = take(lister, csv_bytes(HEADINGS, [row(world, listing, **{"27位码": wide})]))
    assert run.rows_taken == 1
    by_generic = row(world, listing, 省份="北京", **{"27位码": "", "20位码": code[:20]})
    assert take(lister, csv_bytes(HEADINGS, [by_generic])).rows_taken == 1


def test_a_retired_code_names_its_successor(world, lister, listing):
    code = code_of(world, listing)
    with scope.opened(world.system):
        NationalCode.objects.filter(code=code).update(is_retired=True, replaced_by="C" + "1" * 26)
    run = take(lister, csv_bytes(HEADINGS, [row(world, listing)]))
    (bad,) = kept(world, RefusedRow, run=run)
    assert bad.code == "retired_code"
    assert "C" + "1" * 26 in bad.message


def test_a_province_twice_in_a_file_is_taken_once(world, lister, listing):
    run = take(lister, csv_bytes(HEADINGS, [row(world, listing), row(world, listing, 挂网价="4000", 省份="江苏省")]))
    assert (run.rows_taken, run.rows_refused) == (1, 1)
    assert [p.stated_price for p in kept(world, DeclaredPrice)] == [Decimal("5000.0000")]


def test_anothers_products_are_not_declared(world, listing):
    stranger = world.actor("other_maker", Role.SUPPLIER_LISTER)
    run = take(stranger, csv_bytes(HEADINGS, [row(world, listing)]))
    assert [r.code for r in kept(world, RefusedRow, run=run)] == ["not_your_product"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"\xff\xfe\x00\x00 not a sheet", "other_encoding"),
        ("省份,价格\n江苏,1\n".encode(), "other_headings"),
        (csv_bytes(HEADINGS, []), "file_empty"),
        (csv_bytes(HEADINGS, [["江苏", '"' + "长" * 40_000] + [""] * 8]), "cell_too_long"),
    ],
    ids=["empty", "encoding", "headings", "no rows", "cell"],
)
def test_a_file_that_is_no_price_list_is_refused_whole(world, lister, content, code):
    with pytest.raises(Invalid) as refused:
        take(lister, content)
    assert refused.value.code == code
    assert not any(kept(world, model) for model in (ImportRun, StoredFile, Declaration))
    assert not kept(world, Refusal)


@pytest.mark.clause("SZ24-3.2b", on="rule")
def test_a_list_needs_the_commitment_and_the_listers_role(world, lister, listing):
    content = csv_bytes(HEADINGS, [row(world, listing)])
    with pytest.raises(Invalid) as refused:
        take(lister, content, commits=False)
    assert refused.value.clauses == ["SZ24-3.2b"]
    with pytest.raises(Forbidden):
        take(world.actor("maker", Role.SUPPLIER_SELLER), content)
    assert not kept(world, ImportRun)


def test_with_whole_nothing_is_declared_while_a_row_is_bad(world, lister, listing):
    content = price_list([product(world, listing)], on=DAY)
    with scope.opened(lister):
        run = price_list_import(actor=lister, at=AT, name="价格表.csv", content=content, commits=True, whole=True)
    assert run.rows_refused and run.rows_taken == run.rows_unchanged == 0
    assert run.rows_total == run.rows_refused + run.rows_held
    assert kept(world, Declaration) == []
