"""A CSV of any size, line by line from any place in it: the memory holds one line, and each says where the next begins."""

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from sunlight.journal.refusals import Invalid
from sunlight.sheets.reading import MOST_CELL_CHARACTERS, cell_too_long, csv_broken, encoding_of

_LONGEST_LINE = 4 << 20


@dataclass(frozen=True)
class Place:
    """Where a line begins: byte offset, and its number in the sheet (the first is 1)."""

    offset: int
    number: int


def find_encoding(stream: BinaryIO) -> tuple[str, Place]:
    """(encoding, where the first line begins). Reads the stream through. Raises Invalid for anything but UTF-8 and
    GB18030 text."""

    def begin() -> Iterator[bytes]:
        stream.seek(0)
        return iter(lambda: stream.read(1 << 20), b"")

    encoding = encoding_of(begin)
    stream.seek(0)
    marked = stream.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8
    return encoding.removesuffix("-sig"), Place(len(codecs.BOM_UTF8) if marked else 0, 1)


class _Lines:
    """The decoded lines of a stream, with the offset behind the last one given."""

    def __init__(self, stream: BinaryIO, encoding: str, place: Place):
        self.stream, self.encoding, self.offset = stream, encoding, place.offset
        stream.seek(place.offset)

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self.stream.readline(_LONGEST_LINE)
        if not line:
            raise StopIteration
        if len(line) == _LONGEST_LINE and not line.endswith(b"\n"):
            raise Invalid("line_too_long", "文件中有一行超过 4 MB，请检查是否缺少换行后重新上传。")
        self.offset += len(line)
        return line.decode(self.encoding)


def read_lines(
    stream: BinaryIO, encoding: str, place: Place, most_cell_characters: int = MOST_CELL_CHARACTERS
) -> Iterator[tuple[int, list[str], int]]:
    """(number, cells as they stand, offset behind it) of each line from `place` on, blank ones too. Raises Invalid where
    the text breaks off inside a quotation or a cell is too long."""
    csv.field_size_limit(max(csv.field_size_limit(), most_cell_characters + 1))
    lines = _Lines(stream, encoding, place)
    reader, number = csv.reader(lines, strict=True), place.number - 1
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "field limit" in str(error):
                raise cell_too_long(number, "", most_cell_characters) from error
            raise csv_broken(number) from error
        yield number, cells, lines.offset
