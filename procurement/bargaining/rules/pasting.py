"""What a person pastes from a spreadsheet, as rows of cells; and a cell with a number as the parsers take it."""

import csv
import io
import re
import unicodedata

MOST_ROWS = 300
COLUMNS = ("product", "quantity", "price", "remark")
# Headings people keep above their columns, by the column they stand for.
HEADINGS = {
    "product": {"产品", "产品编码", "产品名称", "编码", "医保编码", "27位码", "20位码", "挂网编号"},
    "quantity": {"数量", "采购数量", "报价数量"},
    "price": {"单价", "价格", "报价", "报价(元)", "单价(元)"},
    "remark": {"备注", "说明"},
}
LONGEST_PASTE = 100_000
LONGEST_CELL = 300
_GROUPED = re.compile(r"(\d{1,3}(?:[, ]\d{3})+)(\.\d+)?(\s*[^\d\s.,].*)?")
_CURRENCY = re.compile(r"^[¥￥]\s*|\s*元$")


class PasteError(ValueError):
    """Text that is not rows of cells; `message` is Chinese for the user."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def pasted_cells(text: str) -> list[list[str]]:
    """Rows of cells as spreadsheets put them on the clipboard: tabs between cells, line ends between rows, cells with
    either in double quotes. Empty rows at the end are left out. Raises PasteError for more text than a sheet holds."""
    if len(text) > LONGEST_PASTE:
        raise PasteError(f"粘贴的内容超过 {LONGEST_PASTE} 个字，请分次粘贴")
    plain = text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    # A quote that is never closed is a character of its cell, not the beginning of all that follows.
    quoting = csv.QUOTE_MINIMAL if plain.count('"') % 2 == 0 else csv.QUOTE_NONE
    rows = [
        [" ".join(cell.split())[:LONGEST_CELL] for cell in row]
        for row in csv.reader(io.StringIO(plain, newline=""), delimiter="\t", quoting=quoting)
    ]
    while rows and not any(rows[-1]):
        rows.pop()
    return rows


def is_heading(cells: list[str], first_column: int) -> bool:
    """Whether a pasted row is the headings of the columns it lies on."""
    under = zip(COLUMNS[first_column:], cells, strict=False)
    headings = [(column, _key(cell)) for column, cell in under if cell]
    return bool(headings) and all(text in HEADINGS[column] for column, text in headings)


def _key(cell: str) -> str:
    return "".join(unicodedata.normalize("NFKC", cell).split())


def plain_number(text: str) -> str:
    """A number as typed or pasted, without what spreadsheets add: full-width digits, thousands separators, a currency
    sign, 元; a unit behind it stays. What is no such number comes back as it is, for the parser to name what is wrong."""
    plain = _CURRENCY.sub("", " ".join(unicodedata.normalize("NFKC", text).split()))
    grouped = _GROUPED.fullmatch(plain)
    if grouped is None:
        return plain
    return grouped[1].replace(",", "").replace(" ", "") + (grouped[2] or "") + (grouped[3] or "")
