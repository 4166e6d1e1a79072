"""Which of a manufacturer's standing authorisations holds for a product, a hospital and its region."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Authorised:
    """One standing authorisation, as plain values; None = not limited to one."""

    id: int
    distributor_id: int
    price_group_id: int | None
    hospital_id: int | None
    region_code: str | None
    is_default: bool
    valid_from: date

    def covers(self, *, price_group_id: int, hospital_id: int, region_code: str) -> bool:
        """Whether every limit it has is met; a region holds for all below it."""
        return (
            self.price_group_id in (None, price_group_id)
            and self.hospital_id in (None, hospital_id)
            and (self.region_code is None or f"{region_code}-".startswith(f"{self.region_code}-"))
        )

    @property
    def rank(self) -> tuple:
        """Product before hospital before area (the smaller first) before the default; then the later one."""
        depth = self.region_code.count("-") + 1 if self.region_code else 0
        return (self.price_group_id is not None, self.hospital_id is not None, depth, self.valid_from, self.id)


def most_specific(
    authorisations: Iterable[Authorised], *, price_group_id: int, hospital_id: int, region_code: str
) -> Authorised | None:
    """产品＋医院优先于产品，产品优先于医院，医院优先于地区，地区优先于默认；同级取后订的一份；都没有则由生产企业自行配送（None）。"""
    where = {"price_group_id": price_group_id, "hospital_id": hospital_id, "region_code": region_code}
    return max((each for each in authorisations if each.covers(**where)), key=lambda each: each.rank, default=None)
