"""The second factor: adding, giving and removing a code generator, a passkey, a certificate key; recovery codes."""

import base64
import hashlib
import secrets
import unicodedata
from collections.abc import Callable
from datetime import datetime

import pyotp

from sunlight import scope
from sunlight.journal.declared import EventType
from sunlight.journal.refusals import Forbidden, Invalid, NotThere
from sunlight.journal.services import record, service
from sunlight.kernel import reading
from sunlight.kernel.crypto import CryptoError
from sunlight.scope import Actor, Client
from sunlight.tenancy import passkeys, sealing
from sunlight.tenancy.devices import device_of
from sunlight.tenancy.events import FACTOR_ADDED, FACTOR_REMOVED, RECOVERY_CODES_MADE
from sunlight.tenancy.models import Factor, LoginRecord, RecoveryCode, Session, User
from sunlight.tenancy.queries.actors import memberships_of
from sunlight.tenancy.queries.people import lock_login, login_locked_until, second_factor_required
from sunlight.tenancy.services.people import Proof

STEP_SECONDS = 30
# A clock that is half a minute wrong is still right.
STEPS_AROUND = (0, -1, 1)
RECOVERY_CODES = 10
RECOVERY_BYTES = 10


def _context(user_id: int) -> str:
    return f"tenancy_factor:totp:{user_id}"


def _person(actor: Actor) -> User:
    """The actor's own row, locked; to be called in the login scope. Raises Forbidden for machines and for accounts
    that several people share."""
    user = User.objects.select_for_update().filter(pk=actor.user_id, is_active=True).first()
    if user is None:
        raise Forbidden("not_a_person", "接口客户端没有第二重验证。")
    if user.is_demo:
        raise Forbidden("demo_factor", "演示账号由多人共用，不能设置第二重验证。")
    return user


def _record(event: EventType, factor: Factor, actor: Actor, at: datetime) -> None:
    payload = {"kind": factor.kind, "name": factor.name}
    record(event, subject=factor.user_id, actor=actor, at=at, payload=payload)


def totp_uri(user: User) -> tuple[str, str]:
    """(secret in base32, otpauth URI) of the generator that is being set up. Raises NotThere. Opens the login scope."""
    with scope.login_scope():
        factor = Factor.objects.filter(user=user, kind="totp", confirmed_at=None).first()
    if factor is None:
        raise NotThere("正在设置的动态口令")
    secret = sealing.unseal(factor.data, _context(user.pk), factor.suite).decode()
    return secret, pyotp.TOTP(secret).provisioning_uri(name=user.username, issuer_name="阳光交易")


@service
def totp_begin(*, actor: Actor, at: datetime) -> Factor:
    """A fresh secret for a code generator; it counts once its first code is given. Raises Conflict-like Invalid where
    the person has one that counts."""
    with scope.login_scope():
        user = _person(actor)
        if Factor.objects.filter(user=user, kind="totp", confirmed_at__isnull=False).exists():
            raise Invalid("totp_is_set", "您已设置动态口令。要更换，请先移除现有的。")
        sealed, suite = sealing.seal(pyotp.random_base32().encode(), _context(user.pk))
        factor, _ = Factor.objects.update_or_create(
            user=user, kind="totp", defaults={"data": sealed, "suite": suite, "added_at": at, "counter": 0}
        )
    return factor


@service
def factors_reseal(*, actor: Actor, at: datetime) -> tuple[int, int]:
    """Seal every code generator again with the current key; returns (done, failed: no key opens them). For the
    operations command."""
    done = lost = 0
    with scope.login_scope():
        for factor in Factor.objects.select_for_update().filter(kind="totp").order_by("id"):
            context = _context(factor.user_id)
            if sealing.is_current(factor.data, context, factor.suite):
                continue
            try:
                plain = sealing.unseal(factor.data, context, factor.suite)
            except CryptoError:
                lost += 1
                continue
            factor.data, factor.suite = sealing.seal(plain, context)
            factor.save(update_fields=["data", "suite"])
            done += 1
    return done, lost


@service
def totp_confirm(*, actor: Actor, at: datetime, code: str) -> list[str]:
    """The first code of the generator that is being set up; from now on it counts. Returns new recovery codes where the
    person has none left, shown this once."""
    with scope.login_scope():
        user = _person(actor)
        factor = Factor.objects.filter(user=user, kind="totp", confirmed_at=None).first()
        if factor is None:
            raise NotThere("正在设置的动态口令")
        if not _accepts(factor, code, at):
            raise Invalid("code_wrong", "验证码不正确。请核对手机时间，输入当前显示的 6 位数字。", field="code")
        factor.confirmed_at = at
        factor.save(update_fields=["confirmed_at"])
        codes = _codes_if_none(user, at)
    factor.name = "动态口令"
    _record(FACTOR_ADDED, factor, actor, at)
    return codes


@service
def key_add(
    *, actor: Actor, at: datetime, kind: str, identifier: str, name: str, data: bytes = b"", counter: int = 0
) -> list[str]:
    """A passkey or certificate key that was proved a moment ago. Returns new recovery codes where the person has none
    left. A key that somebody has already is a Conflict."""
    plain = reading.text(name, "name", "名称", most=60, required=False) or dict(Factor.KINDS)[kind]
    with scope.login_scope():
        user = _person(actor)
        factor = Factor.objects.create(
            user=user,
            kind=kind,
            name=plain,
            data=data,
            identifier=identifier,
            counter=counter,
            added_at=at,
            confirmed_at=at,
        )
        codes = _codes_if_none(user, at)
    _record(FACTOR_ADDED, factor, actor, at)
    return codes


