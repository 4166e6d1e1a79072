"""Which categories of products are open for listing and ordering on a day: Shenzhen opened them in phases, first four, then
all 17 of the national classification, then all in use (SZ20-5.3.1)."""

from collections.abc import Collection, Sequence

from catalog.models import ListedSpecification, NationalCode
from sunlight.journal.refusals import Refused
from sunlight.kernel.policy import Law, Value

# What a phase may name besides first-level codes: test reagents for the new coronavirus, the 17 categories, everything.
COVID_REAGENT, ALL_17, ALL = "covid_reagent", "all_17", "all"
_COVID_NAMES = ("新型冠状病毒", "新冠病毒")
_CODES_OF_17 = frozenset(f"{number:02}" for number in range(1, 18))


def opened(spec: NationalCode, phase: Sequence[str]) -> bool:
    """Whether a phase's categories hold a specification."""
    if ALL in phase:
        return True
    if spec.kind == "reagent":
        return COVID_REAGENT in phase and any(name in spec.product_name for name in _COVID_NAMES)
    category = spec.code[1:3]
    return category in phase or (ALL_17 in phase and category in _CODES_OF_17)


def phase_of(law: Law) -> Value | None:
    """The phase that keeps some categories closed on the law's day; None where none is."""
    value = law.find("catalog.open_categories")
    return None if value is None or ALL in value.value else value


def category_refusal(law: Law, spec: NationalCode) -> Refused | None:
    """Why a specification may not be ordered before its category is open; None where it may."""
    phase = phase_of(law)
    if phase is None or opened(spec, phase.value):
        return None
    return Refused(
        "category_closed",
        f"类别“{spec.category_1 or spec.code[1:3]}”在 {law.on} 尚未开放交易。请待平台公布开放后再采购，或改选已开放类别的产品。",
        field="price_group",
        basis=phase,
    )


def closed_groups(law: Law, price_group_ids: Collection[int]) -> dict[int, Refused]:
    """The price groups whose category is closed, with the refusal; no query where no phase closes any."""
    if phase_of(law) is None:
        return {}
    rows = ListedSpecification.objects.filter(listing__price_group_id__in=list(price_group_ids))
    found: dict[int, Refused] = {}
    for row in rows.select_related("national_code", "listing").order_by("id"):
        refusal = category_refusal(law, row.national_code)
        if refusal is not None:
            found.setdefault(row.listing.price_group_id, refusal)
    return found
