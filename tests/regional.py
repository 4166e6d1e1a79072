"""A trading world of any region: for clauses, which are proven in their own.

    nanjing = elsewhere("js", "CN-JS-NJ")
    listing = listed(nanjing, "120.0000", region="CN-JS", listed_on=date(2022, 1, 4))
    offer_make(actor=nanjing.actor("hospital", Role.HOSPITAL_BUYER), at=at("2022-03-01"), …)

Services take the law of the day they are given, so a test of 2022 passes `at("2022-03-01")`.
"""

from datetime import date, datetime, time

from stdnum.cn import uscc

from sunlight.scope.clock import SHANGHAI
from tests import world as worlds

# region: its name in organisations' names, the area code of hospitals
PLACES = {
    "CN-GD-SZ": ("深圳", "440303"),
    "CN-GD": ("广东", "440103"),
    "CN-JS": ("江苏", "320102"),
    "CN-JS-NJ": ("南京", "320102"),
    "CN-JS-NT": ("南通", "320602"),
    "CN-HB": ("湖北", "420102"),
    "CN-HB-XN": ("咸宁", "421202"),
}


def at(day: str, hour: int = 10) -> datetime:
    """A moment of a day, Shanghai time."""
    return datetime.combine(date.fromisoformat(day), time(hour), SHANGHAI)


def credit_code(body: str) -> str:
    """A unified social credit code with its right check character, from its first 17 characters."""
    return body + uscc.calc_check_digit(body)


def _as_hospital(area: str, number: int) -> dict:
    # Hubei takes private hospitals that are designated (HB20-2a); elsewhere nobody asks.
    return {"hospital_code": f"H{area}{number:05d}", "area_code": area, "designated": True}


def elsewhere(platform_code: str, region: str) -> worlds.World:
    """The organisations of `tests.world` once more, as others of `region` on the platform: a hospital of each kind, makers,
    distributors, operator, authority; nobody of them is known on another platform."""
    name, area = PLACES[region]
    code = area[:6]
    organisations = {
        key: (
            kind,
            f"{name}{own.removeprefix('测试市').removeprefix('测试').removeprefix('样例')}{'甲' if own.startswith('样例') else ''}",
            credit_code(f"{given[:2]}{code}MA8{sum(map(ord, platform_code)) % 10}{number:05d}"),
            region,
            traits | (_as_hospital(area, number) if "area_code" in traits else {}),
        )
        for number, (key, (kind, own, given, _, traits)) in enumerate(worlds.ORGANISATIONS.items(), start=1)
    }
    return worlds.build(platform_code, organisations)
