"""公示: a term in working days, objections by anybody, answers by another person, an end that others wait for."""

from datetime import datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from catalog.models import Listing
from catalog.services.listings import listing_approve, listing_price_publicise
from sunlight import scope
from sunlight.journal import relay
from sunlight.journal.models import Decision, Event, Refusal
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere, Refused
from sunlight.kernel.workdays import official
from sunlight.publicity import queries, services
from sunlight.publicity.models import Objection, Publication
from sunlight.scope import Client, Role
from sunlight.scope.actor import ANONYMOUS
from sunlight.scope.clock import SHANGHAI
from tests import world as worlds
from tests.browsing import client_of
from tests.factories import catalog

# A Wednesday; the fifth working day after it is the next Wednesday.
AT = datetime(2026, 3, 4, 10, 0, tzinfo=SHANGHAI)
LAST = datetime(2026, 3, 11, 23, 59, tzinfo=SHANGHAI)
AFTER = datetime(2026, 3, 12, 0, 1, tzinfo=SHANGHAI)
SOMEBODY = Client(address="198.51.100.7")
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture
def reviewer(world):
    return world.actor("operator", Role.OPERATOR_REVIEWER)


@pytest.fixture
def support(world):
    return world.actor("operator", Role.OPERATOR_SUPPORT)


@pytest.fixture
def matter(world, reviewer):
    with scope.opened(reviewer):
        return services.publicity_open(
            actor=reviewer,
            at=AT,
            kind="other",
            subject=("listing", 7),
            title="价格公示：测试支架",
            party=world.maker.id,
            facts=[("挂网价", "120.0000")],
        )


def object_to(row, at=AT, client=SOMEBODY, **more):
    facts = {"name": "王先生", "contact": "13800000000", "text": "外省挂网价更低"} | more
    with scope.opened(ANONYMOUS):
        return services.objection_lodge(client=client, at=at, number=row.number, **facts)


def answer(actor, lodged, upheld, at=AT, text="已核对外省平台"):
    with scope.opened(actor):
        return services.objection_answer(
            actor=actor, at=at, objection_id=lodged.objection.id, upheld=upheld, answer=text
        )


def sweep(world, at):
    with scope.opened(world.system):
        return services.publicity_sweep(actor=world.system, at=at)


def state(world, row) -> str:
    with scope.opened(world.system):
        return Publication.objects.get(id=row.id).state


def ends(world) -> list[str]:
    with scope.opened(world.system):
        return [e.payload["outcome"] for e in Event.objects.filter(name="publicity_ended").order_by("id")]


@pytest.mark.clause("ASSUMPTION-A9", "ASSUMPTION-A17", on="rule")
def test_the_term_is_five_working_days_and_stands_with_its_decision(world, matter):
    assert (matter.term_days, matter.ends_on) == (5, official().shift(AT.date(), 5).on) == (5, LAST.date())
    assert (matter.clause, matter.state) == ("ASSUMPTION-A9", "OPEN")
    with scope.opened(world.system):
        assert Decision.objects.get(subject_type="publication", subject_id=matter.id).rule == "deadline.working_days"


def test_unopposed_it_ends_after_its_last_day_and_not_before(world, matter):
    assert (sweep(world, LAST), state(world, matter)) == (0, "OPEN")
    assert (sweep(world, AFTER), state(world, matter)) == (1, "UNOPPOSED")
    assert (sweep(world, AFTER), ends(world)) == (0, ["UNOPPOSED"])


@pytest.mark.clause("JS20-13c", on="rule")
def test_an_objection_after_the_term_is_refused_with_its_clause_and_kept_as_a_refusal(world, matter):
    assert object_to(matter, at=LAST).objection.state == "RECEIVED"
    with pytest.raises(Refused) as refused:
        object_to(matter, at=AFTER)
    assert (refused.value.code, refused.value.clauses) == ("objection_late", ["ASSUMPTION-A9"])
    with scope.opened(world.system):
        assert Objection.objects.count() == 1
        assert Refusal.objects.filter(code="objection_late", client_address=SOMEBODY.address).count() == 1


