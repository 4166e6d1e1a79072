"""Official letters: written by one, approved by another, numbered without gaps, delivered with proof, answered or told."""

import hashlib
import struct
import zlib
from datetime import date

import pytest
from django.db import DatabaseError, transaction

from sunlight import scope
from sunlight.journal.models import Decision, Event, Refusal
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere
from sunlight.letters import queries
from sunlight.letters.models import Letter, LetterAnswer, LetterOpening
from sunlight.letters.services import answering, sending, writing
from sunlight.letters.services.templates import head_decide, head_propose, template_decide, template_propose
from sunlight.messages.models import Message
from sunlight.scope import Role
from sunlight.tenancy.models import Membership
from tests.letters.writing import (
    DAY,
    another_authority,
    call,
    chief,
    kept,
    officer,
    sent,
    submitted,
    sweep,
    written,
)
from tests.supervision.test_overview import AUTHORITIES

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def picture() -> bytes:
    """A PNG of one pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 5)) + chunk(b"IEND", b"")


PNG = picture()


def admin(world, key: str = "hospital"):
    return world.actor(key, Role.HOSPITAL_ADMIN)


def answer(world, letter, text: str = "已说明", day: str = "2026-03-04", actor=None, **facts):
    return call(actor or admin(world), answering.letter_answer, day, letter_id=letter.id, text=text, **facts)


def told(world, kind: str) -> list[Message]:
    with scope.opened(world.system):
        return list(Message.objects.filter(kind=kind).order_by("id"))


def test_a_letter_from_draft_to_end_with_every_step_on_record(world):
    letter = sent(world)
    assert (letter.state, letter.number, letter.due_on) == (
        "DELIVERED",
        "测试市医疗保障局询〔2026〕1号",
        date(2026, 3, 9),
    )
    call(admin(world), answering.letter_open, letter_id=letter.id)
    call(admin(world), answering.letter_open, letter_id=letter.id)
    assert call(admin(world), answering.letter_acknowledge, letter_id=letter.id).state == "ACKNOWLEDGED"
    given = answer(world, letter, files=[("说明.pdf", PDF)])
    answer(world, letter, "补充说明")
    closed = call(officer(world), sending.letter_close, "2026-03-05", letter_id=letter.id, note="情况已说明")
    assert closed.state == "CLOSED"
    with scope.opened(world.system):
        names = list(
            Event.objects.filter(subject_type="letter", subject_id=letter.id)
            .order_by("id")
            .values_list("name", flat=True)
        )
        assert Decision.objects.get(subject_type="letter").rule == "deadline.working_days"
        assert LetterOpening.objects.count() == 1
        assert given.files.get().file.sha256 == hashlib.sha256(PDF).hexdigest()
    assert names == [
        "letter_written",
        "letter_submitted",
        "letter_sent",
        "letter_delivered",
        "letter_opened",
        "letter_acknowledged",
        "letter_answered",
        "letter_answered",
        "letter_closed",
    ]
    assert [len(told(world, f"letter_{kind}")) for kind in ("to_sign", "arrived", "answered")] == [1, 1, 2]


@pytest.mark.duty("letter", "send", "submit")
@pytest.mark.duty("letter", "send", "write")
def test_nobody_signs_what_they_wrote_or_submitted(world):
    both, other = world.actor("regulator", Role.REGULATOR_CHIEF), world.actor("regulator", Role.REGULATOR_OFFICER)
    words = {"kind": "LETTER", "addressee_id": world.hospital.id, "title": "函", "text": "正文", "term_days": 3}
    own = call(both, writing.letter_write, **words)
    call(both, writing.letter_submit, letter_id=own.id)
    with pytest.raises(Forbidden) as refused:
        call(both, sending.letter_send, letter_id=own.id)
    assert refused.value.code == "own_letter"
    wrote = call(both, writing.letter_write, **words)
    call(other, writing.letter_submit, letter_id=wrote.id)
    with pytest.raises(Forbidden) as refused:
        call(both, sending.letter_send, letter_id=wrote.id)
    assert "起草" in refused.value.message
    assert [kept(world, each).state for each in (own, wrote)] == ["SUBMITTED", "SUBMITTED"]
    # The leader is the second person where the head wrote.
    leader = world.actor("regulator", Role.REGULATOR_LEADER)
    assert call(leader, sending.letter_send, letter_id=own.id).state == "DELIVERED"


def test_an_editor_is_a_writer(world):
    letter = written(world)
    call(chief(world), writing.letter_edit, letter_id=letter.id, title="改", text="改正", term_days=5, must_answer=True)
    call(officer(world), writing.letter_submit, letter_id=letter.id)
    with pytest.raises(Forbidden):
        call(chief(world), sending.letter_send, letter_id=letter.id)


FORBIDDEN = [
    ("DRAFT", "chief", sending.letter_send, {}, Conflict),
    ("DRAFT", "officer", sending.letter_close, {"note": "完"}, Conflict),
    ("SUBMITTED", "officer", writing.letter_submit, {}, Conflict),
    ("SUBMITTED", "officer", writing.letter_edit, {"title": "改", "text": "改", "term_days": 1}, Conflict),
    ("SUBMITTED", "officer", sending.letter_send, {}, Conflict),
    ("SUBMITTED", "admin", answering.letter_acknowledge, {}, NotThere),
    ("DELIVERED", "officer", writing.letter_edit, {"title": "改", "text": "改", "term_days": 1}, Conflict),
    ("DELIVERED", "officer", writing.letter_discard, {"reason": "错"}, Conflict),
    ("DELIVERED", "officer", sending.letter_withdraw, {"reason": "错"}, Conflict),
    ("DELIVERED", "chief", sending.letter_send, {}, Conflict),
    ("DELIVERED", "officer", answering.letter_acknowledge, {}, Forbidden),
    ("DELIVERED", "officer", answering.letter_answer, {"text": "答"}, Forbidden),
    ("DELIVERED", "officer", answering.letter_open, {}, Forbidden),
    ("DELIVERED", "admin", sending.letter_close, {"note": "完"}, Forbidden),
    ("DELIVERED", "admin", sending.letter_withdraw, {"reason": "错"}, Forbidden),
    ("DELIVERED", "admin", answering.letter_extension_decide, {"granted": True}, Forbidden),
    ("DELIVERED", "buyer", answering.letter_acknowledge, {}, Forbidden),
    ("DELIVERED", "stranger", answering.letter_acknowledge, {}, NotThere),
    ("DELIVERED", "stranger", answering.letter_answer, {"text": "答"}, NotThere),
]


@pytest.mark.parametrize(("state", "who", "service", "facts", "refused"), FORBIDDEN)
def test_what_may_not_be_done_changes_nothing(world, state, who, service, facts, refused):
    letter = {"DRAFT": written, "SUBMITTED": submitted, "DELIVERED": sent}[state](world)
    actors = {
        "officer": officer,
        "chief": chief,
        "admin": admin,
        "buyer": lambda world: world.actor("hospital", Role.HOSPITAL_BUYER),
        "stranger": lambda world: admin(world, "other_hospital"),
    }
    before = kept(world, letter).version
    with pytest.raises(refused):
        call(actors[who](world), service, letter_id=letter.id, **facts)
    assert (kept(world, letter).version, kept(world, letter).state) == (before, state)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"title": ""}, "title"),
        ({"text": " "}, "text"),
        ({"term_days": None}, "term_days"),
        ({"term_days": 0}, "term_days"),
        ({"term_days": "五"}, "term_days"),
        ({"kind": "MEMO"}, "kind"),
    ],
)
def test_a_slip_writes_nothing(world, facts, field):
    with pytest.raises(Invalid) as refused:
        written(world, **facts)
    assert refused.value.field == field
    with scope.opened(world.system):
        assert not Letter.objects.exists()


def test_a_place_that_nobody_filled_keeps_a_letter_from_approval(world):
    letter = written(world, text="{收件单位}：\n请说明{事由}。")
    with pytest.raises(Invalid) as refused:
        call(officer(world), writing.letter_submit, letter_id=letter.id)
    assert "{收件单位}、{事由}" in refused.value.message


def test_two_clicks_send_acknowledge_and_answer_once(world):
    letter = sent(world)
    with pytest.raises(Conflict):
        call(chief(world), sending.letter_send, letter_id=letter.id)
    call(admin(world), answering.letter_acknowledge, letter_id=letter.id)
    with pytest.raises(Conflict) as refused:
        call(admin(world), answering.letter_acknowledge, letter_id=letter.id)
    assert refused.value.code == "acknowledged_already"
    answer(world, letter)
    with pytest.raises(Conflict) as refused:
        answer(world, letter)
    assert refused.value.code == "answered_already"
    with scope.opened(world.system):
        assert LetterAnswer.objects.count() == 1


def test_numbers_run_without_gaps_by_sender_kind_and_year(world):
    another_authority(world)
    discarded = submitted(world)
    call(officer(world), writing.letter_discard, letter_id=discarded.id, reason="重复")
    first, theirs, second = sent(world), sent(world, "market"), sent(world)
    other_kind, next_year = sent(world, kind="REMINDER"), sent(world, day="2027-01-04")
    assert [each.number for each in (first, second, theirs, other_kind, next_year)] == [
        "测试市医疗保障局询〔2026〕1号",
        "测试市医疗保障局询〔2026〕2号",
        "测试市市场监督管理局询〔2026〕1号",
        "测试市医疗保障局提〔2026〕1号",
        "测试市医疗保障局询〔2027〕1号",
    ]
    assert kept(world, discarded).number == ""


def test_what_was_sent_never_changes(world):
    letter = sent(world)
    said = (letter.number, letter.title, "测试市第一人民医院", letter.text, "测试市医疗保障局", DAY)
    assert letter.text_sha256 == hashlib.sha256("\n".join(said).encode()).hexdigest()
    assert queries.text_hash(kept(world, letter)) == letter.text_sha256
    for actor in (world.system, admin(world)):
        for change in ({"text": "改了"}, {"number": "9号"}, {"title": "改"}, {"text_sha256": "0" * 64}):
            with scope.opened(actor), pytest.raises(DatabaseError), transaction.atomic():
                Letter.objects.filter(id=letter.id).update(**change)
    with scope.opened(world.system), pytest.raises(DatabaseError), transaction.atomic():
        Letter.objects.filter(id=letter.id).delete()


def test_the_addressee_moves_a_letter_only_as_it_may(world):
    letter = sent(world)
    for state in ("CLOSED", "WITHDRAWN", "SENT"):
        with scope.opened(admin(world)), pytest.raises(DatabaseError), transaction.atomic():
            Letter.objects.filter(id=letter.id).update(state=state)


def seen_by(actor) -> int:
    with scope.opened(actor):
        return queries.letters_visible_to(actor).count()


def rows_of(actor) -> int:
    with scope.opened(actor):
        return Letter.objects.count()


def test_who_sees_a_letter(world):
    """A draft is its authority's; a letter its addressee's too; others see it where what it is about is their part."""
    for key in ("market", "health", "discipline"):
        another_authority(world, key, f"测试市{key}")
    draft, letter = written(world), sent(world, about="payable", subject_ids=[1], kind="REMINDER", to="hospital")
    finance = world.actor("hospital", Role.HOSPITAL_FINANCE)
    assert (seen_by(officer(world)), seen_by(finance)) == (2, 1)
    assert {key: seen_by(officer(world, key)) for key in AUTHORITIES if key != "insurance"} == {
        "discipline": 1,
        "health": 1,
        "market": 0,
    }
    assert seen_by(world.actor("operator", Role.OPERATOR_SUPPORT)) == 0
    for stranger in (admin(world, "other_hospital"), world.actor("maker", Role.SUPPLIER_ADMIN)):
        assert (seen_by(stranger), rows_of(stranger)) == (0, 0)
    # The wall: the addressee's rows hold no draft.
    assert rows_of(finance) == 1
    with scope.opened(officer(world, "market")), pytest.raises(NotThere):
        queries.access_letter(officer(world, "market"), letter.id)
    with pytest.raises(NotThere):
        call(officer(world, "health"), sending.letter_close, letter_id=letter.id, note="代办")
    assert draft.id != letter.id


def test_silence_is_told_once_to_the_leader_after_the_last_day(world):
    letter = sent(world)
    assert [sweep(world, day) for day in ("2026-03-09", "2026-03-10", "2026-03-11")] == [0, 1, 0]
    assert kept(world, letter).state == "ESCALATED"
    (message,) = told(world, "letter_silent")
    assert set(message.roles) == {"REGULATOR_CHIEF", "REGULATOR_LEADER"}
    assert message.organisation_id == world.regulator.id and "尚无人查阅" in message.body
    # A late answer is an answer.
    assert call(admin(world), answering.letter_acknowledge, "2026-03-11", letter_id=letter.id).state == "ESCALATED"
    answer(world, letter, day="2026-03-11")
    assert kept(world, letter).state == "ANSWERED"
    assert sweep(world, "2026-03-12") == 0


def test_a_reminder_wants_only_to_be_acknowledged(world):
    first, second = (sent(world, kind="REMINDER", must_answer=False) for _ in range(2))
    call(admin(world), answering.letter_acknowledge, letter_id=first.id)
    assert sweep(world, "2026-03-10") == 1
    assert [kept(world, each).state for each in (first, second)] == ["ACKNOWLEDGED", "ESCALATED"]


def test_a_circular_asks_for_nothing(world):
    letter = sent(world, kind="CIRCULAR", must_answer=False, must_acknowledge=False, term_days=None)
    assert (letter.state, letter.due_on, sweep(world, "2027-03-10")) == ("DELIVERED", None, 0)
    with pytest.raises(Conflict):
        ask(world, letter, "2026-03-03")


def ask(world, letter, day, until="2026-03-16"):
    facts = {"letter_id": letter.id, "until": until, "reason": "资料在外省"}
    return call(admin(world), answering.letter_extension_ask, day, **facts)


def decide(world, letter, day, granted=True, note=""):
    facts = {"letter_id": letter.id, "granted": granted, "note": note}
    return call(officer(world), answering.letter_extension_decide, day, **facts)


def test_more_time_is_asked_for_before_the_last_day_is_over_and_granted_by_the_sender(world):
    letter = sent(world)
    ask(world, letter, "2026-03-09")
    assert kept(world, letter).state == "ACKNOWLEDGED"
    with pytest.raises(Conflict):
        ask(world, letter, "2026-03-09")
    # Asked for in time: granted after the last day it takes the letter back from silence.
    assert sweep(world, "2026-03-10") == 1
    decide(world, letter, "2026-03-10")
    row = kept(world, letter)
    assert (row.state, row.due_on) == ("ACKNOWLEDGED", date(2026, 3, 16))
    assert [sweep(world, day) for day in ("2026-03-16", "2026-03-17")] == [0, 1]


def test_after_the_last_day_nobody_asks_for_more_time(world):
    letter = sent(world)
    with pytest.raises(Conflict) as refused:
        ask(world, letter, "2026-03-10")
    assert refused.value.code == "extension_late"
    with pytest.raises(Invalid):
        ask(world, letter, "2026-03-09", until="2026-03-09")
    assert (kept(world, letter).due_on, kept(world, letter).state) == (date(2026, 3, 9), "DELIVERED")
    with pytest.raises(NotThere):
        decide(world, letter, "2026-03-10")


def test_a_refused_extension_has_its_reason_and_leaves_the_day(world):
    letter = sent(world)
    ask(world, letter, "2026-03-05")
    with pytest.raises(Invalid):
        decide(world, letter, "2026-03-06", granted=False)
    assert decide(world, letter, "2026-03-06", granted=False, note="已给足时间").state == "DECLINED"
    assert kept(world, letter).due_on == date(2026, 3, 9)
    ask(world, letter, "2026-03-06")
    with pytest.raises(Conflict):
        decide(world, letter, "2026-03-17")


def leave(world, key: str, *but: Role) -> None:
    """Everybody of the organisation leaves, but for these roles."""
    with scope.opened(world.system):
        gone = Membership.objects.filter(organisation=world.organisations[key], platform=world.platform)
        gone.exclude(roles__overlap=[str(role) for role in but]).update(is_active=False)


def test_where_the_desk_is_empty_the_administrators_get_it(world):
    admin(world), world.actor("hospital", Role.HOSPITAL_FINANCE)
    leave(world, "hospital", Role.HOSPITAL_ADMIN)
    letter = sent(world, about="payable", subject_ids=[1])
    assert (letter.state, letter.delivered_roles) == ("DELIVERED", ["HOSPITAL_ADMIN"])
    answer(world, letter)


def test_where_nobody_is_there_the_sender_is_told_and_delivery_is_tried_again(world):
    admin(world)
    leave(world, "hospital")
    letter = sent(world)
    assert (letter.state, letter.due_on) == ("SENT", None)
    assert [sweep(world, day) for day in ("2026-03-03", "2026-03-04")] == [0, 0]
    (message,) = told(world, "letter_nobody_there")
    assert message.organisation_id == world.regulator.id and told(world, "letter_arrived") == []
    with scope.opened(world.system):
        Membership.objects.filter(organisation=world.hospital, roles__contains=["HOSPITAL_ADMIN"]).update(
            is_active=True
        )
    assert sweep(world, "2026-03-05") == 1
    assert (kept(world, letter).state, kept(world, letter).due_on) == ("DELIVERED", date(2026, 3, 12))


def test_a_withdrawn_letter_keeps_number_and_text_and_says_why(world):
    letter = sent(world)
    with pytest.raises(Invalid):
        call(chief(world), sending.letter_withdraw, letter_id=letter.id, reason="")
    call(chief(world), sending.letter_withdraw, letter_id=letter.id, reason="数据有误")
    row = kept(world, letter)
    assert (row.state, row.number, row.text) == ("WITHDRAWN", letter.number, letter.text)
    assert told(world, "letter_taken_back")[0].body == "数据有误"
    with pytest.raises(Conflict):
        answer(world, letter)
    assert sent(world).serial == 2


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


def test_refused_four_eyes_are_kept_and_slips_are_of_no_clause(world):
    both = chief(world)
    own = call(
        both, writing.letter_write, kind="LETTER", addressee_id=world.maker.id, title="函", text="文", term_days=1
    )
    call(both, writing.letter_submit, letter_id=own.id)
    with pytest.raises(Forbidden):
        call(both, sending.letter_send, letter_id=own.id)
    with scope.opened(world.system):
        assert Refusal.objects.filter(code="own_letter", subject_id=own.id).count() == 1
