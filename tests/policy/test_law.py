"""The shipped law: acts, clause index, and who holds what on which day."""

import re
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from sunlight.acts import ACTS, ROOT, current_policy
from sunlight.kernel.facts import Choice
from sunlight.kernel.policy import Status
from sunlight.rules import RULES
from supervision.queries.decisions import words_of
from tests.architecture.checks import CHINESE

POLICY = current_policy()
INDEX = ROOT.parent / "shared" / "policy" / "clauses.md"


def holder(key, region, on):
    value = POLICY.find(key, region=region, on=date.fromisoformat(on))
    return value and (value.value, value.clause)


def test_every_act_is_loaded_with_its_clauses():
    """Counted from the files: a new act breaks nothing here."""
    stated = {path.stem for path in ACTS.glob("*.yaml")} - {"regions"}
    assert set(POLICY.acts) == stated and {"SZ20", "SZ24", "GD25", "XN20", "HB20", "JS20", "NHSA25"} <= stated
    assert {clause.act for clause in POLICY.clauses.values()} == {p.stem for p in (ACTS / "clauses").glob("*.yaml")}


def test_the_draft_is_a_draft_and_who_ends_ends():
    assert POLICY.acts["SZ24"].status is Status.DRAFT
    ends = {"GD25": "2030-11-30", "VAT17": "2025-12-31", "VAT19": "2025-12-31", "VAT23": "2027-12-31"}
    assert {act: str(POLICY.acts[act].ends) for act in ends} == ends
    assert not any(POLICY.acts[act].ends for act in ("SZ20", "SZ24", "XN20", "HB20", "JS20"))


def test_acts_say_by_which_clauses_they_begin_and_give_way():
    assert (POLICY.acts["JS20"].begins_by, POLICY.acts["JS20"].gives_way_by) == ("JS20-41", "JS20-40")
    assert (POLICY.acts["SZ20"].gives_way_by, POLICY.acts["SZ24"].begins_by) == ("SZ20-7", "SZ24-3.10")
    newer = POLICY.at("catalog.listing_region", region="CN-GD-SZ", on=date(2025, 12, 1))
    assert (newer.replaces, newer.prevails_by) == (("SZ20-5.1.2",), ("SZ20-7",))


@pytest.mark.clause("SZ24-3.10", on="rule")
def test_everything_that_rests_on_the_draft_says_so():
    for parameter in POLICY.parameters.values():
        for value in parameter.values:
            assert value.is_draft == (POLICY.acts[value.act].status is Status.DRAFT)


@pytest.mark.clause("JS20-41", on="rule")
@pytest.mark.parametrize(
    ("act", "first"),
    [
        ("SZ20", "2020-07-01"),
        ("SZ24", "2025-01-01"),
        ("GD25", "2025-12-01"),
        ("XN20", "2020-06-29"),
        ("HB20", "2020-06-18"),
        ("JS20", "2020-05-01"),
        ("NHSA25", "2025-07-01"),
    ],
)
def test_no_value_before_the_first_day_of_its_act(act, first):
    day = date.fromisoformat(first)
    assert POLICY.acts[act].effective == day
    assert not POLICY.acts[act].in_force_on(day - timedelta(days=1))
    for parameter in POLICY.parameters.values():
        assert all(value.valid_from >= day for value in parameter.values if value.act == act)


def kinds(fields) -> list:
    """The kinds of a rule's fields, at any depth."""
    found = []
    for field in fields:
        inner = getattr(field.kind, "item", field.kind)
        found += [inner, *kinds(getattr(inner, "fields", ()))]
    return found


def test_every_choice_of_a_rule_has_a_chinese_word():
    choices = [
        kind
        for rule in RULES.values()
        for kind in kinds((*rule.facts_record.fields, *rule.outcome_record.fields))
        if isinstance(kind, Choice)
    ]
    assert len(choices) > 12
    assert [code for kind in choices for code, word in kind.labels.items() if not CHINESE.search(word)] == []


def codes(value) -> set[str]:
    """The codes in a parameter's value that a reader meets: no numbers, regions, provinces, nor keys for the program."""
    if isinstance(value, dict):
        return {code for key, each in value.items() if key not in ("code", "label") for code in codes(each)}
    if isinstance(value, tuple | list):
        return {code for each in value for code in codes(each)}
    return {value} if isinstance(value, str) and re.fullmatch("[a-z][a-z0-9_-]*", value) else set()


