"""日志检查点 where people meet it: on the portal, in the message centre and by mail, at webhooks, on the auditors' page; and
what is told when the alarm rings."""

import json
from datetime import timedelta
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail

from sunlight import scope
from sunlight.journal import checkpoint_file, relay
from sunlight.journal.models import CheckpointDelivery
from sunlight.messages.models import Message
from sunlight.messages.services.mail import mail_address_set, mails_send
from sunlight.operations import checks
from sunlight.scope import Role
from sunlight.tenancy.queries.authorities import authorities_of
from sunlight.tenancy.tasks import seal_events
from sunlight.webhooks.outbound import Answer
from sunlight.webhooks.services import webhooks
from sunlight.webhooks.services.sending import webhooks_send
from supervision.services import checkpoints as services
from supervision.tasks import send_checkpoints
from tests.api_client import logged_in
from tests.journal.outside import configured, run, work


@pytest.fixture
def outside(world, tmp_path):
    with configured(tmp_path, world.system, tmp_path / "key.pem") as made:
        work(world.system, 2)
        made.tend(at_once=True, told=authorities_of)
        yield made


@pytest.fixture
def auditor(world):
    return world.actor("regulator", Role.REGULATOR_AUDITOR)


def text(response) -> str:
    return response.content.decode()


def test_everybody_reads_them_and_can_verify_by_them(outside, client, tmp_path):
    last = outside.lines()[-1]
    page = text(client.get("/portal/checkpoints/?platform=gd-sz"))
    assert last["chain_hash"] in page and last["signature"] in page and outside.key.public in page
    assert "/portal/checkpoints/" in text(client.get("/portal/?platform=gd-sz"))
    feed = client.get("/portal/checkpoints.json?platform=gd-sz")
    assert feed.json()["checkpoints"][0] == last and feed.json()["next"] is None
    assert feed.json()["public_keys"] == [{"key_id": outside.key.id, "public_key": outside.key.public}]
    kept = tmp_path / "feed.json"
    kept.write_text(text(feed))
    assert run(outside.export(), kept, "--key", outside.key.public)[0] == 0


def test_the_feed_goes_on_where_it_ended(outside, client, monkeypatch):
    monkeypatch.setattr("supervision.queries.checkpoints.FEED_ROWS", 1)
    work(outside.actor, 1)
    outside.tend(at_once=True, at=scope.now() + timedelta(minutes=1))
    first = client.get("/portal/checkpoints.json?platform=gd-sz").json()
    second = client.get(first["next"]).json()
    assert [*first["checkpoints"], *second["checkpoints"]] == outside.lines()[::-1] and second["next"] is None
    assert client.get("/portal/checkpoints.json?before=x").status_code == 422
    for address in ("/portal/checkpoints.json", "/portal/checkpoints/"):
        assert client.get(f"{address}?platform=nowhere").status_code == 404


def test_a_platform_without_a_key_says_so(world, client, auditor):
    assert "还没有检查点" in text(client.get("/portal/checkpoints/?platform=gd-sz"))
    assert client.get("/portal/checkpoints.json?platform=gd-sz").json()["checkpoints"] == []
    assert "请系统管理员配置签名密钥" in text(logged_in(auditor).get("/supervision/journal/"))


