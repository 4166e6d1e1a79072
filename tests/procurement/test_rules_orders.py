"""The pure rules of ordering: UDI, questions asked again, the most specific authorisation."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procurement.ordering.rules.authorising import Authorised, most_specific
from procurement.ordering.rules.placing import near_pack_factor, order_questions
from procurement.receiving.rules.udi import UdiError, udi_contradictions, udi_parse
from sunlight.kernel.units import Pack, Units

GS = "\x1d"


@pytest.mark.parametrize(
    "text,lot,expected",
    [
        ("(01)06901234567892(17)271231(10)LOT7A(21)SN9", "", ("LOT7A", "SN9", date(2027, 12, 31))),
        (f"]d201069012345678921727123110LOT7A{GS}21SN9", "", ("LOT7A", "SN9", date(2027, 12, 31))),
        ("01069012345678921727123110LOT7A<GS>21SN9", "", ("LOT7A", "SN9", date(2027, 12, 31))),
        # The scanner dropped the separator: the stated lot tells where it ends.
        ("01069012345678921727123110LOT7A21SN9", "LOT7A", ("LOT7A", "SN9", date(2027, 12, 31))),
        ("01069012345678921727123110LOT7A21SN9", "", ("LOT7A21SN9", "", date(2027, 12, 31))),
        ("(01)06901234567892(17)280200", "", ("", "", date(2028, 2, 29))),
        ("MA.156.M0.100001.10000011.L2026A.S1.M260101.E281231", "", ("2026A", "1", date(2028, 12, 31))),
        ("ma.156.m0.100001.10000011", "", ("", "", None)),
        ("MA.156.M0.100001.10000011.E281332", "", ("", "", None)),
        ("AHM12345678", "", ("", "", None)),
    ],
)
def test_udi_texts(text, lot, expected):
    udi = udi_parse(text, lot=lot)
    assert (udi.lot, udi.serial, udi.expires_on) == expected
    assert udi.di


@pytest.mark.parametrize(
    "text,code",
    [
        ("", "udi_unreadable"),
        (" ", "udi_unreadable"),
        ("hello", "udi_unreadable"),
        ("x" * 255, "udi_unreadable"),
        ("(10)A", "udi_without_di"),
        ("0106901234567891", "udi_without_di"),
        ("MA.156.M0", "udi_unreadable"),
        ("(01", "udi_unreadable"),
    ],
)
def test_what_is_no_udi(text, code):
    with pytest.raises(UdiError) as caught:
        udi_parse(text)
    assert caught.value.code == code


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text):
    try:
        assert udi_parse(text).di
    except UdiError as error:
        assert error.message


def test_what_a_udi_leaves_open_agrees():
    udi = udi_parse("(01)06901234567892(10)A")
    nothing = {"serial": "", "produced_on": None, "expires_on": None}
    assert udi_contradictions(udi, lot="", **nothing) == udi_contradictions(udi, lot="A", **nothing) == []
    assert [field for field, _ in udi_contradictions(udi, lot="a", **nothing)] == ["lot"]


BOXES = Units("个", (Pack("盒", 50), Pack("箱", 500)))


@pytest.mark.parametrize(
    "quantity,price,usual_quantity,usual_price,asked",
    [
        ("50", "10", None, None, []),
        ("51", "10", None, None, ["broken_pack"]),
        ("250", "10", "50", "10", []),
        ("300", "10", "50", "10", ["unusual_quantity"]),
        ("50", "0.2", None, "10", ["price_near_pack"]),
        ("50", "0.18", None, "10", []),
        ("50", "5000", None, "10", ["price_near_pack"]),
        ("301", "0.2", "50", "10", ["broken_pack", "unusual_quantity", "price_near_pack"]),
    ],
)
def test_what_is_asked_again(quantity, price, usual_quantity, usual_price, asked):
    found = order_questions(
        code="C1",
        quantity=Decimal(quantity),
        price=Decimal(price),
        units=BOXES,
        usual_quantity=Decimal(usual_quantity) if usual_quantity else None,
        usual_price=Decimal(usual_price) if usual_price else None,
        usual_multiple=5,
        near=Decimal("0.1"),
    )
    assert [question.kind for question in found] == asked
    assert all(question.key == f"{question.kind}:C1:{quantity}" for question in found)


def test_a_pack_factor_is_near_within_a_tenth():
    for price, expected in (("55", 50), ("55.1", None), ("45", 50), ("44.9", None)):
        assert near_pack_factor(Decimal(price), Decimal(1), [1, 50], Decimal("0.1")) == expected


def authorised(number, distributor, *, group=None, hospital=None, region=None, since=date(2026, 1, 1)) -> Authorised:
    return Authorised(number, distributor, group, hospital, region, not (group or hospital or region), since)


@pytest.mark.clause("SZ24-3.6", "GD25-5.10c", on="rule")
def test_the_order_of_authorisations():
    ladder = [
        authorised(1, 10),
        authorised(2, 20, region="CN-GD"),
        authorised(3, 30, region="CN-GD-SZ"),
        authorised(4, 40, hospital=7),
        authorised(5, 50, group=3),
        authorised(6, 60, group=3, region="CN-GD"),
        authorised(7, 70, group=3, hospital=7),
    ]
    here = {"price_group_id": 3, "hospital_id": 7, "region_code": "CN-GD-SZ"}
    for count in range(1, len(ladder) + 1):
        for given_order in (ladder[:count], ladder[:count][::-1]):
            assert most_specific(given_order, **here).id == count
    elsewhere = {"price_group_id": 4, "hospital_id": 8, "region_code": "CN-GDX"}
    assert most_specific(ladder, **elsewhere).id == 1
    assert most_specific(ladder[1:], **elsewhere) is None
    later = [authorised(8, 80, hospital=7, since=date(2026, 2, 1)), authorised(9, 90, hospital=7)]
    assert most_specific(later, **here).id == 8
