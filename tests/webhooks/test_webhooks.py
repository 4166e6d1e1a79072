"""Webhooks: who is told of what, signed how, tried how often."""

import base64
import json
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.core.management import CommandError, call_command
from django.db import connection
from standardwebhooks import Webhook as Receiver
from standardwebhooks import WebhookVerificationError

from procurement.ordering.events import ORDER_PLACED
from procurement.receiving.events import DELIVERY_DISPATCHED
from sunlight import scope
from sunlight.answers.models import IdempotentAnswer
from sunlight.journal import sealer
from sunlight.journal.models import Event
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere
from sunlight.journal.services import record
from sunlight.kernel.crypto import DefaultProvider
from sunlight.messages.models import Message
from sunlight.scope import Role
from sunlight.tenancy.events import TOKEN_ISSUED
from sunlight.webhooks.models import Webhook, WebhookDelivery
from sunlight.webhooks.outbound import Answer
from sunlight.webhooks.services import webhooks as services
from sunlight.webhooks.services.sending import PAUSES, webhooks_send
from tests.api_client import ApiClient, logged_in

URL = "https://hooks.example.cn/in"


class Line:
    """What stands at the other end: keeps what comes, answers `status`."""

    def __init__(self, status=204):
        self.status, self.got = status, []

    def __call__(self, url, body, headers):
        self.got.append((url, body, headers))
        return Answer(self.status, "" if self.status else "no answer")


@pytest.fixture
def admin(world):
    return world.actor("hospital", Role.HOSPITAL_ADMIN)


def do(actor, service, **facts):
    with scope.opened(actor):
        return service(actor=actor, at=facts.pop("at", None) or scope.now(), **facts)


@pytest.fixture
def hook(admin):
    webhook, secret = do(admin, services.webhook_register, name="HIS", url=URL)
    webhook.clear = secret
    return webhook


def happens(world, *parties, event=ORDER_PLACED, subject=7, platform=None):
    with scope.opened(world.system):
        return record(
            event,
            subject=subject,
            actor=world.system,
            at=scope.now(),
            parties=[p.id for p in parties],
            payload={"number": "20260731000000000001"},
        )


def turn(world, line, at=None) -> int:
    """What beat does: seal, plan, send what is due at `at`."""
    at = at or scope.now()
    with scope.opened(world.system):
        sealer.seal(platform_id=world.platform.id, at=at)
        services.webhooks_plan(actor=world.system, at=at)
    return webhooks_send(actor=world.system, at=at, post=line)


def rows(world, model=WebhookDelivery):
    with scope.opened(world.system):
        return list(model.objects.order_by("id"))


def test_a_party_is_told_of_its_events_and_can_verify_them(world, hook):
    happens(world, world.hospital, world.maker)
    happens(world, world.other_hospital, world.maker)  # not ours
    happens(world, world.hospital, event=TOKEN_ISSUED, subject=1)  # nobody's news
    line = Line()
    assert turn(world, line) == 1
    (url, body, headers) = line.got[0]
    assert url == URL
    message = Receiver(hook.clear).verify(body.decode(), headers)
    assert message["type"] == "order_placed"
    assert message["data"]["subject"] == {"type": "order", "id": 7, "version": 1}
    assert message["data"]["facts"] == {"number": "20260731000000000001"}
    with pytest.raises(WebhookVerificationError):
        Receiver(hook.clear).verify(body.decode().replace("order_placed", "order_closed"), headers)
    (sent,) = rows(world)
    assert (sent.state, sent.attempts, sent.last_status) == ("DELIVERED", 1, 204)
    assert headers["webhook-id"] == f"msg_{sent.id}"
    assert turn(world, line) == 0


def test_topics_narrow_and_what_was_before_is_not_told(world, admin):
    happens(world, world.hospital)
    with scope.opened(world.system):
        sealer.seal(platform_id=world.platform.id, at=scope.now())
    do(admin, services.webhook_register, name="HIS", url=URL, topics=["delivery"])
    happens(world, world.hospital)
    happens(world, world.hospital, event=DELIVERY_DISPATCHED, subject=3)
    line = Line()
    assert turn(world, line) == 1
    assert json.loads(line.got[0][1])["type"] == "delivery_dispatched"


def test_a_rotated_secret_overlaps_for_a_day(world, admin, hook):
    now = scope.now()
    _, new = do(admin, services.webhook_rotate, webhook_id=hook.id, at=now)
    happens(world, world.hospital)
    line = Line()
    turn(world, line, now)
    _, body, headers = line.got[0]
    for secret in (hook.clear, new):
        Receiver(secret).verify(body.decode(), headers)
    assert len(headers["webhook-signature"].split()) == 2
    do(admin, services.webhook_redeliver, delivery_id=rows(world)[0].id, at=now + timedelta(hours=25))
    turn(world, line, now + timedelta(hours=25))
    _, again, headers = line.got[1]
    assert again == body
    assert len(headers["webhook-signature"].split()) == 1


