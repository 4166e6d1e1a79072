"""What a draft does where the platform's drafts bind, and where they only warn (A1, A27)."""

from datetime import date

import pytest

from sunlight import scope
from sunlight.acts import current_policy
from sunlight.kernel.policy import Drafts

POLICY = current_policy()


def law(on, drafts, region="CN-GD-SZ"):
    return POLICY.law(region=region, on=date.fromisoformat(on), drafts=drafts)


@pytest.mark.parametrize(
    ("on", "drafts", "clause"),
    [
        ("2024-12-31", "binding", "SZ20-5.2.1d"),
        ("2025-01-01", "binding", None),
        ("2025-01-01", "warn", "SZ20-5.2.1d"),
        ("2031-01-01", "warn", "SZ20-5.2.1d"),
    ],
)
def test_a_draft_ends_law_only_where_it_binds(on, drafts, clause):
    found = law(on, drafts).find("cap.no_reference.ratio")
    assert (found and found.clause) == clause


def test_where_drafts_warn_law_goes_before_a_draft():
    assert law("2025-01-01", "binding").at("catalog.scope").clause == "SZ24-3.1a"
    assert law("2025-01-01", "warn").at("catalog.scope").clause == "SZ20-3.2"
    # Where no law states it, the draft is found all the same: its figure is needed to warn.
    assert law("2025-01-01", "warn").at("catalog.full_code_required").is_draft


def test_bounds_of_a_draft_stand_beside_those_it_replaced():
    def clauses(on, drafts):
        return [value.clause for value in law(on, drafts).every("bargain.bounds")]

    assert clauses("2024-12-31", "warn") == clauses("2024-12-31", "binding") == ["SZ20-5.2.1c"]
    assert clauses("2025-01-01", "binding") == ["SZ24-3.3c", "SZ24-3.4c"]
    assert clauses("2025-01-01", "warn") == ["SZ20-5.2.1c", "SZ24-3.3c", "SZ24-3.4c"]


def test_law_replaced_by_law_ends_under_both_switches():
    for drafts in Drafts:
        assert law("2025-11-30", drafts).at("filing.days").clause == "SZ20-5.2.4"
        assert law("2025-12-01", drafts).at("filing.days").clause == "GD25-2.3a"
        assert law("2030-12-01", drafts).find("filing.days") is None


def test_a_refusal_rests_on_what_binds():
    binding, warn = law("2026-03-02", "binding"), law("2026-03-02", "warn")
    assert [value.clause for value in binding.basis("catalog.full_code_required")] == ["SZ24-3.7"]
    assert warn.basis("catalog.full_code_required") == ()
    assert [value.clause for value in warn.warned_by("catalog.full_code_required")] == ["SZ24-3.7"]
    assert binding.warned_by("catalog.full_code_required") == ()
    picks = "distributor.appointer"
    assert [value.clause for value in warn.basis(picks)] == ["SZ20-6.4", "GD25-5.10c"]
    assert law("2026-03-02", "binding", "CN-HB-XN").basis(picks) == ()


def test_another_policy_can_be_handed_in():
    assert scope.policy() is POLICY
    other = POLICY.__class__(POLICY.regions, POLICY.acts, POLICY.clauses, {})
    with scope.under(other):
        assert scope.policy() is other
    assert scope.policy() is POLICY
