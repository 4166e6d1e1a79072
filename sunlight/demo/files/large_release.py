"""A national release of any number of invented rows, written as a stream, with faults planted at known rows.

Same arguments, same bytes. `faults_of(rows, count)` says which rows must be refused, by which code and column.
"""

import codecs
import csv
import io
from collections.abc import Iterator
from typing import BinaryIO

import xlsxwriter

from sunlight.demo.files.national_release import (
    HEADINGS,
    OTHER_PRODUCERS,
    PRODUCERS,
    SPECIFICATIONS_EACH,
    product_numbered,
)

_ALL = (*PRODUCERS, *OTHER_PRODUCERS)
# What is planted in a row: (changes, code and column of the refusal). Contradictions and ragged rows are made apart.
CONTRADICTS, RAGGED = ("duplicate_contradicts", "27位码"), ("row_broken", "")
_PLANTED = (
    ({"27位码": "", "原27位码": ""}, ("code_missing", "27位码")),
    ({"27位码": "C0101010010100104744", "原27位码": ""}, ("code_not_full", "27位码")),
    ({"27位码": "1.01010100101001E+26", "原27位码": ""}, ("code_malformed", "27位码")),
    ({"原27位码": "C1"}, ("code_malformed", "原27位码")),
    ({"20位码": "C9999999999999999999"}, ("generic_code_differs", "20位码")),
    ({"耗材企业": ""}, ("value_missing", "耗材企业")),
    ({"单件产品名称": "", "医保通用名": ""}, ("value_missing", "单件产品名称")),
    ({"注册备案号": "国械注准" * 60}, ("value_too_long", "注册备案号")),
    ({"原码状态": "待定"}, ("unknown_value", "原码状态")),
    ({"类型": "=1+1"}, ("unknown_value", "类型")),
    ({}, RAGGED),
    ({}, CONTRADICTS),
)
KINDS = len(_PLANTED)


def release_rows(rows: int) -> Iterator[dict[str, str]]:
    """The good rows, eight to a product."""
    for number in range(-(-rows // SPECIFICATIONS_EACH)):
        count = min(SPECIFICATIONS_EACH, rows - number * SPECIFICATIONS_EACH)
        yield from product_numbered(number, _ALL, count).rows


def faults_of(rows: int, count: int) -> dict[int, tuple[str, str]]:
    """Sheet row → (code, column) of the `count` rows that must be refused, of twelve kinds in turn, spread evenly. Two
    rows that contradict each other are two of them."""
    every = rows // (count + 1)
    if every < 3:
        raise ValueError("too many faults for so few rows")
    found: dict[int, tuple[str, str]] = {}
    for turn in range(count):
        if len(found) >= count:
            break
        at = 3 + turn * every
        kind = turn % KINDS
        if kind == KINDS - 1 and len(found) + 2 > count:
            kind = 0
        if kind == KINDS - 1:
            found[at - 1] = CONTRADICTS
        found[at] = _PLANTED[kind][1]
    return found


def _planted_rows(rows: int, faults: int) -> Iterator[list[str]]:
    """All rows as cells, the faults in their places."""
    expected = faults_of(rows, faults) if faults else {}
    changes = {refusal: change for change, refusal in _PLANTED}
    before: dict[str, str] = {}
    for number, row in enumerate(release_rows(rows), start=2):
        refusal = expected.get(number)
        if refusal is None or (refusal == CONTRADICTS and expected.get(number - 1) != CONTRADICTS):
            yield [row[heading] for heading in HEADINGS]
        elif refusal == CONTRADICTS:
            yield [before[heading] if heading != "单件产品名称" else "另一产品" for heading in HEADINGS]
        else:
            cells = [(row | changes[refusal])[heading] for heading in HEADINGS]
            yield cells[:-2] if refusal == RAGGED else cells
        before = row


def write_csv(out: BinaryIO, rows: int, faults: int = 0) -> None:
    """The release as UTF-8 CSV with BOM."""
    out.write(codecs.BOM_UTF8)
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    writer.writerows(_planted_rows(rows, faults))
    text.detach()


def write_workbook(path: str, rows: int, faults: int = 0) -> None:
    """The release as `Query1` of a workbook; rows leave the memory as they are written."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(path, options | {"strings_to_numbers": False}) as book:
        sheet = book.add_worksheet("Query1")
        sheet.write_row(0, 0, HEADINGS)
        for number, cells in enumerate(_planted_rows(rows, faults), start=1):
            for place, cell in enumerate(cells):
                if cell:
                    sheet.write_string(number, place, cell)
