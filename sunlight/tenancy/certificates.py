"""Certificate keys (数字证书, for example on a USB key): which one a proxy of ours has verified for this connection.

Off unless `SUNLIGHT_CLIENT_CERTIFICATES=proxy`. The proxy ends TLS, asks for a client certificate, verifies it against the
authorities it trusts, and must set both headers itself on every request, so that nobody outside can.
"""

from typing import Protocol

from django.conf import settings

FINGERPRINT_CHARACTERS = 64


class CertificateVerifier(Protocol):
    def fingerprint(self, request) -> str:
        """The SHA-256 fingerprint, 64 lower hex digits, of the verified client certificate; '' where there is none."""


class NoCertificates:
    """Certificates are switched off: no header counts."""

    def fingerprint(self, request) -> str:
        return ""


class ProxyCertificates:
    """`X-SSL-Client-Verify: SUCCESS` and `X-SSL-Client-Fingerprint`, as our proxy writes them."""

    def fingerprint(self, request) -> str:
        if request.headers.get("X-SSL-Client-Verify") != "SUCCESS":
            return ""
        found = request.headers.get("X-SSL-Client-Fingerprint", "").replace(":", "").lower()
        is_digest = len(found) == FINGERPRINT_CHARACTERS and set(found) <= set("0123456789abcdef")
        return found if is_digest else ""


def verifier() -> CertificateVerifier:
    """As `SUNLIGHT_CLIENT_CERTIFICATES` says: `proxy`, or nothing for off."""
    return ProxyCertificates() if settings.CLIENT_CERTIFICATES == "proxy" else NoCertificates()
