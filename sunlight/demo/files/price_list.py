"""A fifteen-province price list of invented prices as a manufacturer uploads it; the format is in docs/formats.md.

Same arguments, same bytes. A few bad rows are planted (`BAD_ROWS`), so that the report of refused rows has something to
show.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sunlight.kernel.money import price_text, round_half_up
from sunlight.sheets.writing import csv_bytes

HEADINGS = ("省份", "平台名称", "27位码", "20位码", "注册备案号", "计价单位", "挂网价", "生效日期", "截止日期", "依据")
PROVINCES = (
    "北京",
    "天津",
    "河北",
    "上海",
    "江苏",
    "浙江",
    "安徽",
    "福建",
    "江西",
    "山东",
    "河南",
    "湖北",
    "湖南",
    "重庆",
    "四川",
)
# What is wrong with the planted rows, in their order at the end of the file: the code each is refused with.
BAD_ROWS = ("own_province", "too_many_decimals", "unknown_unit", "bad_code", "missing")


@dataclass(frozen=True)
class Product:
    """A product of the list: a 27-digit code (or 20, or a reagent's 22), its certificate, its pricing unit, a usual price
    in CNY a unit, and a pack (name, factor) that some provinces price by."""

    code: str
    registration_number: str
    unit: str
    price: Decimal
    pack: tuple[str, int] | None = None


def price_list(products: Sequence[Product], *, on: date, bad_rows: bool = True) -> bytes:
    """A row for each product and province, prices between 96 % and 118 % of the usual one, in force since the first day
    of the year of `on`; every fourth province prices by the pack where there is one. `bad_rows` adds BAD_ROWS."""
    rows = [_row(product, province, on) for product in products for province in PROVINCES]
    if bad_rows and products:
        rows += _bad_rows(products[0], on)
    return csv_bytes(HEADINGS, rows)


def _row(product: Product, province: str, on: date) -> list[str]:
    draw = int.from_bytes(hashlib.sha256(f"{product.code}{province}".encode()).digest()[:4], "big")
    price = round_half_up(product.price * (9600 + draw % 2200) / 10_000, 2)
    unit = product.unit
    if product.pack and PROVINCES.index(province) % 4 == 3:
        unit, price = product.pack[0], price * product.pack[1]
    full = len(product.code) != 20
    return [
        province,
        f"{province}医药集中采购平台",
        product.code if full else "",
        "" if full else product.code,
        product.registration_number,
        unit,
        price_text(price),
        date(on.year, 1, 1).isoformat(),
        "",
        f"{province}平台公告〔{on.year}〕{draw % 900 + 100} 号",
    ]


def _bad_rows(product: Product, on: date) -> list[list[str]]:
    """BAD_ROWS in order, of provinces outside the comparison so that no good row is lost."""

    def changed(province: str, **cells: str) -> list[str]:
        row = dict(zip(HEADINGS, _row(product, PROVINCES[0], on), strict=True))
        row |= {"省份": province, "计价单位": product.unit} | cells
        return list(row.values())

    return [
        changed("广东"),
        changed("广西", 挂网价="88.88888"),
        changed("云南", 计价单位="托盘"),
        changed("贵州", **{"27位码": "C0201", "20位码": ""}),
        changed("海南", 依据=""),
    ]
