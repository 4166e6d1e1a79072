"""Late deliveries and acceptances: SQL and rule say the same of any rows; what nobody did by its day is told once."""

from contextlib import contextmanager, suppress
from datetime import date, datetime, time, timedelta

import pytest
from django.db import connection
from django.db.models.expressions import RawSQL
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from procurement.ordering.models import Order, OrderLine
from procurement.ordering.rules.delivering import delivery_overdue
from procurement.receiving.models import Acceptance, Delivery
from procurement.receiving.queries import lateness
from procurement.receiving.queries.workdays import NthWorkday
from procurement.receiving.rules.accepting import acceptance_overdue
from procurement.receiving.services.reminders import acceptances_overdue_record, orders_overdue_record
from sunlight import scope
from sunlight.acts import current_policy
from sunlight.journal.models import Decision, Event
from sunlight.kernel.workdays import official
from sunlight.scope import Role
from sunlight.scope.clock import SHANGHAI
from tests.factories import orders
from tests.regional import at

MANY = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
# Around the spring festival of 2026, its weekend days worked instead, and into years no notice was published for.
DAYS = st.one_of(
    st.dates(date(2026, 1, 20), date(2026, 3, 10)),
    st.dates(date(2025, 12, 1), date(2030, 11, 30)),
)
AROUND = st.one_of(st.integers(-3, 12), st.integers(0, 60))


@pytest.fixture
def delivery(world) -> Delivery:
    return orders.delivered(world, at=at("2026-03-02"))


class _UndoneError(Exception):
    pass


@contextmanager
def undone(world):
    """A scope whose rows are forgotten."""
    with suppress(_UndoneError), scope.opened(world.system):
        yield
        raise _UndoneError


def law_on(day: date):
    return current_policy().law(region="CN-GD-SZ", on=day)


def midday(day: date) -> datetime:
    return datetime.combine(day, time(12), SHANGHAI)


@pytest.mark.clause("ASSUMPTION-A17", on="rule")
def test_working_days_in_sql_are_those_of_the_calendar(world):
    """Every day of the published years and of two more, one to ten working days."""
    sql, params = NthWorkday(RawSQL("s.day", ()), RawSQL("s.days", ())).as_sql(
        Order.objects.all().query.get_compiler("default"), connection
    )
    first, last = date(min(official().years), 1, 1), date(max(official().years) + 2, 12, 31)
    with scope.opened(world.system), connection.cursor() as cursor:
        cursor.execute(
            f"select s.day, s.days, {sql} from (select d::date as day, n as days from"
            " generate_series(%s::timestamp, %s::timestamp, interval '1 day') d, generate_series(1, 10) n) s",
            [*params, first, last],
        )
        wrong = [row for row in cursor.fetchall() if official().shift(row[0], row[1]).on != row[2]]
    assert wrong == []


@pytest.mark.clause("GD25-5.10b", "ASSUMPTION-A8", on="rule")
@MANY
@given(
    today=DAYS, due=AROUND, came=st.none() | AROUND, how=st.sampled_from(["sent", "expected", "accepted", "refused"])
)
@example(today=date(2026, 3, 5), due=0, came=None, how="sent")
@example(today=date(2026, 3, 5), due=1, came=1, how="accepted")
def test_of_any_order_sql_says_what_the_rule_says(world, delivery, today, due, came, how):
    """`due` and `came` in days before today; not all sent, on the way, accepted, or sent back."""
    day = today - timedelta(days=due)
    came_on = None if came is None else today - timedelta(days=came)
    with undone(world):
        line = OrderLine.objects.filter(order=delivery.order_id)
        line.update(delivered_quantity=0 if came is None or how == "refused" else 100, accepted_quantity=0)
        Order.objects.update(delivery_due_at=midday(day), answered_at=midday(day - timedelta(days=3)))
        rows = Delivery.objects.filter(id=delivery.id)
        rows.update(dispatched_at=midday(came_on or day), expected_on=None, state="DISPATCHED")
        if how == "expected":
            rows.update(dispatched_at=midday(day - timedelta(days=30)), expected_on=came_on)
        if came_on and how in ("accepted", "refused"):
            rows.update(state="ACCEPTED", dispatched_at=midday(day - timedelta(days=30)))
            accepted(delivery, arrived_on=came_on, accepted_on=came_on, quantity=100 if how == "accepted" else 0)
        (row,) = lateness.with_delivery(Order.objects.all(), today)
        late = list(lateness.deliveries_late(Order.objects.all(), today))
    there = came_on if came_on and how != "refused" else None
    said = delivery_overdue(
        law_on(today), confirmed_on=day - timedelta(days=3), contract_days=3, delivered_on=there
    ).outcome
    assert (row.day, row.days_late) == (said["deadline"], said["days_late"])
    assert row.is_open == (said["level"] != "none") == bool(late)
    assert row.was_late == (said["days_late"] > 0)


