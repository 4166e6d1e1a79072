"""Rules about how things are bought: offers, yearly caps, registration of filed purchases."""

from procurement.rules.bargain import bargain_ceiling, bargain_decide
from procurement.rules.caps import cap_check
from procurement.rules.filing import filing_deadline

__all__ = ["bargain_ceiling", "bargain_decide", "cap_check", "filing_deadline"]
