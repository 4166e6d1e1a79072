from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from catalog.models import Certificate, ListedSpecification, Listing, NationalCode, PlatformListing, PriceGroup
from catalog.queries import trading
from catalog.queries.listings import access_listing, listed_specifications, platforms_of_listing
from catalog.queries.views import commitment_of
from catalog.services import drafting, listings
from catalog.workflows import LISTING, ListingState
from sunlight import scope
from sunlight.journal.models import Event, Refusal
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere, Refused
from sunlight.scope import Role
from sunlight.scope.clock import business_date
from tests.catalog.conftest import OWN
from tests.factories.catalog import listed as made_listing

IN_2025 = datetime(2025, 6, 3, 4, tzinfo=UTC)


def nothing_left(world):
    with scope.opened(world.system):
        return not (Listing.objects.exists() or PriceGroup.objects.exists() or Certificate.objects.exists())


def last_refusal(world):
    with scope.opened(world.system):
        return Refusal.objects.latest("id")


@pytest.mark.clause("SZ24-3.2b", "GD25-2.2a", "GD25-2.2b", "GD25-2.2c", on="rule")
def test_listing_from_draft_to_listed(catalogue, world):
    draft = catalogue.draft()
    assert (draft.state, draft.declared_price, draft.region.code) == ("DRAFT", Decimal("798.0000"), "CN-GD")
    submitted = catalogue.submit(draft)
    assert submitted.state == "SUBMITTED"
    assert submitted.submitted_by == catalogue.lister.acting
    assert OWN in submitted.commitment_text and submitted.number in submitted.commitment_text
    assert "每套 798.0000 元" in submitted.commitment_text
    listed = catalogue.call(listings.listing_approve, catalogue.reviewer, listing_id=draft.id, note="资料齐全")
    today = business_date(scope.now())
    assert (listed.state, listed.listed_on, listed.version) == ("LISTED", today, 3)
    with scope.opened(world.system):
        opened = PlatformListing.objects.filter(listing=listed).select_related("platform")
        assert {p.platform.code for p in opened} == {"gd", "gd-sz"}
        assert [e.name for e in Event.objects.filter(subject_type="listing").order_by("id")] == [
            "listing_drafted",
            "listing_submitted",
            "listing_listed",
        ]
        event = Event.objects.get(name="listing_listed")
        assert event.payload["declared_price"] == "798.0000"
        assert event.payload["region"] == "CN-GD"
        assert event.payload["listed_on"] == today.isoformat()
        assert event.payload["price_group"] == listed.price_group_id
        assert event.payload["codes"] == list(catalogue.own.codes[:3])
        assert all(check["ok"] for check in event.payload["checks"])
        assert Event.objects.get(name="listing_submitted").payload["commitment"] == submitted.commitment_text
        found = trading.tradable_listing(platform_id=world.platform.id, price_group_id=listed.price_group_id, on=today)
        assert found == listed


@pytest.mark.clause("GD25-2.2a", "SZ20-5.1.2", on="rule")
@pytest.mark.parametrize(
    ("day", "region"),
    [(date(2025, 11, 30), "CN-GD-SZ"), (date(2025, 12, 1), "CN-GD")],
)
def test_region_of_a_listing_follows_the_law_of_the_day(catalogue, day, region):
    at = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
    assert catalogue.draft(at).region.code == region


def test_listing_of_the_city_opens_on_the_citys_platform_alone(catalogue, world):
    listed = catalogue.listed(IN_2025)
    with scope.opened(world.system):
        assert [p.platform.code for p in platforms_of_listing(listed.id)] == ["gd-sz"]


@pytest.mark.clause("SZ24-3.1a", "SZ24-3.7", on="rule")
@pytest.mark.parametrize(
    ("typed", "code", "clauses"),
    [
        (lambda c: c.own.generic_code, "code_not_full", ["SZ24-3.7"]),
        (lambda c: c.own.codes[0][:-1], "code_malformed", ["SZ20-5.1.1", "SZ24-3.1a"]),
        (lambda c: "C" + "9" * 26, "code_unknown", ["SZ20-5.1.1", "SZ24-3.1a"]),
    ],
)
def test_code_that_is_short_or_unknown_is_refused(catalogue, world, typed, code, clauses):
    with pytest.raises(Invalid) as wrong:
        catalogue.draft(codes=[catalogue.own.codes[0], typed(catalogue)])
    assert (wrong.value.code, wrong.value.field, wrong.value.clauses) == (code, "codes[1]", clauses)
    assert nothing_left(world)
    assert last_refusal(world).code == code


