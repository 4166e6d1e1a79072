"""What the loader of the law refuses, on a small law of our own."""

import copy
from datetime import date
from pathlib import Path

import pytest

from sunlight.acts import read
from sunlight.kernel.policy import NotInForce, PolicyError, UnknownKey, UnknownRegion
from sunlight.kernel.policyload import load

REGIONS = {code: {"zh": code, "en": code} for code in ("CN", "CN-A", "CN-A-X", "CN-B")}
OLD = {
    "id": "OLD",
    "issuer": "i",
    "title": "t",
    "region": "CN-A-X",
    "status": "in_force",
    "effective": date(2020, 1, 1),
}
NEW = OLD | {"id": "NEW", "region": "CN-A", "effective": date(2025, 1, 1), "ends": date(2029, 12, 31)}
CLAUSES = [
    {"act": "OLD", "clauses": {"OLD-1": {"article": "一", "zh": "z", "en": "e"}}},
    {"act": "NEW", "clauses": {"NEW-1": {"article": "二", "zh": "z", "en": "e"}}},
]
DAYS = {
    "pay.days": {
        "label": "期限",
        "label_en": "days",
        "type": "integer",
        "applies_by": "day",
        "reviewed_on": date(2025, 12, 1),
        "values": [
            {
                "value": 30,
                "region": "CN-A-X",
                "from": date(2020, 1, 1),
                "act": "OLD",
                "article": "一",
                "clause": "OLD-1",
            },
            {
                "value": 20,
                "region": "CN-A",
                "from": date(2025, 1, 1),
                "act": "NEW",
                "article": "二",
                "clause": "NEW-1",
                "replaces": ["OLD-1"],
            },
        ],
    }
}


def build(parameters=None, *, acts=(OLD, NEW), clauses=CLAUSES, more=()):
    documents = [("days.yaml", DAYS if parameters is None else parameters), *more]
    return load(
        regions=("regions.yaml", REGIONS),
        acts=[("acts.yaml", act) for act in acts],
        clauses=[("clauses.yaml", rows) for rows in clauses],
        parameters=documents,
    )


def changed(index=0, **change):
    parameters = copy.deepcopy(DAYS)
    parameters["pay.days"]["values"][index].update(change)
    return parameters


def without(index, key):
    parameters = copy.deepcopy(DAYS)
    del parameters["pay.days"]["values"][index][key]
    return parameters


def value(policy, region, on):
    found = policy.find("pay.days", region=region, on=date.fromisoformat(on))
    return found and (found.value, found.clause)


@pytest.mark.clause("SZ20-7", "JS20-40", on="rule")
def test_one_holder_at_a_date_and_nothing_revives():
    policy = build()
    assert value(policy, "CN-A-X", "2019-12-31") is None
    assert value(policy, "CN-A-X", "2024-12-31") == (30, "OLD-1")
    assert value(policy, "CN-A", "2024-12-31") is None
    assert value(policy, "CN-A-X", "2025-01-01") == (20, "NEW-1")
    assert value(policy, "CN-A-X", "2029-12-31") == (20, "NEW-1")
    assert value(policy, "CN-A-X", "2030-01-01") is None
    assert value(policy, "CN-B", "2026-01-01") is None
    old = policy.parameters["pay.days"].values[0]
    assert (old.valid_from, old.valid_to) == (date(2020, 1, 1), date(2024, 12, 31))


def test_the_most_specific_region_holds_where_the_later_act_keeps_it():
    parameters = changed(1, keeps=["OLD-1"], replaces=[])
    policy = build(parameters)
    assert value(policy, "CN-A-X", "2026-01-01") == (30, "OLD-1")
    assert value(policy, "CN-A", "2026-01-01") == (20, "NEW-1")
    assert value(policy, "CN-A-X", "2030-01-01") == (30, "OLD-1")


def test_file_order_decides_nothing():
    parameters = copy.deepcopy(DAYS)
    parameters["pay.days"]["values"].reverse()
    for on in ("2024-12-31", "2025-01-01", "2030-01-01"):
        assert value(build(parameters), "CN-A-X", on) == value(build(), "CN-A-X", on)


