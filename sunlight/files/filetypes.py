"""Recognises a file by its content alone; refuses hostile and broken files and polyglots.

Name and sender's claim decide only the kind of plain text, because text has no magic number.
"""

import io
import re
import unicodedata
import zipfile
from collections.abc import Collection
from enum import StrEnum
from pathlib import PurePosixPath

from sunlight.files import pdfs
from sunlight.files.archives import MOST_PARTS, ZIP, Bounds, measure_workbook, parts_overlap, unpacked_pieces
from sunlight.journal.refusals import Invalid

MOST_UPLOAD_BYTES = 20 << 20
MOST_UNPACKED_BYTES = 200 << 20
MOST_PIXELS = 60_000_000
MOST_NAME = 120
_MOST_ROWS = 1_048_576
_PNG = b"\x89PNG\r\n\x1a\n"
_END_OF_ARCHIVE = b"PK\x05\x06"
_SCRIPTS = re.compile(rb"<script|<\?php|<iframe|<html", re.IGNORECASE)
_RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_FORBIDDEN = set('<>:"/\\|?*')


class FileType(StrEnum):
    """The kinds of files the platform knows; the value is the content type it is served as."""

    PDF = "application/pdf"
    PNG = "image/png"
    JPEG = "image/jpeg"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    ZIP = "application/zip"
    OFD = "application/ofd"
    XML = "application/xml"
    CSV = "text/csv"
    TEXT = "text/plain"
    OTHER = "application/octet-stream"


LABELS = {
    FileType.PDF: "PDF 文档",
    FileType.PNG: "图片",
    FileType.JPEG: "图片",
    FileType.XLSX: "工作簿",
    FileType.ZIP: "压缩包",
    FileType.OFD: "OFD 文档",
    FileType.XML: "XML 数据",
    FileType.CSV: "CSV 表格",
    FileType.TEXT: "纯文本",
}
_SUFFIXES = {
    FileType.PDF: (".pdf",),
    FileType.PNG: (".png",),
    FileType.JPEG: (".jpg", ".jpeg"),
    FileType.XLSX: (".xlsx",),
    FileType.ZIP: (".zip",),
    FileType.OFD: (".ofd",),
    FileType.XML: (".xml",),
    FileType.CSV: (".csv",),
    FileType.TEXT: (".txt",),
}
DOCUMENTS = frozenset({FileType.PDF, FileType.PNG, FileType.JPEG})
# An XML is taken only by who reads it: elsewhere it would be a page in disguise.
ATTACHMENTS = frozenset(FileType) - {FileType.OTHER, FileType.XML}


def clean_name(name: str, *, otherwise: str = "未命名") -> str:
    """The last part of a path as a harmless name: no separators, control or direction-changing characters, no leading
    dots, nothing Windows reserves, at most 120 characters with its ending kept."""
    plain = unicodedata.normalize("NFC", name).replace("\\", "/")
    kept = "".join(c for c in plain if c == "/" or (c.isprintable() and unicodedata.category(c) != "Cf"))
    last = "".join(c for c in kept.rstrip("/").rsplit("/", 1)[-1] if c not in _FORBIDDEN).strip(" .")
    if not last:
        return otherwise
    if _RESERVED.match(last):
        last = f"_{last}"
    suffix = PurePosixPath(last).suffix[:10]
    return last if len(last) <= MOST_NAME else last[: MOST_NAME - len(suffix)] + suffix


def recognise(content: bytes, *, name: str = "", declared: str = "") -> FileType:
    """The type that the first bytes show. `name` and `declared` only distinguish CSV from other text. Never raises."""
    if content.startswith(b"%PDF-"):
        return FileType.PDF
    if content.startswith(_PNG):
        return FileType.PNG
    if content.startswith(b"\xff\xd8\xff"):
        return FileType.JPEG
    if content.startswith(ZIP):
        names = _names(content)
        if "xl/workbook.xml" in names:
            return FileType.XLSX
        return FileType.OFD if "OFD.xml" in names else FileType.ZIP
    if not _is_text(content):
        return FileType.OTHER
    if content.removeprefix(b"\xef\xbb\xbf").startswith(b"<?xml"):
        return FileType.XML
    return FileType.CSV if name.lower().endswith(".csv") or declared == FileType.CSV else FileType.TEXT


