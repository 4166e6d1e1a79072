"""The nightly run: what the rules would publish, from sets; two times; only what differs; a run broken off goes on."""

import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import Error, connection, transaction

from pricing import tasks
from pricing.models import DealFact, NightlyChunk, NightlyRun, PriceInformation, ProvincePrice
from pricing.queries.figures import figures_digest
from pricing.queries.published import information_for
from pricing.services import nightly
from pricing.services.deals import deal_fact_net, deal_fact_record
from pricing.services.nightly import nightly_run, nightly_run_begin
from pricing.services.publication import price_information_publish
from sunlight import scope
from sunlight.acts import current_policy
from sunlight.journal.models import Decision, Event
from sunlight.journal.refusals import Conflict, Forbidden
from sunlight.scope import Role
from tests import databases
from tests import world as worlds
from tests.factories.catalog import listed
from tests.factories.pricing import deal, priced

DAY = date(2026, 3, 2)
AT = datetime(2026, 3, 1, 16, 30, tzinfo=UTC)  # 00:30 in Shenzhen
KNOWN = datetime(2026, 3, 1, 16, tzinfo=UTC)  # midnight
YESTERDAY = DAY - timedelta(days=1)
REGION = "CN-GD-SZ"


def run(world, *, day=DAY, known=KNOWN, at=AT, full=False):
    return nightly_run(actor=world.system, at=at, region=REGION, business_day=day, known_until=known, full=full)


def next_day(world, days=1, **more):
    by = timedelta(days=days)
    return run(world, day=DAY + by, known=KNOWN + by, at=AT + by, **more)


def assorted(world):
    """Six products: many deals, few, on the borders, provinces only, a tie, nothing that counts."""
    listings = [listed(world) for _ in range(6)]
    for price, quantity in (("70", "1"), ("71.3333", "2.5"), ("72", "10"), ("95.0001", "3"), ("88.8888", "0.125")):
        deal(world, listings[0], price=price, quantity=quantity, on=YESTERDAY)
    deal(world, listings[0], price="81", on=YESTERDAY, buyer="private_hospital")
    deal(world, listings[1], price="60", on=YESTERDAY, buyer="other_hospital")
    for price, on in enumerate((date(2024, 3, 2), date(2024, 3, 3), date(2025, 3, 2), date(2025, 3, 3), DAY), 50):
        deal(world, listings[2], price=str(price), on=on)
    early = datetime(2026, 2, 20, tzinfo=UTC)
    priced(world, listings[3], {"320000": "99.5", "440000": "1", "110000": "99.5"}, at=early, publish=False)
    priced(world, listings[4], {"320000": "80"}, at=early, publish=False)
    deal(world, listings[4], price="80", on=YESTERDAY)
    deal(world, listings[5], price="80", on=YESTERDAY, net_quantity=Decimal(0))
    return listings


def published(
    columns="alert_answer::text, statistics::text, segments::text, alert_line, alert_source,"
    " provinces_lowest, city_highest, business_day, known_until",
):
    with connection.cursor() as cursor:
        cursor.execute(f"select price_group_id, {columns} from pricing_priceinformation order by 1, business_day")
        return cursor.fetchall()


