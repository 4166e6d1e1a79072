"""What a trade is refused by: the law of its own place and day, with the day before it holds, and drafts as drafts."""

from dataclasses import replace

import pytest

from pricing.models import Declaration
from pricing.services.declarations import declaration_submit
from procurement.ordering.models import Order
from procurement.ordering.services.placing import BasketFacts, order_place
from settlement.models.payment import Payable
from sunlight import scope
from sunlight.journal.models import Decision, Refusal
from sunlight.journal.refusals import Refused
from sunlight.scope import Role
from tests.api_client import logged_in
from tests.changed_law import with_act
from tests.factories import orders
from tests.factories.catalog import listed
from tests.factories.pricing import priced
from tests.factories.settlement import owed
from tests.procurement.bargaining import make
from tests.regional import at, elsewhere

SHORT, UNKNOWN = "C0201010010100100001", "C" + "9" * 26


@pytest.fixture
def nanjing(db):
    return elsewhere("js", "CN-JS-NJ")


def kept(world) -> list[Refusal]:
    with scope.opened(world.system):
        return list(Refusal.objects.order_by("id"))


def ordered(world, code: str, day: str, drafts: str = "binding") -> Refused:
    """The refusal of an order of this code; nothing is placed, and only what rests on a clause is on record."""
    point, before = orders.point(world), len(kept(world))
    buyer = replace(world.actor("hospital", Role.HOSPITAL_BUYER), drafts=drafts)
    facts = BasketFacts([{"code": code, "quantity": "1"}], point.id)
    with pytest.raises(Refused) as refused, scope.opened(buyer):
        order_place(actor=buyer, at=at(day), facts=facts)
    with scope.opened(world.system):
        assert not Order.objects.exists()
    assert len(kept(world)) - before == (1 if refused.value.clauses else 0)
    return refused.value


def said(refusal: Refused, clause: str) -> dict:
    """The one reason that cites a clause."""
    (found,) = [reason for reason in refusal.reasons if reason["clause"] == clause]
    return found


@pytest.mark.clause("SZ24-3.7", "SZ24-3.10", on="trade")
def test_a_full_code_is_shenzhens_draft_and_nobody_elses(world, nanjing):
    refusal = ordered(world, SHORT, "2025-01-01")
    assert (refusal.code, refusal.clauses) == ("code_not_full", ["SZ24-3.7"])
    assert said(refusal, "SZ24-3.7")["status"] == "draft" and "征求意见稿（演示加载）" in refusal.message
    # Its text names no day: that is said beside, and is no second refusal.
    aside = said(refusal, "SZ24-3.10")
    assert (aside["effect"], aside["status"]) == ("info", "draft") and "未载施行日期" in aside["message"]
    # The day before, where drafts only warn, and in Nanjing it is a code that cannot be read, by no clause.
    for refusal in (
        ordered(world, SHORT, "2024-12-31"),
        ordered(world, SHORT, "2025-01-01", "warn"),
        ordered(nanjing, SHORT, "2022-03-01"),
    ):
        assert (refusal.code, refusal.reasons, "征求意见稿" in refusal.message) == ("code_not_full", [], False)


@pytest.mark.clause("SZ24-3.1a", "SZ20-5.1.1", on="trade")
@pytest.mark.parametrize(
    ("day", "drafts", "clauses"),
    [
        ("2025-01-01", "binding", ["SZ20-5.1.1", "SZ24-3.1a"]),
        ("2025-01-01", "warn", ["SZ20-5.1.1"]),
        ("2024-12-31", "binding", ["SZ20-5.1.1"]),
        ("2020-06-30", "binding", []),
    ],
)
def test_only_coded_products_are_bought_in_shenzhen(world, day, drafts, clauses):
    refusal = ordered(world, UNKNOWN, day, drafts)
    assert (refusal.code, refusal.clauses) == ("code_unknown", clauses)
    assert ("征求意见稿（演示加载）" in refusal.message) == ("SZ24-3.1a" in clauses)
    ordered(world, UNKNOWN, "2025-01-01")


