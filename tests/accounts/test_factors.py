"""The second factor: generator, recovery codes, certificate keys; who must have one; replays, guesses, removals."""

from datetime import timedelta

import pyotp
import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client

from sunlight import scope
from sunlight.journal.models import Event
from sunlight.scope import Role
from sunlight.tenancy import profile
from sunlight.tenancy.models import Factor, LoginRecord, RecoveryCode, User
from tests.world import PASSWORD

STEP = timedelta(seconds=30)
FINGERPRINT = "ab" * 32
CERTIFICATE = {"X-SSL-Client-Verify": "SUCCESS", "X-SSL-Client-Fingerprint": FINGERPRINT.upper()}


@pytest.fixture
def clock():
    with time_machine.travel("2026-06-01T02:00:00Z", tick=False) as traveller:
        yield traveller


@pytest.fixture
def person(clock, world):
    return world.actor("hospital", Role.HOSPITAL_FINANCE)


def user_of(actor) -> User:
    with scope.login_scope():
        return User.objects.get(pk=actor.user_id)


def log_in(actor, password=PASSWORD, **headers):
    client = Client(headers=headers)
    answer = client.post("/login/", {"username": user_of(actor).username, "password": password})
    return client, answer


def set_up(client) -> tuple[pyotp.TOTP, list[str]]:
    """A generator set up as people do it: (generator, recovery codes)."""
    assert client.post("/account/totp/begin/").headers["Location"] == "/account/totp/"
    page = client.get("/account/totp/")
    generator = pyotp.TOTP(page.context["secret"])
    answer = client.post("/account/totp/", {"code": generator.at(scope.now())})
    assert answer.status_code == 200
    return generator, answer.context["codes"]


@pytest.fixture
def armed(person, clock):
    """(person, generator, recovery codes), half a minute after the generator was set up."""
    client, _ = log_in(person)
    generator, codes = set_up(client)
    clock.shift(STEP)
    return person, generator, codes


def give(client, code):
    return client.post("/account/factor/", {"code": code})


def rows(model, **where):
    with scope.login_scope():
        return list(model.objects.filter(**where).order_by("id"))


def test_who_watches_pays_or_signs_must_have_one_by_default():
    demanded = profile.AccountProfile().second_factor_for
    for role in (
        Role.OPERATOR_SETTLER,
        Role.REGULATOR_OFFICER,
        Role.PLATFORM_SYSTEM_ADMIN,
        Role.HOSPITAL_FINANCE,
        Role.HOSPITAL_APPROVER,
    ):
        assert role in demanded
    assert demanded.isdisjoint({Role.HOSPITAL_BUYER, Role.SUPPLIER_SELLER, Role.SYSTEM})


def test_who_must_have_one_sets_it_up_before_anything_opens(person, demanded):
    demanded(Role.HOSPITAL_FINANCE)
    client, answer = log_in(person)
    assert answer.headers["Location"].startswith("/account/security/")
    for closed in ("/", "/account/password/", "/account/sessions/", "/account/confirm/", "/settlement/runs/"):
        assert client.get(closed).status_code == 302
    assert client.get("/api/v1/orders/").status_code == 401
    assert client.post("/account/recovery-codes/").status_code == 302
    assert "必须使用第二重验证" in client.get("/account/security/").content.decode()
    _, codes = set_up(client)
    assert len(codes) == len(set(codes)) == 10 and client.get("/").status_code == 200


def test_a_generator_is_asked_for_after_the_password(armed):
    person, generator, _ = armed
    client, answer = log_in(person)
    assert answer.headers["Location"].startswith("/account/factor/")
    for closed in ("/", "/account/password/", "/account/security/", "/account/totp/", "/account/confirm/"):
        assert client.get(closed).status_code == 302
    assert client.post("/account/password/", {"old": PASSWORD, "new": "x" * 20, "again": "x" * 20}).status_code == 302
    assert user_of(person).check_password(PASSWORD)
    before = client.session.session_key
    assert give(client, generator.at(scope.now())).headers["Location"] == "/"
    assert client.get("/").status_code == 200 and client.session.session_key != before


@pytest.mark.parametrize("written", ["{0} {1}", "{0}-{1}", "\u3000{0}\u3000{1}", "{0}\u2013{1}"])
@pytest.mark.parametrize("full_width", [False, True])
def test_a_code_is_taken_as_people_type_it(armed, written, full_width):
    person, generator, _ = armed
    client, _ = log_in(person)
    code = generator.at(scope.now())
    typed = written.format(code[:3], code[3:])
    if full_width:
        typed = typed.translate({ord("0") + n: ord("\uff10") + n for n in range(10)})
    assert give(client, typed).headers["Location"] == "/"


