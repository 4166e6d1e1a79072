import io
import re
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from python_calamine import CalamineWorkbook

from sunlight.journal.refusals import Invalid
from sunlight.sheets.exports import Out, sheet_title, workbook
from sunlight.web.exports import workbook_response

COLUMNS = [
    Out("编号", "code"),
    Out("名称"),
    Out("金额（元）", "yuan"),
    Out("单价", "price"),
    Out("笔数", "count"),
    Out("日期", "day"),
    Out("时刻", "moment"),
]
MOMENT = datetime(2026, 3, 1, 16, 30, 5, tzinfo=UTC)


def read(content: bytes) -> list[list]:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def written(tmp_path, rows, columns=COLUMNS, **more) -> bytes:
    path = tmp_path / "out.xlsx"
    assert workbook(columns, rows, title="清单", path=path, **more) == len(rows)
    return path.read_bytes()


def test_values_arrive_as_what_they_are(tmp_path):
    row = ["20260720000000000123", "甲", Decimal("1234.5"), Decimal("0.3500"), 7, date(2026, 3, 2), MOMENT]
    found = read(written(tmp_path, [row, [None] * 7]))
    assert found[0] == [column.heading for column in COLUMNS]
    assert found[1] == [
        "20260720000000000123",
        "甲",
        1234.5,
        0.35,
        7.0,
        date(2026, 3, 2),
        datetime(2026, 3, 2, 0, 30, 5),  # noqa: DTZ001
    ]


@pytest.mark.parametrize("text", ["=1+1", "+8613800000000", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "http://x.example/"])
@pytest.mark.parametrize("kind", ["text", "code", "yuan", "day"])
def test_nothing_typed_becomes_a_formula_a_link_or_a_number(tmp_path, text, kind):
    content = written(tmp_path, [[text]], [Out("=1+1", kind)])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
        assert not re.search(r"<f[ >]|<hyperlink", xml)
        assert not [name for name in archive.namelist() if "externalLink" in name or "calcChain" in name]
    found = read(content)
    assert found[0][0] == "=1+1"
    assert str(found[1][0]).strip() == text.strip()


@pytest.mark.parametrize("value", [10**15, Decimal("12345678901234.56"), Decimal("NaN")])
def test_a_number_that_excel_would_cut_stays_text(tmp_path, value):
    assert read(written(tmp_path, [[value]], [Out("数", "yuan")]))[1] == [
        f"{value:f}" if value != 10**15 else str(value)
    ]


def test_more_rows_than_allowed_are_refused(tmp_path):
    with pytest.raises(Invalid, match="超过 2 行"):
        workbook([Out("a")], [["x"]] * 3, title="t", path=tmp_path / "x.xlsx", most=2)


@pytest.mark.parametrize(("title", "name"), [("订单/[2026]", "订单  2026"), ("'", "Sheet1"), ("长" * 40, "长" * 31)])
def test_any_title_names_a_sheet(title, name):
    assert sheet_title(title) == name


def test_the_answer_is_sent_piece_by_piece_under_a_chinese_name():
    response = workbook_response("订单 2026", [Out("名称")], (["甲"] for _ in range(3)))
    assert response.streaming
    assert "filename*=utf-8''%E8%AE%A2%E5%8D%95%202026.xlsx" in response.headers["Content-Disposition"]
    assert read(b"".join(response.streaming_content)) == [["名称"], ["甲"], ["甲"], ["甲"]]
    response.close()
