"""What the journal keeps is shown in words."""

import ast
from importlib import import_module

import pytest
from django.apps import apps

from procurement.ordering.events import ORDER_CLOSED, ORDER_PLACED
from sunlight.journal import declared, subscriptions
from sunlight.journal.declared import EventType, Subject, Undeclared
from sunlight.journal.queries import was_recorded
from sunlight.journal.services import deliveries_write, events_part, record, record_all
from sunlight.kernel.modules import contributed
from supervision.queries.decisions import in_words
from supervision.queries.words import recorded
from tests.architecture.checks import CHINESE, product_files
from tests.labelled import unlabelled


def of_the_apps(kind) -> list:
    """What the installed apps declare, without what tests declare."""
    modules = contributed([app.name for app in apps.get_app_configs()], "events")
    return [each for name in modules for each in vars(import_module(name)).values() if isinstance(each, kind)]


EVENTS, SUBJECTS = of_the_apps(EventType), of_the_apps(Subject)


def payload_keys() -> set[str]:
    """The keys that services write into records as they stand in the code."""
    keys = set()
    for file in product_files():
        if "services" not in file.as_posix():
            continue
        for call in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(call, ast.Call):
                for each in (k.value for k in call.keywords if k.arg == "payload" and isinstance(k.value, ast.Dict)):
                    keys |= {key.value for key in each.keys if isinstance(key, ast.Constant)}
    return keys


def test_every_event_and_subject_has_chinese_words():
    assert len(EVENTS) > 125
    assert [each.name for each in (*EVENTS, *SUBJECTS) if not CHINESE.search(each.words)] == []


def test_every_declared_event_is_recorded_somewhere():
    """A name that no service mentions is a word nobody will read."""
    used = {
        node.id if isinstance(node, ast.Name) else node.attr
        for file in product_files()
        if "services" in file.as_posix() or file.parts[-2:] in (("journal", "relay.py"), ("journal", "checkpoints.py"))
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Name | ast.Attribute)
    }
    assert [each.name for each in EVENTS if each.name.upper() not in used] == []


def test_decisions_and_refusals_are_about_declared_subjects():
    about = set()
    for file in product_files():
        for call in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(call, ast.keyword) and call.arg == "subject" and isinstance(call.value, ast.Tuple):
                first = call.value.elts[0]
                about |= {first.value} if isinstance(first, ast.Constant) else set()
    assert {"order", "offer", "listing"} <= about
    assert sorted(about - declared.SUBJECTS.keys()) == []


def test_every_key_of_a_record_has_a_word():
    keys = payload_keys()
    assert len(keys) > 60
    assert sorted(key for key in keys if declared.label_of(key) is None) == []


def test_a_key_without_a_label_is_found_at_any_depth():
    assert list(unlabelled({"number": "1", "lines": [{"lot": "L", "quaintness": 1}]}, "order_placed")) == ["quaintness"]


@pytest.mark.parametrize(
    "name", ["order_closed", EventType("order_closed", "关闭订单", declared.SUBJECTS["order"]), None]
)
def test_what_is_not_declared_is_not_recorded(world, name):
    """A bare string, a value made beside the registry: refused before anything is written."""
    happened = {"subject": 1, "payload": {}}
    for act in (
        lambda: record(name, **happened, actor=world.system, at=None),
        lambda: record_all(name, [happened], actor=world.system, at=None),
        lambda: events_part(name, "rows"),
        lambda: deliveries_write(name, [1]),
        lambda: was_recorded(name),
        lambda: subscriptions.subscribe(name, name="tests.undeclared"),
    ):
        with pytest.raises(Undeclared):
            act()


def test_a_name_is_declared_once():
    with pytest.raises(ValueError, match="order_closed is declared twice"):
        declared.event("order_closed", "关闭", ORDER_CLOSED.subject)
    with pytest.raises(ValueError, match="order is declared twice"):
        declared.subject("order", "订单")
    with pytest.raises(ValueError, match="number is declared twice"):
        declared.labels({"number": "号"})
    with pytest.raises(ValueError, match="is no name"):
        declared.event("it's", "引号", ORDER_CLOSED.subject)


def test_a_subscriber_has_one_name_that_is_not_its_place(monkeypatch):
    monkeypatch.setattr(subscriptions, "_subscribers", {})
    subscriptions.subscribe(ORDER_CLOSED, name="tests.closed")(print)
    with pytest.raises(ValueError, match="tests.closed is registered twice"):
        subscriptions.subscribe(ORDER_PLACED, name="tests.closed")(len)
    assert subscriptions.by_name("tests.closed").call is print
    with pytest.raises(TypeError):
        subscriptions.subscribe(ORDER_CLOSED)


def test_no_subscriber_is_named_by_its_module():
    assert len(subscriptions._subscribers) >= 28
    for name, subscriber in subscriptions._subscribers.items():
        assert name != f"{subscriber.call.__module__}.{subscriber.call.__name__}"


def test_contents_are_told_in_yuan_and_by_label():
    payload = {"state": "PLACED", "amount_fen": 123_450, "seller_id": 7, "lines": [{"accepted_fen": 5, "lot": "L1"}]}
    assert recorded(payload, "order_placed") == [
        ("状态", "待企业确认"),
        ("金额（元）", "1,234.50"),
        ("销售方", 7),
        ("明细", [{"验收金额（元）": "0.05", "批号": "L1"}]),
    ]


def test_provinces_are_named_where_codes_are_listed():
    assert in_words(["310000", "999999", 310000], {}) == ["上海", "999999", 310000]
    assert in_words("310000", {}) == "310000"
