"""Signing checkpoints: Ed25519, with a key from a file that only the workers read. The database never sees it.

What is signed is plain text, a line for each fact, so that anybody can build it again (docs/formats.md).
"""

import base64
import binascii
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

# The first line of what is signed says what it is: a signature under one statement is none under another.
CHECKPOINT, BREAK = "sunlight-checkpoint/1", "sunlight-break/1"


class NoKey(Exception):
    """The file of the key is missing, unreadable, or holds no Ed25519 key."""


@dataclass(frozen=True)
class Key:
    """A signing key with the names others know it by: `public` is its public half in base64, `id` the begin of that
    half's SHA-256."""

    private: Ed25519PrivateKey
    public: str
    id: str

    def sign(self, lines: list[str]) -> str:
        """The signature of a statement, in base64."""
        return base64.b64encode(self.private.sign(_text(lines))).decode()


def signing_key() -> Key | None:
    """This process's key; None where none is configured. Raises NoKey."""
    return load(Path(settings.CHECKPOINT_KEY_FILE)) if settings.CHECKPOINT_KEY_FILE else None


def load(path: Path) -> Key:
    """The key in a PEM file. Raises NoKey."""
    try:
        private = serialization.load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise NoKey(f"{path}: {type(error).__name__}") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise NoKey(f"{path}: no Ed25519 key")
    raw = private.public_key().public_bytes_raw()
    return Key(private, base64.b64encode(raw).decode(), key_id(raw))


def make(path: Path) -> Key:
    """A new key in a new file that only its owner reads. Raises FileExistsError."""
    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
    return load(path)


def key_id(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()[:16]


def is_signed(public: str, signature: str, lines: list[str]) -> bool:
    """Whether the holder of the key signed this statement."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public, validate=True))
        key.verify(base64.b64decode(signature, validate=True), _text(lines))
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True


def _text(lines: list[str]) -> bytes:
    if any("\n" in line for line in lines):
        raise ValueError("a line of a signed statement has no line break")
    return ("\n".join(lines) + "\n").encode()
