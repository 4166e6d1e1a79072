"""The overview's figures: from events as from the rows, each on its day, nothing twice."""

from datetime import date, datetime, timedelta

import pytest
from django.core.management import call_command

from procurement.bargaining.models.offers import Offer
from procurement.ordering.models import Order
from procurement.receiving.models import Acceptance
from settlement.models.payment import Payable
from sunlight import scope
from sunlight.journal import relay
from sunlight.scope.clock import SHANGHAI, business_date
from sunlight.tenancy.queries.actors import open_platform_actors
from supervision.models import DailyFigure
from supervision.queries.figures import FIGURES, KEY, summed
from supervision.services.figures import figures_rebuild
from tests.factories import orders


def stored(actor) -> dict:
    with scope.opened(actor):
        return {
            (row.figure, tuple(getattr(row, part) for part in KEY)): (row.count, row.total_fen)
            for row in DailyFigure.objects.all()
        }


def news(world, at=None):
    while relay.deliver_pending(actor=world.system, at=at or scope.now()):
        pass


def total(world, figure: str, **where) -> tuple[int, int]:
    with scope.opened(world.system):
        rows = DailyFigure.objects.filter(figure=figure, **where)
        return sum(r.count for r in rows), sum(r.total_fen for r in rows)


def rebuilt(world) -> dict:
    with scope.opened(world.system):
        return figures_rebuild(actor=world.system, at=scope.now())


@pytest.mark.clause("SZ20-6.1b", on="rule")
def test_an_order_and_its_acceptance_are_counted_as_they_happen(world):
    accepted = orders.acceptance(world)
    news(world)
    with scope.opened(world.system):
        order = Order.objects.get()
        line = order.lines.get()
        saved = int((120 - line.price) * line.quantity * 100)
    assert total(world, "ordered") == (1, order.amount_fen)
    assert total(world, "saved") == (1, saved)
    assert total(world, "accepted", day=accepted.accepted_on)[0] == 1
    before = stored(world.system)
    rebuilt(world)
    # The factory's offer was made without news; everything else is as the news left it.
    assert {k: v for k, v in stored(world.system).items() if not k[0].startswith(("offers", "late_answers"))} == before


def test_news_twice_and_late_counts_once(world):
    orders.placed(world)
    news(world)
    before = stored(world.system)
    assert before
    from sunlight.journal.models import Delivery

    with scope.opened(world.system):
        Delivery.objects.update(delivered_at=None)
    news(world)
    assert stored(world.system) == before


def test_a_cancelled_order_leaves_no_figure(world):
    order = orders.placed(world)
    news(world)
    assert total(world, "ordered")[0] == 1
    from procurement.ordering.services.orders import order_cancel
    from sunlight.scope import Role

    buyer = world.actor("hospital", Role.HOSPITAL_BUYER)
    with scope.opened(buyer):
        order_cancel(actor=buyer, at=scope.now(), order_id=order.id, reason="填错数量")
    news(world)
    assert total(world, "ordered") == total(world, "saved") == (0, 0)


def test_news_of_acceptance_and_of_closing_move_what_is_waited_for(world):
    """An accepted order stands under the day it is due; closed before, nobody waits for it, and what was ordered stays."""
    from procurement.receiving.services.orders import order_close
    from sunlight.scope import Role

    order = orders.placed(world)
    news(world)
    assert total(world, "late_deliveries")[0] == 0
    orders.accepted_order(world, order)
    news(world)
    assert total(world, "late_deliveries")[0] == 1
    buyer = world.actor("hospital", Role.HOSPITAL_BUYER)
    with scope.opened(buyer):
        order_close(actor=buyer, at=scope.now(), order_id=order.id, reason="不再需要")
    news(world)
    assert total(world, "late_deliveries") == (0, 0)
    assert total(world, "ordered")[0] == total(world, "saved")[0] == 1


def test_the_day_closes_at_midnight_in_shanghai(world):
    """23:59:59 and 00:00 of the next day fall on two days."""
    order = orders.placed(world)
    with scope.opened(world.system):
        key = {part: getattr(order, part) for part in KEY[:-1]}
        for moment, day in (
            (datetime(2026, 3, 1, 23, 59, 59, tzinfo=SHANGHAI), date(2026, 3, 1)),
            (datetime(2026, 3, 2, 0, 0, tzinfo=SHANGHAI), date(2026, 3, 2)),
        ):
            Order.objects.filter(id=order.id).update(placed_at=moment)
            assert list(summed(FIGURES["ordered"])) == [(*key.values(), day)]


