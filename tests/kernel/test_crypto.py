import pytest

from sunlight.kernel.crypto import CryptoError, DefaultProvider

ONE = DefaultProvider(signing_key=b"\x01" * 32, encryption_key=b"\x02" * 32)
OTHER = DefaultProvider(signing_key=b"\x03" * 32, encryption_key=b"\x04" * 32)


def test_digest_is_sha256():
    assert ONE.digest(b"").hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_signatures_bind_data_and_key():
    signature = ONE.sign(b"contract")
    assert ONE.verify(b"contract", signature)
    assert OTHER.verify(b"contract", signature, ONE.public_key)
    assert not ONE.verify(b"contract!", signature)
    assert not OTHER.verify(b"contract", signature)
    assert not ONE.verify(b"contract", b"short")
    assert not ONE.verify(b"contract", signature, b"no key")


def test_sealed_values_open_only_with_key_and_context():
    sealed = ONE.encrypt(b"6222 0000", b"bank_account:7")
    assert b"6222" not in sealed
    assert ONE.encrypt(b"6222 0000", b"bank_account:7") != sealed
    assert ONE.decrypt(sealed, b"bank_account:7") == b"6222 0000"
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for provider, value, context in (
        (ONE, sealed, b"bank_account:8"),
        (OTHER, sealed, b"bank_account:7"),
        (ONE, changed, b"bank_account:7"),
        (ONE, b"", b"bank_account:7"),
    ):
        with pytest.raises(CryptoError):
            provider.decrypt(value, context)