@pytest.mark.clause("JS20-13c", on="rule")
def test_an_objection_is_heard_after_the_term_and_decides(world, matter, support):
    first, second = object_to(matter), object_to(matter)
    answer(support, first, upheld=False)
    assert (sweep(world, AFTER), state(world, matter)) == (1, "JUDGING")
    answer(support, second, upheld=False, at=AFTER)
    assert (state(world, matter), ends(world)) == ("DISMISSED", ["DISMISSED"])
    with pytest.raises(Conflict):
        answer(support, second, upheld=True, at=AFTER)


def test_objections_dismissed_within_the_term_leave_it_open_until_its_end(world, matter, support):
    answer(support, object_to(matter), upheld=False)
    assert state(world, matter) == "OPEN"
    assert (sweep(world, AFTER), state(world, matter)) == (1, "DISMISSED")


def test_an_objection_that_is_upheld_ends_it_at_once_and_others_can_still_be_answered(world, matter, support):
    first, second = object_to(matter), object_to(matter)
    answer(support, first, upheld=True)
    assert (state(world, matter), ends(world)) == ("UPHELD", ["UPHELD"])
    assert answer(support, second, upheld=True).state == "UPHELD"
    assert ends(world) == ["UPHELD"]
    with pytest.raises(Refused, match="不再受理"):
        object_to(matter)


@pytest.mark.duty("objection", "uphold", "publish")
@pytest.mark.duty("objection", "dismiss", "publish")
def test_who_published_does_not_answer(world, matter, reviewer):
    lodged = object_to(matter)
    with pytest.raises(Forbidden, match="另一位人员"):
        answer(reviewer, lodged, upheld=False)
    with pytest.raises(Forbidden, match="另一位人员"):
        answer(reviewer, lodged, upheld=True)
    with pytest.raises(NotThere):
        answer(world.actor("hospital", Role.HOSPITAL_BUYER), lodged, upheld=False)
    assert state(world, matter) == "OPEN"


@pytest.mark.parametrize("wrong", [{"name": " "}, {"contact": ""}, {"text": "长" * 4_001}])
def test_an_objection_that_is_not_whole_is_refused_at_its_field(world, matter, wrong):
    with pytest.raises(Invalid) as refused:
        object_to(matter, **wrong)
    assert refused.value.field == next(iter(wrong))


def test_one_address_objects_five_times_an_hour_at_most(world, matter):
    for _ in range(5):
        object_to(matter)
    with pytest.raises(Conflict, match="每小时"):
        object_to(matter)
    object_to(matter, client=Client(address="198.51.100.8"))
    object_to(matter, at=AT + timedelta(hours=2))


def test_it_is_followed_by_number_and_secret_and_by_nothing_else(world, matter):
    lodged, other = object_to(matter), object_to(matter)
    with scope.opened(ANONYMOUS):
        found = services.objection_follow(client=SOMEBODY, number=lodged.objection.number, secret=lodged.secret)
    assert found.id == lodged.objection.id
    for number, secret in ((lodged.objection.number, other.secret), ("1", lodged.secret), ("", "")):
        with pytest.raises(NotThere), scope.opened(ANONYMOUS):
            services.objection_follow(client=SOMEBODY, number=number, secret=secret)
    with scope.opened(world.system):
        assert not Objection.objects.filter(secret_sha256=lodged.secret).exists()


def test_the_party_concerned_hears_of_the_objection_and_not_of_who_made_it(world, matter):
    object_to(matter)
    relay.deliver_pending(actor=world.system, at=AT)
    lister = world.actor("maker", Role.SUPPLIER_LISTER)
    with scope.opened(lister):
        page = client_of(lister).get("/messages/").content.decode()
        texts = [str(e.payload) for e in Event.objects.filter(name="objection_lodged")]
    with pytest.raises(DatabaseError, match="permission denied"), scope.opened(lister):
        Objection.objects.exists()
    assert "收到异议" in page
    assert len(texts) == 1
    assert not any(word in page + texts[0] for word in ("王先生", "13800000000"))


