"""Whether drafts bind on a platform: proposed by an officer, decided by the head of the leading authority, on record."""

import pytest

from sunlight import scope
from sunlight.journal.models import Event
from sunlight.journal.refusals import Conflict, Forbidden, Invalid
from sunlight.scope import Role
from sunlight.tenancy.drafts import DraftsSwitch
from sunlight.tenancy.models import Platform
from sunlight.tenancy.queries.drafts import answers_for_the_law
from sunlight.tenancy.services.drafts import drafts_switch_decide, drafts_switch_propose
from tests.browsing import client_of as browse
from tests.regional import elsewhere

WHY = "按市局会议纪要，征求意见期内仅作提示"


def _propose(world, actor=None, **facts):
    actor = actor or world.actor("regulator", Role.REGULATOR_OFFICER)
    with scope.opened(actor):
        return drafts_switch_propose(actor=actor, at=scope.now(), **{"after": "warn", "reason": WHY} | facts)


def _decide(world, switch, actor=None, **facts):
    actor = actor or world.actor("regulator", Role.REGULATOR_CHIEF)
    with scope.opened(actor):
        return drafts_switch_decide(actor=actor, at=scope.now(), switch_id=switch.id, **{"agrees": True} | facts)


def _stands(world):
    with scope.opened(world.system):
        return Platform.objects.get(id=world.platform.id).drafts


@pytest.mark.clause("SZ24-3.10", on="page")
def test_drafts_only_warn_once_the_head_agrees(world):
    switch = _propose(world)
    assert (_stands(world), switch.state) == ("binding", "PROPOSED")
    assert _decide(world, switch).state == "DONE"
    assert _stands(world) == "warn"
    with scope.opened(world.system):
        events = list(Event.objects.filter(name__startswith="drafts_switch").order_by("id"))
    assert [event.name for event in events] == ["drafts_switch_proposed", "drafts_switched"]
    assert (events[1].payload["before"], events[1].payload["after"]) == ("binding", "warn")


@pytest.mark.duty("drafts_switch", "confirm", "propose")
@pytest.mark.duty("drafts_switch", "refuse", "propose")
def test_nobody_decides_on_their_own_proposal(world):
    chief = world.actor("regulator", Role.REGULATOR_CHIEF)
    switch = _propose(world, chief)
    for agrees in (True, False):
        with pytest.raises(Forbidden):
            _decide(world, switch, chief, agrees=agrees, note="不同意")
    assert _stands(world) == "binding"


def test_a_refusal_needs_its_reason_and_changes_nothing(world):
    switch = _propose(world)
    with pytest.raises(Invalid):
        _decide(world, switch, agrees=False, note=" ")
    assert _decide(world, switch, agrees=False, note="征求意见期已过").state == "REFUSED"
    assert _stands(world) == "binding"
    with pytest.raises(Conflict):
        _decide(world, switch)


@pytest.mark.parametrize(
    ("facts", "refused"),
    [({"after": "off"}, Invalid), ({"reason": ""}, Invalid), ({"after": "binding"}, Conflict)],
)
def test_what_is_no_proposal(world, facts, refused):
    with pytest.raises(refused):
        _propose(world, **facts)
    with scope.opened(world.system):
        assert not DraftsSwitch.objects.exists()


def test_one_proposal_waits_at_a_time(world):
    _propose(world)
    with pytest.raises(Conflict):
        _propose(world)


def test_only_the_leading_authority_of_the_place_answers_for_the_law(world, db):
    for key, role in (("operator", Role.OPERATOR_SUPPORT), ("hospital", Role.HOSPITAL_ADMIN)):
        with pytest.raises(Forbidden):
            _propose(world, world.actor(key, role))
    city = elsewhere("js", "CN-JS-NJ")
    officer = city.actor("regulator", Role.REGULATOR_OFFICER)
    with scope.opened(officer):
        # A city's authority does not decide for the province's platform.
        assert not answers_for_the_law(officer)
    with pytest.raises(Forbidden):
        _propose(city, officer)


def test_the_page_proposes_and_decides(world):
    officer = browse(world.actor("regulator", Role.REGULATOR_OFFICER))
    chief = browse(world.actor("regulator", Role.REGULATOR_CHIEF))
    shown = officer.get("/supervision/drafts/").content.decode()
    assert "征求意见稿在本平台按规定执行" in shown and "SZ24" in shown and "提议改为仅提示" in shown
    answer = officer.post("/supervision/drafts/propose/", {"after": "warn", "reason": ""})
    assert answer.status_code == 422
    assert officer.post("/supervision/drafts/propose/", {"after": "warn", "reason": WHY}).status_code == 302
    switch_id = _only(world).id
    waiting = chief.get("/supervision/drafts/").content.decode()
    assert "待您决定" in waiting and WHY in waiting
    chief.post(f"/supervision/drafts/{switch_id}/", {"agrees": "1"})
    assert "征求意见稿在本平台仅提示" in officer.get("/supervision/drafts/").content.decode()


def _only(world) -> DraftsSwitch:
    with scope.opened(world.system):
        return DraftsSwitch.objects.get()
