"""What an authority writes its letters with: templates and letterhead, each decided by a second person."""

import struct
import zlib
from datetime import date

import pytest

from sunlight import scope
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere
from sunlight.letters import queries
from sunlight.letters.services.templates import head_decide, head_propose, template_decide, template_propose
from sunlight.scope import Role
from tests.letters.writing import call, kept, officer, sent


def picture() -> bytes:
    """A PNG of one pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 5)) + chunk(b"IEND", b"")


PNG = picture()


def admin(world, key: str = "hospital"):
    return world.actor(key, Role.HOSPITAL_ADMIN)


@pytest.mark.duty("letter_template", "agree", "propose")
@pytest.mark.duty("letter_template", "decline", "propose")
def test_a_template_is_changed_by_two_people_and_the_old_one_stays_on_record(world):
    words = {"kind": "PROMPT", "title": "督促函", "text": "{收件单位}：请付清{合计}元。", "term_days": 7}
    head = world.actor("regulator", Role.REGULATOR_CHIEF)
    own = call(head, template_propose, **words)
    for agrees in (True, False):
        with pytest.raises(Forbidden):
            call(head, template_decide, template_id=own.id, agrees=agrees, note="不")
    with pytest.raises(Conflict):
        call(officer(world), template_propose, **words)
    leader = world.actor("regulator", Role.REGULATOR_LEADER)
    call(leader, template_decide, template_id=own.id, agrees=True)
    second = call(officer(world), template_propose, **words | {"term_days": 9})
    with pytest.raises(Invalid):
        call(leader, template_decide, template_id=second.id, agrees=False, note="")
    call(leader, template_decide, template_id=second.id, agrees=True)
    with scope.opened(officer(world)):
        assert [row.state for row in queries.templates_visible_to(officer(world))] == ["IN_USE", "REPLACED"]
        assert queries.wording(officer(world), "PROMPT", date(2026, 3, 2)).term_days == 9


@pytest.mark.duty("letter_head", "agree", "propose")
@pytest.mark.duty("letter_head", "decline", "propose")
def test_short_name_and_seal_stand_on_letters_sent_since(world):
    before = sent(world)
    head = world.actor("regulator", Role.REGULATOR_CHIEF)
    own = call(head, head_propose, short_name="深医保", seal_name="章.png", seal=PNG)
    for agrees in (True, False):
        with pytest.raises(Forbidden):
            call(head, head_decide, head_id=own.id, agrees=agrees, note="不")
    call(world.actor("regulator", Role.REGULATOR_LEADER), head_decide, head_id=own.id, agrees=True)
    after = sent(world)
    assert (kept(world, before).seal_id, after.number) == (None, "深医保询〔2026〕2号")
    with scope.opened(admin(world)):
        assert bytes(queries.seal_of(admin(world), after.id).content) == PNG
    with scope.opened(stranger := admin(world, "other_hospital")), pytest.raises(NotThere):
        queries.seal_of(stranger, after.id)