def inspect(
    content: bytes, *, name: str, accept: Collection[FileType], declared: str = "", most_bytes: int = MOST_UPLOAD_BYTES
) -> FileType:
    """The file's type if it is complete, of one kind, within the limits and one of `accept`.

    Raises Invalid: empty, too large (bytes; pixels of a picture; unpacked bytes of an archive), not of an accepted
    type, an ending that says otherwise, broken or cut short, or a second file hidden inside (polyglot).
    """
    if not content:
        raise Invalid("file_empty", "文件是空的，请检查后重新上传。", field="file")
    if len(content) > most_bytes:
        raise Invalid("file_too_large", f"文件超过 {most_bytes >> 20} MB，请压缩或拆分后重新上传。", field="file")
    kind = recognise(content, name=name, declared=declared)
    if kind not in accept:
        known = "、".join(sorted({s.removeprefix(".") for each in accept for s in _SUFFIXES.get(each, ())}))
        raise Invalid(
            "file_type_refused",
            f"文件“{clean_name(name)}”的内容不是可接受的类型（{known}）。请另存为其中一种后重新上传。",
            field="file",
            facts={"found": str(kind)},
        )
    suffix = PurePosixPath(clean_name(name)).suffix.lower()
    if suffix not in _SUFFIXES[kind]:
        raise Invalid(
            "file_ending_differs",
            f"文件“{clean_name(name)}”的扩展名与内容不符，内容是 {_SUFFIXES[kind][0]}。请改正扩展名，或检查是否选错文件。",
            field="file",
        )
    _CHECKS[kind](content)
    return kind


def _broken(what: str) -> Invalid:
    return Invalid("file_broken", f"{what}文件已损坏或不完整，请重新导出或扫描后上传。", field="file")


def _polyglot() -> Invalid:
    return Invalid(
        "file_polyglot", "文件里夹带了另一种内容，未予接收。请用原软件重新导出干净的文件后上传。", field="file"
    )


def _too_large(most: str) -> Invalid:
    return Invalid("file_unpacks_too_large", f"文件展开后超过 {most}，未予接收。请缩小或拆分后上传。", field="file")


def _refuse_second_face(content: bytes, *, pictures: bool = False) -> None:
    """An archive at the end, a PDF near the beginning, or a script inside a picture."""
    tail = content[-65_557:]
    at = tail.rfind(_END_OF_ARCHIVE)
    if at >= 0 and len(tail) - at >= 22:
        raise _polyglot()
    if not content.startswith(b"%PDF-") and b"%PDF-" in content[:1024]:
        raise _polyglot()
    if pictures and _SCRIPTS.search(content):
        raise _polyglot()


def _check_pdf(content: bytes) -> None:
    if b"%%EOF" not in content[-2048:]:
        raise _broken("PDF ")
    _refuse_second_face(content)
    if re.search(rb"^\s*<(?:!doctype|html|script|svg)", content[5:1024], re.IGNORECASE | re.MULTILINE):
        raise _polyglot()
    _refuse_running_pdf(content)


def _refuse_running_pdf(content: bytes) -> None:
    try:
        runs = pdfs.runs_something(content)
    except pdfs.Unfit as unfit:
        raise Invalid(
            "pdf_locked",
            "PDF 设有打开密码，或内容过多，无法核查，未予接收。请去掉密码，或另存、拆分后重新上传。",
            field="file",
        ) from unfit
    if runs:
        raise Invalid(
            "pdf_runs_script",
            "PDF 中含有脚本（JavaScript）或启动程序的动作，未予接收。请用“打印为 PDF”重新生成不含脚本的文件后上传。",
            field="file",
        )


def _check_png(content: bytes) -> None:
    at, first = len(_PNG), True
    while True:
        head = content[at : at + 8]
        if len(head) < 8:
            raise _broken("PNG ")
        length, kind = int.from_bytes(head[:4], "big"), head[4:]
        if first and (kind != b"IHDR" or length != 13):
            raise _broken("PNG ")
        if first:
            _check_pixels(int.from_bytes(content[at + 8 : at + 12], "big"), int.from_bytes(content[at + 12 : at + 16]))
        first = False
        at += 12 + length
        if kind == b"IEND":
            break
    if at > len(content):
        raise _broken("PNG ")
    if at < len(content):
        raise _polyglot()
    _refuse_second_face(content, pictures=True)


