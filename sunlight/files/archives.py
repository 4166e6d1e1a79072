"""Archives and workbooks that a stranger sent: what opening one would cost is measured before any reader sees it."""

import io
import re
import string
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from sunlight.journal.refusals import Invalid

OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"
MOST_PARTS = 2_000
MOST_COLUMNS = 100
_CHUNK = 1 << 20
_LONGEST_TAG = 1 << 16
_DOCTYPE = re.compile(rb"<!(?:doctype|entity)", re.IGNORECASE)
# Where a cell or a row says it stands. The reader lays out a dense grid up to the furthest of them, so a single cell
# in the last corner of an otherwise empty sheet costs as much as a full one. `<` is never part of text in XML. As nearly
# every cell begins comes first: of a million rows this is asked twenty million times.
_PLACE = re.compile(rb"(?:<c r=\"|<(?:c|row|[\w.-]+:(?:c|row))\s[^<>]*?\br\s*=\s*[\"'])([A-Za-z]*[0-9]+)[\"']")
_LETTERS, _DIGITS = string.ascii_letters.encode(), string.digits.encode()


@dataclass(frozen=True)
class Bounds:
    """What a workbook may cost: unpacked bytes of all its parts, and sheet rows with the heading."""

    unpacked_bytes: int
    rows: int


def not_a_workbook() -> Invalid:
    """The refusal of a file that is not an xlsx workbook or is damaged."""
    return Invalid(
        "not_a_workbook", "文件不是有效的 xlsx 工作簿或已损坏，请用 Excel 重新保存为 xlsx，或另存为 CSV 后上传。"
    )


def _too_large(bounds: Bounds) -> Invalid:
    return Invalid(
        "workbook_too_large",
        f"工作簿解压后超过 {bounds.unpacked_bytes // _CHUNK} MB，未予打开。请拆分成较小的文件后分别上传。",
    )


def measure_workbook(content: bytes, bounds: Bounds) -> None:
    """Refuse a bomb: declared sizes first, then the real ones by unpacking piece by piece, then the grid's extent."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise not_a_workbook() from error
    if not any(part.filename == "xl/workbook.xml" for part in parts):
        raise not_a_workbook()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > bounds.unpacked_bytes:
        raise _too_large(bounds)
    if parts_overlap(content, parts):
        raise not_a_workbook()
    left = bounds.unpacked_bytes
    for part in parts:
        carried = b""
        for piece in unpacked_pieces(content, part):
            left -= len(piece)
            if left < 0:
                raise _too_large(bounds)
            _refuse_entities(carried + piece)
            carried = _check_places(carried + piece, bounds)


def parts_overlap(content: bytes, parts: list[zipfile.ZipInfo]) -> bool:
    """Whether the archive's parts claim more packed bytes than it has: the same bytes would be unpacked many times."""
    return sum(part.compress_size for part in parts) > len(content)


def _refuse_entities(piece: bytes) -> None:
    """Office never writes a document type; who does wants the reader to open files or addresses (XXE), or to grow."""
    if (b"<!" in piece or b"<\0!" in piece) and _DOCTYPE.search(piece.replace(b"\0", b"")):
        raise Invalid(
            "workbook_has_entities",
            "工作簿里有外部实体声明，未予打开。请用 Excel 重新保存为 xlsx 后上传。",
            field="file",
        )


def unpacked_pieces(content: bytes, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """The real unpacked bytes of a part, whatever size it declares."""
    header = content[part.header_offset : part.header_offset + 30]
    if len(header) < 30 or not header.startswith(ZIP) or part.flag_bits & 1:
        raise not_a_workbook()
    start = part.header_offset + 30 + int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    packed = content[start : start + part.compress_size]
    if part.compress_type == zipfile.ZIP_STORED:
        yield packed
        return
    if part.compress_type != zipfile.ZIP_DEFLATED:
        raise not_a_workbook()
    unpacker = zlib.decompressobj(-15)
    try:
        while packed and not unpacker.eof:
            yield unpacker.decompress(packed, _CHUNK)
            packed = unpacker.unconsumed_tail
    except zlib.error as error:
        raise not_a_workbook() from error


def _check_places(piece: bytes, bounds: Bounds) -> bytes:
    """Refuse a cell beyond the bounds; returns what may be the beginning of a tag that the next piece ends."""
    # There are few rows and columns compared with cells: each is checked once.
    places = b",".join(_PLACE.findall(piece))
    for digits in set(places.translate(None, _LETTERS).split(b",")) if places else ():
        if len(digits) > 7 or int(digits) > bounds.rows:
            raise Invalid(
                "too_many_rows",
                f"工作表用到了第 {digits.decode()[:9]} 行，最多 {bounds.rows} 行（含表头）。请删除末尾的空白行，或拆分后分别上传。",
            )
    for letters in set(places.translate(None, _DIGITS).split(b",")):
        if len(letters) > 3 or _column(letters) > MOST_COLUMNS:
            raise Invalid(
                "too_many_columns",
                f"工作表用到了第 {letters.decode()[:5]} 列，最多 {MOST_COLUMNS} 列。请删除表格右侧多余的列后重新上传。",
            )
    tail = piece.rfind(b"<")
    if tail < 0 or b">" in piece[tail:]:
        return b""
    if len(piece) - tail > _LONGEST_TAG:
        raise not_a_workbook()
    return piece[tail:]


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
