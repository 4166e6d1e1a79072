"""Writes a workbook's first sheet out as CSV. A large one in a separate process, which knows no database and no
settings, may take a bounded amount of memory, and whose end gives all of it back.

    python -m sunlight.sheets.transcribe BOOK MOST_ROWS    writes UTF-8 CSV to stdout, a refusal as JSON to stderr
"""

import csv
import io
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from sunlight.files.archives import Bounds
from sunlight.journal.refusals import Invalid
from sunlight.sheets import reading
from sunlight.sheets.workbooks import rows_of_workbook

MOST_MEMORY_BYTES = 3 << 30
MOST_UNPACKED_BYTES = 6 << 30
PIECE_BYTES = 1 << 20
_REFUSED = 3


def lines_of_workbook(content: bytes, most_rows: int, most_unpacked_bytes: int = reading.MOST_UNPACKED_BYTES) -> bytes:
    """A small workbook's first sheet as UTF-8 CSV, a line a row, blank ones too. Raises Invalid."""
    out = io.StringIO(newline="")
    _write(rows_of_workbook(content, Bounds(most_unpacked_bytes, most_rows + 1)), out)
    return out.getvalue().encode("utf-8")


def transcribed(book: BinaryIO, most_rows: int) -> Iterator[bytes]:
    """A large workbook's first sheet as UTF-8 CSV, in pieces of 1 MB. Raises Invalid, also after some pieces."""
    with tempfile.NamedTemporaryFile(prefix="sunlight-book-", suffix=".xlsx") as kept, tempfile.TemporaryFile() as said:
        while piece := book.read(PIECE_BYTES):
            kept.write(piece)
        kept.flush()
        words = [sys.executable, "-m", "sunlight.sheets.transcribe", kept.name, str(most_rows)]
        root = Path(__file__).resolve().parents[2]
        # Nothing of our environment: no database, no key.
        child = subprocess.Popen(
            words, cwd=root, env={"LANG": "C.UTF-8"}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said
        )
        try:
            while piece := child.stdout.read(PIECE_BYTES):
                yield piece
            code = child.wait()
        finally:
            child.kill()
            child.wait()
            child.stdout.close()
        if code:
            said.seek(0)
            raise _refusal(code, said.read().decode("utf-8", "replace"))


def _refusal(code: int, said: str) -> Invalid:
    if code == _REFUSED:
        found = json.loads(said.strip().splitlines()[-1])
        return Invalid(found["code"], found["message"])
    return Invalid(
        "workbook_too_large",
        f"打开工作簿需要的内存超过 {MOST_MEMORY_BYTES >> 30} GB 或文件已损坏，未予处理。请另存为 CSV 后上传。",
    )


def _write(rows: Iterable[list[str]], out) -> None:
    writer = csv.writer(out)
    for row in rows:
        # A lone empty cell would be written as quotation marks, a blank row must stay blank.
        if any(row):
            writer.writerow(row)
        else:
            out.write("\r\n")


def main(path: str, most_rows: str) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY_BYTES, MOST_MEMORY_BYTES))
    out = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="", write_through=False)
    try:
        content = Path(path).read_bytes()
        _write(rows_of_workbook(content, Bounds(MOST_UNPACKED_BYTES, int(most_rows) + 1)), out)
        out.flush()
    except Invalid as refusal:
        sys.stderr.write(json.dumps({"code": refusal.code, "message": refusal.message}) + "\n")
        return _REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
