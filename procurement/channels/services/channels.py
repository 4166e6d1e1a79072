"""Whether a hospital may buy products on a platform today, put to the rule `purchase.channel`.

The facts of an offer, a sheet's line, an order, their trials and the API are built here and nowhere else. Nothing is written.
"""

from collections.abc import Collection, Iterable, Mapping

from catalog.queries import trading
from procurement.channels.rules.channel import PLATFORMS, purchase_channel
from sunlight.journal.refusals import Refused, refused_by
from sunlight.kernel.policy import Law
from sunlight.kernel.rule import Decision
from sunlight.tenancy.models import Organisation

# The region codes of one listing: CN, a province, a city.
_PROVINCE = 1


def channel_of(law: Law, *, buyer: Organisation, platform_code: str, listed_in: Iterable[str]) -> Decision:
    """The rule's answer for a product that is listed in these regions (`trading.regions_listed`)."""
    path = set(law.policy.path(law.region))
    depths = {code.count("-") for code in listed_in if code in path}
    return purchase_channel(
        law,
        ownership=buyer.ownership,
        platform=platform_code,
        listed_city=any(depth > _PROVINCE for depth in depths),
        listed_province=_PROVINCE in depths,
    )


def channels_of(
    law: Law, *, buyer: Organisation, platform_code: str, listed_in: Mapping[int, frozenset[str]], groups: Iterable[int]
) -> dict[int, Decision]:
    """`channel_of` for each price group; products listed alike share one answer."""
    made: dict[frozenset[str], Decision] = {}
    found = {}
    for group in groups:
        regions = listed_in.get(group, frozenset())
        if regions not in made:
            made[regions] = channel_of(law, buyer=buyer, platform_code=platform_code, listed_in=regions)
        found[group] = made[regions]
    return found


def channels(
    law: Law, *, buyer: Organisation, platform_code: str, price_group_ids: Collection[int]
) -> dict[int, Decision]:
    """The answer for each of these price groups, in one query."""
    listed_in = trading.regions_listed(price_group_ids=price_group_ids, on=law.on)
    return channels_of(law, buyer=buyer, platform_code=platform_code, listed_in=listed_in, groups=price_group_ids)


def channel_permit(decision: Decision, price_group_id: int) -> None:
    """Raises the refusal that an answer amounts to. Where no text speaks of buying here there is no channel."""
    refusal = channel_refusal(decision, price_group_id)
    if refusal is not None:
        raise refusal


def channel_refusal(decision: Decision, price_group_id: int) -> Refused | None:
    """The refusal that an answer amounts to, or None."""
    subject = ("price_group", price_group_id)
    if not decision.regulated:
        return Refused(
            "no_rule_in_force",
            f"{decision.law.on} {decision.law.policy.regions[decision.law.region].name}没有规定医疗机构可以在本平台采购。"
            "请核对所在平台与日期，或联系平台运营机构。",
            field="price_group",
            subject=subject,
            decision=decision.record(),
        )
    if not decision.refused:
        return None
    refusal = refused_by(decision, subject=subject, way_out=_way_out(decision))
    refusal.field = "price_group"
    return refusal


def _way_out(decision: Decision) -> str:
    """Where to buy instead."""
    codes = {reason.code for reason in decision.breaches}
    if "not_listed_there" in codes:
        return "请改选已挂网的产品，或请生产企业先申报挂网。"
    named = [each for value in decision.law.every("purchase.platforms") for each in value.value]
    words = "、".join(PLATFORMS.get(each, each) for each in dict.fromkeys(named))
    return f"请改在{words}采购。"