@pytest.mark.clause("SZ20-5.3.5", on="rule")
def test_the_public_reads_objects_with_evidence_and_follows_without_logging_in(
    world, matter, support, settings, monkeypatch
):
    monkeypatch.setattr("sunlight.scope.now", lambda platform=None: AT)
    monkeypatch.setattr("sunlight.scope.today", lambda platform=None: AT.date())
    browser = Browser(REMOTE_ADDR="198.51.100.9")
    shown = browser.get("/portal/publications/?platform=gd-sz")
    assert matter.title in shown.content.decode()
    assert shown["Cache-Control"] == "public, max-age=300"
    assert (
        browser.get("/portal/publications/?platform=gd-sz", headers={"If-None-Match": shown["ETag"]}).status_code == 304
    )
    assert browser.get("/portal/publications.json?platform=gd-sz").json()["items"][0]["number"] == matter.number
    where = f"/portal/publications/{matter.number}/"
    assert "120.0000" in browser.get(where).content.decode()
    form = browser.get(f"{where}object/")
    assert form["Cache-Control"] == "no-store"
    facts = {"name": "李女士", "contact": "li@example.org", "text": "外省更低"}
    bad = browser.post(f"{where}object/", facts | {"evidence": SimpleUploadedFile("证明.pdf", b"MZ\x90")})
    assert (bad.status_code, "李女士" in bad.content.decode()) == (422, True)
    made = browser.post(f"{where}object/", facts | {"evidence": SimpleUploadedFile("证明.pdf", PDF)})
    assert made.status_code == 200
    lodged = made.context["lodged"]
    assert lodged.secret in made.content.decode()
    answer(support, lodged, upheld=False, text="经核对不成立")
    follow = {"number": lodged.objection.number, "secret": lodged.secret}
    assert "经核对不成立" in browser.post("/portal/objections/", follow).content.decode()
    assert browser.post("/portal/objections/", follow | {"secret": "0"}).status_code == 404
    assert browser.get("/portal/publications/1/").status_code == 404
    assert "李女士" not in browser.get(where).content.decode()
    desk = client_of(support)
    page = desk.get(f"/publicity/{matter.id}/").content.decode()
    assert "李女士" in page
    assert desk.get(f"/files/{lodged.objection.evidence_id}/").status_code == 404
    through = f"/files/{lodged.objection.evidence_id}/for/publication/{lodged.objection.publication_id}/"
    assert desk.get(through).content == PDF


def test_an_objectors_contact_and_evidence_are_for_who_may_answer(world, matter, support, reviewer):
    """The authorities read along, and who published the matter sees what is objected; whom to call, neither."""
    evidence = object_to(matter, file_name="证明.pdf", file_content=PDF).objection.evidence_id
    for actor, sees in (
        (support, True),
        (reviewer, False),
        (world.actor("regulator", Role.REGULATOR_OFFICER), False),
    ):
        page = client_of(actor).get(f"/publicity/{matter.id}/").content.decode()
        assert "外省挂网价更低" in page and ("13800000000" in page) is sees
        assert (f"/files/{evidence}/for/publication/{matter.id}/" in page) is sees


def test_the_list_asks_as_many_questions_for_ten_publications_as_for_one(world, reviewer, support):
    counts = []
    for more in (range(1), range(1, 10)):
        with scope.opened(reviewer):
            for number in more:
                services.publicity_open(
                    actor=reviewer, at=AT, kind="other", subject=("listing", number), title="公示", party=world.maker.id
                )
        for client, where in ((Browser(), "/portal/publications/?platform=gd-sz"), (client_of(support), "/publicity/")):
            with CaptureQueriesContext(connection) as ran:
                assert client.get(where).status_code == 200
            counts.append(len(ran))
    assert counts[:2] == counts[2:]


@pytest.fixture
def jiangsu(db):
    return worlds.build("js")


def submitted(world, region="CN-JS") -> Listing:
    return catalog.listed(world, region=region, state="SUBMITTED", listed_on=None, open_on_platform=False)


