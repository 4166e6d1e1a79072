import io
import struct
import zipfile

import pytest
import xlsxwriter

from sunlight.journal.refusals import Invalid
from sunlight.sheets.reading import Layout, read_sheet
from sunlight.sheets.writing import csv_bytes, xlsx_bytes

CODES = Layout("codes", "停用表", ("27位码", "原码状态"))
PRICES = Layout("prices", "价格表", ("省份", "价格（元）"), optional=("备注",))


def rows(content, layouts=(CODES, PRICES), **limits):
    sheet = read_sheet(content, layouts, **limits)
    return sheet.layout.key, [(r.number, r.cells) for r in sheet.rows]


def refusal(content, **limits) -> Invalid:
    with pytest.raises(Invalid) as caught:
        rows(content, **limits)
    return caught.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_in_each_encoding_gives_text_with_sheet_row_numbers(encoding):
    content = '27位码,原码状态\r\nC1,停用\r\n,\r\n00123,"a,b"\r\n'.encode(encoding)
    assert rows(content) == (
        "codes",
        [(2, {"27位码": "C1", "原码状态": "停用"}), (4, {"27位码": "00123", "原码状态": "a,b"})],
    )


def test_headings_match_after_nfkc_and_without_white_space_in_any_order():
    content = " 备 注,价格(元),省　份\nx,1.20,440000\n".encode()
    assert rows(content) == ("prices", [(2, {"备注": "x", "价格（元）": "1.20", "省份": "440000"})])


def test_workbook_keeps_codes_text_and_whole_numbers_whole():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("Query1")
        sheet.write_row(0, 0, ["27位码", "原码状态"])
        sheet.write_row(1, 0, ["0012345", 1])
        sheet.write_row(2, 0, [12.5, "停用"])
    assert rows(out.getvalue())[1] == [
        (2, {"27位码": "0012345", "原码状态": "1"}),
        (3, {"27位码": "12.5", "原码状态": "停用"}),
    ]


def test_formula_text_stays_text_in_and_out():
    content = xlsx_bytes(CODES.headings, [["=1+1", "@cmd"]])
    assert rows(content)[1] == [(2, {"27位码": "=1+1", "原码状态": "@cmd"})]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    assert csv_bytes(["a"], [["=1+1"], ["-2"], ["ok"]]).decode("utf-8-sig").split() == ["a", "'=1+1", "'-2", "ok"]


def test_ragged_row_and_nul_are_faults_of_the_row_not_of_the_file():
    sheet = read_sheet("27位码,原码状态\nC1\nC2,停用,x\nC3,停\x00用\nC4,停用\n".encode(), [CODES])
    found = list(sheet.rows)
    assert [bool(r.fault) for r in found] == [True, True, True, False]
    assert "本行有 1 列" in found[0].fault and found[1].cells["（多出的列）"] == "x"
    assert found[2]["原码状态"] == "停用"


def test_other_headings_names_what_is_missing_and_unknown():
    wrong = refusal("27位码,状态\nC1,停用\n".encode())
    assert wrong.code == "other_headings"
    assert "缺少 “原码状态”" in wrong.message and "多出 “状态”" in wrong.message and "停用表" in wrong.message
    assert "重复 “27位码”" in refusal("27位码,27位码,原码状态\nC1,C1,停用\n".encode()).message


def test_corrected_report_of_refused_rows_is_taken_with_its_extra_columns():
    content = "27位码,原码状态,原行号,出错列,拒收原因,依据条款\nC1,停用,7,27位码,短,SZ24-3.1a\n".encode()
    assert rows(content)[0] == "codes"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b" \r\n\r\n", "file_empty"),
        ("27位码,原码状态\n".encode(), "file_empty"),
        (b"\x89PNG\r\n\x1a\n\xff\xff\xff", "not_a_sheet"),
        (b"PK\x03\x04 not really", "not_a_workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "old_workbook"),
        ("\ufeff27位码,原码状态\n".encode("utf-16-le"), "other_encoding"),
        ('27位码,原码状态\nC1,"停用\n'.encode(), "csv_broken"),
        (("27位码,原码状态\nC1," + "x" * 1_000_000 + "\n").encode(), "cell_too_long"),
        (("27位码,原码状态\nC1," + "x" * 40_000 + "\n").encode(), "cell_too_long"),
    ],
)
def test_files_that_cannot_be_read_are_refused_in_chinese(content, code):
    wrong = refusal(content)
    assert wrong.code == code
    assert wrong.message.endswith("。")


def test_more_rows_than_allowed_are_refused_in_both_forms():
    lines = [["C1", "停用"]] * 4
    assert refusal(csv_bytes(CODES.headings, lines), most_rows=3).code == "too_many_rows"
    assert refusal(xlsx_bytes(CODES.headings, lines), most_rows=3).code == "too_many_rows"
    assert len(rows(xlsx_bytes(CODES.headings, lines), most_rows=4)[1]) == 4


def _with_part(content: bytes, name: str, part: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.namelist():
            new.writestr(item, part if item == name else old.read(item))
        if name not in old.namelist():
            new.writestr(name, part)
    return out.getvalue()


def test_bomb_is_refused_by_its_declared_and_by_its_real_size():
    bomb = _with_part(xlsx_bytes(CODES.headings, [["C1", "停用"]]), "xl/media/x.bin", b"0" * 5_000_000)
    assert refusal(bomb, most_unpacked_bytes=1 << 20).code == "workbook_too_large"
    # The same, lying about its size in the central directory.
    lied = bomb.replace(struct.pack("<I", 5_000_000), struct.pack("<I", 10))
    assert lied != bomb
    assert refusal(lied, most_unpacked_bytes=1 << 20).code == "workbook_too_large"


def test_cell_in_the_last_corner_is_refused_before_the_grid_is_laid_out():
    content = xlsx_bytes(CODES.headings, [["C1", "停用"]])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    far_column = _with_part(content, "xl/worksheets/sheet1.xml", sheet.replace(b'r="B2"', b'r="XFD2"'))
    assert refusal(far_column).code == "too_many_columns"
    far_row = _with_part(content, "xl/worksheets/sheet1.xml", sheet.replace(b'r="B2"', b"r = 'B1048576'"))
    assert refusal(far_row).code == "too_many_rows"


def test_workbook_with_a_damaged_part_is_refused():
    content = xlsx_bytes(CODES.headings, [["C1", "停用"]])
    assert refusal(_with_part(content, "xl/worksheets/sheet1.xml", b"<worksheet><broken")).code in (
        "not_a_workbook",
        "file_empty",
    )