def test_cumulative_values_add_up():
    parameters = changed(1, replaces=[])
    parameters["pay.days"]["cumulative"] = True
    policy = build(parameters)
    on = date(2026, 1, 1)
    assert [v.clause for v in policy.every("pay.days", region="CN-A-X", on=on)] == ["OLD-1", "NEW-1"]
    assert [v.clause for v in policy.every("pay.days", region="CN-A", on=on)] == ["NEW-1"]
    with pytest.raises(ValueError, match="is cumulative"):
        policy.find("pay.days", region="CN-A", on=on)
    with pytest.raises(ValueError, match="is not cumulative"):
        build().every("pay.days", region="CN-A", on=on)


def test_asking_what_is_not_there():
    policy = build()
    on = date(2019, 1, 1)
    with pytest.raises(NotInForce, match="no rule in force in CN-A on 2019-01-01"):
        policy.at("pay.days", region="CN-A", on=on)
    with pytest.raises(UnknownKey):
        policy.find("pay.day", region="CN-A", on=on)
    with pytest.raises(UnknownRegion):
        policy.find("pay.days", region="CN-C", on=on)
    with pytest.raises(UnknownRegion):
        policy.law(region="CN-C", on=on)
    with pytest.raises(ValueError):
        policy.law(region="CN-A", on=on, drafts="never")


@pytest.mark.parametrize(
    ("parameters", "why"),
    [
        (without(0, "act"), "needs act"),
        (without(0, "article"), "needs article"),
        (without(0, "clause"), "needs clause"),
        (without(0, "region"), "needs region"),
        (without(0, "from"), "needs from"),
        (without(0, "value"), "None is no integer"),
        (changed(value="30"), "'30' is no integer"),
        (changed(value=True), "True is no integer"),
        (changed(act="LOST"), "unknown act LOST"),
        (changed(clause="OLD-9"), "unknown clause OLD-9"),
        (changed(clause="NEW-1"), "NEW-1 is no clause of OLD"),
        (changed(article="三"), "OLD-1 stands in 一, not in 三"),
        (changed(region="CN-C"), "unknown region CN-C"),
        (changed(region="CN-B"), "OLD does not bind CN-B"),
        (changed(region="CN-A"), "OLD does not bind CN-A"),
        (changed(until=date(2021, 1, 1)), "unknown key until"),
        (changed(**{"from": date(2019, 12, 31)}), "outside OLD's time in force"),
        (changed(1, **{"from": date(2030, 1, 1)}), "outside NEW's time in force"),
        (changed(1, to=date(2030, 1, 1), ended_by="OLD-1"), "outside NEW's time in force"),
        (changed(to=date(2019, 1, 1), ended_by="NEW-1"), "outside OLD's time in force"),
        (changed(to=date(2021, 1, 1)), "go together"),
        (changed(ended_by="NEW-1"), "go together"),
        (changed(to=date(2021, 1, 1), ended_by="NEW-9"), "unknown clause NEW-9"),
        (changed(1, replaces=[]), "NEW-1 does not replace OLD-1 explicitly"),
        (changed(1, replaces=["OLD-9"]), "OLD-9, which states nothing"),
        (changed(1, region="CN-A-X", keeps=["OLD-1"], replaces=[]), "does not replace OLD-1 explicitly"),
    ],
)
def test_values_that_must_not_be_loaded(parameters, why):
    with pytest.raises(PolicyError, match=why) as refused:
        build(parameters)
    assert str(refused.value).startswith("days.yaml: pay.days")


