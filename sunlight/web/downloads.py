"""Handing a file to the browser: always to be saved, never to be shown or guessed at."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header


def download(content: bytes, kind: str, name: str) -> HttpResponse:
    """`content` to be saved as `name`; Chinese names go as RFC 5987 `filename*`."""
    response = HttpResponse(content, content_type=kind)
    response.headers["Content-Disposition"] = content_disposition_header(True, name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