def accepted(delivery: Delivery, *, arrived_on: date, accepted_on: date, quantity: int) -> Acceptance:
    """A confirmed acceptance as a row."""
    facts = {name: getattr(delivery, name) for name in ("platform_id", "region_id", "buyer_id", "seller_id")}
    made = Acceptance.objects.create(
        **facts,
        number="20260302000000000001",
        delivery=delivery,
        state="CONFIRMED",
        arrived_on=arrived_on,
        accepted_on=accepted_on,
        accepted_at=midday(accepted_on),
    )
    lot = delivery.lines.get()
    back = lot.quantity - quantity
    made.lines.create(
        delivery_line=lot, accepted_quantity=quantity, rejected_quantity=back, rejection_reason="破损" if back else ""
    )
    return made


@pytest.mark.clause("ASSUMPTION-A25", "ASSUMPTION-A17", on="rule")
@MANY
@given(today=DAYS, arrived=AROUND, taken=st.none() | AROUND, stated=st.booleans())
@example(today=date(2026, 3, 5), arrived=3, taken=None, stated=False)
@example(today=date(2026, 3, 6), arrived=4, taken=None, stated=False)
def test_of_any_delivery_sql_says_what_the_rule_says(world, delivery, today, arrived, taken, stated):
    arrived_on = today - timedelta(days=arrived)
    accepted_on = None if taken is None else max(today - timedelta(days=taken), arrived_on)
    with undone(world):
        rows = Delivery.objects.filter(id=delivery.id)
        rows.update(dispatched_at=midday(arrived_on), expected_on=None, state="DISPATCHED")
        if accepted_on or stated:
            rows.update(dispatched_at=midday(arrived_on - timedelta(days=9)), expected_on=arrived_on)
        if accepted_on:
            rows.update(state="ACCEPTED")
            accepted(delivery, arrived_on=arrived_on, accepted_on=accepted_on, quantity=100)
        (row,) = lateness.with_acceptance(Delivery.objects.all(), today)
        late = list(lateness.acceptances_late(Delivery.objects.all(), today))
    said = acceptance_overdue(law_on(today), arrived_on=arrived_on, accepted_on=accepted_on).outcome
    assert (row.day, row.days_late) == (said["deadline"], said["days_late"])
    assert row.is_open == (said["open"] and said["days_late"] > 0)
    assert row.was_late == (said["days_late"] > 0)
    # A day of acceptance in the future is a row no service makes.
    assert bool(late) == row.is_open or accepted_on is not None


def remind(world, service, day: str) -> int:
    with scope.opened(world.system):
        return service(actor=world.system, at=at(day, 8))


def decisions(world, rule: str) -> list[tuple]:
    with scope.opened(world.system):
        rows = Decision.objects.filter(rule=rule).order_by("id")
        return [
            (
                str(r.law_date),
                r.regulated,
                (r.outcome or {}).get("level"),
                [x["clause"] for x in r.reasons if r.regulated],
            )
            for r in rows
        ]


@pytest.mark.clause("GD25-5.10b", "ASSUMPTION-A8", "ASSUMPTION-A43", on="trade")
def test_a_late_order_is_an_alert_and_after_seven_days_serious(world):
    """Confirmed on Monday 2 March, due at the end of the 5th; late from the 6th, serious above seven days."""
    order = orders.accepted_order(world, at=at("2026-03-02"))
    assert [remind(world, orders_overdue_record, f"2026-03-{day:02d}") for day in (5, 6, 6, 12, 13, 13)] == [
        *(0, 1, 0),
        *(0, 1, 0),
    ]
    assert decisions(world, "delivery.overdue") == [
        ("2026-03-02", True, "none", ["GD25-5.10b"]),
        ("2026-03-06", True, "alert", ["GD25-5.10b"]),
        ("2026-03-13", True, "serious", ["GD25-5.10b"]),
    ]
    with scope.opened(world.system):
        names = [e.name for e in Event.objects.filter(subject_type="order", subject_id=order.id).order_by("id")]
        serious = Event.objects.get(name="order_seriously_overdue").payload
        said = Decision.objects.get(rule="delivery.overdue", law_date="2026-03-13").reasons[0]["message"]
    assert names == ["order_placed", "order_accepted", "order_overdue", "order_seriously_overdue"]
    assert (serious["days_late"], serious["alert_level"], serious["clause"]) == (8, "serious", "GD25-5.10b")
    assert said == (
        "截至 2026-03-13 尚未全部送达，配送期限 2026-03-05（未另行约定，确认后 3 日），已超期 8 日，严重（依据 GD25-5.10b）"
    )


