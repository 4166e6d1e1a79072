import pytest

from tests.asking import ask, error, outcome

CONSUMABLE = "C09010101000000066260000001"
REAGENT = "CJ1H0760B2A5475923G24C"
SEGMENTS = ("generic", "category", "common_name", "feature", "producer", "specification")


def parse(code, region="CN", on="2004-01-01"):
    return outcome("code.parse", region, on, {"code": code})


@pytest.mark.clause("SZ24-3.7", "SZ20-5.1.1", on="rule")
def test_a_full_consumable_code():
    assert parse(CONSUMABLE) == {
        "kind": "consumable",
        "valid": True,
        "full": True,
        "normalised": CONSUMABLE,
        "generic": "C0901010100000006626",
        "category": "090101",
        "common_name": "010",
        "feature": "00000",
        "producer": "06626",
        "specification": "0000001",
    }


@pytest.mark.clause("SZ24-3.1a", on="rule")
def test_a_generic_code_is_valid_but_not_full():
    found = parse("C0101010010100104744")
    assert (found["kind"], found["valid"], found["full"]) == ("generic", True, False)
    assert (found["generic"], found["specification"]) == ("C0101010010100104744", None)
    assert (found["category"], found["common_name"], found["feature"], found["producer"]) == (
        "010101",
        "001",
        "01001",
        "04744",
    )


@pytest.mark.clause("SZ24-3.7", on="rule")
def test_a_reagent_code_has_no_public_segments():
    found = parse(REAGENT.lower())
    assert (found["kind"], found["valid"], found["full"], found["normalised"]) == ("reagent", True, True, REAGENT)
    assert [found[name] for name in SEGMENTS] == [None] * 6


@pytest.mark.parametrize(
    "typed",
    [
        "c09010101000000066260000001",
        "Ｃ０９０１０１０１０００００００６６２６０００００01",
        " C0901 0101\t0000000\n6626\u30000000\u00a0001\u2003",
        "\x1fC09010101000000066260000001\x85",
    ],
)
def test_codes_as_people_paste_them(typed):
    assert parse(typed)["normalised"] == CONSUMABLE


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "C",
        CONSUMABLE[:-1],
        CONSUMABLE + "0",
        "X" + CONSUMABLE[1:],
        CONSUMABLE.replace("9", "A"),
        REAGENT[:-1],
        REAGENT + "0",
        "CJ1H0760B2A5475923G24_",
        "C" + "\u0663" * 26,  # digits of another script
        CONSUMABLE + "\u200b",  # no white space
        "０" * 27,
        "\ud800",
        "C" * 100_000,
    ],
)
def test_what_is_no_code(typed):
    found = parse(typed)
    assert (found["kind"], found["valid"], found["full"]) == (None, False, False)
    assert [found[name] for name in SEGMENTS] == [None] * 6


def test_an_invalid_code_is_still_normalised():
    assert parse(" ab ｃ ")["normalised"] == "ABC"


@pytest.mark.parametrize("region", ["CN", "CN-GD-SZ", "CN-HB-XN", "CN-JS-LYG"])
def test_anywhere_and_always(region):
    for on in ("2004-01-01", "2099-12-31"):
        answer = ask("code.parse", region, on, {"code": CONSUMABLE})
        assert (answer["regulated"], answer["allowed"]) == (True, None)


def test_bad_facts():
    assert error("code.parse", "CN", "2026-01-01", {}) == ("missing", "facts.code")
    assert error("code.parse", "CN", "2026-01-01", {"code": None}) == ("missing", "facts.code")
    assert error("code.parse", "CN", "2026-01-01", {"code": 123}) == ("wrong_type", "facts.code")
    assert error("code.parse", "CN", "2026-01-01", {"code": "C", "x": 1}) == ("unknown_key", "facts.x")