def _check_jpeg(content: bytes) -> None:
    at, sized = 2, False
    while not sized:
        if content[at : at + 1] != b"\xff" or at + 9 > len(content):
            raise _broken("JPEG ")
        marker = content[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            _check_pixels(
                int.from_bytes(content[at + 7 : at + 9], "big"), int.from_bytes(content[at + 5 : at + 7], "big")
            )
            sized = True
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    if b"\xff\xd9" not in content[at:]:
        raise _broken("JPEG ")
    _refuse_second_face(content, pictures=True)


def _check_pixels(width: int, height: int) -> None:
    if not width or not height:
        raise _broken("图片")
    if width * height > MOST_PIXELS:
        raise _too_large(f"{MOST_PIXELS // 10_000} 万像素")


def _check_workbook(content: bytes) -> None:
    _check_archive(content)
    measure_workbook(content, Bounds(MOST_UNPACKED_BYTES, _MOST_ROWS))
    if any(part.filename.lower().endswith("vbaproject.bin") for part in _parts(content)):
        raise Invalid("file_has_macros", "工作簿里有宏，未予接收。请另存为不含宏的 xlsx 后重新上传。", field="file")


def _check_archive(content: bytes) -> None:
    parts = _parts(content)
    if min((part.header_offset for part in parts), default=0) != 0:
        raise _polyglot()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED_BYTES:
        raise _too_large(f"{MOST_UNPACKED_BYTES >> 20} MB 或 {MOST_PARTS} 个文件")
    if parts_overlap(content, parts):
        raise _broken("压缩")
    left = MOST_UNPACKED_BYTES
    for part in parts:
        inner = part.filename.replace("\\", "/")
        if inner.startswith("/") or ".." in inner.split("/") or ":" in inner:
            raise Invalid(
                "archive_name_unsafe", "压缩包内有指向包外的文件名，未予接收。请重新压缩后上传。", field="file"
            )
        if part.flag_bits & 1:
            raise Invalid("archive_locked", "压缩包设有密码，无法查验。请去掉密码后重新上传。", field="file")
        left -= _unpacked_size(content, part, left)
        if left < 0:
            raise _too_large(f"{MOST_UNPACKED_BYTES >> 20} MB")


def _unpacked_size(content: bytes, part: zipfile.ZipInfo, most: int) -> int:
    """The real unpacked bytes of a part; stops counting once there are more than `most`."""
    size = 0
    try:
        for piece in unpacked_pieces(content, part):
            size += len(piece)
            if size > most:
                break
    except Invalid as wrong:
        raise _broken("压缩") from wrong
    return size


def _parts(content: bytes) -> list[zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise _broken("压缩") from error


def _check_xml(content: bytes) -> None:
    """Data alone: no document type, hence no entities, and nothing that a browser would run."""
    if re.search(rb"<!(?:doctype|entity)|<\?xml-stylesheet", content, re.IGNORECASE) or _SCRIPTS.search(content):
        raise _polyglot()
    _refuse_second_face(content)


def _check_text(content: bytes) -> None:
    begin = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:64].lower()
    if begin.startswith((b"<", b"#!", b"%!", b"mz")):
        raise Invalid(
            "file_type_refused", "文件内容是网页、脚本或程序，未予接收。请上传文档、图片或表格。", field="file"
        )
    _refuse_second_face(content)


_CHECKS = {
    FileType.PDF: _check_pdf,
    FileType.PNG: _check_png,
    FileType.JPEG: _check_jpeg,
    FileType.XLSX: _check_workbook,
    FileType.ZIP: _check_archive,
    FileType.OFD: _check_archive,
    FileType.XML: _check_xml,
    FileType.CSV: _check_text,
    FileType.TEXT: _check_text,
}


def _names(content: bytes) -> set[str]:
    """The names of an archive's parts; none where it is broken."""
    try:
        return {part.filename for part in _parts(content)}
    except Invalid:
        return set()


def _is_text(content: bytes) -> bool:
    if re.search(rb"[\x00-\x08\x0e-\x1f\x7f]", content):
        return False
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False