def test_two_values_from_one_day_in_one_region():
    parameters = copy.deepcopy(DAYS)
    parameters["pay.days"]["values"].append(parameters["pay.days"]["values"][0])
    with pytest.raises(PolicyError, match="two values from 2020-01-01 in CN-A-X"):
        build(parameters)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"type": "number"}, "unknown type"),
        ({"label": ""}, "needs label"),
        ({"values": []}, "needs values"),
        ({"x": 1}, "x"),
        ({"stated_only": ""}, "must say why no code reads it"),
        ({"stated_only": True}, "must say why no code reads it"),
        ({"waits_for": " "}, "must say which capability will read it"),
        ({"waits_for": "信用评级", "stated_only": "只列出"}, "waits to be read, or is only stated"),
    ],
)
def test_parameters_that_must_not_be_loaded(change, why):
    parameters = copy.deepcopy(DAYS)
    parameters["pay.days"] |= change
    with pytest.raises(PolicyError, match=why):
        build(parameters)


def test_a_parameter_that_no_code_reads_says_why():
    assert build().parameters["pay.days"].stated_only == ""
    parameters = copy.deepcopy(DAYS)
    parameters["pay.days"]["stated_only"] = "随下一版启用"
    assert build(parameters).parameters["pay.days"].stated_only == "随下一版启用"


def test_a_parameter_that_no_trade_reads_yet_names_what_it_waits_for():
    assert build().parameters["pay.days"].waits_for == ""
    parameters = copy.deepcopy(DAYS)
    parameters["pay.days"]["waits_for"] = "信用评级"
    assert build(parameters).parameters["pay.days"].waits_for == "信用评级"


def test_a_key_in_two_files():
    with pytest.raises(PolicyError, match="already stated in days.yaml"):
        build(more=[("more.yaml", DAYS)])


@pytest.mark.parametrize(
    ("acts", "why"),
    [
        ((OLD, OLD, NEW), "OLD is stated twice"),
        ((OLD | {"region": "CN-C"}, NEW), "unknown region CN-C"),
        ((OLD | {"ends": date(2019, 1, 1)}, NEW), "ends before it begins"),
        ((OLD | {"effective": None}, NEW), "needs effective"),
        ((OLD | {"author": "x"}, NEW), "unknown key author"),
        ((OLD,), "unknown act NEW"),
    ],
)
def test_acts_that_must_not_be_loaded(acts, why):
    with pytest.raises(PolicyError, match=why):
        build(acts=acts)


def replacing(**row):
    rows = [{"from": date(2025, 1, 1), "clauses": ["OLD-1"], "by": ["NEW-1"]} | row]
    return build(changed(1, replaces=[], keeps=["OLD-1"]), acts=(OLD, NEW | {"replaces": rows}))


def test_what_an_act_replaced_must_have_ended():
    with pytest.raises(PolicyError, match="NEW replaced OLD-1 on 2025-01-01, but the value does not end before"):
        replacing()
    with pytest.raises(PolicyError, match="does not end before"):
        replacing(keys=["pay.days"])
    with pytest.raises(PolicyError, match="unknown key pay.day"):
        replacing(keys=["pay.day"])
    with pytest.raises(PolicyError, match="unknown clause OLD-2"):
        replacing(clauses=["OLD-2"])
    assert replacing(part="only in words").acts["NEW"].replaces[0].part == "only in words"


def test_a_key_twice_in_one_file_is_refused(tmp_path: Path):
    file = tmp_path / "twice.yaml"
    file.write_text("a: 1\nb: {c: 1, c: 2}\n", "utf-8")
    with pytest.raises(PolicyError, match="c is stated twice"):
        read(file)
    file.write_text("- a\n", "utf-8")
    with pytest.raises(PolicyError, match="must be a mapping"):
        read(file)
    file.write_text("a: [", "utf-8")
    with pytest.raises(PolicyError, match="no YAML"):
        read(file)


def test_a_word_belongs_to_a_code_that_some_value_holds():
    text = {"type": "text", "words": {"own": "各自的", "none": "无"}}
    rows = [changed(0, value="own")["pay.days"]["values"][0]]
    with pytest.raises(PolicyError, match="no value holds none"):
        build({"pay.days": DAYS["pay.days"] | text | {"values": rows}})
    known = build({"pay.days": DAYS["pay.days"] | text | {"values": rows, "words": {"own": "各自的"}}})
    assert known.parameters["pay.days"].words == {"own": "各自的"}
