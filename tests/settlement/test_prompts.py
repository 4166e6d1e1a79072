"""Written prompts for late payment (GD25-4.8a): an officer writes, the chief approves, the hospital answers or is silent, and
`payment.arrears` counts the silence (A60, A96)."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from settlement.models.payment import Payable
from settlement.queries.lateness import arrears_of, with_lateness
from settlement.queries.prompts import unanswered_prompts
from settlement.services.prompts import prompt_write
from sunlight import scope
from sunlight.journal.models import Decision
from sunlight.journal.refusals import Conflict, Forbidden, Refused
from sunlight.letters.models import Letter
from sunlight.letters.services import answering, sending, writing
from sunlight.scope import Role
from tests.browsing import client_of
from tests.factories import catalog
from tests.factories.settlement import funded, owed, prepared
from tests.letters.writing import another_authority, call, chief, kept, officer, sweep
from tests.regional import elsewhere
from tests.settlement.test_services_payments import approve

# Due on 4 February 2026.
ACCEPTED = date(2026, 1, 5)
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def number(world, payable) -> str:
    with scope.opened(world.system):
        return Payable.objects.select_related("invoice").get(id=payable.id).invoice.number


def prompt(world, payable, day: str, *, actor=None, **facts) -> Letter:
    return call(actor or officer(world), prompt_write, day, payable_id=payable.id, **facts)


def delivered(world, payable, day: str, **facts) -> Letter:
    draft = prompt(world, payable, day, **facts)
    call(officer(world), writing.letter_submit, day, letter_id=draft.id)
    return call(chief(world), sending.letter_send, day, letter_id=draft.id)


def counted(actor, payables, day: str) -> dict[int, int]:
    with scope.opened(actor):
        return unanswered_prompts(actor, [each.id for each in payables], date.fromisoformat(day))


def arrears(world, payable, day: str) -> dict:
    on = date.fromisoformat(day)
    with scope.opened(world.system):
        (row,) = with_lateness(Payable.objects.select_related("region").filter(id=payable.id), on)
        return arrears_of(world.system, [row], on)[payable.id].outcome


def answer(world, letter, day: str):
    finance = world.actor("hospital", Role.HOSPITAL_FINANCE)
    files = [("付款计划.pdf", PDF)]
    return call(finance, answering.letter_answer, day, letter_id=letter.id, text="本月付清", files=files)


@pytest.mark.clause("GD25-4.8a", on="trade")
@pytest.mark.clause("ASSUMPTION-A60", "ASSUMPTION-A96", on="night")
def test_a_silent_hospital_is_told_to_the_leader_and_counted_an_answering_one_is_not(world):
    listing = catalog.listed(world)
    silent, spoken = (owed(world, listing=listing, accepted_on=ACCEPTED) for _ in range(2))
    letter, other = delivered(world, silent, "2026-02-05"), delivered(world, spoken, "2026-02-05")
    assert (letter.state, letter.number, letter.due_on) == (
        "DELIVERED",
        "测试市医疗保障局督〔2026〕1号",
        date(2026, 2, 12),
    )
    for said in (number(world, silent), "未付 1,250.00 元", "最迟付款日 2026-02-04", "逾期 1 日", "5个工作日"):
        assert said in letter.text
    answer(world, other, "2026-02-11")
    rows = [silent, spoken]
    assert counted(world.system, rows, "2026-02-12") == {}
    assert arrears(world, silent, "2026-02-12")["next_step"] == "prompt"
    assert [sweep(world, day) for day in ("2026-02-12", "2026-02-13")] == [0, 1]
    assert [kept(world, each).state for each in (letter, other)] == ["ESCALATED", "ANSWERED"]
    for key, role in (
        ("regulator", Role.REGULATOR_OFFICER),
        ("hospital", Role.HOSPITAL_FINANCE),
        ("distributor", Role.SUPPLIER_FINANCE),
    ):
        assert counted(world.actor(key, role), rows, "2026-02-13") == {silent.id: 1}
    assert arrears(world, silent, "2026-02-13")["next_step"] == "guide"
    # A late answer ends it from its own day.
    answer(world, letter, "2026-02-25")
    assert [counted(world.system, rows, day) for day in ("2026-02-24", "2026-02-25")] == [{silent.id: 1}, {}]
    with scope.opened(world.system):
        kept_rules = Decision.objects.filter(subject_type="payable", subject_id=silent.id, law_date=date(2026, 2, 5))
        assert set(kept_rules.values_list("rule", flat=True)) == {"payment.prompt", "payment.arrears"}


def test_three_silences_make_arrears_malicious(world):
    payable = owed(world, accepted_on=ACCEPTED)
    for day in ("2026-02-05", "2026-02-24", "2026-03-04"):
        letter = delivered(world, payable, day)
        assert letter.state == "DELIVERED"
    assert letter.due_on == date(2026, 3, 11)
    assert counted(world.system, [payable], "2026-03-11") == {payable.id: 2}
    assert counted(world.system, [payable], "2026-03-12") == {payable.id: 3}
    assert arrears(world, payable, "2026-03-12")["level"] == "malicious"


def test_what_counts_as_unanswered(world):
    """Not the withdrawn one; the closed one where its term was over by then."""
    listing = catalog.listed(world)
    in_time, later, taken_back = (owed(world, listing=listing, accepted_on=ACCEPTED) for _ in range(3))
    letters = {each.id: delivered(world, each, "2026-03-02") for each in (in_time, later, taken_back)}
    call(officer(world), sending.letter_close, "2026-03-05", letter_id=letters[in_time.id].id, note="已约谈")
    call(officer(world), sending.letter_close, "2026-03-10", letter_id=letters[later.id].id, note="转约谈")
    call(chief(world), sending.letter_withdraw, "2026-03-10", letter_id=letters[taken_back.id].id, reason="误发")
    assert counted(world.system, [in_time, later, taken_back], "2026-03-11") == {later.id: 1}


def test_an_extension_moves_the_day_it_counts_from(world):
    payable = owed(world, accepted_on=ACCEPTED)
    letter = delivered(world, payable, "2026-03-02")
    finance = world.actor("hospital", Role.HOSPITAL_FINANCE)
    asked = {"letter_id": letter.id, "until": "2026-03-20", "reason": "等财政拨款"}
    call(finance, answering.letter_extension_ask, "2026-03-06", **asked)
    call(officer(world), answering.letter_extension_decide, "2026-03-09", letter_id=letter.id, granted=True)
    assert [counted(world.system, [payable], day) for day in ("2026-03-20", "2026-03-21")] == [{}, {payable.id: 1}]


def test_all_late_payables_of_a_hospital_together_and_none_twice(world):
    listing = catalog.listed(world)
    first, second = (owed(world, listing=listing, accepted_on=ACCEPTED) for _ in range(2))
    fresh = owed(world, listing=listing, accepted_on=date(2026, 2, 25))
    letter = prompt(world, first, "2026-03-02", together=True)
    assert {number(world, each) in letter.text for each in (first, second)} == {True}
    assert number(world, fresh) not in letter.text and "合计2,500.00元" in letter.text
    with scope.opened(world.system):
        assert list(letter.subjects.order_by("subject_id").values_list("subject_id", flat=True)) == [
            first.id,
            second.id,
        ]
    for again in ({"together": True}, {}):
        with pytest.raises(Conflict) as refused:
            prompt(world, second, "2026-03-02", **again)
        assert refused.value.code == "prompt_waits"


def test_while_a_prompts_term_runs_there_is_no_second_one(world):
    payable = owed(world, accepted_on=ACCEPTED)
    delivered(world, payable, "2026-03-02")
    with pytest.raises(Conflict) as refused:
        prompt(world, payable, "2026-03-09")
    assert refused.value.code == "prompt_runs"
    assert prompt(world, payable, "2026-03-10").state == "DRAFT"


def test_what_was_paid_meanwhile_is_not_prompted_for(world):
    payable = owed(world, accepted_on=ACCEPTED)
    draft = prompt(world, payable, "2026-03-02")
    call(officer(world), writing.letter_submit, "2026-03-02", letter_id=draft.id)
    funded(world, 200_000)
    approve(world, prepared(world, [payable]))
    with pytest.raises(Conflict) as refused:
        call(chief(world), sending.letter_send, "2026-03-03", letter_id=draft.id)
    assert refused.value.code == "letter_is_out_of_date" and number(world, payable) in refused.value.message
    assert (kept(world, draft).state, kept(world, draft).number) == ("SUBMITTED", "")


@pytest.mark.clause("GD25-4.8a", on="trade")
def test_from_gd25_on_insurance_and_health_prompt_and_nobody_else(world):
    payable = owed(world, accepted_on=ACCEPTED)
    for key in ("market", "health"):
        another_authority(world, key, f"测试市{key}")
    with pytest.raises(Refused) as refused:
        prompt(world, payable, "2026-03-02", actor=officer(world, "market"))
    assert refused.value.clauses == ["GD25-4.8a"]
    with pytest.raises(Forbidden):
        prompt(world, payable, "2026-03-02", actor=world.actor("operator", Role.OPERATOR_SUPPORT))
    with scope.opened(world.system):
        assert not Letter.objects.exists()
    assert prompt(world, payable, "2026-03-02", actor=officer(world, "health")).sender_id == world.health.id


@pytest.mark.clause("ASSUMPTION-A97", on="trade")
def test_the_day_before_gd25_the_same_rests_on_an_assumption(world):
    payable = owed(world, accepted_on=date(2025, 10, 1))
    another_authority(world)
    with pytest.raises(Refused) as refused:
        prompt(world, payable, "2025-11-30", actor=officer(world, "market"))
    assert refused.value.clauses == ["ASSUMPTION-A97"]
    assert prompt(world, payable, "2025-11-30").kind == "PROMPT"


@pytest.mark.clause("ASSUMPTION-A97", on="trade")
def test_nanjing_prompts_by_the_same_division_of_work(db):
    world = elsewhere("js", "CN-JS-NJ")
    listing = catalog.listed(world, region="CN-JS-NJ", listed_on=date(2019, 1, 1))
    payable = owed(world, listing=listing, accepted_on=date(2022, 3, 1), payment_days=30)
    letter = prompt(world, payable, "2022-05-05")
    assert letter.sender_id == world.regulator.id and "逾期 35 日" in letter.text


def test_on_its_last_day_nothing_is_late(world):
    payable = owed(world, accepted_on=ACCEPTED)
    with pytest.raises(Refused) as refused:
        prompt(world, payable, "2026-02-04")
    assert refused.value.code == "nothing_late"


def test_counting_takes_as_many_queries_for_many_as_for_one(world):
    listing = catalog.listed(world)
    rows = [owed(world, listing=listing, accepted_on=ACCEPTED) for _ in range(3)]
    delivered(world, rows[0], "2026-03-02", together=True)
    taken = set()
    with scope.opened(world.system):
        for some in (rows[:1], rows):
            with CaptureQueriesContext(connection) as made:
                unanswered_prompts(world.system, [each.id for each in some], date(2026, 3, 10))
            taken.add(sum("letters_lettersubject" in each["sql"] for each in made))
    assert taken == {1}
    assert counted(world.system, rows, "2026-03-10") == {each.id: 1 for each in rows}


@pytest.mark.clause("GD25-4.8a", on="page")
def test_the_payables_page_offers_the_prompt_and_shows_it(world):
    payable = owed(world, accepted_on=ACCEPTED)
    browser = client_of(officer(world))
    page = f"/settlement/payables/{payable.id}/"
    assert "就本笔货款书面督促" in browser.get(page).content.decode()
    answered = browser.post(page + "prompt/", {"together": "0"})
    with scope.opened(world.system):
        letter = Letter.objects.get()
    assert answered.url == f"/letters/{letter.id}/"
    assert "督促函" in browser.get(page).content.decode()
    assert browser.post(page + "prompt/", {"together": "0"}).status_code == 422
    hospital = client_of(world.actor("hospital", Role.HOSPITAL_FINANCE)).get(page).content.decode()
    assert "书面督促" not in hospital and letter.title not in hospital
