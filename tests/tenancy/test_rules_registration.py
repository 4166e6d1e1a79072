"""What a supplier must show to be registered, by region and day; what every applicant is asked for."""

from datetime import date

import pytest

from sunlight.acts import current_policy
from sunlight.tenancy.rules import Shown, documents_asked, registration_check

POLICY = current_policy()
MAKER = [Shown("business_licence"), Shown("production_permit", date(2027, 1, 31))]
AGENT = [Shown("business_licence"), Shown("import_certificate", date(2027, 1, 31)), Shown("agency_letter")]


def check(region: str, on: str, capacities: list[str], documents: list[Shown], *, commitment: bool = True):
    law = POLICY.law(region=region, on=date.fromisoformat(on))
    return registration_check(law, capacities=capacities, documents=documents, commitment=commitment)


@pytest.mark.clause("HB20-2b", on="rule")
def test_hubei_registers_makers_the_drug_regulator_has_approved():
    assert check("CN-HB", "2026-01-05", ["manufacturer"], MAKER).allowed is True
    refused = check("CN-HB", "2026-01-05", ["manufacturer"], MAKER[:1])
    assert refused.refused and refused.outcome == {"is_manufacturer": True, "missing": ["production_permit"]}
    assert [reason.clause for reason in refused.breaches] == ["HB20-2b"]
    assert check("CN-HB", "2027-01-31", ["manufacturer"], MAKER).allowed is True
    assert check("CN-HB-XN", "2027-02-01", ["manufacturer"], MAKER).outcome["missing"] == ["production_permit"]
    assert check("CN-HB", "2020-06-17", ["manufacturer"], []).regulated is False
    assert check("CN-HB", "2020-06-18", ["manufacturer"], []).refused


@pytest.mark.clause("HB20-2b", on="rule")
def test_hubei_counts_the_general_agent_of_an_imported_product_as_manufacturer():
    agent = check("CN-HB", "2026-01-05", ["agent"], AGENT)
    assert agent.allowed is True and agent.outcome == {"is_manufacturer": True, "missing": []}
    assert check("CN-HB", "2026-01-05", ["agent"], AGENT[:2]).outcome["missing"] == ["agency_letter"]
    assert check("CN-HB", "2026-01-05", ["distributor"], []).outcome == {"is_manufacturer": False, "missing": []}


@pytest.mark.clause("JS20-34", on="rule")
def test_jiangsu_asks_makers_and_distributors_for_their_qualifications_and_their_word():
    holding = [Shown("business_licence"), Shown("trade_permit")]
    assert check("CN-JS", "2026-01-05", ["distributor"], holding).allowed is True
    assert check("CN-JS-NJ", "2026-01-05", ["distributor"], holding[:1]).outcome["missing"] == ["trade_permit"]
    assert check("CN-JS", "2026-01-05", ["manufacturer", "distributor"], MAKER).outcome["missing"] == ["trade_permit"]
    silent = check("CN-JS", "2026-01-05", ["distributor"], holding, commitment=False)
    assert silent.refused and [(r.clause, r.code) for r in silent.breaches] == [("JS20-34", "commitment_missing")]
    assert check("CN-JS", "2020-04-30", ["distributor"], []).regulated is False
    assert check("CN-JS", "2020-05-01", ["distributor"], []).refused


def test_no_law_of_shenzhen_says_it_and_the_form_asks_all_the_same():
    assert check("CN-GD-SZ", "2026-01-05", ["manufacturer"], []).regulated is False
    asked = documents_asked(is_hospital=False, capacities=["distributor", "agent"])
    assert asked == ["business_licence", "person_letter", "import_certificate", "agency_letter", "trade_permit"]
    assert documents_asked(is_hospital=True, capacities=[]) == ["business_licence", "person_letter", "practice_licence"]
