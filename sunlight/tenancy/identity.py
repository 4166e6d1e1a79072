"""Who a person is: a document's number or a mobile phone, kept as a keyed hash and never as it was typed.

The keys come from the environment (`SUNLIGHT_IDENTITY_KEY`, else those that seal); the first one hashes, each of them finds. A
hash cannot be made anew without the number, so an earlier key stays in the list as long as rows carry its name; whoever shows
the number again is written under the first key.
"""

import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from django.conf import settings

from sunlight.kernel.reading import Unreadable

DOCUMENT, PHONE = "document", "phone"
_RESIDENT = re.compile(r"[0-9]{17}[0-9X]")
# Passports, and the permits of Hong Kong, Macao and Taiwan residents.
_OTHER_DOCUMENT = re.compile(r"(?=.*[0-9]{6})[A-Z0-9]{7,20}")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_ABROAD = re.compile(r"\+[1-9][0-9]{7,14}")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True, slots=True)
class Identity:
    """One mark of a human being: its kind, and its (key's name, hash in hex) under each key, the first for new rows."""

    kind: str
    hashes: tuple[tuple[str, str], ...]

    def to_json(self) -> dict:
        return {"kind": self.kind, "hashes": [list(each) for each in self.hashes]}


def of_json(kept: dict) -> Identity:
    return Identity(kept["kind"], tuple((name, digest) for name, digest in kept["hashes"]))


def _identity(kind: str, value: str) -> Identity:
    return Identity(kind, tuple((name_of(key), _hash(key, kind, value)) for key in keys()))


def keys() -> list[bytes]:
    texts = [*settings.IDENTITY_KEYS, *settings.ENCRYPTION_KEYS] or [
        settings.SECRET_KEY,
        *settings.SECRET_KEY_FALLBACKS,
    ]
    return [hashlib.sha256(f"sunlight.identity:{text}".encode()).digest() for text in texts]


def name_of(key: bytes) -> str:
    """What a key is called in rows; says nothing of the key."""
    return hashlib.sha256(b"name:" + key).hexdigest()[:12]


def _hash(key: bytes, kind: str, value: str) -> str:
    return hmac.new(key, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()


def _folded(typed: object) -> str:
    """Digits and letters of full width become plain ones, spaces, hyphens and brackets go."""
    plain = unicodedata.normalize("NFKC", typed[:60]) if isinstance(typed, str) else ""
    return re.sub(r"[\s()·-]|‐|‑|–|—", "", plain).upper()


def resident_number_is_valid(number: str) -> bool:
    """Whether 18 characters are a resident's number: its day of birth is one, its last character right (GB 11643)."""
    if not _RESIDENT.fullmatch(number):
        return False
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == number[17]


def document(typed: object, field: str = "document") -> Identity | None:
    """A document's number; None where nothing was typed. Raises Unreadable."""
    number = _folded(typed)
    if not number:
        return None
    if re.fullmatch(r"[0-9]{15}", number):
        raise Unreadable("document_unfit", "15 位旧身份证号已停用，请填写现行 18 位身份证号码。", field)
    if re.fullmatch(r"[0-9]{16,18}|[0-9]{17}.", number) and not resident_number_is_valid(number):
        raise Unreadable("document_unfit", "身份证号码不正确（位数、出生日期或校验位），请对照证件核对。", field)
    if not (_RESIDENT.fullmatch(number) or _OTHER_DOCUMENT.fullmatch(number)):
        raise Unreadable(
            "document_unfit", "证件号码不正确，请填写身份证、护照或通行证上的完整号码，不含其他文字。", field
        )
    return _identity(DOCUMENT, number)


def phone(typed: object, field: str = "phone") -> Identity | None:
    """A mobile phone; None where nothing was typed. Raises Unreadable: a desk's telephone is nobody's own."""
    number = _folded(typed)
    if not number:
        return None
    plain = number.removeprefix("+86") if number.startswith("+86") else number
    plain = plain.removeprefix("0086") if plain.startswith("0086") else plain
    if not (_MOBILE.fullmatch(plain) or (_ABROAD.fullmatch(plain) and not plain.startswith("+86"))):
        raise Unreadable(
            "phone_unfit", "请填写本人的手机号码（11 位；境外号码以 + 和国家代码开头），不能是单位座机。", field
        )
    return _identity(PHONE, plain)
