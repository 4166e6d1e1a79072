"""Secrets of webhooks and signing with them (Standard Webhooks 1.0: HMAC-SHA-256 over id, time and body).

A secret must be readable to sign with it; it is kept sealed with a key derived from the deployment's secret key, so a
copy of the database alone signs nothing. After the secret key is replaced, webhooks need new secrets (`webhook_rotate`).
"""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from sunlight.blocks.models import Webhook
from sunlight.kernel.crypto import DefaultProvider

_CONTEXT = b"blocks.webhook.secret"


def _provider() -> DefaultProvider:
    key = HKDF(SHA256(), 32, None, _CONTEXT).derive(settings.SECRET_KEY.encode())
    return DefaultProvider(signing_key=key, encryption_key=key)


def fresh() -> str:
    """A new secret as the receiver enters it: `whsec_` and 32 random bytes in base64."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def sealed(secret: str) -> bytes:
    return _provider().encrypt(secret.encode(), _CONTEXT)


def opened(kept: bytes) -> str:
    """Raises CryptoError where the deployment's secret key is another one."""
    return _provider().decrypt(bytes(kept), _CONTEXT).decode()


def signed_headers(webhook: Webhook, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers of a signed message; during the overlap signed by both secrets. Raises CryptoError."""
    kept = [webhook.secret]
    if webhook.old_secret is not None and webhook.old_secret_until > at:
        kept.append(webhook.old_secret)
    stamp = str(int(at.timestamp()))
    signatures = " ".join(_signature(opened(each), message_id, stamp, body) for each in kept)
    return {
        "Content-Type": "application/json; charset=utf-8",
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": signatures,
    }


def _signature(secret: str, message_id: str, stamp: str, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{message_id}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()
