"""What a file is, by its content; everything that pretends is refused."""

import io
import struct
import zipfile
import zlib

import pytest

from sunlight.files.archives import Bounds
from sunlight.files.filetypes import ATTACHMENTS, DOCUMENTS, FileType, clean_name, inspect, recognise
from sunlight.journal.refusals import Invalid
from sunlight.sheets.workbooks import rows_of_workbook
from sunlight.sheets.writing import xlsx_bytes

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def png(width=2, height=1, more=b""):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + more
        + chunk(b"IDAT", zlib.compress(b"\0\0\0"))
        + chunk(b"IEND", b"")
    )


def jpeg(width=2, height=1, comment=b""):
    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"
    noted = b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment if comment else b""
    return b"\xff\xd8" + noted + b"\xff\xc0" + struct.pack(">H", len(frame) + 2) + frame + b"\xff\xda\0\x02\x00\xff\xd9"


def archive(*names, content=b"x", method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        for name in names:
            made.writestr(name, content)
    return out.getvalue()


XLSX = xlsx_bytes(["编码"], [["C1"]])
GOOD = [
    (PDF, "合同.pdf", FileType.PDF),
    (png(), "章.PNG", FileType.PNG),
    (jpeg(), "照片.jpeg", FileType.JPEG),
    (XLSX, "价格.xlsx", FileType.XLSX),
    (archive("a.txt"), "材料.zip", FileType.ZIP),
    ("编码,价格\nC1,1\n".encode("gb18030"), "价格.csv", FileType.CSV),
    ("说明".encode(), "说明.txt", FileType.TEXT),
]


@pytest.mark.parametrize(("content", "name", "kind"), GOOD)
def test_content_says_what_a_file_is(content, name, kind):
    assert recognise(content, name=name) is kind
    assert inspect(content, name=name, accept=ATTACHMENTS) is kind


def test_a_senders_word_tells_csv_from_text_and_nothing_else():
    assert recognise(b"a,b", declared="text/csv") is FileType.CSV
    assert recognise(PDF, name="x.csv", declared="text/csv") is FileType.PDF
    assert recognise(b"\x00\x01\x02", name="x.csv", declared="text/csv") is FileType.OTHER


REFUSED = [
    (b"", "空.pdf", "file_empty"),
    (b"MZ\x90\x00\x03", "a.pdf", "file_type_refused"),
    (b"<html><script>alert(1)</script>", "a.txt", "file_type_refused"),
    (b"#!/bin/sh\n", "a.txt", "file_type_refused"),
    (PDF, "合同.html", "file_ending_differs"),
    (PDF, "合同.pdf.exe", "file_ending_differs"),
    (png(), "a.pdf", "file_ending_differs"),
    (PDF[:-6], "断.pdf", "file_broken"),
    (png()[:-4], "断.png", "file_broken"),
    (jpeg()[:-2], "断.jpg", "file_broken"),
    (archive("a")[:-10], "断.zip", "file_broken"),
    (PDF + archive("a.js"), "双面.pdf", "file_polyglot"),
    (png() + archive("a.js"), "双面.png", "file_polyglot"),
    (png() + b"<script>", "双面.png", "file_polyglot"),
    (jpeg(comment=b"<?php system($_GET[0]) ?>"), "双面.jpg", "file_polyglot"),
    (jpeg(comment=b"%PDF-1.7"), "双面.jpg", "file_polyglot"),
    (b"a\n%PDF-1.4 x", "双面.txt", "file_polyglot"),
    (b"%PDF-1.7\n<html><body>\n%%EOF", "双面.pdf", "file_polyglot"),
    (png(width=100_000, height=100_000), "炸弹.png", "file_unpacks_too_large"),
    (jpeg(width=65_000, height=65_000), "炸弹.jpg", "file_unpacks_too_large"),
    (archive("../../etc/passwd"), "越界.zip", "archive_name_unsafe"),
    (archive("C:\\a"), "越界.zip", "archive_name_unsafe"),
    (archive("[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin"), "宏.xlsx", "file_has_macros"),
]


@pytest.mark.parametrize(("content", "name", "code"), REFUSED, ids=[f"{r[2]}-{i}" for i, r in enumerate(REFUSED)])
def test_what_pretends_or_is_broken_is_refused(content, name, code):
    with pytest.raises(Invalid) as refused:
        inspect(content, name=name, accept=ATTACHMENTS)
    assert refused.value.code == code, refused.value.message
    assert refused.value.field == "file"
    assert refused.value.message.endswith("。")


def test_a_zip_bomb_is_refused_by_its_real_size():
    bomb = archive("a", content=bytes(210 << 20))
    assert len(bomb) < 1 << 20
    lying = bomb.replace((210 << 20).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    for content in (bomb, lying):
        with pytest.raises(Invalid) as refused:
            inspect(content, name="炸弹.zip", accept=ATTACHMENTS)
        assert refused.value.code == "file_unpacks_too_large"


def workbook_with(sheet: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(XLSX)) as good, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for part in good.infolist():
            is_sheet = part.filename == "xl/worksheets/sheet1.xml"
            made.writestr(part.filename, sheet if is_sheet else good.read(part))
    return out.getvalue()


XXE = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><worksheet><c>&e;</c></worksheet>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_workbook_that_declares_entities_is_refused_kept_or_read(encoding):
    content = workbook_with(XXE.encode(encoding))
    with pytest.raises(Invalid) as refused:
        inspect(content, name="a.xlsx", accept=ATTACHMENTS)
    assert refused.value.code == "workbook_has_entities"
    with pytest.raises(Invalid) as refused:
        list(rows_of_workbook(content, Bounds(1 << 20, 1_000)))
    assert refused.value.code == "workbook_has_entities"


def test_an_archive_whose_parts_share_their_bytes_is_not_unpacked_part_by_part():
    """Fifty names for one part cost fifty times its unpacking; the directory claims more than the file holds."""
    one = archive("a", content=bytes(range(256)) * 400, method=zipfile.ZIP_STORED)
    at = one.rfind(b"PK\x01\x02")
    entry, end = one[at : one.rfind(b"PK\x05\x06")], one[one.rfind(b"PK\x05\x06") :]
    count = (50).to_bytes(2, "little")
    many = one[:at] + entry * 50 + end[:8] + count * 2 + (len(entry) * 50).to_bytes(4, "little") + end[16:]
    with pytest.raises(Invalid) as refused:
        inspect(many, name="a.zip", accept=ATTACHMENTS)
    assert refused.value.code == "file_broken"


def test_size_and_accepted_types_are_limits():
    with pytest.raises(Invalid) as refused:
        inspect(PDF, name="a.pdf", accept=DOCUMENTS, most_bytes=10)
    assert refused.value.code == "file_too_large"
    with pytest.raises(Invalid) as refused:
        inspect(XLSX, name="a.xlsx", accept=DOCUMENTS)
    assert refused.value.code == "file_type_refused"
    assert "jpeg、jpg、pdf、png" in refused.value.message


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../x", "x"),
        ("..\\..\\机密\\价格 表.xlsx", "价格 表.xlsx"),
        ("/etc/passwd", "passwd"),
        ("..", "未命名"),
        ("", "未命名"),
        (".htaccess", "htaccess"),
        ("a\u202efdp.exe", "afdp.exe"),
        ("a\r\nSet-Cookie: b.pdf", "aSet-Cookie b.pdf"),
        ("CON.pdf", "_CON.pdf"),
        ("长" * 300 + ".pdf", "长" * 116 + ".pdf"),
    ],
)
def test_names_are_cleaned(given, kept):
    assert clean_name(given) == kept
