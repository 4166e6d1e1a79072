"""Files too large to be held in memory: kept in the database in parts, written and read as streams.

file = big_file_store(actor=actor, at=at, name=upload.name, stream=upload)
with opened(file) as stream: stream.read(…)
"""

import hashlib
import io
from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO

from django.db import connection

from sunlight import scope
from sunlight.files.filetypes import clean_name
from sunlight.files.models import FilePart, StoredFile
from sunlight.files.scanning import scanned
from sunlight.journal.refusals import Invalid
from sunlight.journal.services import service
from sunlight.scope import Actor

ORIGINAL, LINES = "original", "lines"
PART_BYTES = 1 << 20
MOST_BYTES = 2 << 30


@service
def big_file_store(*, actor: Actor, at: datetime, name: str, stream: BinaryIO, most: int = MOST_BYTES) -> StoredFile:
    """Keep what `stream` (read twice) gives, part by part, with size and SHA-256 of the whole; a virus scanner, where
    there is one, is shown each part separately. Raises Invalid for an empty file, one over `most` bytes or with a
    virus, Conflict where the scanner is silent."""
    digest, size, scanner = hashlib.sha256(), 0, ""
    for piece in _pieces(stream):
        size += len(piece)
        if size > most:
            raise Invalid("file_too_large", f"文件超过 {most >> 20} MB，请拆分后分别上传。", field="file")
        digest.update(piece)
        scanner = scanned(piece)
    if not size:
        raise Invalid("file_empty", "文件是空的，请检查后重新上传。", field="file")
    stream.seek(0)
    file = StoredFile.objects.create(
        platform_id=actor.platform_id,
        organisation_id=actor.organisation_id,
        name=clean_name(name),
        content_type="application/octet-stream",
        size=size,
        sha256=digest.hexdigest(),
        content=b"",
        scanned_by=scanner,
        stored_at=at,
        **scope.by(actor, "stored"),
    )
    for number, piece in enumerate(_pieces(stream)):
        part_add(file.id, ORIGINAL, number, piece)
    return file


def part_add(file_id: int, form: str, number: int, content: bytes) -> None:
    """One more part of a file."""
    FilePart.objects.create(file_id=file_id, form=form, number=number, content=content)


def parts_add(file_id: int, form: str, pieces: Iterator[bytes]) -> None:
    """Keep pieces of any size as parts of a file."""
    carried, number = bytearray(), 0
    for piece in pieces:
        carried += piece
        while len(carried) >= PART_BYTES:
            part_add(file_id, form, number, bytes(carried[:PART_BYTES]))
            del carried[:PART_BYTES]
            number += 1
    part_add(file_id, form, number, bytes(carried))


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    while piece := stream.read(PART_BYTES):
        yield piece


def parts_drop(file_id: int, form: str) -> None:
    """Forget the parts of one form (what was written out of a workbook can be written out again)."""
    FilePart.objects.filter(file_id=file_id, form=form).delete()


def opened(file: StoredFile, form: str = ORIGINAL) -> io.BufferedReader:
    """A file as a stream that can be sought in; of a big one a part at a time is in memory."""
    if form == ORIGINAL and file.content:
        return io.BufferedReader(io.BytesIO(bytes(file.content)))
    return io.BufferedReader(_Parts(file.id, form), buffer_size=PART_BYTES)


class _Parts(io.RawIOBase):
    """The parts of a file one after the other. All but the last have PART_BYTES bytes."""

    def __init__(self, file_id: int, form: str):
        self.file_id, self.form, self.place = file_id, form, 0
        self._number, self._content = -1, b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_END:
            raise io.UnsupportedOperation("the end is not known")
        self.place = offset if whence == io.SEEK_SET else self.place + offset
        return self.place

    def tell(self) -> int:
        return self.place

    def readinto(self, buffer) -> int:
        number, begin = divmod(self.place, PART_BYTES)
        content = self._part(number)[begin : begin + len(buffer)]
        buffer[: len(content)] = content
        self.place += len(content)
        return len(content)

    def _part(self, number: int) -> bytes:
        if number != self._number:
            with connection.cursor() as cursor:
                cursor.execute(
                    "select content from files_filepart where file_id = %s and form = %s and number = %s",
                    [self.file_id, self.form, number],
                )
                found = cursor.fetchone()
            self._number, self._content = number, bytes(found[0]) if found else b""
        return self._content