@pytest.mark.clause("JS20-3", on="trade")
def test_only_coded_products_are_bought_in_jiangsu_by_its_own_rules(nanjing):
    assert ordered(nanjing, UNKNOWN, "2022-03-01").clauses == ["JS20-3"]
    assert ordered(nanjing, UNKNOWN, "2020-04-30").clauses == []


@pytest.mark.clause("SZ24-3.10", "SZ24-3.3c", on="trade")
def test_a_judgement_by_the_draft_says_that_we_load_it(world):
    listing = listed(world, "120", listed_on=at("2019-01-02").date())
    priced(world, listing, {"320000": "100"}, at=at("2025-01-01"))
    refusal = offered(world, listing, "2025-01-01", "110")
    assert refusal.clauses == ["SZ24-3.3c"] and said(refusal, "SZ24-3.3c")["status"] == "draft"
    (loaded,) = [each for each in refusal.decision["parameters"] if each["source"] == "SZ24-3.10"]
    assert (loaded["key"], loaded["from"], loaded["status"]) == ("law.draft_loaded", "2025-01-01", "draft")
    made = make(world, listing, "100", at("2024-12-31"))
    with scope.opened(world.system):
        before = Decision.objects.filter(subject_type="offer", subject_id=made.id)
        assert not any(each["status"] == "draft" for decision in before for each in decision.parameters)


def offered(world, listing, day: str, price: str = "100") -> Refused:
    with pytest.raises(Refused) as refused:
        make(world, listing, price, at(day))
    return refused.value


@pytest.mark.clause("SZ20-5.1.2", "SZ20-7", "GD25-2.2a", on="trade")
def test_what_is_not_listed_is_not_bought_by_the_city_and_then_by_the_province(world):
    listing = listed(world, state="SUSPENDED", listed_on=at("2019-01-02").date())
    before = offered(world, listing, "2025-11-30")
    assert (before.code, before.clauses) == ("not_tradable", ["SZ20-5.1.2"])
    assert [reason["clause"] for reason in before.reasons] == ["SZ20-5.1.2"]
    # From its first day the province's newer rule prevails, as the city's plan itself says.
    after = offered(world, listing, "2025-12-01")
    assert (after.code, after.clauses) == ("not_tradable", ["GD25-2.2a"])
    assert "SZ20-5.1.2" in said(after, "SZ20-7")["message"] and said(after, "SZ20-7")["effect"] == "info"
    assert offered(world, listing, "2020-06-30").clauses == []


@pytest.mark.clause("JS20-41", on="trade")
def test_jiangsus_rules_bind_from_their_first_day(nanjing):
    listing = listed(nanjing, "120", region="CN-JS", listed_on=at("2020-01-02").date())
    refusal = offered(nanjing, listing, "2020-04-30")
    assert said(refusal, "JS20-41")["code"] == "rule_not_begun"
    assert make(nanjing, listing, "100", at("2020-05-01")).law_date == at("2020-05-01").date()


@pytest.mark.clause("JS20-40", on="trade")
def test_a_newer_rule_of_the_province_prevails_in_jiangsu(nanjing, tmp_path, monkeypatch):
    """A drill: from 2026-03-02 any other offer is answered in 3 working days, not in ten."""
    policy = with_act(
        tmp_path,
        monkeypatch,
        "JS26",
        region="CN-JS",
        effective="2026-03-02",
        file="procurement/policy/bargain.yaml",
        key="bargain.answer_days",
        value=3,
        replaces="JS20-11C",
    )
    first, second = (listed(nanjing, "120", region="CN-JS", listed_on=at("2022-01-04").date()) for _ in range(2))
    with scope.under(policy):
        # 2026-02-27 is a Friday before a working Saturday.
        assert cited(nanjing, make(nanjing, first, "94", at("2026-02-27"))) == ("2026-03-12", False)
        assert cited(nanjing, make(nanjing, second, "94", at("2026-03-02"))) == ("2026-03-05", True)


def cited(world, offer) -> tuple[str, bool]:
    """The day an offer is answered by, and whether its decision says that a newer rule prevailed."""
    with scope.opened(world.system):
        decisions = Decision.objects.filter(subject_type="offer", subject_id=offer.id)
        reasons = [reason["clause"] for decision in decisions for reason in decision.reasons]
    return offer.answer_due_on.isoformat(), "JS20-40" in reasons


