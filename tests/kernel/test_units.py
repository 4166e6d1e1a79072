from decimal import Decimal

import pytest

from sunlight.kernel.money import MoneyError
from sunlight.kernel.units import Pack, UnitError, Units

UNITS = Units("个", (Pack("箱", 1000), Pack("盒", 50)))


def test_packs_convert_by_whole_factors():
    assert UNITS.to_base(Decimal(40), "盒") == 2000
    assert UNITS.price_to_base(Decimal(100), "盒") == 2
    assert UNITS.price_to_base(Decimal(1), "箱") == Decimal("0.0010")


def test_typed_quantities_with_units():
    assert UNITS.parse("40 盒") == 2000
    assert UNITS.parse("４０盒") == 2000
    assert UNITS.parse("7") == 7
    with pytest.raises(UnitError, match="不是本产品的单位（个、盒、箱）"):
        UNITS.parse("3 套")
    for typed in ("0 盒", "-1 盒", "", "盒", None, "1.2.3 盒"):
        with pytest.raises(MoneyError):
            UNITS.parse(typed)


def test_description_shows_the_largest_whole_pack():
    assert UNITS.describe(Decimal(2000)) == "2 箱 = 2,000 个"
    assert UNITS.describe(Decimal(150)) == "3 盒 = 150 个"
    assert UNITS.describe(Decimal(7)) == "7 个"
    assert Units("个", (Pack("盒", 50),)).describe(Decimal(2000)) == "40 盒 = 2,000 个"


def test_broken_packs_are_seen():
    assert UNITS.is_broken_pack(Decimal(75), "盒")
    assert not UNITS.is_broken_pack(Decimal(100), "盒")


@pytest.mark.parametrize("factor", [0, 1, -5, True, 2.5])
def test_a_pack_is_a_whole_number_of_units(factor):
    with pytest.raises(UnitError):
        Pack("盒", factor)


def test_unit_names_are_unique():
    with pytest.raises(UnitError):
        Units("盒", (Pack("盒", 50),))
