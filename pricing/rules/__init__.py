"""Rules about what things may cost: price information, alert line, three-colour segments."""

from pricing.rules.alert_line import CityDeal, ProvincePrice, price_alert_line
from pricing.rules.segments import SegmentDeal, price_segments
from pricing.rules.statistics import LevelDeal, price_statistics

__all__ = [
    "CityDeal",
    "LevelDeal",
    "ProvincePrice",
    "SegmentDeal",
    "price_alert_line",
    "price_segments",
    "price_statistics",
]