def kept():
    """Decisions and events as the journal holds them, but for their ids and the moment of writing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select subject_id, rule, region_code, law_date, facts::text, regulated, allowed, outcome::text,"
            " reasons::text, parameters::text, parties, actor_roles from journal_decision"
            " where subject_type = 'price_group' order by subject_id, id"
        )
        decisions = cursor.fetchall()
        cursor.execute(
            "select subject_id, name, subject_version, payload - 'published_at' - 'known_until', parties, actor_roles"
            " from journal_event where name = 'price_published' order by subject_id, id"
        )
        return decisions, cursor.fetchall()


@pytest.mark.clause("SZ24-3.3a", "SZ24-3.3b", "SZ24-3.3c", on="rule")
@pytest.mark.parametrize("day", [DAY, date(2024, 12, 31), date(2025, 1, 1)])
def test_the_run_writes_byte_for_byte_what_the_rules_publish(world, day):
    listings = assorted(world)
    ids = sorted(listing.price_group_id for listing in listings)
    known = KNOWN + (day - DAY) + timedelta(days=1)

    class Undo(Exception):
        pass

    with pytest.raises(Undo), scope.opened(world.system):
        price_information_publish(actor=world.system, at=known, region=REGION, price_group_ids=ids, business_day=day)
        by_rules = published(), kept()
        raise Undo
    with scope.opened(world.system):
        assert not PriceInformation.objects.exists()
    run(world, day=day, known=known, at=known, full=True)
    with scope.opened(world.system):
        by_sets = published(), kept()
    assert len(by_sets[0]) == 6
    assert by_sets == by_rules


@pytest.mark.clause("SZ24-3.3c", on="rule")
def test_the_first_run_looks_at_all_and_the_next_at_what_may_differ(world):
    listings = assorted(world)
    first = run(world)
    assert (first.reach, first.price_groups, first.rows_written) == ("FIRST", 6, 6)
    late = deal(world, listings[1], price="61", on=YESTERDAY, recorded_at=KNOWN + timedelta(hours=9))
    second = next_day(world)
    # The new deal; the one of DAY that now counts, and those of 2024-03-03 and 2025-03-03 that no longer do.
    assert (second.reach, second.price_groups, second.rows_written) == ("CHANGED", 2, 2)
    with scope.opened(world.system):
        (chunk,) = NightlyChunk.objects.filter(run=second)
        assert chunk.price_group_ids == sorted([listings[1].price_group_id, listings[2].price_group_id])
        found = information_for(region=REGION, price_group_ids=[late.price_group_id], on=second.business_day)
        row = found[late.price_group_id]
        assert row.statistics["outcome"]["levels"]["all"]["count"] == 2
    third = next_day(world, 2)
    assert (third.price_groups, third.rows_written) == (0, 0)
    assert third.digest == nightly._NOTHING


@pytest.mark.clause("SZ24-3.3c", on="rule")
def test_day_by_day_equals_all_at_once(world):
    """What the dirty set and the sweep leave out would not have changed: a full run after each day finds nothing."""
    listings = assorted(world)
    run(world)
    for days, (border, price) in enumerate([(date(2024, 3, 4), "40"), (date(2025, 3, 5), "41")], 1):
        deal(world, listings[days], price=price, on=border, recorded_at=KNOWN + timedelta(days=days - 1, hours=2))
        next_day(world, days)
        checked = next_day(world, days, full=True)
        assert (checked.reach, checked.price_groups, checked.rows_written) == ("ASKED", 6, 0)
    for days in (3, 4, 40, 366):
        next_day(world, days)
        assert next_day(world, days, full=True).rows_written == 0


@pytest.mark.clause("SZ24-3.3c", on="rule")
def test_a_province_price_that_begins_or_ends_is_swept(world):
    listing = listed(world)
    priced(world, listing, {"320000": "80"}, at=KNOWN - timedelta(days=9), publish=False)
    with scope.opened(world.system):
        ProvincePrice.objects.update(valid_from=DAY + timedelta(days=1), valid_to=DAY + timedelta(days=2))
    run(world)
    lines = []
    for days in (1, 2, 3, 4):
        done = next_day(world, days)
        with scope.opened(world.system):
            found = information_for(region=REGION, price_group_ids=[listing.price_group_id], on=done.business_day)
            row = found[listing.price_group_id]
        lines.append((done.price_groups, done.rows_written, row.alert_line))
    assert lines == [(1, 1, Decimal("80.0000")), (0, 0, Decimal("80.0000")), (1, 1, None), (0, 0, None)]


@pytest.mark.clause("SZ24-3.3a", "SZ24-3.3b", "SZ24-3.3c", on="rule")
def test_two_times_the_same_day_and_moment_give_the_same_bytes_for_ever(world):
    listing = listed(world)
    day_before = AT - timedelta(days=1)
    number = "1" * 20
    with scope.opened(world.system):
        other = deal(world, listing, price="70", on=YESTERDAY, recorded_at=KNOWN - timedelta(hours=9))
        deal_fact_record(
            actor=world.system,
            at=day_before,
            platform_id=world.platform.id,
            region_id=world.hospital.region_id,
            price_group_id=listing.price_group_id,
            national_code_id=other.national_code_id,
            buyer_id=world.hospital.id,
            seller_id=world.maker.id,
            order_line_number=number,
            price=Decimal(80),
            quantity=Decimal(10),
        )
        deal_fact_net(actor=world.system, at=day_before, order_line_number=number, net_quantity=Decimal(7))
    first = run(world)
    with scope.opened(world.system):
        before = published()
        (chunk,) = NightlyChunk.objects.filter(run=first)
        for at, net in ((KNOWN + timedelta(hours=1), 3), (KNOWN + timedelta(hours=2), 0)):
            deal_fact_net(actor=world.system, at=at, order_line_number=number, net_quantity=Decimal(net))
        law = current_policy().law(region=REGION, on=DAY)
        known = {"region_id": world.platform.region_id, "price_group_ids": chunk.price_group_ids}
        again = figures_digest(law, known_until=KNOWN, **known)
        later = figures_digest(law, known_until=KNOWN + timedelta(hours=3), **known)
    assert again == chunk.digest
    assert later != chunk.digest
    assert run(world, at=AT + timedelta(days=9)).id == first.id
    with scope.opened(world.system):
        assert published() == before
        assert PriceInformation.objects.get().city_highest == Decimal("80.0000")
    assert next_day(world).rows_written == 1
    with scope.opened(world.system):
        assert PriceInformation.objects.get(business_day=DAY + timedelta(days=1)).city_highest == Decimal("70.0000")


def test_an_earlier_knowledge_does_not_overwrite_a_later_one(world):
    listing = assorted(world)[0]
    run(world)
    with pytest.raises(Conflict) as refused:
        run(world, known=KNOWN - timedelta(hours=1))
    assert refused.value.code == "run_out_of_order"
    noon = KNOWN + timedelta(hours=12)
    deal(world, listing, price="60", on=YESTERDAY, recorded_at=noon)
    with scope.opened(world.system):
        assert NightlyRun.objects.count() == 1
        price_information_publish(
            actor=world.system, at=noon, region=REGION, price_group_ids=[listing.price_group_id], business_day=DAY
        )
    between = run(world, known=KNOWN + timedelta(hours=6), full=True)
    assert between.rows_written == 0
    with scope.opened(world.system):
        row = PriceInformation.objects.get(price_group=listing.price_group)
        assert (row.known_until, row.statistics["outcome"]["levels"]["all"]["lowest"]) == (noon, "60.0000")


def test_the_decision_behind_a_line_can_be_traced(world):
    listing = assorted(world)[1]
    run(world)
    with scope.opened(world.system):
        (decision,) = Decision.objects.filter(subject_type="price_group", subject_id=listing.price_group_id)
        event = Event.objects.get(name="price_published", subject_id=listing.price_group_id)
    assert decision.facts["deals"] == [{"date": "2026-03-01", "price": "60.0000", "public": True, "quantity": 10}]
    assert decision.outcome["line"] == event.payload["alert_line"] == "60.0000"
    assert decision.actor_roles == ["SYSTEM"]
    assert event.payload["business_day"] == "2026-03-02"
    assert event.occurred_at == AT


def test_zones_are_counted_with_the_run(world):
    listing = listed(world)
    assert run(world).zones == {"inactive": 1}  # listed after the day asked for
    with scope.opened(world.system):
        on = listing.listed_on
    done = run(world, day=on + timedelta(days=1), known=KNOWN + timedelta(days=900))
    assert done.zones == {"active": 1}
    assert done.twin_versions == {"price.alert_line": 1, "price.segments": 1, "price.statistics": 1}


@pytest.mark.parametrize(("key", "role"), [("operator", Role.OPERATOR_CONFIRMER), ("hospital", Role.HOSPITAL_BUYER)])
def test_only_the_platform_runs_it(world, key, role):
    actor = world.actor(key, role)
    facts = {"region": REGION, "business_day": DAY, "known_until": KNOWN}
    with pytest.raises(Forbidden):
        nightly_run(actor=actor, at=AT, **facts)
    with pytest.raises(Forbidden), scope.opened(actor):
        nightly_run_begin(actor=actor, at=AT, full=False, **facts)
    with scope.opened(world.system):
        assert not NightlyRun.objects.exists()


def test_a_party_sees_no_run(world):
    assorted(world)
    run(world)
    for key, role in (("hospital", Role.HOSPITAL_BUYER), ("maker", Role.SUPPLIER_LISTER)):
        with scope.opened(world.actor(key, role)), pytest.raises(Error), transaction.atomic():
            NightlyRun.objects.count()
    with scope.opened(replace(world.system, platform_ids=(10**9,))):
        assert not NightlyRun.objects.exists()
        assert not NightlyChunk.objects.exists()


def test_the_night_begins_at_half_past_and_the_day_makes_up_for_it(world, monkeypatch):
    assorted(world)
    moment = [KNOWN + timedelta(minutes=10)]
    monkeypatch.setattr(scope, "now", lambda platform=None: moment[0])
    assert tasks.publish_price_information() == 0
    moment[0] = AT
    written = tasks.nightly_price_information()
    assert written >= 6
    with scope.opened(world.system):
        done = NightlyRun.objects.get(region__code=REGION)
        assert (done.known_until, done.started_at, done.is_full) == (KNOWN, AT, False)
    assert tasks.nightly_price_information() == 0  # the day has had its run
    moment[0] = AT + timedelta(days=6)  # Sunday 8 March
    tasks.publish_price_information()
    with scope.opened(world.system):
        assert NightlyRun.objects.filter(region__code=REGION).order_by("-id").first().is_full
        assert NightlyRun.objects.filter(region__code=REGION).count() == 2


PROGRAM = """
import os, signal, sys
from datetime import date, datetime, UTC
import django
django.setup()
from pricing.services import nightly
from sunlight.tenancy.queries.actors import open_platform_actors
nightly.NIGHTLY_CHUNK = 2
real, seen = nightly.information_write, []
def write(*given, **named):
    written = real(*given, **named)
    seen.append(1)
    if len(seen) == int(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)
    return written
