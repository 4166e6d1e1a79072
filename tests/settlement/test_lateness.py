"""Late payments: SQL and rule say the same of any payable; each region's law grades what is late, and proposes a step."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from settlement.models.payment import Payable
from settlement.queries import lateness, prompts
from settlement.rules.arrears import payment_arrears
from settlement.services.reminders import payables_remind
from sunlight import scope
from sunlight.acts import current_policy
from sunlight.journal.models import Decision, Event
from sunlight.scope import Role
from sunlight.scope.clock import SHANGHAI
from tests.factories import catalog
from tests.factories.reds import reddened
from tests.factories.settlement import funded, owed, prepared
from tests.procurement.test_lateness import undone
from tests.regional import at, elsewhere
from tests.settlement.test_services_holds import hold
from tests.settlement.test_services_parts import part
from tests.settlement.test_services_payments import approve

MANY = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
DAYS = st.dates(date(2025, 12, 1), date(2030, 11, 30))
AROUND = st.one_of(st.integers(-3, 40), st.sampled_from([0, 1, 30, 31, 90, 91, 365]))


@pytest.fixture
def payable(world) -> Payable:
    return owed(world)


@pytest.mark.clause("SZ20-6.2b", "GD25-4.8a", "ASSUMPTION-A22", on="rule")
@MANY
@given(
    today=DAYS, due=st.none() | AROUND, paid=st.none() | AROUND, state=st.sampled_from(["OPEN", "IN_RUN", "CANCELLED"])
)
@example(today=date(2026, 3, 2), due=0, paid=None, state="OPEN")
@example(today=date(2026, 3, 2), due=1, paid=None, state="IN_RUN")
def test_of_any_payable_sql_says_what_the_rule_says(world, payable, today, due, paid, state):
    """Days before today; the last day falls on days off as on others (A22)."""
    due_on = None if due is None else today - timedelta(days=due)
    paid_on = None if paid is None or state == "CANCELLED" else today - timedelta(days=paid)
    with undone(world):
        rows = Payable.objects.filter(id=payable.id)
        rows.update(due_on=due_on, state=state, open_fen=payable.amount_fen if state == "OPEN" else 0)
        if paid_on:
            rows.update(state="PAID", open_fen=0, paid_at=datetime.combine(paid_on, time(23, 59), SHANGHAI))
        (row,) = lateness.with_lateness(rows, today)
        late = list(lateness.payments_late(Payable.objects.all(), today))
    if due_on is None or state == "CANCELLED":
        assert (row.day, row.days_late, row.is_open, row.was_late, late) == (None, 0, False, False, [])
        return
    facts = {"amount": 1250, "total": 9999, "warnings": 0}
    law = current_policy().law(region="CN-GD-SZ", on=today)
    said = payment_arrears(law, due_on=due_on, paid_on=paid_on, **facts).outcome
    assert (row.day, row.days_late) == (due_on, said["days_late"])
    assert row.is_open == (said["open"] and said["days_late"] > 0)
    assert row.was_late == (said["days_late"] > 0)
    # Paid in the future is a row no service makes.
    assert bool(late) == row.is_open or paid_on is not None


def lates(world, day: date) -> list[tuple[int, int, int]]:
    """Payable, fen missing, fen not paid by the last day."""
    with scope.opened(world.system):
        rows = lateness.with_late_part(lateness.payments_late(Payable.objects.all(), day))
        return [(row.id, row.missing_fen, row.late_fen) for row in rows.order_by("id")]


def test_parts_runs_holds_and_red_invoices_count_as_they_are(world):
    """125 000 fen each, due a month ago: of one 50 000 is paid and 10 000 in a run, one is held, one reddened in part, one whole,
    one paid: in their order, what is missing."""
    listing, today = catalog.listed(world), scope.today()
    since = today - timedelta(days=60)
    parts, held, red, whole, paid = (owed(world, listing=listing, accepted_on=since) for _ in range(5))
    funded(world, 900_000)
    approve(world, part(world, parts, "500.00"))
    part(world, parts, "100.00")
    hold(world, held)
    reddened(world, red, 25_000)
    reddened(world, whole, 125_000)
    approve(world, prepared(world, [paid]))
    assert lates(world, today) == [
        (parts.id, 75_000, 125_000),
        (held.id, 125_000, 125_000),
        (red.id, 100_000, 100_000),
    ]
    assert lates(world, since + timedelta(days=30)) == []
    with scope.opened(world.system):
        (late,) = lateness.with_lateness(Payable.objects.filter(id=paid.id), today)
    assert (late.days_late, late.is_open, late.was_late, late.done_on) == (30, False, True, today)


def remind(world, day: str) -> int:
    with scope.opened(world.system):
        return payables_remind(actor=world.system, at=at(day, 8))


def graded(world) -> list[tuple]:
    with scope.opened(world.system):
        rows = Decision.objects.filter(rule="payment.arrears").order_by("id")
        return [
            (str(row.law_date), row.outcome["level"], row.outcome["next_step"], [x["clause"] for x in row.reasons])
            for row in rows
        ]


def owed_elsewhere(platform: str, region: str, accepted_on: str, **facts):
    world = elsewhere(platform, region)
    listing = catalog.listed(world, region=region, listed_on=date(2019, 1, 1))
    return world, owed(world, listing=listing, accepted_on=date.fromisoformat(accepted_on), **facts)


@pytest.mark.clause("SZ20-6.2b", on="trade")
def test_shenzhen_prompts_what_is_not_paid_in_thirty_days_and_knows_no_graver_step(world):
    """Accepted on 1 July 2024: due on the 31st; nothing graver for want of a text, however late."""
    payable = owed(world, accepted_on=date(2024, 7, 1))
    assert [remind(world, day) for day in ("2024-07-31", "2024-08-01", "2024-08-01", "2025-11-30")] == [1, 1, 0, 0]
    assert graded(world) == [("2024-08-01", "late", "prompt", ["SZ20-6.2b"])]
    with scope.opened(world.system):
        told = Event.objects.get(name="payment_overdue", subject_id=payable.id).payload
    assert (told["due_on"], told["days_late"], told["arrears"], told["next_step"]) == (
        "2024-07-31",
        1,
        "late",
        "prompt",
    )


@pytest.mark.clause("GD25-4.8a", "GD25-4.8b", "ASSUMPTION-A59", on="trade")
def test_guangdong_proposes_to_hand_grave_arrears_over_from_its_first_day(world):
    """The same debt on the day before GD25 and on its first day; the day's debt is all of the year's (A59)."""
    owed(world, accepted_on=date(2025, 9, 1))
    assert [remind(world, "2025-11-30"), remind(world, "2025-12-01"), remind(world, "2025-12-01")] == [1, 1, 0]
    assert graded(world) == [
        ("2025-11-30", "late", "prompt", ["SZ20-6.2b"]),
        ("2025-12-01", "serious", "hand_over", ["SZ20-6.2b", "GD25-4.8a", "GD25-4.8b"]),
    ]
    with scope.opened(world.system):
        grave = Event.objects.get(name="payment_in_grave_arrears").payload
        said = Decision.objects.order_by("-id").first().reasons[0]["message"]
    assert (grave["arrears"], grave["days_late"], grave["unpaid_fen"]) == ("serious", 61, 125_000)
    assert said == (
        "最迟付款日 2025-10-01，截至 2025-12-01 未付清，逾期 61 日，严重拖欠：超过 30 日，"
        "且占年应付额 100.00%（达到 10%）（依据 SZ20-6.2b）"
    )


@pytest.mark.clause("GD25-4.8a", on="trade")
def test_outside_shenzhen_guangdong_asks_for_the_contracts_day(db):
    world, _ = owed_elsewhere("gd", "CN-GD", "2026-07-01", payment_days=45)
    assert [remind(world, "2026-08-15"), remind(world, "2026-08-16")] == [1, 1]
    assert graded(world) == [("2026-08-16", "late", "prompt", ["GD25-4.8a", "GD25-4.8b"])]


def test_three_prompts_unanswered_make_arrears_malicious(world, monkeypatch):
    """Three are enough whatever the share; `test_prompts` counts real letters."""
    payable = owed(world, accepted_on=date(2026, 1, 5))
    remind(world, "2026-02-05")
    assert graded(world)[-1][1:3] == ("late", "prompt")
    monkeypatch.setattr(lateness, "unanswered_prompts", lambda actor, ids, on: {payable.id: 3})
    with scope.opened(world.system):
        (row,) = lateness.with_lateness(Payable.objects.select_related("region"), date(2026, 3, 7))
        said = lateness.arrears_of(world.system, [row], date(2026, 3, 7))[payable.id].outcome
        assert prompts.unanswered_prompts(world.system, [payable.id], date(2026, 3, 7)) == {}
    assert (said["days_late"], said["level"], said["next_step"]) == (31, "malicious", "hand_over")


@pytest.mark.clause("HB20-5.4a", on="trade")
def test_hubei_pays_in_thirty_days_whatever_the_contract_says(db):
    world, payable = owed_elsewhere("hb", "CN-HB-XN", "2022-03-01", payment_days=90)
    assert (payable.due_on, payable.due_clause) == (date(2022, 3, 31), "HB20-5.4a")
    assert [remind(world, "2022-03-31"), remind(world, "2022-04-01")] == [1, 1]
    assert graded(world) == [("2022-04-01", "late", "prompt", ["HB20-5.4a"])]


@pytest.mark.clause("JS20-32", on="trade")
def test_jiangsu_pays_by_the_contracts_day_and_is_late_the_day_after(db):
    world, payable = owed_elsewhere("js", "CN-JS-NJ", "2022-03-01", payment_days=90)
    assert (payable.due_on, payable.due_clause) == (date(2022, 5, 30), "JS20-32")
    assert [remind(world, "2022-05-30"), remind(world, "2022-05-31"), remind(world, "2022-12-31")] == [1, 1, 0]
    assert graded(world) == [("2022-05-31", "late", "prompt", ["JS20-32"])]


def test_before_any_text_there_is_no_grade(db):
    world, _ = owed_elsewhere("hb", "CN-HB", "2020-05-01", payment_days=10)
    assert remind(world, "2020-06-17") == 1
    with scope.opened(world.system):
        said = Decision.objects.get(rule="payment.arrears")
        assert (said.regulated, said.outcome) == (False, None)
        assert "arrears" not in Event.objects.get(name="payment_overdue").payload


def test_the_hospitals_auditor_sees_what_its_finance_sees(world):
    owed(world, accepted_on=date(2026, 1, 5))
    day = date(2026, 3, 2)
    counts = set()
    for key, role in (
        ("hospital", Role.HOSPITAL_FINANCE),
        ("hospital", Role.HOSPITAL_AUDITOR),
        ("distributor", Role.SUPPLIER_FINANCE),
        ("regulator", Role.REGULATOR_OFFICER),
    ):
        actor = world.actor(key, role)
        with scope.opened(actor):
            counts.add(lateness.late_payables(actor, day))
    assert counts == {(1, date(2026, 2, 4))}
    with scope.opened(stranger := world.actor("other_hospital", Role.HOSPITAL_FINANCE)):
        assert lateness.late_payables(stranger, day) == (0, None)