@pytest.mark.clause("SZ24-3.1a", on="rule")
def test_retired_code_is_refused_and_its_successor_named(catalogue, world):
    old, new = catalogue.own.codes[:2]
    with scope.opened(world.system):
        NationalCode.objects.filter(code=old).update(is_retired=True, replaced_by=new)
    with pytest.raises(Refused) as wrong:
        catalogue.draft()
    assert (wrong.value.code, wrong.value.clauses) == ("code_retired", ["SZ20-5.1.1", "SZ24-3.1a"])
    assert new in wrong.value.message
    assert nothing_left(world)


@pytest.mark.clause("SZ24-3.2b", on="rule")
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        (lambda c: {"codes": c.foreign.codes, "certificate": {"number": c.foreign.certificate}}, "producer_not_own"),
        (lambda c: {"codes": [c.own.codes[0], c.foreign.codes[0]]}, "several_products"),
        (lambda c: {"codes": [c.own.codes[0], c.own_other.codes[0]]}, "several_products"),
        (lambda c: {"certificate": {"number": "国械注准20990000000"}}, "certificate_differs"),
        (
            lambda c: {"certificate": {"number": c.own.certificate, "valid_until": date(2024, 1, 1)}},
            "certificate_expired",
        ),
        (
            lambda c: {"certificate": {"number": c.own.certificate, "valid_from": date(2098, 1, 1)}},
            "certificate_not_begun",
        ),
    ],
)
def test_application_that_fails_a_check_is_refused_and_leaves_nothing(catalogue, world, changes, code):
    with pytest.raises(Refused) as wrong:
        catalogue.draft(**changes(catalogue))
    assert wrong.value.code == code
    assert wrong.value.clauses
    assert nothing_left(world)
    assert last_refusal(world).code == code


@pytest.mark.clause("SZ20-5.3.1", on="rule")
def test_closed_category_is_refused_until_its_opening_day(catalogue, world):
    gauze = {"codes": catalogue.own_gauze.codes, "certificate": {"number": catalogue.own_gauze.certificate}}
    day_before = datetime(2021, 6, 30, 4, tzinfo=UTC)
    with pytest.raises(Refused) as wrong:
        catalogue.draft(day_before, **gauze)
    assert (wrong.value.code, wrong.value.clauses) == ("category_closed", ["SZ20-5.3.1"])
    assert nothing_left(world)
    assert catalogue.draft(day_before).state == "DRAFT"
    assert catalogue.draft(day_before + timedelta(days=1), **gauze).state == "DRAFT"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"declared_price": "0"}, "price_zero"),
        ({"declared_price": "-1"}, "price_malformed"),
        ({"declared_price": "NaN"}, "price_malformed"),
        ({"declared_price": "1.00001"}, "price_too_many_decimals"),
        ({"declared_price": "1000000000000000"}, "price_too_large"),
        ({"codes": []}, "codes_count"),
        ({"pricing_unit": ""}, "bad_unit"),
        ({"packs": [{"name": "盒", "factor": 1}]}, "bad_pack"),
        ({"packs": [{"name": "盒", "factor": True}]}, "bad_pack"),
        ({"packs": [{"name": "套", "factor": 5}]}, "duplicate_unit"),
    ],
)
def test_wrong_price_unit_or_pack_is_refused(catalogue, world, changes, code):
    with pytest.raises(Invalid) as wrong:
        catalogue.draft(**changes)
    assert wrong.value.code == code
    assert nothing_left(world)


def test_another_suppliers_draft_is_not_there_and_distributors_do_not_list(catalogue, world):
    draft = catalogue.draft()
    stranger = world.actor("other_maker", Role.SUPPLIER_LISTER)
    with pytest.raises(NotThere):
        catalogue.call(listings.listing_submit, stranger, listing_id=draft.id, commitment_sha256="0" * 64)
    distributor = world.actor("distributor", Role.SUPPLIER_LISTER)
    with pytest.raises(Forbidden) as wrong:
        catalogue.draft(actor=distributor)
    assert wrong.value.code == "not_a_manufacturer"
    with pytest.raises(Forbidden):
        catalogue.draft(actor=world.actor("hospital", Role.HOSPITAL_BUYER))


@pytest.mark.clause("SZ24-3.2b", on="rule")
@pytest.mark.parametrize(
    ("signed", "code", "clauses"),
    [("", "commitment_missing", ["SZ24-3.2b"]), ("0" * 64, "commitment_changed", [])],
)
def test_submission_without_the_commitment_is_refused(catalogue, world, signed, code, clauses):
    draft = catalogue.draft()
    with pytest.raises(Refused) as wrong:
        catalogue.call(listings.listing_submit, catalogue.lister, listing_id=draft.id, commitment_sha256=signed)
    assert (wrong.value.code, wrong.value.clauses) == (code, clauses)
    with scope.opened(world.system):
        kept = Listing.objects.get(id=draft.id)
        assert (kept.state, kept.commitment_text, kept.version) == ("DRAFT", "", 1)


