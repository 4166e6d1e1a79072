"""The message centre as pages and API: list, bell, reading by POST, what stays on the workbench, notices."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sunlight import scope
from sunlight.messages.kinds import KINDS
from sunlight.messages.models import MailAddress, Message, MessageReading, Notice
from sunlight.messages.services import messages as services
from sunlight.scope import Role
from tests.api_client import ApiClient
from tests.browsing import client_of

BUYER = Role.HOSPITAL_BUYER


@pytest.fixture
def send(world):
    def sending(kind="order_answered", key="hospital", **more):
        with scope.opened(world.system):
            (message,) = services.message_send(
                actor=world.system,
                at=scope.now() - timedelta(minutes=1),
                kind=KINDS[kind],
                to=[world.organisations[key].id],
                title="订单已被企业确认",
                body="明日送达",
                **more,
            )
        return message

    return sending


@pytest.fixture
def browser(world):
    return client_of(world.actor("hospital", BUYER))


def readings(world) -> list:
    with scope.opened(world.system):
        return list(MessageReading.objects.order_by("id"))


def test_opening_a_message_writes_nothing_and_its_post_marks_it_read(world, send, browser):
    message = send(subject=("order", 7))
    html = browser.get("/messages/").content.decode()
    assert "订单已被企业确认" in html
    assert ">1</span>" in html
    page = browser.get(f"/messages/{message.id}/").content.decode()
    assert 'href="/orders/7/"' in page
    assert "本单位还没有人看过这条消息" in page
    assert readings(world) == []
    assert browser.post(f"/messages/{message.id}/read/").status_code == 302
    (reading,) = readings(world)
    assert reading.acknowledged_at is None
    assert 'hx-trigger="load' not in browser.get(f"/messages/{message.id}/").content.decode()
    assert "没有消息" in browser.get("/messages/?unread=1").content.decode()


def test_what_must_be_acknowledged_stands_on_the_workbench_until_it_is(world, send, browser):
    with scope.opened(world.actor("operator", Role.OPERATOR_SUPPORT)):
        services.notice_publish(
            actor=world.actor("operator", Role.OPERATOR_SUPPORT),
            at=scope.now(),
            title="停机维护通知",
            body="今晚",
            audience=["HOSPITAL"],
            must_acknowledge=True,
        )
    assert "停机维护通知" in browser.get("/").content.decode()
    with scope.opened(world.system):
        message = Message.objects.get(organisation=world.hospital)
    browser.post("/messages/read/")
    assert "停机维护通知" in browser.get("/").content.decode()
    answer = browser.post(f"/messages/{message.id}/acknowledge/", {"next": "https://elsewhere.example.org/"})
    assert (answer.status_code, answer["Location"]) == (302, "/messages/")
    assert "停机维护通知" not in browser.get("/").content.decode()


def test_the_operator_writes_a_notice_sees_who_took_note_and_withdraws_it(world):
    support = client_of(world.actor("operator", Role.OPERATOR_SUPPORT))
    facts = {"title": "通知", "body": "正文", "must_acknowledge": "1"}
    refused = support.post("/notices/new/", facts)
    assert refused.status_code == 422
    assert "请选择接收单位类别" in refused.content.decode()
    assert 'value="通知"' in refused.content.decode()
    made = support.post("/notices/new/", facts | {"audience": ["SUPPLIER"]})
    assert made.status_code == 302
    page = support.get(made["Location"]).content.decode()
    assert "4 家接收，0 家已读" in page
    assert "测试医疗器械有限公司" in page
    assert "通知" in support.get("/notices/").content.decode()
    assert support.post(made["Location"], {"reason": ""}).status_code == 422
    assert support.post(made["Location"], {"reason": "有误"}).status_code == 302
    with scope.opened(world.system):
        assert Notice.objects.get().state == "WITHDRAWN"


def test_a_person_asks_for_mail_and_a_wrong_address_is_told(world, browser):
    assert browser.post("/messages/mail/", {"address": "nobody", "is_on": "1"}).status_code == 422
    assert browser.post("/messages/mail/", {"address": "a@example.org", "is_on": "1"}).status_code == 302
    assert 'value="a@example.org"' in browser.get("/messages/mail/").content.decode()
    with scope.opened(world.system):
        assert MailAddress.objects.values_list("address", "is_on").get() == ("a@example.org", True)


def test_the_api_lists_reads_and_acknowledges_and_hides_what_is_not_yours(world, send):
    own, other = send(), send(key="other_hospital")
    api = ApiClient(world, "hospital", BUYER)
    status, page = api.get("/api/v1/messages/", unread="true")
    assert (status, [m["id"] for m in page["results"]]) == (200, [own.id])
    assert page["results"][0]["label"] == "订单得到答复"
    status, read = api.post(f"/api/v1/messages/{own.id}/read/")
    assert (status, read["read_at"] is not None, read["acknowledged_at"]) == (200, True, None)
    assert api.get("/api/v1/messages/", unread="true")[1]["results"] == []
    assert api.post(f"/api/v1/messages/{own.id}/acknowledge/")[0] == 409
    assert api.get(f"/api/v1/messages/{other.id}/")[0] == 404
    assert api.post(f"/api/v1/messages/{other.id}/read/")[0] == 404
    assert api.get("/api/v1/messages/", kind="nothing")[0] == 422
    assert api.post("/api/v1/notices/", {"title": "通知", "body": "正文"})[0] == 403


def test_the_api_publishes_a_notice_with_its_figures(world):
    api = ApiClient(world, "operator", Role.OPERATOR_SUPPORT)
    status, notice = api.post("/api/v1/notices/", {"title": "通知", "body": "正文", "audience": ["HOSPITAL"]})
    assert (status, notice["told"], notice["read"]) == (201, 3, 0)
    assert api.post(f"/api/v1/notices/{notice['id']}/withdraw/", {"reason": "有误"})[1]["state"] == "WITHDRAWN"
    assert api.get("/api/v1/notices/")[1]["results"][0]["id"] == notice["id"]


def test_the_pages_ask_as_many_questions_for_ten_messages_as_for_one(world, send, browser):
    counts = []
    for more in (1, 9):
        for _ in range(more):
            send()
        with CaptureQueriesContext(connection) as ran:
            assert browser.get("/messages/").status_code == 200
        counts.append(len(ran))
    assert counts[0] == counts[1]
