"""Asking the tax office about an invoice, through whatever gateway an operator has.

`settings.INVOICE_VERIFIER` is the address of a gateway (an intermediary of the tax office's check, or the operator's own in
front of one) and `INVOICE_VERIFIER_KEY` its bearer key. Without an address nothing is asked, and every invoice says so. What
the gateway answers is documented in docs/features/invoices.md; another protocol is another class with `name` and `check`.
"""

import http.client
import json
import ssl
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Protocol
from urllib.parse import urlsplit

from django.conf import settings

from settlement.workflows.states import VerificationState

SECONDS = 10
MOST_ANSWER_BYTES = 1 << 16
LONGEST_NOTE = 300
# What a gateway may say, and what follows from it. An invoice that was redded is valid no more.
RESULTS = {
    "match": VerificationState.VERIFIED,
    "differs": VerificationState.FAILED,
    "unknown": VerificationState.FAILED,
    "red": VerificationState.FAILED,
}
WORDS = {"differs": "票面与税务记录不符", "unknown": "税务系统查无此票", "red": "发票已红冲"}


@dataclass(frozen=True, slots=True)
class Paper:
    """What the tax office asks for to find an invoice; the amounts in yuan as text."""

    code: str
    number: str
    issued_on: date
    net: str
    tax: str
    total: str
    seller: str
    buyer: str


@dataclass(frozen=True, slots=True)
class Finding:
    """VERIFIED or FAILED, and why."""

    state: VerificationState
    note: str = ""


class Silent(Exception):
    """The gateway did not answer, or not as agreed: nothing is known, and it is asked again later."""


class Verifier(Protocol):
    """`name` is kept with what it found. `check` raises Silent where it learns nothing."""

    name: str

    def check(self, paper: Paper) -> Finding: ...


@dataclass(frozen=True, slots=True)
class HttpVerifier:
    """A gateway that takes the paper as JSON and answers `{"result": "match", "message": ""}`."""

    url: str
    key: str = ""
    name: str = "gateway"
    context: ssl.SSLContext | None = None

    def check(self, paper: Paper) -> Finding:
        answer = self._asked(json.dumps(asdict(paper) | {"issued_on": paper.issued_on.isoformat()}).encode())
        result = answer.get("result")
        if result not in RESULTS:
            raise Silent(f"no known result: {str(result)[:40]}")
        said = answer.get("message")
        note = said if isinstance(said, str) and said else WORDS.get(result, "")
        return Finding(RESULTS[result], note[:LONGEST_NOTE])

    def _asked(self, body: bytes) -> Mapping[str, Any]:
        where = urlsplit(self.url)
        host, port = where.hostname or "", where.port
        if where.scheme == "https":
            context = self.context or ssl.create_default_context()
            line: http.client.HTTPConnection = http.client.HTTPSConnection(host, port, timeout=SECONDS, context=context)
        else:
            line = http.client.HTTPConnection(host, port, timeout=SECONDS)
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        try:
            # No redirect is followed: a key goes to the address that was configured and nowhere else.
            line.request("POST", where.path or "/", body, headers)
            answer = line.getresponse()
            content = answer.read(MOST_ANSWER_BYTES)
            if answer.status != http.client.OK:
                raise Silent(f"status {answer.status}")
            found = json.loads(content)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Silent(str(error)) from error
        finally:
            line.close()
        if not isinstance(found, dict):
            raise Silent("the answer is no object")
        return found


def configured_verifier() -> Verifier | None:
    """The gateway of this installation; None where there is none. Raises ValueError for an address without https that is
    not this machine's own."""
    url = settings.INVOICE_VERIFIER
    if not url:
        return None
    where = urlsplit(url)
    if where.scheme != "https" and where.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise ValueError("SUNLIGHT_INVOICE_VERIFIER must be an https address")
    return HttpVerifier(url, settings.INVOICE_VERIFIER_KEY)