@pytest.mark.clause("GD25-5.10b", on="trade")
def test_before_guangdongs_act_a_late_order_is_the_contracts_affair(world):
    """Late all the same, and told; no text gives it a level until 2025-12-01."""
    orders.accepted_order(world, at=at("2025-11-03"))
    assert remind(world, orders_overdue_record, "2025-11-30") == 1
    assert decisions(world, "delivery.overdue") == [("2025-11-03", False, None, []), ("2025-11-30", False, None, [])]
    with scope.opened(world.system):
        told = Event.objects.get(name="order_overdue").payload
    assert (told["alert_level"], told["clause"], told["days_late"]) == ("", "", 24)
    assert remind(world, orders_overdue_record, "2025-12-01") == 1
    assert decisions(world, "delivery.overdue")[-1] == ("2025-12-01", True, "serious", ["GD25-5.10b"])


@pytest.mark.clause("GD25-5.10b", on="trade")
def test_the_day_the_order_names_is_the_term_agreed(world):
    order = orders.placed(world, at=at("2026-03-02"), latest_arrival_on=date(2026, 3, 20))
    order = orders.accepted_order(world, order, at=at("2026-03-03"))
    assert order.delivery_due_at.astimezone(SHANGHAI).date() == date(2026, 3, 20)
    urgent = orders.placed(world, at=at("2026-03-02"), is_urgent=True, latest_arrival_on=date(2026, 3, 20))
    urgent = orders.accepted_order(world, urgent, at=at("2026-03-03"))
    assert urgent.delivery_due_at.astimezone(SHANGHAI).date() == date(2026, 3, 4)


@pytest.mark.clause("ASSUMPTION-A25", on="trade")
def test_goods_nobody_accepts_are_told_once_and_until_they_are_accepted(world):
    """Sent and there on Monday 2 March: Thursday is the third working day."""
    delivery = orders.delivered(world, at=at("2026-03-02"))
    assert [remind(world, acceptances_overdue_record, f"2026-03-{day:02d}") for day in (5, 6, 7)] == [0, 1, 0]
    with scope.opened(world.system):
        told = Event.objects.get(name="acceptance_overdue").payload
        assert (told["accept_by"], told["days_late"], told["clause"]) == ("2026-03-05", 1, "ASSUMPTION-A25")
        said = Decision.objects.get(rule="acceptance.overdue").reasons[0]["message"]
    assert said == (
        "2026-03-02 到货，截至 2026-03-06 尚未验收，期限为到货后第 3 个工作日（2026-03-05），超期 1 日（依据 ASSUMPTION-A25）"
    )
    receiver = world.actor("hospital", Role.HOSPITAL_RECEIVER)

    def late(day: str) -> tuple[int, date | None]:
        with scope.opened(receiver):
            return lateness.late_acceptances(receiver, date.fromisoformat(day))

    assert (late("2026-03-05"), late("2026-03-09")) == ((0, None), (1, date(2026, 3, 5)))
    orders.acceptance(world, delivery, at=at("2026-03-09"))
    assert late("2026-03-09") == (0, None)


def test_what_was_sent_back_is_missing_again(world):
    delivery = orders.delivered(world, at=at("2026-03-02"))
    orders.acceptance(world, delivery, at=at("2026-03-03"), rejected=["40"])
    buyer = world.actor("hospital", Role.HOSPITAL_BUYER)
    with scope.opened(buyer):
        assert lateness.late_orders(buyer, date(2026, 3, 5)) == (0, None)
        assert lateness.late_orders(buyer, date(2026, 3, 6)) == (1, date(2026, 3, 5))
        (row,) = lateness.missing_of(lateness.deliveries_late(Order.objects.all(), date(2026, 3, 6)), date(2026, 3, 6))
        assert row.missing_fen == 40 * 90_00