def test_every_code_in_a_parameter_is_read_in_words():
    """By the parameter's own words, or by those of a rule that uses it."""
    bare = {
        (parameter.key, code)
        for parameter in POLICY.parameters.values()
        for value in parameter.values
        for code in codes(value.value)
        if not CHINESE.search(words_of(parameter.key).get(code, ""))
    }
    assert bare == set()
    assert words_of("credit.at_most_serious")["broken_commitment"] == "违反协议或承诺"
    assert words_of("publicity.false_declaration") == {"delist": "撤网", "suspend": "暂停挂网"}


def test_the_clause_index_is_whole():
    numbered = [clause for clause in POLICY.clauses.values() if clause.act != "ASSUMPTION"]
    assert len({clause.id for clause in numbered}) == len(numbered)
    assumed = {clause.id for clause in POLICY.clauses.values() if clause.act == "ASSUMPTION"}
    assert {f"ASSUMPTION-A{number}" for number in range(1, 26)} <= assumed
    for clause in POLICY.clauses.values():
        assert clause.article
        assert re.search("[\u4e00-\u9fff]", clause.summary), clause.id
        assert clause.summary_en.isascii(), clause.id
    if INDEX.exists():
        listed = re.findall(r"^\| ([A-Z]+[0-9]+-[0-9A-Za-z.]+) \|", INDEX.read_text("utf-8"), re.MULTILINE)
        assert set(listed) <= {clause.id for clause in numbered}


def test_rules_cite_known_clauses_and_parameters():
    for rule in RULES.values():
        assert set(rule.clauses) <= set(POLICY.clauses)
        assert set(rule.parameters) <= set(POLICY.parameters)


@pytest.mark.parametrize(
    ("key", "region", "on", "expected"),
    [
        # 2025-12-01: GD25 takes the place of SZ20-5.2.4's share and deadline, for good
        ("filing.days", "CN-GD-SZ", "2020-06-30", None),
        ("filing.days", "CN-GD-SZ", "2025-11-30", (10, "SZ20-5.2.4")),
        ("filing.days", "CN-GD-SZ", "2025-12-01", (7, "GD25-2.3a")),
        ("filing.days", "CN-GD-SZ", "2030-11-30", (7, "GD25-2.3a")),
        ("filing.days", "CN-GD-SZ", "2030-12-01", None),
        ("cap.filed.ratio", "CN-GD-SZ", "2025-11-30", (Decimal("0.05"), "SZ20-5.2.4")),
        ("cap.filed.ratio", "CN-GD-SZ", "2025-12-01", (Decimal("0.05"), "GD25-2.3b")),
        ("cap.filed.ratio", "CN-GD", "2030-12-01", None),
        # 2025-01-01: the catalogues end with their cap
        ("cap.no_reference.ratio", "CN-GD-SZ", "2024-12-31", (Decimal("0.15"), "SZ20-5.2.1d")),
        ("cap.no_reference.ratio", "CN-GD-SZ", "2025-01-01", None),
        ("catalog.scope", "CN-GD-SZ", "2024-12-31", ("in_use", "SZ20-3.2")),
        ("catalog.scope", "CN-GD-SZ", "2025-01-01", ("coded", "SZ24-3.1a")),
        ("catalog.full_code_required", "CN-GD-SZ", "2024-12-31", None),
        ("catalog.full_code_required", "CN-GD-SZ", "2025-01-01", (True, "SZ24-3.7")),
        # national rounds
        ("payment_standard.national", "CN-GD-SZ", "2025-11-30", ("lowest", "SZ20-5.4.2")),
        ("payment_standard.national", "CN-GD-SZ", "2025-12-01", ("own", "GD25-4.7")),
        ("payment_standard.national", "CN-GD-SZ", "2030-12-01", None),
        # who rates, on which facts: the nation's list was never replaced, so it holds again
        ("credit.rated_by", "CN-GD-SZ", "2025-11-30", ("city_platform", "SZ20-6.3")),
        ("credit.rated_by", "CN-GD-SZ", "2025-12-01", ("province_trading_centre", "GD25-5.11c")),
        ("credit.rated_by", "CN-GD-SZ", "2030-12-01", None),
        # a listing only the city knows is none
        ("catalog.listing_region", "CN-GD-SZ", "2025-11-30", ("CN-GD-SZ", "SZ20-5.1.2")),
        ("catalog.listing_region", "CN-GD-SZ", "2025-12-01", ("CN-GD", "GD25-2.2a")),
        ("catalog.listing_region", "CN-GD", "2025-11-30", None),
        ("catalog.listing_region", "CN-HB-XN", "2020-06-18", ("CN-HB", "HB20-5.3")),
        ("catalog.listing_region", "CN-JS-NT", "2020-05-01", ("CN-JS", "JS20-4")),
        # Xianning's own platform until 2020-08-31
        (
            "purchase.old_platform",
            "CN-HB-XN",
            "2020-09-01",
            ({"platform": "hb-xn", "last_day": date(2020, 8, 31)}, "XN20-2"),
        ),
        ("purchase.offline_exception", "CN-GD-SZ", "2030-12-01", None),
        # phases of Shenzhen's categories
        ("catalog.open_categories", "CN-GD-SZ", "2021-06-30", (("02", "05", "08", "covid_reagent"), "SZ20-5.3.1")),
        ("catalog.open_categories", "CN-GD-SZ", "2021-07-01", (("all",), "SZ20-5.3.1")),
        # what the trade line reads
        ("settlement.payment_days", "CN-GD-SZ", "2026-01-01", (30, "SZ20-6.2b")),
        ("acceptance.working_days", "CN-GD-SZ", "2026-01-01", (3, "ASSUMPTION-A25")),
        ("delivery.days", "CN-JS", "2026-01-01", (3, "ASSUMPTION-A8")),
        ("delivery.emergency_hours", "CN-JS", "2026-01-01", (24, "ASSUMPTION-A8")),
        ("bargain.answer_days", "CN-GD-SZ", "2026-01-01", (5, "ASSUMPTION-A14")),
        ("bargain.answer_days", "CN-JS", "2020-05-01", (10, "JS20-11C")),
        ("bargain.answer_days", "CN-JS", "2020-04-30", (5, "ASSUMPTION-A14")),
    ],
)
def test_which_rule_holds(key, region, on, expected):
    assert holder(key, region, on) == expected


