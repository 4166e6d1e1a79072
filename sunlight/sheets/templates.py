"""An empty sheet to fill in: right headings, what each column wants as one enters it, choices to pick from.

template = Template(LAYOUT, (Hint("省份", "另一省份的名称", must=True, choices=PROVINCES), …))
template_workbook(template, path, rows=[["江苏"], …])
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import xlsxwriter

from sunlight.sheets.reading import Layout

# Excel's own limits for the hint at a cell and for a list inside a validation.
_LONGEST_MESSAGE, _LONGEST_LIST, _LONGEST_TITLE = 255, 255, 32
_ROWS_CHECKED = 20_000


@dataclass(frozen=True)
class Hint:
    """What a column wants. `choices`: nothing else is let in by Excel."""

    heading: str
    text: str
    must: bool = False
    choices: Sequence[str] = ()
    width: int = 18


@dataclass(frozen=True)
class Template:
    """A layout with its columns in the order people fill them."""

    layout: Layout
    hints: Sequence[Hint]

    def __post_init__(self):
        known = {*self.layout.headings, *self.layout.optional}
        if wrong := [hint.heading for hint in self.hints if hint.heading not in known]:
            raise ValueError(f"the layout {self.layout.key} has no {wrong}")
        if lost := [heading for heading in self.layout.headings if heading not in {h.heading for h in self.hints}]:
            raise ValueError(f"the template of {self.layout.key} lacks {lost}")


def template_workbook(template: Template, path: str, rows: Iterable[Sequence[str]] = ()) -> None:
    """Write the empty sheet, with `rows` begun, to `path`; a second sheet says what the columns want."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, options) as book:
        book.set_properties({"created": datetime(2020, 1, 1, tzinfo=UTC)})
        sheet, notes, lists = (book.add_worksheet(name) for name in ("填写", "填写说明", "选项"))
        lists.hide()
        text = book.add_format({"num_format": "@"})
        must = book.add_format({"bold": True, "bg_color": "#FFE699", "border": 1})
        may = book.add_format({"bold": True, "bg_color": "#EEF3F8", "border": 1})
        for place, hint in enumerate(template.hints):
            sheet.set_column(place, place, hint.width, text)
            sheet.write_string(0, place, hint.heading, must if hint.must else may)
            sheet.data_validation(1, place, _ROWS_CHECKED, place, _validation(hint, place, lists))
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(rows, start=1):
            for place, cell in enumerate(row):
                if cell:
                    sheet.write_string(number, place, cell, text)
        _write_notes(notes, template, may, text)


def _validation(hint: Hint, place: int, lists) -> dict:
    told = {
        "input_title": hint.heading[:_LONGEST_TITLE],
        "input_message": (("必填。" if hint.must else "可不填。") + hint.text)[:_LONGEST_MESSAGE],
    }
    if not hint.choices:
        return {"validate": "any", **told}
    source: object = list(hint.choices)
    if len(",".join(hint.choices)) > _LONGEST_LIST:
        lists.write_column(0, place, hint.choices)
        column = xlsxwriter.utility.xl_col_to_name(place)
        source = f"=选项!${column}$1:${column}${len(hint.choices)}"
    return {
        "validate": "list",
        "source": source,
        "error_title": hint.heading[:_LONGEST_TITLE],
        "error_message": "请从下拉列表中选择。",
        **told,
    }


def _write_notes(notes, template: Template, heading, text) -> None:
    notes.set_column(0, 0, 20)
    notes.set_column(1, 1, 8)
    notes.set_column(2, 2, 80)
    for place, name in enumerate(("列", "必填", "说明")):
        notes.write_string(0, place, name, heading)
    for number, hint in enumerate(template.hints, start=1):
        choices = f" 可选：{'、'.join(hint.choices)}" if hint.choices else ""
        for place, cell in enumerate((hint.heading, "是" if hint.must else "", hint.text + choices)):
            notes.write_string(number, place, cell, text)