class TestKeys:
    """What the deployment's keys are for a webhook's secret."""

    @pytest.fixture(autouse=True)
    def _keys(self, settings):
        settings.ENCRYPTION_KEYS = ["first"]

    def signed(self, world, secret) -> bool:
        """Whether the next delivery arrives and `secret` verifies it."""
        happens(world, world.hospital)
        line = Line()
        turn(world, line)
        if not line.got:
            return False
        _, body, headers = line.got[-1]
        Receiver(secret).verify(body.decode(), headers)
        return True

    def test_another_secret_key_changes_nothing(self, world, hook, settings):
        settings.SECRET_KEY = "quite another one " * 3
        assert self.signed(world, hook.clear)

    def test_an_earlier_encryption_key_goes_after_resealing(self, world, admin, hook, settings):
        do(admin, services.webhook_rotate, webhook_id=hook.id)
        settings.ENCRYPTION_KEYS = ["second", "first"]
        assert self.signed(world, hook.clear)
        call_command("reseal")
        settings.ENCRYPTION_KEYS = ["second"]
        assert self.signed(world, hook.clear)
        assert do(world.system, services.webhook_secrets_reseal) == (0, 0)

    def test_what_no_key_opens_says_so_until_it_is_rotated(self, world, admin, hook, settings):
        settings.ENCRYPTION_KEYS = ["another"]
        assert not self.signed(world, hook.clear)
        assert "轮换签名密钥" in rows(world)[-1].last_error
        with pytest.raises(CommandError, match="无法打开"):
            call_command("reseal")
        _, new = do(admin, services.webhook_rotate, webhook_id=hook.id)
        assert self.signed(world, new)

    def test_one_sealed_by_the_secret_key_is_read_and_resealed(self, world, hook, settings):
        key = HKDF(SHA256(), 32, None, b"blocks.webhook.secret").derive(settings.SECRET_KEY.encode())
        earlier = DefaultProvider(signing_key=key, encryption_key=key)
        kept = earlier.encrypt(hook.clear.encode(), b"blocks.webhook.secret")
        with scope.opened(world.system):
            Webhook.objects.filter(id=hook.id).update(secret=kept, suite="")
        assert self.signed(world, hook.clear)
        settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "quite another one " * 3
        assert self.signed(world, hook.clear)
        call_command("reseal")
        settings.SECRET_KEY_FALLBACKS = []
        assert self.signed(world, hook.clear)

    def test_an_answer_given_again_tells_the_secret_that_stands_nowhere_in_clear(self, world, settings):
        machine, body, key = (
            ApiClient(world, "hospital", Role.HOSPITAL_ADMIN, person=True),
            {"name": "HIS", "url": URL},
            "k1",
        )
        status, made = machine.post("/api/v1/webhooks/", body, **{"Idempotency-Key": key})
        path = f"/api/v1/webhooks/{made['id']}/rotate/"
        _, rotated = machine.post(path, **{"Idempotency-Key": key})
        assert status == 201
        assert machine.post("/api/v1/webhooks/", body, **{"Idempotency-Key": key}) == (201, made)
        assert machine.post(path, **{"Idempotency-Key": key}) == (200, rotated)
        with scope.opened(world.system), connection.cursor() as cursor:
            for model in (Webhook, IdempotentAnswer, Event):
                cursor.execute(f"select t::text from {model._meta.db_table} t")
                kept = str(cursor.fetchall())
                assert "HIS" in kept or model is IdempotentAnswer
                for told in (made, rotated):
                    assert told["secret"] not in kept and base64.b64encode(told["secret"].encode()).decode() not in kept
        settings.ENCRYPTION_KEYS = ["another"]
        status, refused = machine.post("/api/v1/webhooks/", body, **{"Idempotency-Key": key})
        assert (status, refused["code"]) == (409, "answer_unreadable")
        assert len(rows(world, Webhook)) == 1

    def test_a_secret_copied_to_another_organisation_signs_nothing(self, world, hook):
        other, _ = do(
            world.actor("other_hospital", Role.HOSPITAL_ADMIN), services.webhook_register, name="HIS", url=URL
        )
        with scope.opened(world.system):
            Webhook.objects.filter(id=other.id).update(secret=Webhook.objects.get(id=hook.id).secret)
        happens(world, world.other_hospital)
        line = Line()
        turn(world, line)
        assert line.got == []


def test_a_failure_is_tried_again_and_given_up_after_days(world, hook):
    line, at = Line(500), scope.now()
    happens(world, world.hospital)
    assert turn(world, line, at) == 1
    assert turn(world, line, at + timedelta(seconds=4)) == 0
    for pause in PAUSES:
        at += pause
        assert turn(world, line, at) == 1
    (delivery,) = rows(world)
    assert (delivery.state, delivery.attempts, delivery.last_status) == ("FAILED", len(PAUSES) + 1, 500)
    assert turn(world, line, at + timedelta(days=1)) == 0
    assert len({headers["webhook-id"] for _, _, headers in line.got}) == 1
    assert timedelta(days=2) < sum(PAUSES, timedelta()) < timedelta(days=5)


