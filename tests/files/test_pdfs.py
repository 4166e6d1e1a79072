"""A PDF that would run something when it is opened is refused; one that only turns to a page is taken."""

import io
import zlib

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from sunlight.files import pdfs
from sunlight.files.filetypes import FileType, inspect
from sunlight.journal.refusals import Invalid


def take(content: bytes) -> str:
    return inspect(content, name="证.pdf", accept={FileType.PDF})


def written(change=lambda writer: None) -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(width=200, height=200)
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def by_hand(*objects: bytes) -> bytes:
    """A PDF whose cross-references nobody wrote, as many scanners' are."""
    body = b"".join(b"%d 0 obj %s endobj\n" % (number, each) for number, each in enumerate(objects, start=1))
    return b"%PDF-1.7\n" + body + b"trailer<</Root 1 0 R>>\n%%EOF\n"


def in_object_stream(inner: bytes) -> bytes:
    packed = zlib.compress(b"5 0 " + inner)
    stream = b"<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream" % (len(packed), packed)
    return by_hand(b"<</Type/Catalog/OpenAction 5 0 R>>", stream)


def opening(writer: PdfWriter) -> None:
    action = DictionaryObject({NameObject("/S"): NameObject("/Launch"), NameObject("/F"): TextStringObject("cmd.exe")})
    writer._root_object[NameObject("/OpenAction")] = action


def scripted(writer: PdfWriter) -> None:
    """As an indirect object, among the document's names."""
    script = DictionaryObject({NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("x")})
    names = DictionaryObject({NameObject("/JavaScript"): writer._add_object(script)})
    writer._root_object[NameObject("/Names")] = writer._add_object(names)


CALL = b"<</S/JavaScript/JS(app.alert(1))>>"


@pytest.mark.parametrize(
    "content",
    [
        written(scripted),
        written(opening),
        by_hand(b"<</Type/Catalog/OpenAction" + CALL + b">>"),
        by_hand(b"<</Type/Catalog/OpenAction<</S/J#61vaScript/J#53(app.alert(1))>>>>"),
        by_hand(b"<</Type/Catalog/AA<</WC " + CALL + b">>>>"),
        by_hand(b"<</Type/Catalog/OpenAction 2 0 R>>", b"<</S /Launch /F (a.exe)>>"),
        in_object_stream(CALL),
        in_object_stream(b"<</S/J#61vaScript /J#53 (app.alert(1))>>"),
    ],
)
def test_a_pdf_that_runs_something_is_refused(content):
    with pytest.raises(Invalid) as refused:
        take(content)
    assert refused.value.code == "pdf_runs_script" and refused.value.field == "file"
    assert refused.value.message == (
        "PDF 中含有脚本（JavaScript）或启动程序的动作，未予接收。请用“打印为 PDF”重新生成不含脚本的文件后上传。"
    )


@pytest.mark.parametrize(
    "content",
    [
        written(),
        written(lambda writer: writer.add_attachment("invoice.xml", b"<x>/JS /JavaScript</x>")),
        written(lambda writer: writer.add_metadata({"/Title": "/JS"})),
        by_hand(b"<</Type/Catalog/OpenAction[3 0 R/Fit]>>"),
        # Chance bytes of a picture.
        by_hand(b"<</Type/Catalog>>", b"<</Length 20>>\nstream\n\x00/JS \xff/JavaScript(\nendstream"),
    ],
)
def test_a_pdf_that_runs_nothing_is_taken(content):
    assert take(content) == FileType.PDF


def test_a_pdf_nobody_can_look_into_is_refused(monkeypatch):
    def locked(word):
        return written(lambda writer: writer.encrypt(user_password=word, owner_password="x", algorithm="AES-256"))

    with pytest.raises(Invalid, match="请去掉密码") as refused:
        take(locked("secret"))
    assert refused.value.code == "pdf_locked"
    assert take(locked("")) == FileType.PDF
    monkeypatch.setattr(pdfs, "MOST_OBJECTS", 2)
    with pytest.raises(Invalid, match="拆分后重新上传"):
        take(written())


def test_what_is_read_is_what_was_written():
    """The samples are real PDFs, and not refused for being broken."""
    assert len(PdfReader(io.BytesIO(written())).pages) == 1