def test_wrong_codes_lock_wherever_they_come_from(armed, clock):
    """Who gets this far has the password: no stranger, so that another address brings no five more tries."""
    person, generator, _ = armed
    for number in range(5):
        client, _ = log_in(person)
        where = {"REMOTE_ADDR": f"203.0.113.{number}"}
        assert client.post("/account/factor/", {"code": "000000"}, **where).status_code == 422
    client, _ = log_in(person)
    code = generator.at(scope.now())
    assert client.post("/account/factor/", {"code": code}, REMOTE_ADDR="203.0.113.99").status_code == 422


def test_a_code_is_good_once(armed, clock):
    person, generator, _ = armed
    code = generator.at(scope.now())
    assert give(log_in(person)[0], code).status_code == 302
    again = log_in(person)[0]
    refused = give(again, code)
    assert refused.status_code == 422 and refused.context["refusal"].code == "factor_wrong"
    assert give(again, generator.at(scope.now() - STEP)).status_code == 422
    clock.shift(STEP)
    assert give(again, generator.at(scope.now())).status_code == 302


@pytest.mark.parametrize(("seconds", "status"), [(-60, 422), (-30, 422), (0, 302), (30, 302), (60, 422), (3600, 422)])
def test_a_clock_may_be_half_a_minute_wrong_but_not_go_back(armed, seconds, status):
    person, generator, _ = armed
    code = generator.at(scope.now() + timedelta(seconds=seconds))
    assert give(log_in(person)[0], code).status_code == status


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "\x00", "９９９９９９", "' or 1=1 --", "x" * 5000])
def test_strange_codes_are_wrong_codes(armed, code):
    assert give(log_in(armed[0])[0], code).status_code == 422


def test_the_right_password_does_not_forgive_wrong_codes(armed, clock):
    """Who has the password and guesses the code is locked out all the same."""
    person, generator, _ = armed
    for _ in range(5):
        client, answer = log_in(person)
        assert answer.status_code == 302
        assert give(client, "000000").status_code == 422
    assert log_in(person)[1].status_code == 429
    assert give(client, generator.at(scope.now())).context["refusal"].code == "locked"
    clock.shift(timedelta(minutes=15))
    client, _ = log_in(person)
    assert give(client, generator.at(scope.now())).status_code == 302
    tries = rows(LoginRecord, username=user_of(person).username)
    assert [t.awaits_factor for t in tries].count(True) == 6 and tries[-1].succeeded


def test_a_recovery_code_is_good_once(armed):
    person, _, codes = armed
    client, _ = log_in(person)
    assert give(client, codes[3].upper().replace("-", " ")).status_code == 302
    assert "还剩 9 个" in client.get("/account/security/").content.decode()
    assert give(log_in(person)[0], codes[3]).status_code == 422
    assert give(log_in(person)[0], codes[4]).status_code == 302


def test_new_recovery_codes_end_the_old_ones(armed):
    person, _, codes = armed
    client, _ = log_in(person)
    give(client, codes[0])
    new = client.post("/account/recovery-codes/").context["codes"]
    assert set(new).isdisjoint(codes)
    assert give(log_in(person)[0], codes[1]).status_code == 422
    assert give(log_in(person)[0], new[0]).status_code == 302


def test_nothing_that_opens_an_account_is_kept_in_clear(armed):
    person, generator, codes = armed
    (factor,) = rows(Factor)
    assert generator.secret.encode() not in bytes(factor.data) and factor.suite
    kept = {code.digest for code in rows(RecoveryCode)}
    assert kept.isdisjoint(codes) and kept.isdisjoint(c.replace("-", "") for c in codes)
    with scope.opened(person):
        payloads = str([e.payload for e in Event.objects.all()])
    assert generator.secret not in payloads and not any(code in payloads for code in codes)


def test_a_sealed_secret_opens_for_nobody_else(armed, world):
    """A row copied to another person's id is not their generator."""
    from sunlight.kernel.crypto import CryptoError
    from sunlight.tenancy import sealing

    (factor,) = rows(Factor)
    with pytest.raises(CryptoError):
        sealing.unseal(factor.data, "tenancy_factor:totp:1", factor.suite)


def test_an_earlier_key_still_opens_what_it_sealed(settings):
    from sunlight.tenancy import sealing

    settings.ENCRYPTION_KEYS = ["old"]
    sealed, suite = sealing.seal(b"secret", "x")
    settings.ENCRYPTION_KEYS = ["new", "old"]
    assert sealing.unseal(sealed, "x", suite) == b"secret"


def test_resealing_lets_the_earlier_key_go(person, clock, settings):
    settings.ENCRYPTION_KEYS = ["old"]
    generator, _ = set_up(log_in(person)[0])
    clock.shift(STEP)
    settings.ENCRYPTION_KEYS = ["new", "old"]
    call_command("reseal")
    settings.ENCRYPTION_KEYS = ["new"]
    client, _ = log_in(person)
    assert give(client, generator.at(scope.now())).status_code == 302
    assert client.get("/").status_code == 200
    settings.ENCRYPTION_KEYS = ["third"]
    with pytest.raises(CommandError, match="无法打开"):
        call_command("reseal")


