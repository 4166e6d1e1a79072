"""Messages: to those concerned and nobody else, once for an event, read and taken note of by each person; notices; mail."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from procurement.bargaining.events import OFFER_MADE
from sunlight import scope
from sunlight.journal import relay
from sunlight.journal.models import Event
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere
from sunlight.journal.services import record
from sunlight.messages import queries
from sunlight.messages.kinds import KINDS, message_kind
from sunlight.messages.models import Mail, MailAddress, Message, MessageReading
from sunlight.messages.services import mail as mailing
from sunlight.messages.services import messages as services
from sunlight.scope import Role
from sunlight.sheets.events import IMPORT_FINISHED

AT = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
BUYER, FINANCE, SELLER = Role.HOSPITAL_BUYER, Role.HOSPITAL_FINANCE, Role.SUPPLIER_SELLER


@pytest.fixture
def kind(monkeypatch):
    monkeypatch.setattr("sunlight.messages.kinds.KINDS", dict(KINDS))
    return message_kind("told", "测试消息", BUYER, SELLER)


@pytest.fixture
def buyer(world):
    return world.actor("hospital", BUYER)


@pytest.fixture
def support(world):
    return world.actor("operator", Role.OPERATOR_SUPPORT)


def send(world, kind, *to, **more):
    with scope.opened(world.system):
        return services.message_send(
            actor=world.system,
            at=AT,
            kind=kind,
            to=[each.id if each else None for each in to],
            title="有新情况",
            **more,
        )


def seen(actor, **more) -> list[str]:
    with scope.opened(actor):
        return [row.title for row in queries.messages_visible_to(actor, **more)]


def test_a_message_reaches_those_who_hold_the_role_in_the_organisation_and_nobody_else(world, kind, buyer):
    send(world, kind, world.hospital, world.maker, None)
    assert seen(buyer) == ["有新情况"]
    assert seen(world.actor("maker", SELLER)) == ["有新情况"]
    for key, role in (
        ("hospital", FINANCE),
        ("other_hospital", BUYER),
        ("other_maker", SELLER),
        ("operator", Role.OPERATOR_SUPPORT),
        ("regulator", Role.REGULATOR_OFFICER),
    ):
        assert seen(world.actor(key, role)) == []


def test_the_wall_hides_messages_of_others_without_any_filter(world, kind, buyer):
    send(world, kind, world.hospital)
    with scope.opened(world.actor("other_hospital", BUYER)):
        assert not Message.objects.exists()
    with scope.opened(buyer):
        assert Message.objects.count() == 1
        with pytest.raises(Exception, match="permission denied"), scope.opened(buyer):
            Message.objects.update(title="改了")


def test_an_event_tells_an_organisation_once_however_often_it_is_delivered(world, kind):
    with scope.opened(world.system):
        event = record(OFFER_MADE, subject=1, actor=world.system, at=AT, payload={})
    assert [len(send(world, kind, world.hospital, world.maker, event=event)) for _ in range(3)] == [2, 0, 0]
    with scope.opened(world.system):
        assert Message.objects.filter(event_id=event.id).count() == 2


def test_reading_is_each_persons_own_and_the_first_time_counts(world, kind, buyer):
    (message,) = send(world, kind, world.hospital)
    colleague = world.actor("hospital", BUYER, person="二")
    with scope.opened(buyer):
        assert queries.unread_count(buyer) == 1
        services.message_read(actor=buyer, at=AT, message_id=message.id)
        services.message_read(actor=buyer, at=AT + timedelta(hours=1), message_id=message.id)
        assert queries.unread_count(buyer) == 0
        (reading,) = MessageReading.objects.all()
        assert (reading.read_at, reading.read_by, reading.acknowledged_at) == (AT, buyer.acting, None)
    with scope.opened(colleague):
        assert queries.unread_count(colleague) == 1
        assert services.messages_read(actor=colleague, at=AT) == 1
        assert queries.unread_count(colleague) == 0


def test_what_must_be_taken_note_of_waits_until_it_is(world, support, buyer):
    with scope.opened(support):
        notice = services.notice_publish(
            actor=support, at=AT, title="停机维护", body="今晚停机", audience=["HOSPITAL"], must_acknowledge=True
        )
    with scope.opened(buyer):
        (waiting,) = queries.to_acknowledge(buyer)
        services.messages_read(actor=buyer, at=AT)
        assert [m.id for m in queries.to_acknowledge(buyer)] == [waiting.id]
        services.message_acknowledge(actor=buyer, at=AT, message_id=waiting.id)
        services.message_acknowledge(actor=buyer, at=AT + timedelta(hours=1), message_id=waiting.id)
        assert not queries.to_acknowledge(buyer).exists()
        assert queries.access_message(buyer, waiting.id).acknowledged_at == AT
        assert Event.objects.filter(name="message_acknowledged", subject_id=waiting.id).count() == 1
    with scope.opened(support):
        row = queries.access_notice(support, notice.id)
        assert (row.told, row.read, row.acknowledged) == (3, 1, 1)
        who = {
            m.organisation_id: [r.acknowledged_at for r in m.readings.all()] for m in queries.messages_of_notice(row)
        }
        assert who[world.hospital.id] == [AT]
        assert who[world.other_hospital.id] == []


def test_a_notice_for_some_roles_only_and_its_withdrawal(world, support, buyer):
    with scope.opened(support):
        notice = services.notice_publish(
            actor=support,
            at=AT,
            title="付款安排",
            body="……",
            audience=["HOSPITAL"],
            roles=["HOSPITAL_FINANCE"],
            must_acknowledge=True,
            is_public=True,
        )
        assert list(queries.public_notices(world.platform.id)) == [notice]
    cashier = world.actor("hospital", FINANCE)
    assert (seen(buyer), seen(cashier)) == ([], ["付款安排"])
    with scope.opened(support):
        services.notice_withdraw(actor=support, at=AT, notice_id=notice.id, reason="日期有误")
        assert not queries.public_notices(world.platform.id).exists()
        with pytest.raises(Conflict):
            services.notice_withdraw(actor=support, at=AT, notice_id=notice.id, reason="再撤一次")
    with scope.opened(cashier):
        (message,) = queries.messages_visible_to(cashier)
        assert (message.title, message.must_acknowledge) == ("（已撤回）付款安排", False)
        assert not queries.to_acknowledge(cashier).exists()
        with pytest.raises(Conflict, match="不需要确认"):
            services.message_acknowledge(actor=cashier, at=AT, message_id=message.id)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": " "}, "title"),
        ({"body": ""}, "body"),
        ({"audience": []}, "audience"),
        ({"audience": ["NOBODY"]}, "audience"),
        ({"roles": ["SUPPLIER_SELLER"]}, "roles"),
    ],
)
def test_a_notice_that_is_not_whole_is_refused_and_tells_nobody(world, support, wrong, field):
    whole = {"title": "通知", "body": "正文", "audience": ["HOSPITAL"]}
    with scope.opened(support):
        with pytest.raises(Invalid) as refused:
            services.notice_publish(actor=support, at=AT, **(whole | wrong))
        assert refused.value.field == field
        assert not Message.objects.exists()


def test_only_the_operators_support_publishes(world, buyer):
    with scope.opened(buyer), pytest.raises(Forbidden, match="运营支持"):
        services.notice_publish(actor=buyer, at=AT, title="通知", body="正文", audience=["HOSPITAL"])


def test_a_message_of_others_is_not_there(world, kind, buyer):
    (message,) = send(world, kind, world.other_hospital)
    with scope.opened(buyer):
        for call in (services.message_read, services.message_acknowledge):
            with pytest.raises(NotThere):
                call(actor=buyer, at=AT, message_id=message.id)
    with scope.opened(world.system):
        assert not MessageReading.objects.exists()


def test_the_list_asks_as_many_questions_for_ten_messages_as_for_one(world, kind, buyer):
    counts = []
    for more in (1, 9):
        for _ in range(more):
            send(world, kind, world.hospital)
        with scope.opened(buyer), CaptureQueriesContext(connection) as ran:
            assert all(row.read_at is None for row in queries.messages_visible_to(buyer))
            queries.unread_count(buyer)
        counts.append(len(ran))
    assert counts[0] == counts[1]


def test_a_file_with_refused_rows_tells_who_sent_it(world):
    lister = world.actor("maker", Role.SUPPLIER_LISTER)
    with scope.opened(lister):
        for refused in (0, 3):
            record(
                IMPORT_FINISHED,
                subject=1,
                actor=lister,
                at=AT,
                payload={"file": "价格.csv", "total": 5, "taken": 5 - refused, "refused": refused},
            )
    relay.deliver_pending(actor=world.system, at=AT)
    assert seen(lister) == ["价格.csv：3 行未被接收"]


@pytest.fixture
def mailing_is_on(settings):
    settings.MAIL_FROM, settings.SITE_URL = "sunlight@example.org", "https://sunlight.example.org"


def opt_in(actor, address="buyer@example.org", is_on=True):
    with scope.opened(actor):
        return mailing.mail_address_set(actor=actor, at=AT, address=address, is_on=is_on)


def mails(world) -> list[Mail]:
    with scope.opened(world.system):
        return list(Mail.objects.order_by("id"))


def test_no_mail_unless_somebody_asked_and_a_sender_is_configured(world, kind, buyer, settings):
    opt_in(buyer)
    send(world, kind, world.hospital)
    assert mails(world) == []
    settings.MAIL_FROM = "sunlight@example.org"
    send(world, kind, world.maker)
    assert mails(world) == []


def test_a_mail_carries_the_title_and_the_way_in_and_no_more(world, kind, buyer, mailing_is_on):
    opt_in(buyer)
    (message,) = send(world, kind, world.hospital, body="价格 12.50 元")
    assert mailing.mails_send(actor=world.system, at=AT) == 1
    (sent,) = mail.outbox
    assert (sent.to, sent.from_email) == (["buyer@example.org"], "sunlight@example.org")
    assert f"https://sunlight.example.org/messages/{message.id}/" in sent.body
    assert "12.50" not in sent.body
    assert [(m.state, m.ended_at) for m in mails(world)] == [("SENT", AT)]
    assert mailing.mails_send(actor=world.system, at=AT) == 0


def test_a_mail_that_fails_is_tried_again_ever_later_and_given_up_in_the_end(
    world, kind, buyer, mailing_is_on, settings
):
    settings.EMAIL_BACKEND = "tests.messages.test_messages.Broken"
    opt_in(buyer)
    send(world, kind, world.hospital)
    at, tries = AT, []
    for _ in range(12):
        tries.append(mailing.mails_send(actor=world.system, at=at))
        (row,) = mails(world)
        at = max(row.next_try_at, at)
    assert (sum(tries), row.state, row.attempts) == (8, "GIVEN_UP", 8)
    assert row.last_error == "OSError: 邮件服务器不通"
    assert row.next_try_at - AT == timedelta(minutes=127)


class Broken:
    """A mail server that is down."""

    def __init__(self, **_):
        pass

    def send_messages(self, messages):
        raise OSError("邮件服务器不通")


def test_who_left_the_role_or_closed_mail_gets_none(world, kind, buyer, mailing_is_on):
    opt_in(buyer)
    send(world, kind, world.hospital)
    opt_in(buyer, is_on=False)
    mailing.mails_send(actor=world.system, at=AT)
    cashier = world.actor("hospital", FINANCE)
    opt_in(cashier, "cashier@example.org")
    send(world, kind, world.hospital)
    mailing.mails_send(actor=world.system, at=AT)
    assert [m.state for m in mails(world)] == ["DROPPED", "DROPPED"]
    assert mail.outbox == []


def test_an_address_that_is_none_is_refused(world, buyer):
    with scope.opened(buyer), pytest.raises(Invalid) as refused:
        mailing.mail_address_set(actor=buyer, at=AT, address="nobody\nBcc: x@example.org", is_on=True)
    assert refused.value.field == "address"
    with scope.opened(buyer):
        assert not MailAddress.objects.exists()


def test_two_kinds_cannot_take_one_key(kind):
    with pytest.raises(ValueError, match="told"):
        message_kind("told", "另一类", FINANCE)