def test_revision_changes_price_and_codes_and_unbinds_an_older_signature(catalogue):
    draft = catalogue.draft()
    with scope.opened(catalogue.lister):
        signed = commitment_of(draft).sha256
    revised = catalogue.call(
        drafting.listing_revise,
        catalogue.lister,
        listing_id=draft.id,
        declared_price="700",
        codes=catalogue.own.codes[:1],
    )
    assert revised.declared_price == Decimal("700.0000")
    with scope.opened(catalogue.lister):
        assert [s.code for s in listed_specifications(draft.id)] == [catalogue.own.codes[0]]
    with pytest.raises(Refused):
        catalogue.call(listings.listing_submit, catalogue.lister, listing_id=draft.id, commitment_sha256=signed)
    catalogue.submit(revised)
    with pytest.raises(Conflict):
        catalogue.call(
            drafting.listing_revise,
            catalogue.lister,
            listing_id=draft.id,
            declared_price="1",
            codes=catalogue.own.codes,
        )


def test_specification_is_listed_once_in_a_region(catalogue, world):
    listed = catalogue.listed()
    with pytest.raises(Refused) as wrong:
        catalogue.draft(packs=[])
    assert wrong.value.code == "listed_already" and listed.number in wrong.value.message


def test_rejected_listing_is_revised_and_submitted_again(catalogue):
    listing = catalogue.submit(catalogue.draft())
    with pytest.raises(Invalid):
        catalogue.call(listings.listing_reject, catalogue.reviewer, listing_id=listing.id, note=" ")
    rejected = catalogue.call(listings.listing_reject, catalogue.reviewer, listing_id=listing.id, note="申报价有误")
    assert (rejected.state, rejected.review_note) == ("REJECTED", "申报价有误")
    revised = catalogue.call(
        drafting.listing_revise,
        catalogue.lister,
        listing_id=listing.id,
        declared_price="600",
        codes=catalogue.own.codes,
    )
    again = catalogue.submit(revised)
    assert (again.state, again.review_note, again.reviewed_at) == ("SUBMITTED", "", None)


@pytest.mark.clause("SZ24-3.2b", on="rule")
def test_certificate_that_expires_before_review_stops_the_listing(catalogue, world):
    until = date(2025, 6, 30)
    listing = catalogue.submit(
        catalogue.draft(IN_2025, certificate={"number": catalogue.own.certificate, "valid_until": until}), IN_2025
    )
    with pytest.raises(Refused) as wrong:
        catalogue.call(
            listings.listing_approve, catalogue.reviewer, IN_2025 + timedelta(days=28), listing_id=listing.id
        )
    assert wrong.value.code == "certificate_expired"
    with scope.opened(world.system):
        assert Listing.objects.get(id=listing.id).state == "SUBMITTED"
        assert not PlatformListing.objects.exists()
    catalogue.call(
        listings.certificate_renew, catalogue.reviewer, number=catalogue.own.certificate, valid_until=date(2030, 6, 30)
    )
    approved = catalogue.call(
        listings.listing_approve, catalogue.reviewer, IN_2025 + timedelta(days=28), listing_id=listing.id
    )
    assert approved.state == "LISTED"


@pytest.mark.clause("GD25-2.2d", on="rule")
def test_suspended_listing_is_not_tradable_until_restored_and_delisted_for_good(catalogue, world):
    listed = catalogue.listed()
    where = {"platform_id": world.platform.id, "price_group_id": listed.price_group_id, "on": listed.listed_on}
    catalogue.call(listings.listing_suspend, catalogue.reviewer, listing_id=listed.id, reason="编码未维护")
    with scope.opened(world.system), pytest.raises(Refused, match="暂停挂网"):
        trading.tradable_listing(**where)
    catalogue.call(listings.listing_restore, catalogue.reviewer, listing_id=listed.id)
    with scope.opened(world.system):
        assert trading.tradable_listing(**where).id == listed.id
    ended = catalogue.call(listings.listing_delist, catalogue.lister, listing_id=listed.id, reason="停产")
    assert (ended.state, ended.ended_on, ended.end_reason) == ("DELISTED", listed.listed_on, "停产")
    with scope.opened(world.system):
        with pytest.raises(Refused, match="已撤网"):
            trading.tradable_listing(**where)
        assert not PlatformListing.objects.filter(listing=listed, closed_on=None).exists()
    assert catalogue.draft(packs=[]).state == "DRAFT"


