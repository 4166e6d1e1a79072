"""Asked under `tests.planted.settings` by `tests/architecture/test_planted_app.py`; not collected with the suite."""

import pytest
from django.urls import reverse
from recalls import subscribers
from recalls.events import RECALL_ANNOUNCED

from sunlight import scope
from sunlight.celery import app
from sunlight.journal import relay
from sunlight.journal.services import record
from sunlight.rules import RULES, ask
from sunlight.scope import Role
from sunlight.web.navigation import menu_of, sections
from sunlight.web.templatetags.sunlight import event_label
from sunlight.webhooks.queries import topics
from supervision.queries import trials
from supervision.queries.trace import trace
from tests.browsing import client_of
from tests.factories import catalog


@pytest.fixture
def reviewer(world):
    return world.actor("operator", Role.OPERATOR_REVIEWER)


def test_its_event_is_recorded_heard_and_traced_in_words(world, reviewer):
    with scope.opened(world.system):
        record(
            RECALL_ANNOUNCED,
            subject=7,
            actor=world.system,
            at=scope.now(),
            payload={"number": "R7", "state": "ANNOUNCED", "recalled_lots": ["L1"]},
        )
    relay.deliver_pending(actor=world.system, at=scope.now())
    assert subscribers.heard == [7]
    with scope.opened(reviewer):
        [step] = trace(reviewer, "recall", 7)
    assert event_label(step.title) == "发布召回"
    assert dict(step.contents) == {"编号": "R7", "状态": "已发布", "召回批号": ["L1"]}
    page = client_of(reviewer).get(reverse("supervision:trace", args=["recall", 7])).content.decode()
    assert "发布召回" in page and "产品召回" in page and "召回批号" in page
    assert topics()["recall"] == "产品召回"


def test_its_list_stands_in_the_menu_and_opens(world, reviewer):
    listing = catalog.listed(world)
    assert sections()[-2:] == ["召回", "系统"]
    assert "召回" in [section for section, _ in menu_of(reviewer)]
    client = client_of(reviewer)
    page = client.get(reverse("recalls:products")).content.decode()
    assert listing.number in page and "已挂网" in page
    workbench = client.get("/").content.decode()
    assert "待答复的召回" in workbench and 'href="/recalls/"' in workbench


def test_its_rule_answers_and_can_be_tried():
    assert "recall.answer" in RULES
    request = {"rule": "recall.answer", "region": "CN-GD-SZ", "date": "2026-03-02", "facts": {"grade": "second"}}
    assert ask(request)["outcome"] == {"days": 3}
    [(_, rules)] = [pair for pair in trials.rules_by_app() if pair[0] == "召回"]
    assert [rule["title"] for rule in rules] == ["召回答复期限"]
    typed = trials.example_typed(RULES["recall.answer"], 0)
    assert trials.ask(RULES["recall.answer"], typed).trials[0].body["facts"] == [("召回级别", "一级")]


def test_its_schedule_rings_for_its_task():
    app.loader.import_default_modules()
    assert app.conf.beat_schedule["recalls unanswered"]["task"] in app.tasks
