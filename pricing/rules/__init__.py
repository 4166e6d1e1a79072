"""Rules about what things may cost: price information, alert line, three-colour segments; their twins in SQL."""

from pricing.rules.alert_line import (
    ALERT_LINE_TWIN,
    ALERT_LINE_TWIN_VERSION,
    CityDeal,
    ProvincePrice,
    price_alert_line,
)
from pricing.rules.bands import bargain_zone
from pricing.rules.segments import SEGMENTS_TWIN, SEGMENTS_TWIN_VERSION, SegmentDeal, price_segments
from pricing.rules.statistics import STATISTICS_TWIN, STATISTICS_TWIN_VERSION, LevelDeal, price_statistics

# Told with every run: figures of two versions are never taken for one another.
TWIN_VERSIONS = {
    "price.alert_line": ALERT_LINE_TWIN_VERSION,
    "price.segments": SEGMENTS_TWIN_VERSION,
    "price.statistics": STATISTICS_TWIN_VERSION,
}

__all__ = [
    "ALERT_LINE_TWIN",
    "SEGMENTS_TWIN",
    "STATISTICS_TWIN",
    "TWIN_VERSIONS",
    "CityDeal",
    "LevelDeal",
    "ProvincePrice",
    "SegmentDeal",
    "bargain_zone",
    "price_alert_line",
    "price_segments",
    "price_statistics",
]