@pytest.mark.clause("SZ24-3.6", "GD25-5.10c", on="rule")
def test_bans_add_up():
    def bans(on):
        keys = ("distributor.named_by_hospital", "distributor.appointer")
        return [ban.clause for key in keys for ban in POLICY.every(key, region="CN-GD-SZ", on=date.fromisoformat(on))]

    assert bans("2024-12-31") == ["SZ20-6.4"]
    assert bans("2025-01-01") == ["SZ24-3.6", "SZ20-6.4"]
    assert bans("2025-12-01") == ["SZ24-3.6", "SZ20-6.4", "GD25-5.10c"]
    assert bans("2030-12-01") == ["SZ24-3.6", "SZ20-6.4"]


@pytest.mark.clause("SZ20-3.1", "HB20-2a", "JS20-2", on="rule")
@pytest.mark.parametrize(
    ("region", "on", "clause", "mandatory"),
    [
        ("CN-GD-SZ", "2020-07-01", "SZ20-3.1", ["public"]),
        ("CN-HB", "2020-06-18", "HB20-2a", ["public"]),
        ("CN-JS", "2020-05-01", "JS20-2", ["public"]),
    ],
)
def test_who_must_take_part(region, on, clause, mandatory):
    value = POLICY.at("tenancy.participation", region=region, on=date.fromisoformat(on))
    assert (value.clause, value.value["mandatory"]) == (clause, mandatory)
    assert holder("tenancy.participation", region, str(date.fromisoformat(on) - timedelta(days=1))) is None


def test_regions_of_tenancy_and_of_the_law_are_the_same():
    import yaml

    reference = yaml.safe_load((Path(ROOT) / "sunlight/tenancy/data/reference.yaml").read_text("utf-8"))
    assert {row["code"]: row["name"] for row in reference["regions"]} == {
        code: region.name for code, region in POLICY.regions.items()
    }


@pytest.mark.clause("SZ20-7", on="rule")
def test_a_newer_rule_of_the_province_prevails_over_the_citys_plan():
    """The city's yearly share of filed purchases, the day before and the day the province's guidance takes effect."""
    assert POLICY.at("cap.filed.ratio", region="CN-GD-SZ", on=date(2025, 11, 30)).clause == "SZ20-5.2.4"
    assert POLICY.at("cap.filed.ratio", region="CN-GD-SZ", on=date(2025, 12, 1)).clause == "GD25-2.3b"
    assert POLICY.find("cap.filed.ratio", region="CN-GD-SZ", on=date(2030, 12, 1)) is None
