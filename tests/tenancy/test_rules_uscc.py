import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import uscc

from sunlight.tenancy.rules import ALPHABET, uscc_check_character, uscc_is_valid
from tests.asking import error, outcome

REAL = "91110000600037341L"


def valid(code):
    return outcome("uscc.check", "CN", "2004-01-01", {"code": code})["valid"]


def test_a_real_code():
    assert valid(REAL) is True


@pytest.mark.parametrize(
    "code",
    [
        "",
        REAL.lower(),
        f" {REAL}",
        f"{REAL}\n",
        REAL[:-1],
        REAL + "0",
        REAL[:-1] + "M",
        "91110000600037341Ｌ",
        "9111000060003734IL",  # I is not in the alphabet
        "911100006000373\u0664" + "1L",
    ],
)
def test_taken_as_given(code):
    assert valid(code) is False


@pytest.mark.parametrize("place", range(2, 8))
def test_places_3_to_8_are_digits(place):
    first = REAL[:place] + "A" + REAL[place + 1 : 17]
    assert valid(first + uscc_check_character(first)) is False


@settings(max_examples=200)
@given(
    st.sampled_from("159Y"),
    st.sampled_from("1239"),
    st.from_regex("[0-9]{6}", fullmatch=True),
    st.text(ALPHABET, min_size=9, max_size=9),
    st.sampled_from(ALPHABET),
)
def test_agrees_with_stdnum_where_it_takes_the_first_two_places(office, kind, area, body, last):
    code = office + kind + area + body + last
    right = code[:-1] + uscc_check_character(code[:-1])
    assert uscc_is_valid(right)
    assert uscc_is_valid(code) == (code == right)
    if uscc.is_valid(right):  # stdnum also demands known offices and kinds in places 1 and 2
        assert uscc.is_valid(code) == uscc_is_valid(code)
    else:
        assert office + kind not in ("91", "11", "12", "51", "52")


def test_bad_facts():
    assert error("uscc.check", "CN", "2026-01-01", {"code": 91110000600037341}) == ("wrong_type", "facts.code")
    assert error("uscc.check", "CN", "2026-01-01", {}) == ("missing", "facts.code")