nightly.information_write = write
actor = next(a for a in open_platform_actors() if a.platform_code == "gd-sz")
nightly.nightly_run(actor=actor, at=datetime(2026, 3, 1, 16, 30, tzinfo=UTC), region="CN-GD-SZ",
                    business_day=date(2026, 3, 2), known_until=datetime(2026, 3, 1, 16, tzinfo=UTC))
"""


def process(kill_at: int) -> int:
    environment = databases.environment_for(connection.settings_dict["NAME"])
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(kill_at)], cwd=databases.ROOT, env=environment, capture_output=True
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stderr.decode()
    return done.returncode


@pytest.mark.kills
@pytest.mark.clause("SZ24-3.3c", on="rule")
def test_a_run_killed_in_the_middle_goes_on_to_the_same_result(own_database):
    world = worlds.build()
    assorted(world)
    assert process(kill_at=2) == -signal.SIGKILL
    with scope.opened(world.system):
        broken = NightlyRun.objects.get()
        assert broken.finished_at is None
        assert NightlyChunk.objects.filter(done_at__isnull=False).count() == 1
        assert PriceInformation.objects.count() == 2
        assert Event.objects.filter(name="price_published").count() == 2
    assert process(kill_at=9) == 0
    with scope.opened(world.system):
        (done,) = NightlyRun.objects.all()
        assert (done.id, done.rows_written) == (broken.id, 6)
        resumed = published(), kept()
        digests = list(NightlyChunk.objects.order_by("number").values_list("digest", flat=True))
        law = current_policy().law(region=REGION, on=DAY)
        chunks = NightlyChunk.objects.order_by("number").values_list("price_group_ids", flat=True)
        assert digests == [
            figures_digest(law, region_id=done.region_id, price_group_ids=ids, known_until=KNOWN) for ids in chunks
        ]
        assert DealFact.objects.exists()
        price_information_publish(
            actor=world.system, at=AT, region=REGION, price_group_ids=sum(map(list, chunks), []), business_day=DAY
        )
        assert (published(), kept()) == resumed  # by the rules nothing differs either
