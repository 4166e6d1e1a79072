"""Empty sheets to fill in, and a sheet given back with what is wrong written into it."""

import io
import re
import zipfile

import pytest

from sunlight.files.archives import Bounds
from sunlight.sheets.marked import Fault, marked_workbook
from sunlight.sheets.reading import Layout, read_sheet
from sunlight.sheets.templates import Hint, Template, template_workbook
from sunlight.sheets.workbooks import rows_of_workbook

PRICES = Layout("prices", "价格表", ("省份", "价格"), optional=("备注",))
PROVINCES = [f"示例第{n}省级行政区" for n in range(40)]
HINTS = (
    Hint("省份", "另一省份", must=True, choices=PROVINCES),
    Hint("价格", "大于 0", must=True),
    Hint("备注", "随意"),
)


def rows(path) -> list[list[str]]:
    return list(rows_of_workbook(path.read_bytes(), Bounds(1 << 24, 30_000)))


def part(path, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        return archive.read(name).decode()


def test_a_template_says_what_each_column_wants_and_is_recognised(tmp_path):
    path = tmp_path / "t.xlsx"
    template_workbook(Template(PRICES, HINTS), path, rows=[["=1+1"]])
    sheet = read_sheet(path.read_bytes(), [PRICES])
    assert sheet.headings == ["省份", "价格", "备注"]
    assert [row.cells for row in sheet.rows] == [{"省份": "=1+1", "价格": "", "备注": ""}]
    first = part(path, "xl/worksheets/sheet1.xml")
    assert 'type="list"' in first and "选项!$A$1:$A$40" in first  # too long to stand in the cell
    assert "必填。大于 0" in first and "<f>" not in first
    assert 'state="hidden"' in part(path, "xl/workbook.xml")


def test_a_template_must_fit_its_layout():
    with pytest.raises(ValueError, match="lacks"):
        Template(PRICES, HINTS[:1])
    with pytest.raises(ValueError, match="has no"):
        Template(PRICES, (*HINTS, Hint("别的", "")))


def test_bad_cells_are_marked_and_reasons_stand_beside_their_rows(tmp_path):
    path = tmp_path / "m.xlsx"
    faults = {
        2: [Fault("价格", "价格不是数字", "SZ24-3.2a"), Fault("省份", "本省", "SZ24-3.2a")],
        5: [Fault("", "缺少一列")],
    }
    lines = [
        ["省份", "价格", "拒收原因"],
        ["江苏", "=1+1", "旧原因"],
        ["", "", ""],
        ["浙江", "2"],
        ["云南", "+3", "旧"],
    ]
    assert marked_workbook(iter(lines), faults, str(path)) == 2
    assert rows(path) == [
        ["省份", "价格", "出错列", "拒收原因", "依据条款"],
        ["江苏", "=1+1", "价格、省份", "价格不是数字；本省", "SZ24-3.2a"],
        ["", "", "", "", ""],
        ["浙江", "2", "", "", ""],
        ["云南", "+3", "", "缺少一列", ""],
    ]
    xml = part(path, "xl/worksheets/sheet1.xml")
    assert not re.search("<f[ >]", xml)
    style = {ref: int(number) for ref, number in re.findall(r'<c r="(\w+)" s="(\d+)"', xml)}
    assert style["A2"] == style["B2"] == style["A5"] == style["B5"] != style["A4"]


def test_a_marked_sheet_may_be_sent_again_as_it_is(tmp_path):
    path = tmp_path / "m.xlsx"
    marked_workbook(iter([["省份", "价格"], ["江苏", "x"]]), {2: [Fault("价格", "不是数字")]}, str(path))
    assert [row["价格"] for row in read_sheet(path.read_bytes(), [PRICES]).rows] == ["x"]
