"""Passkeys (WebAuthn): what a browser is asked for, and whether its answer is right. It is used together with the
password, so a key that stays in its device is enough. `host` is the name people reach the platform by."""

import json
from collections.abc import Iterable

from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    UserVerificationRequirement,
)

PREFERRED = UserVerificationRequirement.PREFERRED


class PasskeyRefused(Exception):
    """An answer that is not of this browser, this question or a key we know."""


def _server(host: str) -> Fido2Server:
    return Fido2Server(PublicKeyCredentialRpEntity(id=host, name="阳光交易"))


def _credentials(known: Iterable[bytes]) -> list[AttestedCredentialData]:
    return [AttestedCredentialData(bytes(data)) for data in known]


def creation(*, host: str, user_id: int, username: str, name: str, known: Iterable[bytes]) -> tuple[dict, dict]:
    """(options for `navigator.credentials.create`, what to keep until the answer) for a new passkey."""
    person = PublicKeyCredentialUserEntity(id=str(user_id).encode(), name=username, display_name=name)
    options, state = _server(host).register_begin(person, credentials=_credentials(known), user_verification=PREFERRED)
    return dict(options)["publicKey"], state


def created(*, host: str, state: dict, answer: str) -> tuple[str, bytes, int]:
    """(id in hex, public credential, count) of the new passkey in a browser's `answer`. Raises PasskeyRefused."""
    try:
        made = _server(host).register_complete(state, json.loads(answer))
        credential = made.credential_data
        return credential.credential_id.hex(), bytes(credential), made.counter
    except (ValueError, TypeError, KeyError, AttributeError) as wrong:
        raise PasskeyRefused(str(wrong)) from wrong


def request(*, host: str, known: Iterable[bytes]) -> tuple[dict, dict]:
    """(options for `navigator.credentials.get`, what to keep until the answer)."""
    options, state = _server(host).authenticate_begin(_credentials(known), user_verification=PREFERRED)
    return dict(options)["publicKey"], state


def answered(*, host: str, state: dict, known: Iterable[bytes], answer: str) -> tuple[str, int]:
    """(id in hex, count) of the known passkey that signed this question. Raises PasskeyRefused."""
    try:
        given = json.loads(answer)
        credential = _server(host).authenticate_complete(state, _credentials(known), given)
        count = AuthenticationResponse.from_dict(given).response.authenticator_data.counter
        return credential.credential_id.hex(), count
    except (ValueError, TypeError, KeyError, AttributeError) as wrong:
        raise PasskeyRefused(str(wrong)) from wrong
