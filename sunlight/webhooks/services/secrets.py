"""Secrets of webhooks and signing with them (Standard Webhooks 1.0: HMAC-SHA-256 over id, time and body).

A secret must be readable to sign with it; it is kept sealed by the deployment's encryption key and bound to its
organisation (`tenancy.sealing`), so a copy of the database alone signs nothing and a copied row signs for nobody else.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from sunlight.kernel.crypto import CryptoError, DefaultProvider
from sunlight.tenancy import sealing
from sunlight.webhooks.models import Webhook

# Sealed by the secret key before webhooks had a suite; readable until `manage.py reseal` seals it again.
_EARLIER = b"blocks.webhook.secret"


def fresh() -> str:
    """A new secret as the receiver enters it: `whsec_` and 32 random bytes in base64."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def keep(webhook: Webhook, secret: str, old: str | None = None) -> None:
    """Put `secret`, and the one before it, sealed on the row; saves nothing."""
    context = _context(webhook)
    webhook.secret, webhook.suite = sealing.seal(secret.encode(), context)
    webhook.old_secret = None if old is None else sealing.seal(old.encode(), context)[0]
    if old is None:
        webhook.old_secret_until = None


def opened(webhook: Webhook, kept: bytes) -> str:
    """One of the row's secrets. Raises CryptoError where no key of the deployment opens it."""
    if webhook.suite:
        return sealing.unseal(kept, _context(webhook), webhook.suite).decode()
    for text in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        key = HKDF(SHA256(), 32, None, _EARLIER).derive(text.encode())
        try:
            return DefaultProvider(signing_key=key, encryption_key=key).decrypt(bytes(kept), _EARLIER).decode()
        except CryptoError:
            continue
    raise CryptoError("no key of this process opens the webhook's secret")


def opened_or_none(webhook: Webhook, kept: bytes | None) -> str | None:
    """As `opened`; None where there is none or its key is gone."""
    try:
        return None if kept is None else opened(webhook, kept)
    except CryptoError:
        return None


def is_current(webhook: Webhook) -> bool:
    """Whether the key that seals now sealed all of the row's secrets."""
    kept = [each for each in (webhook.secret, webhook.old_secret) if each is not None]
    return all(sealing.is_current(each, _context(webhook), webhook.suite) for each in kept)


def _context(webhook: Webhook) -> str:
    return f"webhooks_webhook:{webhook.organisation_id}"


def signed_headers(webhook: Webhook, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers of a signed message; during the overlap signed by both secrets. Raises CryptoError."""
    kept = [webhook.secret]
    if webhook.old_secret is not None and webhook.old_secret_until > at:
        kept.append(webhook.old_secret)
    stamp = str(int(at.timestamp()))
    signatures = " ".join(_signature(opened(webhook, each), message_id, stamp, body) for each in kept)
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