def test_five_days_of_failure_disable_it_with_a_message_and_nothing_is_lost(world, admin, hook):
    line, at = Line(None), scope.now()
    happens(world, world.hospital)
    turn(world, line, at)
    happens(world, world.hospital)
    turn(world, line, at + timedelta(days=5))
    (webhook,) = rows(world, Webhook)
    assert (webhook.state, webhook.disable_reason) == ("DISABLED", "连续 5 天投递失败")
    told = [m for m in rows(world, Message) if m.kind == "webhook_disabled"]
    assert [(m.organisation_id, m.subject_id) for m in told] == [(world.hospital.id, hook.id)]
    happens(world, world.hospital)
    assert turn(world, line, at + timedelta(days=6)) == 0
    do(admin, services.webhook_enable, webhook_id=hook.id)
    line = Line()
    assert turn(world, line, at + timedelta(days=7)) == 3
    assert {d.state for d in rows(world)} == {"DELIVERED"}
    assert rows(world, Webhook)[0].failing_since is None


def test_gone_disables_at_once(world, hook):
    happens(world, world.hospital)
    turn(world, Line(410))
    assert rows(world, Webhook)[0].state == "DISABLED"


def test_a_worker_that_died_leaves_the_delivery_for_the_next(world, hook):
    happens(world, world.hospital)
    at = scope.now()

    def dies(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        turn(world, dies, at)
    line = Line()
    assert turn(world, line, at + timedelta(seconds=30)) == 0
    assert turn(world, line, at + timedelta(seconds=61)) == 1
    assert rows(world)[0].state == "DELIVERED"


def test_only_an_administrator_and_only_for_its_own(world, admin, hook):
    buyer = world.actor("hospital", Role.HOSPITAL_BUYER)
    stranger = world.actor("other_hospital", Role.HOSPITAL_ADMIN)
    for service in (services.webhook_rotate, services.webhook_disable, services.webhook_enable, services.webhook_test):
        with pytest.raises(NotThere):
            do(stranger, service, webhook_id=hook.id)
    with pytest.raises(Forbidden):
        do(buyer, services.webhook_register, name="x", url=URL)
    with pytest.raises(Forbidden):
        do(buyer, services.webhook_rotate, webhook_id=hook.id)
    happens(world, world.hospital)
    turn(world, Line())
    with pytest.raises(NotThere):
        do(stranger, services.webhook_redeliver, delivery_id=rows(world)[0].id)
    with scope.opened(stranger):
        assert not Webhook.objects.exists()
        assert not WebhookDelivery.objects.exists()
    assert [w.version for w in rows(world, Webhook)] == [1]


def test_what_may_not_be_called_is_not_registered(world, admin):
    for facts in (
        {"url": "https://127.0.0.1/"},
        {"url": "http://hooks.example.cn/"},
        {"name": " "},
        {"topics": ["user"]},
    ):
        with pytest.raises(Invalid):
            do(admin, services.webhook_register, **{"name": "x", "url": URL, **facts})
    for number in range(services.MOST_WEBHOOKS):
        do(admin, services.webhook_register, name=str(number), url=URL)
    with pytest.raises(Conflict):
        do(admin, services.webhook_register, name="x", url=URL)


def test_over_the_api_and_on_the_page(world, settings):
    machine = ApiClient(world, "hospital", Role.HOSPITAL_ADMIN, person=True)
    status, made = machine.post("/api/v1/webhooks/", {"name": "HIS", "url": URL, "topics": ["order"]})
    assert (status, made["state"], made["secret"][:6]) == (201, "ACTIVE", "whsec_")
    path = f"/api/v1/webhooks/{made['id']}/"
    assert "secret" not in machine.get(path)[1]
    status, rotated = machine.post(f"{path}rotate/")
    assert (status, rotated["secret"] != made["secret"]) == (200, True)
    assert machine.post(f"{path}test/")[0] == 202
    line = Line()
    assert turn(world, line) == 1
    status, sent = machine.get(f"{path}deliveries/")
    assert [(d["event"], d["state"]) for d in sent["results"]] == [("webhook_tested", "DELIVERED")]
    assert machine.post(f"/api/v1/webhook-deliveries/{sent['results'][0]['id']}/redeliver/")[1]["state"] == "WAITING"
    assert machine.post(f"{path}disable/", {"reason": "检修"})[1]["disable_reason"] == "检修"
    assert machine.post(f"{path}test/")[0] == 409
    page = logged_in(world.actor("hospital", Role.HOSPITAL_ADMIN))
    assert "检修" in page.get(f"/webhooks/{made['id']}/").content.decode()
    shown = page.post("/webhooks/", {"name": "备用", "url": URL}).content.decode()
    assert "whsec_" in shown
    refused = page.post("/webhooks/", {"name": "备用", "url": "https://10.0.0.1/"})
    assert refused.status_code == 422
    assert 'value="https://10.0.0.1/"' in refused.content.decode()
    assert "whsec_" not in page.get("/webhooks/").content.decode()