def approve(world, listing) -> Listing:
    reviewer = world.actor("operator", Role.OPERATOR_REVIEWER)
    with scope.opened(reviewer):
        return listing_approve(actor=reviewer, at=AT, listing_id=listing.id)


def news(world, at=AT) -> None:
    while relay.deliver_pending(actor=world.system, at=at):
        pass


def now_of(world, listing) -> Listing:
    with scope.opened(world.system):
        return Listing.objects.get(id=listing.id)


@pytest.mark.clause("JS20-13c", on="rule")
def test_in_jiangsu_a_listing_is_published_first_and_listed_when_nobody_objects(jiangsu):
    listing = approve(jiangsu, submitted(jiangsu))
    assert (listing.state, listing.listed_on) == ("PUBLICISED", None)
    with scope.opened(jiangsu.system):
        row = queries.under_publicity("listing", listing.id)
    assert (row.clause, row.ends_on, row.party_id) == ("JS20-13c", LAST.date(), jiangsu.maker.id)
    sweep(jiangsu, AFTER)
    assert now_of(jiangsu, listing).state == "PUBLICISED"
    news(jiangsu, AFTER)
    listed = now_of(jiangsu, listing)
    assert (listed.state, listed.listed_on) == ("LISTED", AFTER.date())
    with scope.opened(jiangsu.system):
        assert Event.objects.filter(name="listing_listed", subject_id=listing.id).count() == 1


@pytest.mark.clause("JS20-13c", on="rule")
def test_in_jiangsu_an_objection_that_is_upheld_sends_the_listing_back(jiangsu):
    listing = approve(jiangsu, submitted(jiangsu))
    with scope.opened(jiangsu.system):
        row = queries.under_publicity("listing", listing.id)
    answer(jiangsu.actor("operator", Role.OPERATOR_SUPPORT), object_to(row), upheld=True, text="外省价更低，须重报")
    news(jiangsu)
    back = now_of(jiangsu, listing)
    assert (back.state, back.listed_on) == ("REJECTED", None)
    assert back.review_note == "公示未通过（JS20-13c）：外省价更低，须重报"


@pytest.mark.clause("SZ20-5.2.1b", "SZ24-3.5c", on="rule")
def test_in_shenzhen_listings_are_published_first_until_the_end_of_2024(world):
    for day, clause in (((2024, 12, 31), "SZ20-5.2.1b"), ((2025, 1, 1), "")):
        at = datetime(*day, 10, 0, tzinfo=SHANGHAI)
        assert services.publicity_demanded("listing", region="CN-GD-SZ", at=at, drafts="binding") == clause
    assert approve(world, submitted(world, "CN-GD")).state == "LISTED"


@pytest.mark.clause("JS20-13c", "SZ24-3.5b", on="rule")
@pytest.mark.parametrize(
    ("where", "region", "ended"),
    [("jiangsu", "CN-JS", ("SUSPENDED", "JS20-13c")), ("world", "CN-GD", ("DELISTED", "SZ24-3.5b"))],
)
def test_a_listed_price_found_false_ends_trade_as_the_law_says(request, where, region, ended):
    world = request.getfixturevalue(where)
    listing = catalog.listed(world, region=region)
    reviewer = world.actor("operator", Role.OPERATOR_REVIEWER)
    with scope.opened(reviewer):
        row = listing_price_publicise(actor=reviewer, at=AT, listing_id=listing.id)
        with pytest.raises(Conflict):
            listing_price_publicise(actor=reviewer, at=AT, listing_id=listing.id)
    answer(world.actor("operator", Role.OPERATOR_SUPPORT), object_to(row), upheld=True, text="瞒报外省低价")
    news(world)
    with scope.opened(world.system):
        event = Event.objects.get(
            subject_type="listing", subject_id=listing.id, name__in=["listing_suspended", "listing_delisted"]
        )
    assert (now_of(world, listing).state, event.payload["clause"]) == ended
    assert "瞒报外省低价" in event.payload["reason"]
