"""Reads sheets: CSV (UTF-8 with or without BOM, GB18030) and xlsx as rows of text; a formula stays text.

sheet = read_sheet(content, [RELEASE, DISABLED])
for row in sheet.rows:
    if row.fault: …                      # ragged row, NUL: refuse it with row.number
    sheet.layout.key, row.number, row["27位码"]
"""

import codecs
import csv
import io
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from sunlight.files.archives import OLD_EXCEL, ZIP, Bounds
from sunlight.journal.refusals import Invalid
from sunlight.sheets.workbooks import rows_of_workbook

MOST_FILE_BYTES = 64 << 20
MOST_UNPACKED_BYTES = 512 << 20
# What one Excel cell can hold.
MOST_CELL_CHARACTERS = 32_767
# What the report of refused rows adds on the right; a corrected report may be sent in again with them.
REPORT_HEADINGS = ("原行号", "出错列", "拒收原因", "依据条款")


def narrow(text: str) -> str:
    """Full-width forms to their plain ones (NFKC), outer white space off."""
    return unicodedata.normalize("NFKC", text).strip()


def heading_key(heading: str) -> str:
    """How headings are compared: NFKC, all white space removed. The official ones carry stray spaces."""
    return "".join(unicodedata.normalize("NFKC", heading).split())


@dataclass(frozen=True)
class Layout:
    """A kind of sheet, known by its headings in any order. `optional` headings may be absent; others are not allowed."""

    key: str
    title: str
    headings: tuple[str, ...]
    optional: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """A row as text under the layout's headings; `number` is the sheet's own (the heading stands in row 1).
    `fault` is a Chinese sentence where the row itself is broken (ragged, control characters)."""

    number: int
    cells: dict[str, str]
    fault: str = ""

    def __getitem__(self, heading: str) -> str:
        return self.cells.get(heading, "")


@dataclass
class Sheet:
    """What was recognised; `rows` may be walked once and raises Invalid where the file breaks off or exceeds a limit."""

    layout: Layout
    headings: list[str]
    rows: Iterator[Row] = field(repr=False)


def read_sheet(
    content: bytes,
    layouts: Sequence[Layout],
    *,
    most_rows: int = 50_000,
    most_cell_characters: int = MOST_CELL_CHARACTERS,
    most_unpacked_bytes: int = MOST_UNPACKED_BYTES,
) -> Sheet:
    """Recognise a CSV or xlsx file by its headings and give its rows, blank ones left out.

    Raises Invalid (here or while rows are walked): too large, empty, not a workbook, other headings (names the missing
    and the unknown ones), more than `most_rows` rows, a cell over `most_cell_characters`, a file cut in half.
    """
    if not content.strip():
        raise Invalid("file_empty", "文件是空的，请检查后重新上传。")
    if len(content) > MOST_FILE_BYTES:
        raise Invalid("file_too_large", f"文件超过 {MOST_FILE_BYTES >> 20} MB，请拆分后分别上传。")
    if content.startswith((ZIP, OLD_EXCEL)):
        lines = rows_of_workbook(content, Bounds(most_unpacked_bytes, most_rows + 1))
    else:
        lines = _lines_of_csv(content, most_cell_characters)
    numbered = ((number, [cell.strip() for cell in line]) for number, line in enumerate(lines, start=1))
    filled = ((number, line) for number, line in numbered if any(line))
    try:
        _, first = next(filled)
    except StopIteration:
        raise Invalid("file_empty", "文件里没有任何内容，请检查后重新上传。") from None
    layout, headings = recognise(first, layouts)
    return Sheet(layout, headings, _rows(filled, headings, most_rows, most_cell_characters))


def _rows(filled, headings: list[str], most_rows: int, most_cell_characters: int) -> Iterator[Row]:
    count = 0
    for number, line in filled:
        count += 1
        if count > most_rows:
            raise Invalid("too_many_rows", f"文件超过 {most_rows} 行，请拆分后分别上传。")
        for column, cell in enumerate(line):
            if len(cell) > most_cell_characters:
                raise cell_too_long(number, headings[column] if column < len(headings) else "", most_cell_characters)
        yield row_of(number, line, headings)
    if count == 0:
        raise Invalid("file_empty", "文件只有表头，没有数据行。请填写数据后重新上传。")