def test_every_authority_is_told_once_a_day(outside, auditor, world, settings):
    settings.MAIL_FROM, settings.CHECKPOINT_MAILS = "sunlight@example.org", ["audit@example.org"]
    at = scope.now()
    with scope.opened(auditor):
        mail_address_set(actor=auditor, at=at, address="auditor@example.org", is_on=True)
    # As often as the schedule rings.
    assert [send_checkpoints() for _ in range(2)] == [2, 0]
    with scope.opened(world.system):
        message = Message.objects.get(kind="checkpoint_of_the_day")
        kept = set(CheckpointDelivery.objects.values_list("channel", "target"))
    entry = outside.lines()[-1]
    assert message.organisation_id == world.regulator.id and json.loads(message.body.splitlines()[-1]) == entry
    assert kept >= {("message", "测试市医疗保障局"), ("mail", "audit@example.org")}
    mails_send(actor=world.system, at=scope.now())
    assert {each.to[0] for each in mail.outbox} == {"audit@example.org", "auditor@example.org"}
    for each in mail.outbox:
        path = outside.folder / f"{each.to[0]}.txt"
        path.write_text(each.body)
        assert run(outside.export(), path, "--key", outside.key.public)[0] == 0
    with scope.opened(world.system):
        tomorrow = at + timedelta(days=1)
        assert services.checkpoint_of_the_day_send(actor=world.system, at=tomorrow) == 2


def test_a_mail_server_that_does_not_answer_is_asked_again(outside, world, settings, monkeypatch):
    settings.MAIL_FROM, settings.CHECKPOINT_MAILS = "sunlight@example.org", ["audit@example.org"]

    def away(**mail):
        raise SMTPServerDisconnected("away")

    with monkeypatch.context() as patch:
        patch.setattr(services, "mail_outside", away)
        assert send_checkpoints() == 1
    assert send_checkpoints() == 1 and len(mail.outbox) == 1


def test_nothing_is_told_while_there_is_none(world):
    assert send_checkpoints() == 0


def test_an_authority_registers_an_address_and_gets_checkpoints(outside, auditor, world):
    with scope.opened(auditor):
        webhooks.webhook_register(
            actor=auditor, at=scope.now(), name="留存", url="https://audit.example.org/in", topics=["checkpoint"]
        )
    assert "/webhooks/" in text(logged_in(auditor).get("/webhooks/"))
    work(world.system, 1)
    later = scope.now() + timedelta(minutes=6)
    outside.tend(at=later, told=authorities_of)
    outside.tend(at=later, told=authorities_of)
    with scope.opened(world.system):
        webhooks.webhooks_plan(actor=world.system, at=later)
    got = []

    def post(url, body, headers):
        got.append(json.loads(body))
        return Answer(204, "")

    assert webhooks_send(actor=world.system, at=later, post=post) == 2
    # The one that was sealed after the address was there, and the one made then.
    message, last = got[-1], outside.lines()[-1]
    assert message["type"] == "checkpoint_made" and message["data"]["facts"] == last
    page = text(logged_in(auditor).get("/supervision/journal/"))
    assert "事件推送" in page and last["chain_hash"] in page and str(outside.file) in page


def test_an_officer_has_no_business_with_webhooks(world):
    officer = world.actor("regulator", Role.REGULATOR_OFFICER)
    assert logged_in(officer).get("/webhooks/").status_code == 403


def finding(name: str) -> checks.Finding:
    (found,) = checks.run({name: checks.DOCTOR[name]})
    return found


def test_the_alarm_is_heard_by_the_auditors_and_the_doctor(outside, auditor, world, client):
    assert finding("history").ok
    last = outside.lines()[-1]
    # As if the end of the chain had been cut off.
    checkpoint_file.append([{**last, "sequence": last["sequence"] + 100, "chain_hash": "a" * 64}])
    outside.tend(told=authorities_of)
    assert not finding("history").ok and "没有已签发的检查点" in finding("history").says
    while relay.deliver_pending(actor=world.system, at=scope.now()):
        pass
    with scope.opened(auditor):
        message = Message.objects.get(kind="journal_alarm")
    assert message.must_acknowledge and "REGULATOR_AUDITOR" in message.roles
    assert message.title == "日志告警：封存链中没有已签发的检查点，已停止封存"
    page = text(logged_in(auditor).get("/supervision/journal/"))
    assert "封存链中没有已签发的检查点" in page and 'role="alert"' in page
    assert seal_events() == 0
    metrics = text(client.get("/metrics"))
    assert "sunlight_journal_lost_checkpoints 1.0" in metrics and "sunlight_journal_alarms 1.0" in metrics
