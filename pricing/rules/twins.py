"""The versions of the rules' twins in SQL."""

from pricing.rules.alert_line import ALERT_LINE_TWIN_VERSION
from pricing.rules.segments import SEGMENTS_TWIN_VERSION
from pricing.rules.statistics import STATISTICS_TWIN_VERSION

# Kept with every run: figures of two versions are never taken for one another.
TWIN_VERSIONS = {
    "price.alert_line": ALERT_LINE_TWIN_VERSION,
    "price.segments": SEGMENTS_TWIN_VERSION,
    "price.statistics": STATISTICS_TWIN_VERSION,
}