@service
def factor_remove(*, actor: Actor, at: datetime, factor_id: int) -> None:
    """Remove one of your own; with the last one, the recovery codes go too. Raises NotThere, and Forbidden where the
    account profile demands one of the person and this is the last."""
    with scope.login_scope():
        user = _person(actor)
        own = list(Factor.objects.filter(user=user, confirmed_at__isnull=False))
        factor = next((each for each in own if each.pk == factor_id), None)
        if factor is None:
            raise NotThere("这个验证方式")
        if len(own) == 1 and second_factor_required(memberships_of(user.pk)):
            raise Forbidden("factor_is_required", "您的岗位必须使用第二重验证。请先添加另一种验证方式，再移除这一种。")
        factor.delete()
        if len(own) == 1:
            RecoveryCode.objects.filter(user=user).delete()
    _record(FACTOR_REMOVED, factor, actor, at)


@service
def recovery_codes_make(*, actor: Actor, at: datetime) -> list[str]:
    """New recovery codes in place of all earlier ones."""
    with scope.login_scope():
        user = _person(actor)
        if not Factor.objects.filter(user=user, confirmed_at__isnull=False).exists():
            raise Invalid("no_factor", "请先设置动态口令或通行密钥。")
        codes = _codes(user, at)
    record(RECOVERY_CODES_MADE, subject=user.pk, actor=actor, at=at, payload={"count": len(codes)})
    return codes


def factors_reset(user: User) -> int:
    """Remove all second factors of a person, for an administrator's service; returns their number. Call it in the login
    scope."""
    RecoveryCode.objects.filter(user=user).delete()
    Session.objects.filter(user_id=user.pk).delete()
    removed, _ = Factor.objects.filter(user=user).delete()
    return removed


def _codes_if_none(user: User, at: datetime) -> list[str]:
    return [] if RecoveryCode.objects.filter(user=user, used_at=None).exists() else _codes(user, at)


def _codes(user: User, at: datetime) -> list[str]:
    RecoveryCode.objects.filter(user=user).delete()
    plain = [base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower() for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, digest=_digest(user, code), made_at=at) for code in plain)
    return ["-".join(code[i : i + 4] for i in range(0, len(code), 4)) for code in plain]


def _digest(user: User, code: str) -> str:
    return hashlib.sha256(f"recovery:{user.pk}:{code}".encode()).hexdigest()


def digits_of(code: str) -> str:
    """A code as people type it, `123 456`, with a hyphen or in full-width digits, as the generator means it."""
    plain = unicodedata.normalize("NFKC", code[:64])
    return "".join(
        each for each in plain if not each.isspace() and unicodedata.category(each) != "Pd" and each != "\u2212"
    )


def _accepts(factor: Factor, code: str, at: datetime) -> bool:
    """Whether `code` is the generator's for about this moment and for a later step than the last one taken; takes it."""
    try:
        generator = pyotp.TOTP(sealing.unseal(factor.data, _context(factor.user_id), factor.suite).decode())
    except CryptoError:
        return False
    now = int(at.timestamp()) // STEP_SECONDS
    for step in (now + around for around in STEPS_AROUND):
        if secrets.compare_digest(generator.generate_otp(step).encode(), digits_of(code).encode()):
            later = Factor.objects.filter(pk=factor.pk, counter__lt=step)
            return later.update(counter=step, used_at=at) == 1
    return False


def _recovers(user: User, code: str, at: datetime) -> bool:
    plain = digits_of(code).lower()
    unused = RecoveryCode.objects.filter(user=user, digest=_digest(user, plain), used_at=None)
    return unused.update(used_at=at) == 1


def _record_attempt(user: User, client: Client, at: datetime, right: Callable[[], bool]) -> Proof:
    """Check one second factor; the attempt is recorded and counts towards the lock like one with a password. Call it in
    the login scope."""
    lock_login(user.username)
    device, address = device_of(user, client.device), client.address[:64]
    until = login_locked_until(username=user.username, address=address, at=at, device=device, user_id=user.pk)
    succeeded = until is None and right()
    LoginRecord.objects.create(
        username=user.username,
        user_id=user.pk,
        succeeded=succeeded,
        locked=until is not None,
        address=address,
        agent=client.agent[:300],
        device=device,
        at=at,
    )
    return Proof(user if succeeded else None, until)


def code_try(*, user: User, code: str, client: Client, at: datetime) -> Proof:
    """A generator's six digits, each good once, or a recovery code. Call it in the login scope."""

    def right() -> bool:
        factor = Factor.objects.filter(user=user, kind="totp", confirmed_at__isnull=False).first()
        return (factor is not None and _accepts(factor, code, at)) or _recovers(user, code, at)

    return _record_attempt(user, client, at, right)


def passkey_try(*, user: User, host: str, state: dict, answer: str, client: Client, at: datetime) -> Proof:
    """A browser's answer to the question kept in `state`. A count that does not rise is a copied key. Call it in the
    login scope."""

    def right() -> bool:
        known = Factor.objects.filter(user=user, kind="passkey")
        try:
            identifier, count = passkeys.answered(host=host, state=state, known=[f.data for f in known], answer=answer)
        except passkeys.PasskeyRefused:
            return False
        factor = known.get(identifier=identifier)
        if (count or factor.counter) and count <= factor.counter:
            return False
        return Factor.objects.filter(pk=factor.pk, counter=factor.counter).update(counter=count, used_at=at) == 1

    return _record_attempt(user, client, at, right)


def certificate_try(*, user: User, fingerprint: str, client: Client, at: datetime) -> Proof:
    """A certificate our proxy verified for this connection, as one the person registered. Call it in the login
    scope."""

    def right() -> bool:
        own = Factor.objects.filter(user=user, kind="certificate", identifier=fingerprint)
        return bool(fingerprint) and own.update(used_at=at) == 1

    return _record_attempt(user, client, at, right)
