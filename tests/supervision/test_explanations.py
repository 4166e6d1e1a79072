"""Explanations a lawyer would accept: tables, the deciding row, units, history, statements with a number."""

from datetime import date

import pytest
from django.test import Client

from sunlight import scope
from sunlight.acts import current_policy
from sunlight.journal.models import Decision, Refusal
from sunlight.journal.refusals import NotThere, Refused
from sunlight.scope import Role
from supervision.queries.clauses import clause_page
from supervision.queries.decisions import Evidence, explained, named
from supervision.queries.statements import statement_of
from tests.asking import ask
from tests.browsing import client_of
from tests.factories.catalog import listed
from tests.factories.pricing import priced
from tests.procurement.bargaining import make, shanghai

AT = shanghai("2026-03-02 10:00")


def _product(world):
    listing = listed(world, "120", listed_on=date(2019, 1, 1))
    priced(world, listing, {"320000": "100"}, at=AT)
    return listing


@pytest.fixture
def refusal(world) -> Refusal:
    """An offer above the alert line, refused."""
    listing = _product(world)
    with pytest.raises(Refused):
        make(world, listing, "100.0001", AT)
    with scope.opened(world.system):
        return Refusal.objects.order_by("-id").first()


def _answer(provinces, deals=()):
    facts = {
        "province_prices": [{"province": code, "price": price, "from": "2025-01-01"} for code, price in provinces],
        "deals": [{"price": price, "quantity": 1, "public": True, "date": "2026-01-05"} for price in deals],
    }
    answer = ask("price.alert_line", "CN-GD-SZ", "2026-03-01", facts)
    return explained(answer | {"facts": facts})


def test_a_list_of_facts_is_a_table_with_names_and_the_row_that_decided_marked():
    shown = dict(_answer([("320000", "120"), ("330000", "110.00")], ["130"])["facts"])
    provinces = shown["各省平台价"]
    assert isinstance(provinces, Evidence) and "省份" in provinces.headings[0]
    assert [(cells[0], decides) for cells, decides in provinces.rows] == [("江苏", False), ("浙江", True)]
    # The city's highest is shown too, as what was compared.
    assert [decides for _, decides in shown["本市成交明细"].rows] == [True]


def test_a_page_shows_the_deciding_row_of_a_long_list():
    rows = [("320000", f"{200 - number}") for number in range(40)]
    table = dict(_answer(rows)["facts"])["各省平台价"]
    assert (len(table.rows), len(table.first), table.left_out) == (40, 20, 20)
    assert [cells[1] for cells, decides in table.first if decides] == ["161"]


def test_values_have_their_units():
    used = {each["key"]: each["value"] for each in _answer([("320000", "120")])["parameters"]}
    assert used["alert_line.window_years"] == "2 年"


def test_where_no_text_speaks_the_answer_names_the_act_that_ended_or_has_not_begun():
    facts = {"completed_on": "2031-01-06", "emergency": False}
    (ended,) = ask("filing.deadline", "CN-GD-SZ", "2031-01-06", facts)["reasons"]
    assert (ended["code"], ended["clause"]) == ("rule_ended", "GD25-2.3a") and "2030-11-30" in ended["message"]
    early = ask("price.alert_line", "CN-GD-SZ", "2024-12-31", {"province_prices": [], "deals": []})
    (coming,) = early["reasons"]
    assert (coming["code"], coming["status"]) == ("rule_not_begun", "draft")
    assert "2025-01-01" in coming["message"] and "征求意见稿" in coming["message"]
    assert ask("price.alert_line", "CN-HB", "2026-03-01", {"province_prices": [], "deals": []})["reasons"] == []


def test_a_clause_says_what_replaced_it_and_an_assumption_which_text_is_silent():
    (row,) = clause_page("SZ20-5.2.1c", date(2026, 3, 2))["replaced_by"]
    assert (row.on, row.by_draft, row.has_come) == (date(2025, 1, 1), True, True)
    assert "SZ24-3.3c" in row.others
    assert not clause_page("SZ20-5.2.1c", date(2024, 12, 31))["replaced_by"][0].has_come
    assert "SZ20-5.2.1c" in clause_page("SZ24-3.3c", date(2026, 3, 2))["replaced"][0].others
    assumed = clause_page("ASSUMPTION-A24", date(2026, 3, 2))
    assert (assumed["name"], assumed["beside"]) == ("平台推定 A24", ("SZ24-3.3c",))
    assert "平台推定 A24" in [label for label, _ in clause_page("SZ24-3.3c", date(2026, 3, 2))["assumed"]]


def test_every_assumption_that_stands_beside_a_clause_names_one():
    policy = current_policy()
    assert all(each in policy.clauses for clause in policy.clauses.values() for each in clause.beside)
    assert named("SZ20-6.2b") == "SZ20-6.2b"


def test_a_refused_step_shows_what_an_allowed_one_shows(world, refusal):
    officer = client_of(world.actor("regulator", Role.REGULATOR_OFFICER))
    page = officer.get(f"/supervision/trace/price_group/{refusal.subject_id}/").content.decode()
    assert "所用参数" in page and "价格预警线" in page and "裁定说明书" in page
    assert refusal.code not in page


@pytest.mark.clause("SZ24-3.10", on="page")
def test_a_refusal_has_a_statement_with_a_number(world, refusal):
    officer = world.actor("regulator", Role.REGULATOR_OFFICER)
    with scope.opened(officer):
        statement = statement_of(officer, "refusal", refusal.id)
    assert statement["number"] == f"GD-SZ-R-{refusal.id:08d}"
    assert "SZ24-3.3c" in [each["id"] for each in statement["law"]]
    page = client_of(officer).get(f"/supervision/statements/refusal/{refusal.id}/").content.decode()
    assert statement["number"] in page and "征求意见稿（演示加载）" in page and "100.00" in page


def test_an_offer_that_was_allowed_has_one_too(world):
    made = make(world, _product(world), "100", AT)
    buyer = world.actor("hospital", Role.HOSPITAL_BUYER)
    with scope.opened(buyer):
        decision = Decision.objects.filter(subject_type="offer", subject_id=made.id).first()
        statement = statement_of(buyer, "decision", decision.id)
    assert statement["subject_number"] == made.number and statement["body"]["allowed"] is True


def test_nobody_reads_the_statement_of_another(world, refusal):
    other = world.actor("other_hospital", Role.HOSPITAL_BUYER)
    with scope.opened(other), pytest.raises(NotThere):
        statement_of(other, "refusal", refusal.id)
    assert client_of(other).get(f"/supervision/statements/refusal/{refusal.id}/").status_code == 404
    assert Client().get(f"/supervision/statements/refusal/{refusal.id}/").status_code == 302
    with scope.opened(other), pytest.raises(NotThere):
        statement_of(other, "nonsense", 1)
