"""The marks that say which clause a test proves, and the document made of them."""

from sunlight.acts import ROOT, current_policy
from tests.clauses import PLACES, _binding, _cited
from tools import clauses


def test_each_mark_names_known_clauses_and_a_place():
    wrong = [
        (path, test, clause, place)
        for clause, place, path, test in clauses.marks()
        if clause not in current_policy().clauses or place not in PLACES
    ]
    assert wrong == []


def test_the_document_of_clauses_is_current():
    written = (ROOT / "docs" / "clauses.md").read_text("utf-8")
    assert written == clauses.document(), "run: python -m tools.clauses > docs/clauses.md"


def test_a_clause_is_proven_only_in_its_own_region():
    cited = _cited([{"clause": "GD25-2.2a"}, {"clause": "SZ24-3.3c"}], [{"source": "JS20-11"}])
    assert set(_binding("CN-GD-SZ", cited)) == {"GD25-2.2a", "SZ24-3.3c"}
    assert set(_binding("CN-GD", cited)) == {"GD25-2.2a"}
    assert set(_binding("CN-JS-NJ", cited)) == {"JS20-11"}


def test_a_rule_alone_makes_no_clause_work():
    found = [("SZ20-3.1", "rule", "a.py", "test_a"), ("SZ20-4.1", "page", "a.py", "test_b")]
    assert clauses.working(found) == {"SZ20-4.1"}
