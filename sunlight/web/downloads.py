"""Handing a file to the browser: always to be saved, never to be shown or guessed at."""

import shutil
import tempfile
from collections.abc import Iterable

from django.http import FileResponse, HttpResponse
from django.utils.http import content_disposition_header

from sunlight.files.services import bigfiles


def download(content: bytes, kind: str, name: str) -> HttpResponse:
    """`content` to be saved as `name`; Chinese names go as RFC 5987 `filename*`."""
    response = HttpResponse(content, content_type=kind)
    response.headers["Content-Disposition"] = content_disposition_header(True, name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def download_kept(file, kind: str) -> FileResponse:
    """A kept file of any size to be saved under its name. Copied while the scope is open: what is sent piece by piece is
    read after it has closed."""
    copy = tempfile.TemporaryFile(prefix="sunlight-kept-")  # noqa: SIM115
    with bigfiles.opened(file) as stream:
        shutil.copyfileobj(stream, copy, bigfiles.PART_BYTES)
    copy.seek(0)
    response = FileResponse(copy, as_attachment=True, filename=file.name, content_type=kind)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def download_pieces(pieces: Iterable[bytes], kind: str, name: str) -> FileResponse:
    """What `pieces` give one after the other, to be saved as `name`; read while the scope is open."""
    copy = tempfile.TemporaryFile(prefix="sunlight-kept-")  # noqa: SIM115
    for piece in pieces:
        copy.write(piece)
    copy.seek(0)
    response = FileResponse(copy, as_attachment=True, filename=name, content_type=kind)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
