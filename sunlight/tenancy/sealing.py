"""Secrets that the platform must read again, sealed before they reach the database. Keys come from the environment
(`SUNLIGHT_ENCRYPTION_KEY`); the first seals, all of them open. The secret key opens too: it sealed where no other was
given. `manage.py reseal` seals everything again with the first key, so that the others can be removed."""

import hashlib

from django.conf import settings

from sunlight.kernel.crypto import CryptoError, DefaultProvider


def _key(text: str, purpose: str) -> bytes:
    return hashlib.sha256(f"sunlight.{purpose}:{text}".encode()).digest()


def _providers() -> list[DefaultProvider]:
    return [
        DefaultProvider(signing_key=_key(text, "signing"), encryption_key=_key(text, "encryption"))
        for text in [*settings.ENCRYPTION_KEYS, settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    ]


def seal(plain: bytes, context: str) -> tuple[bytes, str]:
    """`plain` sealed for `context` (say, table and owner), and the suite that did it."""
    provider = _providers()[0]
    return provider.encrypt(plain, context.encode()), provider.suite


def unseal(sealed: bytes, context: str, suite: str) -> bytes:
    """What `seal` sealed for the same context. Raises CryptoError where no key of ours opens it."""
    return _opened(_providers(), sealed, context, suite)


def is_current(sealed: bytes, context: str, suite: str) -> bool:
    """Whether the key that seals now is the one that sealed this."""
    try:
        _opened(_providers()[:1], sealed, context, suite)
    except CryptoError:
        return False
    return True


def _opened(providers: list[DefaultProvider], sealed: bytes, context: str, suite: str) -> bytes:
    for provider in providers:
        if provider.suite == suite:
            try:
                return provider.decrypt(bytes(sealed), context.encode())
            except CryptoError:
                continue
    raise CryptoError("no key of this process opens the sealed value")
