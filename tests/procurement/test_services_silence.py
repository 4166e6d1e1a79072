"""Silence: at the very moment, by the clause of the region, once."""

from datetime import date

import pytest

from procurement import tasks
from procurement.bargaining.services import silence
from procurement.bargaining.workflows import OfferState
from procurement.contracts.models import SupplyContract
from sunlight import scope
from sunlight.journal.refusals import Conflict, Forbidden
from sunlight.scope import Role
from tests.factories.catalog import listed
from tests.factories.pricing import deal
from tests.factories.procurement import offer
from tests.procurement.bargaining import accept, act, counts, events, make, now_of, shanghai, sweep
from tests.procurement.test_services_offers_law import _jiangsu_product, jiangsu  # noqa: F401  a fixture


@pytest.fixture
def waiting(world, product, at):
    """An offer to be answered by 2026-03-09."""
    return make(world, product, "99", at)


@pytest.mark.clause("ASSUMPTION-A14", "ASSUMPTION-A17", on="rule")
def test_an_offer_lives_to_the_last_second_of_its_day(world, waiting):
    before = counts(world)
    assert sweep(world, shanghai("2026-03-09 23:59:59")) == 0
    assert counts(world) == before
    assert sweep(world, shanghai("2026-03-10 00:00:00")) == 1
    lapsed = now_of(world, waiting)
    assert (lapsed.state, lapsed.version) == (OfferState.LAPSED, 2)
    assert lapsed.answer_note == "企业至 2026-03-09 24 时未答复，报价自动撤回（依据 ASSUMPTION-A14）"
    (event,) = events(world, "offer_lapsed")
    assert event.payload["clause"] == "ASSUMPTION-A14"
    assert sweep(world, shanghai("2026-03-10 00:00:01")) == 0


@pytest.mark.clause("ASSUMPTION-A17", on="rule")
def test_the_firm_answers_to_the_last_second_and_no_later(world, waiting):
    with pytest.raises(Conflict) as caught:
        accept(world, [waiting], shanghai("2026-03-10 00:00:00"))
    assert caught.value.code == "answer_time_over"
    assert now_of(world, waiting).state == OfferState.OPEN
    accept(world, [waiting], shanghai("2026-03-09 23:59:59"))
    assert now_of(world, waiting).state == OfferState.ACCEPTED


def test_after_silence_a_new_offer_may_be_made(world, product, waiting):
    sweep(world, shanghai("2026-03-10 00:00"))
    assert make(world, product, "98", shanghai("2026-03-10 09:00")).state == "OPEN"


def test_only_the_system_sweeps(world, waiting):
    for key, role in (("maker", Role.SUPPLIER_SELLER), ("operator", Role.OPERATOR_SUPPORT)):
        with pytest.raises(Forbidden):
            act(world.actor(key, role), silence.offers_sweep, shanghai("2026-04-01 00:00"))
    assert now_of(world, waiting).state == OfferState.OPEN


def test_chunks_take_every_offer_once(world, at):
    made = [offer(world, listed(world, "120", listed_on=date(2019, 1, 1)), at=at) for _ in range(5)]
    late = shanghai("2026-03-31 00:00")
    looked = [act(world.system, silence.offers_sweep, late, limit=2) for _ in range(4)]
    assert looked == [2, 2, 1, 0]
    assert {now_of(world, each).state for each in made} == {OfferState.LAPSED}
    assert len(events(world, "offer_lapsed")) == 5


@pytest.mark.clause("JS20-11B", "ASSUMPTION-A20", on="rule")
def test_jiangsu_silence_at_an_existing_price_makes_no_contract_and_is_due_for_notice(jiangsu):  # noqa: F811
    listing = _jiangsu_product(jiangsu)
    deal(jiangsu, listing, buyer="other_hospital", price="95", on=date(2026, 2, 2))
    made = make(jiangsu, listing, "95", shanghai("2026-03-02 10:00"))
    assert sweep(jiangsu, shanghai("2026-03-09 23:59:59")) == 0
    sweep(jiangsu, shanghai("2026-03-10 00:00"))
    lapsed = now_of(jiangsu, made)
    assert lapsed.state == OfferState.LAPSED
    assert "不产生合同" in lapsed.answer_note and "JS20-11B" in lapsed.answer_note
    (notice,) = events(jiangsu, "price_notice_due")
    assert notice.payload["price"] == "95.0000"
    assert notice.payload["clauses"][0] == "JS20-11B"
    with scope.opened(jiangsu.system):
        assert not SupplyContract.objects.exists()


@pytest.mark.clause("JS20-11C", on="trade")
@pytest.mark.clause("JS20-11C", on="night")
def test_jiangsu_silence_withdraws_any_other_price(jiangsu):  # noqa: F811
    listing = _jiangsu_product(jiangsu)
    made = make(jiangsu, listing, "94", shanghai("2026-03-02 10:00"))
    assert sweep(jiangsu, shanghai("2026-03-16 23:59:59")) == 0
    sweep(jiangsu, shanghai("2026-03-17 00:00"))
    lapsed = now_of(jiangsu, made)
    assert (lapsed.state, "JS20-11C" in lapsed.answer_note) == (OfferState.LAPSED, True)


def test_jiangsu_links_nothing_that_may_no_longer_be_traded(jiangsu):  # noqa: F811
    listing = _jiangsu_product(jiangsu)
    deal(jiangsu, listing, buyer="other_hospital", price="95", on=date(2026, 2, 2))
    made = make(jiangsu, listing, "95", shanghai("2026-03-02 10:00"))
    with scope.opened(jiangsu.system):
        listing.state = "SUSPENDED"
        listing.save(update_fields=["state"])
    sweep(jiangsu, shanghai("2026-03-10 00:00"))
    assert now_of(jiangsu, made).state == OfferState.LAPSED
    assert events(jiangsu, "price_notice_due") == []


@pytest.mark.clause("ASSUMPTION-A17", on="rule")
def test_a_provisional_day_is_counted_anew_before_silence_counts(world, product, at):
    # As if the calendar had not been published when the offer was made: Monday to Friday, two days too early.
    made = offer(
        world, product, at=at, answer_due_on=date(2026, 3, 5), answer_due_provisional=True, law_date=date(2026, 3, 2)
    )
    assert sweep(world, shanghai("2026-03-06 00:00")) == 1
    moved = now_of(world, made)
    assert (moved.state, moved.answer_due_on, moved.answer_due_provisional) == ("OPEN", date(2026, 3, 9), False)
    assert len(events(world, "offer_due_day_moved")) == 1
    sweep(world, shanghai("2026-03-10 00:00"))
    assert now_of(world, made).state == OfferState.LAPSED


def test_the_task_sweeps_every_platform(world, waiting, settings):
    start, _, _ = settings.SANDBOX_CLOCKS["gd-sz"]
    settings.SANDBOX_CLOCKS = {"gd-sz": (start, shanghai("2026-03-10 00:00"), 0)}
    assert tasks.offers_sweep() == 1
    assert now_of(world, waiting).state == OfferState.LAPSED
