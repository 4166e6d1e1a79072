"""Reference prices (SZ20-5.2.1b): collected, published, confirmed unopposed; never upward; ended with the two catalogues."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from catalog.models import Listing
from pricing.models import ReferencePrice
from pricing.queries.references import reference_prices
from pricing.services import references
from sunlight import scope
from sunlight.journal.models import Decision, Event, Refusal
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, Refused
from sunlight.publicity.models import Publication
from sunlight.publicity.services import publicity_withdraw
from sunlight.scope import Role
from tests.factories.catalog import listed
from tests.pricing.moving import (
    act,
    answer,
    collect,
    confirmed,
    confirmer,
    fresh,
    object_to,
    publish,
    references_of,
    term_ends,
    told,
)
from tests.regional import at, elsewhere

# 2022-03-01 is a Tuesday: five working days end on 2022-03-08, the first day is 2022-03-09 (A30).
BEGUN, LAST, FIRST = at("2022-03-01"), at("2022-03-08", 23), at("2022-03-09", 0)


@pytest.fixture
def listing(world):
    return listed(world, "120", region="CN-GD-SZ", listed_on=date(2022, 1, 4), catalogue="alternative")


def standing(world, listing, on: str) -> Decimal | None:
    with scope.opened(world.system):
        found = reference_prices(region="CN-GD-SZ", price_group_ids=[listing.price_group_id], on=date.fromisoformat(on))
    return found.get(listing.price_group_id)


def catalogue(world, listing) -> str:
    with scope.opened(world.system):
        return Listing.objects.get(id=listing.id).catalogue


def decided(world, row) -> list[tuple[str, list[str]]]:
    with scope.opened(world.system):
        rows = Decision.objects.filter(subject_type="reference_price", subject_id=row.id).order_by("id")
        return [(each.outcome["state"], [reason["clause"] for reason in each.reasons]) for each in rows]


def test_the_lowest_that_is_a_price_is_the_candidate_with_its_source(world, listing):
    row = collect(world, listing, BEGUN)
    assert (row.state, row.price, row.source) == ("COLLECTED", Decimal("99.5"), "江苏：江苏省平台公告第 2 号")
    assert [each["price"] for each in row.national_prices] == ["110.0000", "99.5000", "102.5000"]
    assert decided(world, row) == [("collected", ["SZ20-5.2.1b", "SZ20-5.2.1a"])]
    assert standing(world, listing, "2022-03-01") is None


@pytest.mark.clause("SZ20-5.2.1b", "SZ20-5.2.1a", "SZ20-5.2.1e", on="trade")
def test_published_and_unopposed_it_holds_from_the_day_after_the_fifth_working_day(world, listing):
    row = publish(world, collect(world, listing, BEGUN), BEGUN)
    with scope.opened(world.system):
        publication = Publication.objects.get(id=row.publication_id)
    assert (publication.clause, publication.ends_on) == ("SZ20-5.2.1b", date(2022, 3, 8))
    assert ["拟定参考价（元）", "99.50"] in publication.facts
    term_ends(world, LAST)
    assert fresh(world, row).state == "PUBLISHED" and catalogue(world, listing) == "alternative"
    term_ends(world, FIRST)
    row = fresh(world, row)
    assert (row.state, row.valid_from, row.valid_to) == ("CONFIRMED", date(2022, 3, 9), None)
    assert standing(world, listing, "2022-03-08") is None
    assert standing(world, listing, "2022-03-09") == Decimal("99.5")
    # A first confirmed reference price moves the product to the limit catalogue.
    assert catalogue(world, listing) == "limit"
    assert decided(world, row)[-1] == ("confirmed", ["SZ20-5.2.1b", "SZ20-5.2.1a", "SZ20-5.2.1e"])


@pytest.mark.clause("SZ20-5.2.1b", on="trade")
def test_it_is_never_moved_upward(world, listing):
    first = confirmed(world, listing, "99.5", begun=BEGUN, ended=FIRST)
    for price in ("99.5", "100"):
        with pytest.raises(Refused) as refused:
            collect(world, listing, at("2022-04-01"), [{"province": "320000", "price": price, "source": "公告"}])
        assert refused.value.clauses == ["SZ20-5.2.1b"]
        assert (refused.value.code, refused.value.field) == ("reference_not_lower", "prices")
    assert "只降不升" in refused.value.message
    lower = confirmed(world, listing, "90", begun=at("2022-04-01"), ended=at("2022-04-12"))
    assert (fresh(world, first).valid_to, lower.valid_from) == (date(2022, 4, 11), date(2022, 4, 12))
    assert [standing(world, listing, day) for day in ("2022-04-11", "2022-04-12")] == [Decimal("99.5"), Decimal(90)]


@pytest.mark.parametrize("upheld", [True, False])
def test_an_objection_stops_it_and_one_dismissed_does_not(world, listing, upheld):
    row = publish(world, collect(world, listing, BEGUN), BEGUN)
    objection = object_to(world, row.publication_id, at("2022-03-03"))
    term_ends(world, FIRST)
    assert fresh(world, row).state == "PUBLISHED"
    answer(world, objection, at("2022-03-11"), upheld=upheld)
    row = fresh(world, row)
    if upheld:
        assert (row.state, row.valid_from, row.ended_note) == ("OPPOSED", None, "已核实")
        assert decided(world, row)[-1] == ("opposed", ["SZ20-5.2.1b", "SZ20-5.2.1a"])
        assert standing(world, listing, "2022-04-01") is None and catalogue(world, listing) == "alternative"
    else:
        # Nothing binds backwards: from the day of the answer.
        assert (row.state, row.valid_from) == ("CONFIRMED", date(2022, 3, 11))
        assert standing(world, listing, "2022-03-10") is None


def test_one_that_is_withdrawn_or_dropped_leaves_nothing(world, listing):
    row = publish(world, collect(world, listing, BEGUN), BEGUN)
    reviewer = world.actor("operator", Role.OPERATOR_REVIEWER)
    act(reviewer, publicity_withdraw, BEGUN, publication_id=row.publication_id, reason="采集有误")
    told(world, BEGUN)
    assert (fresh(world, row).state, fresh(world, row).ended_note) == ("DROPPED", "采集有误")
    other = collect(world, listing, BEGUN)
    act(confirmer(world), references.reference_drop, BEGUN, reference_id=other.id, reason="来源有误")
    assert fresh(world, other).state == "DROPPED" and standing(world, listing, "2022-04-01") is None


def test_one_is_under_way_at_a_time_and_the_confirmer_collects(world, listing):
    collect(world, listing, BEGUN)
    with pytest.raises(Conflict) as refused:
        collect(world, listing, BEGUN)
    assert refused.value.code == "reference_under_way"
    with pytest.raises(Forbidden):
        act(
            world.actor("operator", Role.OPERATOR_REVIEWER),
            references.reference_collect,
            BEGUN,
            price_group_id=listing.price_group_id,
            prices=[],
        )
    assert len(references_of(world)) == 1


def test_every_fault_of_what_was_typed_is_told_at_once_and_none_is_kept(world, listing):
    wrong = [
        {"province": "火星", "price": "一百", "source": ""},
        {"province": "320000", "price": "1", "source": "公告"},
    ]
    with pytest.raises(Invalid) as refused:
        collect(world, listing, BEGUN, wrong)
    assert [each["field"] for each in refused.value.items] == [
        "prices[0].province",
        "prices[0].price",
        "prices[0].source",
    ]
    with pytest.raises(Invalid) as refused:
        collect(world, listing, BEGUN, [])
    assert refused.value.field == "prices"
    assert references_of(world) == []


@pytest.mark.clause("SZ24-3.5c", on="trade")
def test_the_catalogues_and_their_reference_price_end_with_2024(world, listing):
    last = at("2024-12-31")
    row = collect(world, listing, last)
    with pytest.raises(Refused) as refused:
        publish(world, row, at("2025-01-01"))
    assert (refused.value.code, refused.value.clauses) == ("no_reference_prices", ["SZ24-3.5c"])
    assert "征求意见稿" in refused.value.message
    with pytest.raises(Refused) as refused:
        collect(world, listed(world, "80", region="CN-GD-SZ"), at("2025-01-01"))
    assert refused.value.clauses == ["SZ24-3.5c"]
    assert [each.state for each in references_of(world)] == ["COLLECTED"]
    with scope.opened(world.system):
        assert {r.reasons[0]["status"] for r in Refusal.objects.filter(code="no_reference_prices")} == {"draft"}


@pytest.mark.clause("SZ24-3.5c", on="rule")
def test_a_publication_that_ends_after_them_confirms_nothing(world, listing):
    row = publish(world, collect(world, listing, at("2024-12-30")), at("2024-12-30"))
    term_ends(world, at("2025-01-08"))
    row = fresh(world, row)
    assert (row.state, row.valid_from) == ("LAPSED", None)
    assert catalogue(world, listing) == "alternative"


@pytest.mark.clause("SZ20-5.2.1b", "ASSUMPTION-A27", on="rule")
def test_where_the_draft_only_warns_they_go_on(world, listing):
    actor = replace(confirmer(world), drafts="warn")
    with scope.opened(actor):
        row = references.reference_collect(
            actor=actor,
            at=at("2026-03-02"),
            price_group_id=listing.price_group_id,
            prices=[{"province": "320000", "price": "90", "source": "公告"}],
        )
    assert row.state == "COLLECTED"


def test_elsewhere_there_is_none(world, listing):
    nanjing = elsewhere("js", "CN-JS-NJ")
    other = listed(nanjing, "120", region="CN-JS", listed_on=date(2022, 1, 4))
    with pytest.raises(Refused) as refused:
        collect(nanjing, other, BEGUN)
    assert (refused.value.code, refused.value.clauses) == ("no_reference_prices", [])
    assert references_of(nanjing) == []


def test_what_happened_is_recorded_for_the_maker(world, listing):
    confirmed(world, listing, "99.5", begun=BEGUN, ended=FIRST)
    with scope.opened(world.system):
        names = list(Event.objects.filter(subject_type="reference_price").order_by("id").values_list("name", flat=True))
        moved = Event.objects.get(name="listing_catalogued")
        assert ReferencePrice.objects.get().price_group.manufacturer_id in moved.parties
    assert names == ["reference_collected", "reference_published", "reference_confirmed"]
    assert (moved.payload["before"], moved.payload["catalogue"]) == ("alternative", "limit")
