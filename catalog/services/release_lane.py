"""The fast lane for rows of the 21-column sheet, a million of them: what is as it should be is recognised by a few
comparisons and remembered parts; every other row is left to `full_row`, which alone refuses and corrects.

A lane gives the very same as `full_row` and `search_fields` for each row it takes (tests/catalog/test_release_lane.py).
"""

import re
import unicodedata
from dataclasses import fields as fields_of
from operator import attrgetter, itemgetter

from catalog.services.release_rows import (
    CHANGES,
    OLD_STATES,
    RETIRED,
    SEARCHED_CHARACTERS,
    FullRow,
    Specification,
    full_row,
    initials,
    search_fields,
    search_parts,
)
from sunlight.journal.refusals import Invalid
from sunlight.sheets.reading import MOST_CELL_CHARACTERS, Row, cell_too_long, narrow, row_of

# Between the fields and behind the rows of what is staged: no text of a sheet means anything by them.
FIELD, LINE = "\x1f", "\x1e"
_BLANKED = str.maketrans({FIELD: " ", LINE: " "})
_CODE = re.compile(r"C[0-9]{26}").fullmatch
_REMEMBERED = 100_000
_values_of = attrgetter(*(field.name for field in fields_of(Specification)))
# Number, retired, replaced code; search text, its pairs and initials behind.
_SEPARATORS = len(fields_of(Specification)) + 5
_STATES = frozenset(OLD_STATES - {RETIRED})
# What rows of one product share.
_SHARED = (
    "一级分类", "二级分类", "三级分类", "医保通用名分类", "医保通用名编号", "医保通用名", "材质", "特征", "注册备案号",
    "单件产品名称", "耗材企业",
)  # fmt: skip


def staged_line(row: FullRow, number: int) -> str:
    """A row of the release as a line for the staging table: number, retired, replaced code, the specification's fields,
    search text, its pairs, initials."""
    spec = row.specification
    fields = (
        str(number),
        "t" if row.is_retired else "f",
        row.old_code,
        *_values_of(spec),
        *search_fields(search_parts(spec)),
        initials(spec.product_name),
    )
    line = FIELD.join(fields)
    if line.count(FIELD) != _SEPARATORS or LINE in line:
        line = FIELD.join(field.translate(_BLANKED) for field in fields)
    return line


class FileBroken(Exception):
    """The file as a whole cannot be taken; says why as the Invalid it carries."""

    def __init__(self, refusal: Invalid):
        super().__init__(refusal.message)
        self.refusal = refusal


class Lane:
    """Reads rows under the headings of one file. `take(number, cells)` gives the staged line; raises Invalid."""

    def __init__(self, headings: list[str], law):
        self.headings, self.law = headings, law
        places = {heading: place for place, heading in enumerate(headings)}
        self._width = len(headings)
        self._own = itemgetter(*(places[h] for h in ("27位码", "原27位码", "20位码", "原码状态", "类型")))
        self._each = itemgetter(*(places[h] for h in ("GOODS_ID", "UDI", "规格", "型号")))
        self._shared = itemgetter(*(places[h] for h in _SHARED))
        # What the shared cells of a row become: the text before and behind what is each row's own.
        self._known: dict[tuple, tuple] = {}
        self._narrowed: dict[str, str] = {}

    def take(self, number: int, cells: list[str]) -> str:
        # A NUL is a fault of the row wherever it stands, also in cells that nothing here reads.
        usual = len(cells) == self._width and "\x00" not in FIELD.join(cells)
        line = self._fast(number, cells) if usual else None
        return self._slow(number, cells) if line is None else line

    def row(self, number: int, cells: list[str]) -> Row:
        """The row as reports and the slow way know it."""
        for heading, cell in zip(self.headings, cells, strict=False):
            if len(cell) > MOST_CELL_CHARACTERS:
                raise FileBroken(cell_too_long(number, heading, MOST_CELL_CHARACTERS))
        return row_of(number, [cell.strip() for cell in cells], self.headings)

    def _slow(self, number: int, cells: list[str]) -> str:
        row = self.row(number, cells)
        if row.fault:
            raise Invalid("row_broken", row.fault)
        read = full_row(row, self.law)
        if len(self._known) < _REMEMBERED and len(cells) == self._width:
            self._remember(self._shared(cells), read)
        return staged_line(read, number)

    def _remember(self, shared: tuple, read: FullRow) -> None:
        spec = read.specification
        classes = (spec.category_1, spec.category_2, spec.category_3, spec.common_name_class, spec.common_name_code,
                   spec.common_name, spec.material, spec.feature, spec.registration_number, spec.product_name,
                   spec.producer_name)  # fmt: skip
        names = (spec.product_name, spec.common_name, spec.producer_name, spec.registration_number)
        tail = initials(spec.product_name)
        self._known[shared] = (
            FIELD.join(classes).translate({ord(LINE): " "}),
            tuple(text for name in names if (text := narrow(name).lower())),
            tuple(text for text in (tail, initials(spec.producer_name)) if text),
            tail,
        )

    def _fast(self, number: int, cells: list[str]) -> str | None:
        code, old, generic, state, change = self._own(cells)
        if not _CODE(code) or (old and old != code) or state not in _STATES or change not in CHANGES:
            return None
        known = self._known.get(self._shared(cells))
        if known is None or (generic and generic != code[:20]):
            return None
        goods, udi, specification, model = self._each(cells)
        goods, udi = goods.strip(), udi.strip()
        if not (goods.isascii() and udi.isascii() and len(goods) <= 40 and len(udi) <= 60):
            return None
        specification, model = specification.strip(), model.strip()
        classes, head, tail, letters = known
        own = filter(None, (self._narrow(specification), self._narrow(model)))
        line = FIELD.join(
            (
                str(number),
                "f",
                "",
                code,
                code[:20],
                "consumable",
                goods,
                udi,
                classes,
                specification,
                model,
                *search_fields(list(dict.fromkeys((*head, *own, *tail)))),
                letters,
            )
        )
        # A separator or a NUL inside a cell: the slow way deals with it.
        return (
            line
            if line.count(FIELD) == _SEPARATORS
            and LINE not in line
            and "\x00" not in line
            and len(line) < MOST_CELL_CHARACTERS
            else None
        )

    def _narrow(self, text: str) -> str:
        text = text[:SEARCHED_CHARACTERS]
        if text.isascii():
            return text.strip().lower()
        found = self._narrowed.get(text)
        if found is None:
            found = unicodedata.normalize("NFKC", text).strip().lower()
            if len(self._narrowed) < _REMEMBERED:
                self._narrowed[text] = found
        return found