def test_system_may_suspend_on_behalf_of_somebody(catalogue, world):
    listed = catalogue.listed()
    actor = world.actor("regulator", Role.REGULATOR_OFFICER).as_system()
    suspended = catalogue.call(
        listings.listing_suspend, actor, listing_id=listed.id, reason="监管决定", clause="SZ24-3.8b"
    )
    assert suspended.state == "SUSPENDED"


def test_tradable_needs_valid_certificate_open_platform_and_a_code_not_retired(world):
    listing = made_listing(world)
    on = business_date(scope.now())
    where = {"platform_id": world.platform.id, "price_group_id": listing.price_group_id, "on": on}

    def refusal(change):
        with scope.opened(world.system):
            change()
            with pytest.raises(Refused) as wrong:
                trading.tradable_listing(**where)
            return wrong.value.message

    certificate = Certificate.objects.filter(id=listing.price_group.certificate_id)
    assert "到期" in refusal(lambda: certificate.update(valid_until=on - timedelta(days=1)))
    with scope.opened(world.system):
        certificate.update(valid_until=on)
        assert trading.tradable_listing(**where) == listing
    spec = ListedSpecification.objects.filter(listing=listing).values("national_code")
    assert "停用" in refusal(lambda: NationalCode.objects.filter(id__in=spec).update(is_retired=True))
    with scope.opened(world.system):
        NationalCode.objects.filter(id__in=spec).update(is_retired=False)
    assert "未在本平台开通" in refusal(lambda: PlatformListing.objects.update(closed_on=on))
    with scope.opened(world.system), pytest.raises(NotThere):
        trading.tradable_listing(**where | {"price_group_id": 0})


SERVICES = {
    "submit": lambda actor, i: listings.listing_submit(
        actor=actor, at=scope.now(), listing_id=i, commitment_sha256="x"
    ),
    "approve": lambda actor, i: listings.listing_approve(actor=actor, at=scope.now(), listing_id=i),
    "reject": lambda actor, i: listings.listing_reject(actor=actor, at=scope.now(), listing_id=i, note="退回"),
    "suspend": lambda actor, i: listings.listing_suspend(actor=actor, at=scope.now(), listing_id=i, reason="原因"),
    "restore": lambda actor, i: listings.listing_restore(actor=actor, at=scope.now(), listing_id=i),
    "delist": lambda actor, i: listings.listing_delist(actor=actor, at=scope.now(), listing_id=i, reason="原因"),
}
# What a reviewer's yes amounts to beside a sister or a listing of the same group (tests/catalog/test_units.py).
BY_A_YES = {"endorse", "confirm", "confirm_publicise", "join"}
ACTORS = [
    ("maker", Role.SUPPLIER_LISTER),
    ("maker", Role.SUPPLIER_SELLER),
    ("other_maker", Role.SUPPLIER_LISTER),
    ("hospital", Role.HOSPITAL_BUYER),
    ("operator", Role.OPERATOR_REVIEWER),
    ("operator", Role.OPERATOR_CONFIRMER),
    ("regulator", Role.REGULATOR_OFFICER),
]


def _listing_in(world, state: str) -> Listing:
    if state == "JOINED":
        return made_listing(world, state=state, open_on_platform=False, listed_on=None, joined=made_listing(world))
    listed = state in ("LISTED", "SUSPENDED", "DELISTED")
    return made_listing(world, state=state, open_on_platform=listed, **({} if listed else {"listed_on": None}))


@pytest.mark.parametrize("state", list(ListingState))
def test_every_move_the_machine_does_not_hold_is_refused_and_changes_nothing(world, state):
    # Those of a publication follow from these, or from its end (tests/publicity/test_publicity.py).
    assert set(SERVICES) | {"publicise", "list", "oppose"} | BY_A_YES == {move.name for move in LISTING.table}
    listing = _listing_in(world, state)
    for key, role in ACTORS:
        actor = world.actor(key, role)
        for name, call in SERVICES.items():
            moves = {name} | (BY_A_YES if name == "approve" else set())
            if key != "other_maker" and any(LISTING.may(state, move, role) for move in moves):
                continue
            with scope.opened(actor), pytest.raises((Conflict, NotThere)):
                call(actor, listing.id)
    with scope.opened(world.system):
        kept = Listing.objects.get(id=listing.id)
        assert (kept.state, kept.version) == (state, 1)
        assert Event.objects.filter(subject_type="listing").count() == 0
        assert Refusal.objects.count() > 0


def test_another_platforms_operator_sees_no_application(catalogue, world):
    from dataclasses import replace

    draft = catalogue.draft()
    other = replace(catalogue.reviewer, platform_id=0, platform_ids=(world.platform.id + 10_000,))
    with scope.opened(other), pytest.raises(NotThere):
        access_listing(other, draft.id)