def row_of(number: int, line: list[str], headings: list[str]) -> Row:
    while len(line) > len(headings) and not line[-1]:
        line.pop()
    fault = ""
    if len(line) != len(headings):
        fault = f"本行有 {len(line)} 列，表头有 {len(headings)} 列：请检查是否漏填，或单元格中的逗号、引号未转义。"
    if any("\x00" in cell for cell in line):
        fault = "本行含有空字符（NUL），请删除后重新上传。"
        line = [cell.replace("\x00", "") for cell in line]
    cells = dict(zip(headings, line, strict=False))
    if len(line) > len(headings):
        cells["（多出的列）"] = " | ".join(line[len(headings) :])
    return Row(number, cells, fault)


def cell_too_long(number: int, heading: str, most: int) -> Invalid:
    where = f"第 {number} 行“{heading[:40]}”" if heading else f"第 {number} 行"
    return Invalid(
        "cell_too_long",
        f"{where}的内容超过 {most} 个字符。请缩短该单元格（或检查引号是否成对）后重新上传。",
        field=heading[:80],
    )


def recognise(first: list[str], layouts: Sequence[Layout]) -> tuple[Layout, list[str]]:
    """The layout whose headings these are, and its own spelling of them in the file's order."""
    first = ["".join(c for c in cell if c.isprintable()) for cell in first]
    while first and not first[-1]:
        first.pop()
    found = [heading_key(cell) for cell in first]
    nearest, fewest = None, None
    for layout in layouts:
        spelled = {heading_key(h): h for h in (*layout.headings, *layout.optional, *REPORT_HEADINGS)}
        missing = [h for h in layout.headings if heading_key(h) not in found]
        unknown = [cell for cell, key in zip(first, found, strict=True) if key not in spelled]
        twice = [spelled[key] for key in spelled if found.count(key) > 1]
        if not (missing or unknown or twice):
            return layout, [spelled[key] for key in found]
        wrong = len(missing) + len(unknown) + len(twice)
        if fewest is None or wrong < fewest:
            nearest, fewest = (layout, missing, unknown, twice), wrong
    raise _other_headings(*nearest, layouts)


def _other_headings(layout: Layout, missing, unknown, twice, layouts: Sequence[Layout]) -> Invalid:
    def named(headings):
        return "、".join(f"“{h[:30]}”" if h else "（空白）" for h in headings[:12]) + (
            " 等" if len(headings) > 12 else ""
        )

    said = [f"缺少 {named(missing)}"] if missing else []
    said += [f"多出 {named(unknown)}"] if unknown else []
    said += [f"重复 {named(twice)}"] if twice else []
    titles = "、".join(known.title for known in layouts)
    return Invalid(
        "other_headings",
        f"表头不符（最接近“{layout.title}”）：{'；'.join(said)}。可接受的表：{titles}。请把第一行改为规定的表头后重新上传。",
        field=(missing or unknown or twice)[0][:80],
        facts={"missing": missing, "unknown": [h[:80] for h in unknown], "layout": layout.key},
    )


def _lines_of_csv(content: bytes, most_cell_characters: int) -> Iterator[list[str]]:
    encoding = _encoding_of(content)
    # The csv module's limit applies to the process, so it is only ever raised.
    csv.field_size_limit(max(csv.field_size_limit(), most_cell_characters + 1))
    reader = csv.reader(io.TextIOWrapper(io.BytesIO(content), encoding=encoding, newline=""), strict=True)
    number = 0
    while True:
        number += 1
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "field limit" in str(error):
                raise cell_too_long(number, "", most_cell_characters) from error
            raise csv_broken(number) from error


def csv_broken(number: int) -> Invalid:
    """The refusal of a CSV whose quotation does not end."""
    return Invalid(
        "csv_broken",
        f"第 {number} 行附近的 CSV 不完整或引号不成对，文件可能被截断。请重新导出完整的文件后上传。",
    )


def _encoding_of(content: bytes) -> str:
    return encoding_of(lambda: (content[start : start + (1 << 20)] for start in range(0, len(content), 1 << 20)))


def encoding_of(begin: Callable[[], Iterator[bytes]]) -> str:
    """utf-8-sig or gb18030, by decoding every piece that `begin()` gives. Raises Invalid for any other text."""
    for encoding in ("utf-8-sig", "gb18030"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            for number, piece in enumerate(begin()):
                if not number and piece.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                    raise Invalid(
                        "other_encoding",
                        "文件是 UTF-16 编码，请在 Excel 中另存为“CSV UTF-8（逗号分隔）”后重新上传。",
                    )
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise Invalid(
        "not_a_sheet", "文件既不是 xlsx 工作簿，也不是 UTF-8 或 GB18030 编码的 CSV。请用 Excel 另存为 xlsx 后重新上传。"
    )