def test_removing_is_journaled_and_the_last_demanded_one_stays(armed, demanded):
    person, generator, _ = armed
    client, _ = log_in(person)
    give(client, generator.at(scope.now()))
    (factor,) = rows(Factor)
    demanded(Role.HOSPITAL_FINANCE)
    path = f"/account/factors/{factor.id}/remove/"
    assert client.post(path).status_code == 403 and rows(Factor) and rows(RecoveryCode)
    demanded()
    assert client.post(path).status_code == 302
    assert (rows(Factor), rows(RecoveryCode)) == ([], [])
    with scope.opened(person):
        names = list(
            Event.objects.filter(subject_type="user", subject_id=person.user_id).values_list("name", flat=True)
        )
    assert {"factor_added", "factor_removed"} <= set(names)


def test_somebody_elses_factor_is_not_there(armed, world):
    (factor,) = rows(Factor)
    other, _ = log_in(world.actor("other_hospital", Role.HOSPITAL_FINANCE))
    assert other.post(f"/account/factors/{factor.id}/remove/").status_code == 404
    assert rows(Factor) == [factor]


def test_changing_factors_asks_who_one_is_first(armed, clock, settings):
    settings.ACCOUNT_PROFILE = "standard"
    person, generator, _ = armed
    client, _ = log_in(person)
    give(client, generator.at(scope.now()))
    clock.shift(timedelta(minutes=11))
    for path in ("/account/totp/begin/", "/account/recovery-codes/", f"/account/factors/{rows(Factor)[0].id}/remove/"):
        assert client.post(path).headers["Location"].startswith("/account/confirm/")
    assert len(rows(Factor)) == 1
    confirm = "/account/confirm/"
    assert client.post(confirm, {"old": PASSWORD}).status_code == 422
    assert client.post(confirm, {"code": generator.at(scope.now()), "next": "/account/security/"}).status_code == 302
    assert client.post("/account/recovery-codes/").status_code == 200


def test_shared_demonstration_accounts_have_none(person, demanded):
    demanded(Role.HOSPITAL_FINANCE)
    with scope.login_scope():
        User.objects.filter(pk=person.user_id).update(is_demo=True)
    client, answer = log_in(person)
    assert answer.headers["Location"] == "/"
    assert client.post("/account/totp/begin/").status_code == 403
    assert rows(Factor) == []


class TestCertificates:
    @pytest.fixture
    def proxy(self, settings):
        settings.CLIENT_CERTIFICATES = "proxy"

    def test_off_by_default_whatever_a_header_says(self, person):
        client, _ = log_in(person, **CERTIFICATE)
        assert client.post("/account/certificate/").context["refusal"].code == "no_certificate"
        assert rows(Factor) == []

    def test_one_that_the_proxy_verified_is_a_second_factor(self, proxy, person):
        client, _ = log_in(person, **CERTIFICATE)
        assert len(client.post("/account/certificate/").context["codes"]) == 10
        with_key, without = log_in(person, **CERTIFICATE)[0], log_in(person)[0]
        assert "使用数字证书" in with_key.get("/account/factor/").content.decode()
        assert with_key.post("/account/factor/", {"certificate": "1"}).status_code == 302
        assert without.post("/account/factor/", {"certificate": "1"}).status_code == 422

    @pytest.mark.parametrize(
        "header",
        [{"X-SSL-Client-Verify": "FAILED"}, {"X-SSL-Client-Verify": "NONE"}, {"X-SSL-Client-Fingerprint": "ab"}],
    )
    def test_one_that_it_did_not_verify_is_none(self, proxy, person, header):
        client, _ = log_in(person, **(CERTIFICATE | header))
        assert client.post("/account/certificate/").status_code == 422
        assert rows(Factor) == []

    def test_a_certificate_belongs_to_one_person(self, proxy, person, world):
        log_in(person, **CERTIFICATE)[0].post("/account/certificate/")
        other = log_in(world.actor("other_hospital", Role.HOSPITAL_FINANCE), **CERTIFICATE)[0]
        assert other.post("/account/certificate/").status_code == 409
        assert len(rows(Factor)) == 1


@pytest.mark.parametrize("answer", ["", "{}", "[]", "null", "{", '{"id": 1}', '{"response": {}}', "x" * 9000])
def test_a_strange_passkey_is_refused(person, answer):
    client, _ = log_in(person)
    assert client.get("/account/passkey/").status_code == 200
    assert client.post("/account/passkey/", {"passkey": answer}).status_code == 422
    assert client.post("/account/passkey/", {"passkey": answer}).status_code == 422
    assert rows(Factor) == []
