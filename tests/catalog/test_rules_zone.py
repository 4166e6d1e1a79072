import pytest

from tests.asking import ask, error, outcome, regulated

SZ, JS = "CN-GD-SZ", "CN-JS"


def zone(region, on, listed_on, **more):
    return outcome("zone.classify", region, on, {"listed_on": listed_on} | more)["zone"]


@pytest.mark.clause("SZ24-3.5a", on="rule")
def test_shenzhen_looks_at_two_years_of_deliveries():
    assert zone(SZ, "2026-11-17", "2020-01-01", last_delivery_on="2024-11-18") == "active"
    assert zone(SZ, "2026-11-17", "2020-01-01", last_delivery_on="2024-11-17") == "inactive"
    assert zone(SZ, "2026-11-17", "2020-01-01", last_delivery_on="2026-11-17") == "active"
    assert zone(SZ, "2026-11-17", "2026-01-01", last_delivery_on="2024-11-17", last_sale_on="2026-11-01") == "inactive"


@pytest.mark.clause("JS20-14a", on="rule")
def test_jiangsu_looks_at_one_year_of_sales():
    assert zone(JS, "2025-10-22", "2020-01-01", last_sale_on="2024-10-23") == "active"
    assert zone(JS, "2025-10-22", "2020-01-01", last_sale_on="2024-10-22") == "suspension_due"
    assert zone("CN-JS-HA", "2025-10-22", "2020-01-01", last_delivery_on="2025-10-01") == "suspension_due"


@pytest.mark.clause("SZ24-3.5a", "JS20-14a", on="rule")
def test_a_listing_never_delivered_counts_from_its_listing_day():
    assert zone(SZ, "2026-11-17", "2024-11-18") == "active"
    assert zone(SZ, "2026-11-17", "2024-11-17", last_delivery_on=None) == "inactive"
    assert zone(JS, "2026-11-17", "2025-11-18") == "active"
    assert zone(JS, "2026-11-17", "2025-11-17") == "suspension_due"
    answer = ask("zone.classify", SZ, "2026-11-17", {"listed_on": "2024-11-18"})
    assert "ASSUMPTION-A16" in [parameter["source"] for parameter in answer["parameters"]]


def test_leap_days():
    assert zone(JS, "2024-02-29", "2020-01-01", last_sale_on="2023-02-28") == "suspension_due"
    assert zone(JS, "2024-02-29", "2020-01-01", last_sale_on="2023-03-01") == "active"
    assert zone(SZ, "2026-02-28", "2020-01-01", last_delivery_on="2024-02-29") == "active"


def test_a_delivery_or_sale_after_the_day_asked_for_is_as_absent():
    assert zone(SZ, "2026-11-17", "2026-01-01", last_delivery_on="2026-11-18") == "active"
    assert zone(SZ, "2026-11-17", "2024-11-17", last_delivery_on="2026-11-18") == "inactive"
    assert zone(SZ, "2026-11-17", "2024-11-18", last_delivery_on="2026-11-18") == "active"
    assert zone(JS, "2026-11-17", "2025-11-18", last_sale_on="2026-11-18") == "active"
    assert zone(JS, "2026-11-17", "2025-11-17", last_sale_on="2026-11-18") == "suspension_due"


def test_a_listing_after_the_day_asked_for_lies_outside():
    assert zone(JS, "2026-11-17", "2026-11-18") == "suspension_due"


@pytest.mark.clause("SZ24-3.5a", "JS20-41", on="rule")
def test_the_day_before_each_text():
    assert regulated("zone.classify", SZ, "2024-12-31", {"listed_on": "2024-01-01"}) is False
    assert regulated("zone.classify", SZ, "2025-01-01", {"listed_on": "2024-01-01"}) is True
    assert regulated("zone.classify", JS, "2020-04-30", {"listed_on": "2024-01-01"}) is False
    assert regulated("zone.classify", JS, "2020-05-01", {"listed_on": "2024-01-01"}) is True
    for region in ("CN", "CN-GD", "CN-HB"):
        assert regulated("zone.classify", region, "2026-01-01", {"listed_on": "2024-01-01"}) is False


def test_bad_facts():
    for region in (SZ, JS, "CN-HB"):
        assert error("zone.classify", region, "2026-01-01", {}) == ("missing", "facts.listed_on")
        bad = {"listed_on": "2026-01-01", "last_sale_on": "x"}
        assert error("zone.classify", region, "2026-01-01", bad) == ("malformed", "facts.last_sale_on")
    bad = {"listed_on": "2026-01-01", "last_use_on": "2026-01-01"}
    assert error("zone.classify", SZ, "2026-01-01", bad) == ("unknown_key", "facts.last_use_on")
