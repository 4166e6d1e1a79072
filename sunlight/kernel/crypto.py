"""One interface for digests, signatures and secrecy, so that SM2, SM3 and SM4 can take its place by configuration.

Every stored value keeps the `suite` that made it; a provider refuses values of another suite by failing to verify.
"""

import hashlib
import os
from typing import Protocol

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_NONCE_BYTES = 12


class CryptoError(Exception):
    """A secret that does not open: wrong key, wrong context, or changed on the way."""


class Provider(Protocol):
    """What the platform needs from a suite of algorithms. All values are bytes."""

    suite: str

    def digest(self, data: bytes) -> bytes:
        """Collision-resistant digest of `data`."""

    def sign(self, data: bytes) -> bytes:
        """Signature of `data` with the provider's private key."""

    def verify(self, data: bytes, signature: bytes, public_key: bytes | None = None) -> bool:
        """Whether `signature` is of `data`, by `public_key` or the provider's own."""

    def encrypt(self, plain: bytes, context: bytes) -> bytes:
        """`plain` sealed; opens only with the same `context` (say, table and row id)."""

    def decrypt(self, sealed: bytes, context: bytes) -> bytes:
        """What `encrypt` sealed. Raises CryptoError."""


class DefaultProvider:
    """SHA-256, Ed25519, AES-256-GCM. Both keys are 32 random bytes from the deployment's secrets."""

    suite = "sha256-ed25519-aes256gcm"

    def __init__(self, *, signing_key: bytes, encryption_key: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(signing_key)
        self._cipher = AESGCM(encryption_key)

    @property
    def public_key(self) -> bytes:
        """The 32 bytes others need to verify this provider's signatures."""
        return self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def digest(self, data: bytes) -> bytes:
        """SHA-256."""
        return hashlib.sha256(data).digest()

    def sign(self, data: bytes) -> bytes:
        """Ed25519, 64 bytes."""
        return self._private.sign(data)

    def verify(self, data: bytes, signature: bytes, public_key: bytes | None = None) -> bool:
        """Ed25519; False for any malformed key or signature too."""
        try:
            key = Ed25519PublicKey.from_public_bytes(self.public_key if public_key is None else public_key)
            key.verify(signature, data)
        except (InvalidSignature, ValueError):
            return False
        return True

    def encrypt(self, plain: bytes, context: bytes) -> bytes:
        """AES-256-GCM: random nonce, then ciphertext with tag."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, context)

    def decrypt(self, sealed: bytes, context: bytes) -> bytes:
        """What `encrypt` sealed. Raises CryptoError."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context)
        except (InvalidTag, ValueError) as error:
            raise CryptoError("the sealed value does not open with this key and context") from error