@pytest.mark.clause("SZ20-7", on="trade")
def test_a_value_changed_by_a_new_act_is_what_an_invoice_meets(world, tmp_path, monkeypatch):
    """A drill: Shenzhen pays in 20 days from 2026-09-01. Two files and one line; no code."""
    policy = with_act(
        tmp_path,
        monkeypatch,
        "SZ26",
        region="CN-GD-SZ",
        effective="2026-09-01",
        file="settlement/policy/payment.yaml",
        key="settlement.payment_days",
        value=20,
        replaces="SZ20-6.2b",
    )
    eve, day = at("2026-08-31").date(), at("2026-09-01").date()
    with scope.under(policy):
        assert due(owed(world, accepted_on=eve)) == (30, "SZ20-6.2b")
        assert due(owed(world, accepted_on=day)) == (20, "SZ26-1")
    # Handed in by the scope, it is law nowhere else.
    assert due(owed(world, accepted_on=day)) == (30, "SZ20-6.2b")
    with scope.opened(world.system):
        said = [[r["clause"] for r in d.reasons] for d in Decision.objects.filter(rule="payment.due").order_by("id")]
    assert ["SZ20-7" in clauses for clauses in said] == [False, True, False]


def due(payable: Payable) -> tuple[int, str]:
    return (payable.due_on - payable.accepted_on).days, payable.due_clause


ROW = {
    "province": "330000",
    "price": "96",
    "valid_from": "2020-01-01",
    "platform_name": "浙江平台",
    "evidence": "公告〔2020〕1号",
}


def declared(world, day: str, drafts: str = "binding", *, region: str) -> Declaration:
    """A declaration of another province's price, without the commitment."""
    listing = listed(world, "120", region=region, listed_on=at("2019-01-02").date())
    lister = replace(world.actor("maker", Role.SUPPLIER_LISTER), drafts=drafts)
    with scope.opened(lister):
        return declaration_submit(
            actor=lister, at=at(day), price_group_id=listing.price_group_id, rows=[ROW], commits=False
        )


@pytest.mark.clause("SZ24-3.2b", on="trade")
def test_shenzhens_draft_asks_for_a_commitment_from_its_first_day_where_it_binds(world):
    with pytest.raises(Refused) as refused:
        declared(world, "2025-01-01", region="CN-GD-SZ")
    assert (refused.value.code, refused.value.clauses) == ("commitment_missing", ["SZ24-3.2b"])
    assert "征求意见稿（演示加载）" in refused.value.message
    for day, drafts in (("2024-12-31", "binding"), ("2025-01-01", "warn")):
        taken = declared(world, day, drafts, region="CN-GD-SZ")
        assert (taken.commitment_text, taken.commitment_sha256) == ("", "")


@pytest.mark.clause("JS20-34", on="trade")
def test_jiangsu_asks_for_it_by_its_own_rules_and_hubei_does_not(nanjing):
    with pytest.raises(Refused) as refused:
        declared(nanjing, "2022-03-01", region="CN-JS")
    assert refused.value.clauses == ["JS20-34"] and "征求意见稿" not in refused.value.message
    assert declared(nanjing, "2020-04-30", region="CN-JS").commitment_text == ""
    assert declared(elsewhere("hb", "CN-HB"), "2022-03-01", region="CN-HB").commitment_text == ""


def test_an_authority_reads_what_the_law_refused_and_no_slip_of_typing(world):
    listing = listed(world, "120", listed_on=at("2019-01-02").date())
    priced(world, listing, {"320000": "200"}, at=at("2026-03-02"))
    for price, day in (("abc", "2026-03-02"), ("", "2026-03-02"), ("121", "2026-03-02")):
        offered(world, listing, day, price)
    ordered(world, SHORT, "2024-12-31")
    refused = [(row.code, [r["clause"] for r in row.reasons if r["effect"] == "refuse"]) for row in kept(world)]
    assert refused == [("above_listed", ["GD25-2.2a"])]
    page = logged_in(world.actor("regulator", Role.REGULATOR_OFFICER)).get("/supervision/refusals/").content.decode()
    assert "高于挂网价" in page or "挂网价" in page
    assert "不是数字" not in page and "须为 27 位" not in page