def test_a_rebuild_mends_what_was_wrong_and_removes_what_is_nothing(world):
    orders.placed(world)
    rebuilt(world)
    right = stored(world.system)
    with scope.opened(world.system):
        DailyFigure.objects.filter(figure="ordered").update(total_fen=1)
        row = DailyFigure.objects.filter(figure="ordered").get()
        row.pk, row.day = None, date(2020, 1, 1)
        row.save(force_insert=True)
    assert rebuilt(world) == {"written": 1, "removed": 1}
    assert stored(world.system) == right
    assert rebuilt(world) == {"written": 0, "removed": 0}


def count(world, figure: str, **where) -> int:
    with scope.opened(world.system):
        return sum(rows for rows, _ in summed(FIGURES[figure], **where).values())


def test_a_delivery_is_late_when_not_all_is_on_its_way_by_the_due_day(world):
    delivered = orders.delivered(world)
    with scope.opened(world.system):
        order = Order.objects.get(id=delivered.order_id)
        sent = business_date(delivered.dispatched_at)
        noon = datetime.combine(sent, datetime.min.time().replace(hour=12), SHANGHAI)
        Order.objects.filter(id=order.id).update(delivery_due_at=noon - timedelta(hours=11))
    assert count(world, "late_deliveries") == 0
    with scope.opened(world.system):
        Order.objects.filter(id=order.id).update(delivery_due_at=noon - timedelta(days=1))
    assert count(world, "late_deliveries", day=sent - timedelta(days=1)) == 1
    with scope.opened(world.system):
        Order.objects.filter(id=order.id).update(state="CANCELLED")
    assert count(world, "late_deliveries") == 0


@pytest.mark.parametrize(("accepted_on", "late"), [(date(2026, 3, 5), 0), (date(2026, 3, 6), 1)])
def test_an_acceptance_is_late_after_three_working_days(world, accepted_on, late):
    """Arrived on Monday 2 March: Thursday is the third working day."""
    made = orders.acceptance(world)
    with scope.opened(world.system):
        Acceptance.objects.filter(id=made.id).update(arrived_on=date(2026, 3, 2), accepted_on=accepted_on)
    assert count(world, "late_acceptances") == late


@pytest.mark.clause("SZ20-6.2b", on="rule")
def test_a_payment_is_late_the_day_after_its_last_day(world):
    from tests.factories import settlement

    payable = settlement.owed(world)
    with scope.opened(world.system):
        due = Payable.objects.get(id=payable.id).due_on
        late = {}
        for paid_on in (None, due, due + timedelta(days=1)):
            paid_at = paid_on and datetime.combine(paid_on, datetime.min.time(), SHANGHAI)
            open_fen = 0 if paid_on else payable.amount_fen
            state = "PAID" if paid_on else "OPEN"
            Payable.objects.filter(id=payable.id).update(paid_at=paid_at, state=state, open_fen=open_fen)
            late[paid_on] = sum(n for n, _ in summed(FIGURES["late_payments"], day=due).values())
    assert late == {None: 1, due: 0, due + timedelta(days=1): 1}


def test_silence_is_told_from_an_answer(world):
    orders.agreement(world)
    with scope.opened(world.system):
        offer = Offer.objects.get()
        Offer.objects.filter(id=offer.id).update(answered_by_kind="person", answered_by_id=1)
    assert count(world, "late_answers") == 0
    with scope.opened(world.system):
        Offer.objects.filter(id=offer.id).update(answered_by_kind="system", answered_by_id=0)
    assert count(world, "late_answers") == 1


def test_events_and_rows_agree_after_the_whole_demonstration(demo_database):
    """Every figure of the seeded story, kept by its events one by one, is what its rows sum up to."""
    system = next(a for a in open_platform_actors() if a.platform_code == "gd-sz")
    before = stored(system)
    assert {figure for figure, _ in before} >= {
        "ordered",
        "accepted",
        "paid",
        "saved",
        "offers_made",
        "offers_agreed",
        "offers_declined",
        "late_deliveries",
    }
    call_command("figures_rebuild")
    assert stored(system) == before
