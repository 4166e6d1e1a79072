"""Asking a virus scanner about a file before it is kept.

`settings.CLAMD_ADDRESS` names a clamd (`unix:/run/clamd.sock`, `tcp:host:3310`); without one nothing is scanned and the
kept file says so. A scanner that does not answer refuses the file: what was not scanned is not stored.
"""

import contextlib
import socket
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings

from sunlight.journal.refusals import Conflict, Invalid

_CHUNK = 1 << 16
_SECONDS = 15


class Scanner(Protocol):
    """`name` is kept with what was scanned; `found` gives the name of what was found, or nothing."""

    name: str

    def found(self, content: bytes) -> str: ...


@dataclass(frozen=True)
class NullScanner:
    """No scanner is configured."""

    name: str = ""

    def found(self, content: bytes) -> str:
        return ""


@dataclass(frozen=True)
class ClamdScanner:
    """clamd's own protocol over its socket: `zINSTREAM`, pieces with their length before them, an empty one last."""

    address: str
    name: str = "clamd"

    def found(self, content: bytes) -> str:
        """The signature clamd names, or nothing. Raises OSError where it does not answer, or answers otherwise."""
        with contextlib.closing(self._connected()) as line:
            line.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), _CHUNK):
                piece = content[start : start + _CHUNK]
                line.sendall(len(piece).to_bytes(4, "big") + piece)
            line.sendall(bytes(4))
            answer = b""
            while not answer.endswith(b"\0") and len(answer) < 4096 and (piece := line.recv(1024)):
                answer += piece
        said = answer.rstrip(b"\0").decode("utf-8", "replace").removeprefix("stream: ")
        if said == "OK":
            return ""
        if said.endswith(" FOUND"):
            return said.removesuffix(" FOUND")[:100]
        raise OSError(f"clamd answered {said[:200]!r}")

    def _connected(self) -> socket.socket:
        kind, _, where = self.address.partition(":")
        if kind == "unix":
            line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            line.settimeout(_SECONDS)
            try:
                line.connect(where)
            except OSError:
                line.close()
                raise
            return line
        host, _, port = where.rpartition(":")
        return socket.create_connection((host, int(port)), timeout=_SECONDS)


def scanner() -> Scanner:
    """The configured scanner."""
    return ClamdScanner(settings.CLAMD_ADDRESS) if settings.CLAMD_ADDRESS else NullScanner()


def scanned(content: bytes) -> str:
    """The name of the scanner that found nothing in `content`. Raises Invalid where it found something, Conflict where
    it does not answer."""
    asked = scanner()
    try:
        found = asked.found(content)
    except (OSError, ValueError) as error:
        raise Conflict(
            "scanner_silent", "病毒查杀服务暂时没有应答，文件未予接收。请稍后重试；如持续出现，请联系平台运营支持。"
        ) from error
    if found:
        raise Invalid(
            "file_infected",
            f"文件中查出病毒（{found}），未予接收。请在本机杀毒并换用干净的文件后重新上传。",
            field="file",
            facts={"signature": found},
        )
    return asked.name
