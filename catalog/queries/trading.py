"""What may be traded on a platform on a day, and why something may not. Search, product page, comparison, offer, sheet,
basket, order and the API all compose these queries: the condition stands here alone."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet

from catalog.models import ListedSpecification, Listing, NationalCode, PlatformListing
from catalog.queries.regions import listing_regions
from catalog.workflows import ListingState
from sunlight import scope
from sunlight.journal.refusals import NotThere, Refused, reasons_by
from sunlight.kernel.policy import Law
from sunlight.scope.prepared import Given, Prepared
from sunlight.tenancy.models import Platform

# What an obstacle rests on, where a text of the region says so: where products are listed, that codes are kept up, that
# certificates are valid.
_LISTED, _CODED, _REGISTERED = "catalog.listing_region", "catalog.national_codes", "catalog.registered_only"


class Obstacle(str):
    """Why something may not be traded: a sentence with a way out, and the parameter it rests on."""

    key: str

    def __new__(cls, sentence: str, key: str) -> "Obstacle":
        made = super().__new__(cls, sentence)
        made.key = key
        return made


NEVER_LISTED = Obstacle("该产品未挂网，不能在本平台交易。请改选其他产品。", _LISTED)
# Half of what may be traded: the full code has not been retired from the national catalogue (SZ24-3.1a).
_CODE_IN_FORCE = Q(national_code__is_retired=False)


def _listing_in_trade(platform_id: Any, on: Any, regions: Any, listing: str = "") -> Q:
    """The other half, as a condition on the listing that stands at `listing`: it is listed (not suspended or delisted,
    SZ24-3.5b, SZ24-3.8b) and has been since that day or earlier, by one of the regions whose listings hold on that day
    (GD25-2.2a); it is open for trade on the platform on that day (GD25-2.2b); the registration certificate of its price group is valid on that day, first and last day included
    (SZ24-3.2b)."""
    certificate = f"{listing}price_group__certificate"
    begun = Q(**{f"{certificate}__valid_from": None}) | Q(**{f"{certificate}__valid_from__lte": on})
    not_over = Q(**{f"{certificate}__valid_until": None}) | Q(**{f"{certificate}__valid_until__gte": on})
    listed = {
        f"{listing}state": ListingState.LISTED,
        f"{listing}listed_on__lte": on,
        f"{listing}region__code__in": regions,
        f"{listing}id__in": _open_here(platform_id, on).values("listing_id"),
    }
    return Q(**listed) & begun & not_over


def _open_here(platform_id: Any, on: Any) -> QuerySet[PlatformListing]:
    not_closed = Q(closed_on=None) | Q(closed_on__gt=on)
    return PlatformListing.objects.filter(not_closed, platform_id=platform_id, opened_on__lte=on)


def tradable_specifications(*, platform_id: Any, on: Any, regions: Any = None) -> QuerySet[ListedSpecification]:
    """Specifications that may be traded on a platform on a day: a full code in force under a listing in trade.
    `platform_id`, `on` and `regions` (the `listing_regions` of the day) may be `Given`s of a prepared query."""
    regions = listing_regions(on) if regions is None else regions
    return ListedSpecification.objects.filter(_listing_in_trade(platform_id, on, regions, "listing__"), _CODE_IN_FORCE)


def tradable_listings(*, platform_id: int, on: date) -> QuerySet[Listing]:
    """Listings with at least one specification that may be traded on a platform on a day, newest first."""
    # Not `id__in=tradable_specifications(…)`: the listing's condition on the listing itself lets the planner begin with
    # the few that were asked for.
    rows = Listing.objects.select_related("price_group__certificate", "manufacturer", "region", "platform")
    codes = ListedSpecification.objects.filter(_CODE_IN_FORCE)
    in_trade = _listing_in_trade(platform_id, on, listing_regions(on))
    return rows.filter(in_trade, id__in=codes.values("listing_id")).order_by("-id")


def _regions_listed() -> QuerySet:
    rows = PlatformListing.objects.filter(Q(closed_on=None) | Q(closed_on__gt=Given("on")), opened_on__lte=Given("on"))
    listed = {"listing__state": ListingState.LISTED, "listing__listed_on__lte": Given("on")}
    rows = rows.filter(listing__price_group_id__in=Given("groups"), **listed)
    return rows.values_list("listing__price_group_id", "listing__region__code", "platform__region__code").distinct()


_REGIONS_LISTED = Prepared(_regions_listed)


def regions_listed(*, price_group_ids: Iterable[int], on: date) -> dict[int, frozenset[str]]:
    """Where each price group is listed on a day, in one query: the region of its listing, and those of the platforms on
    which it is open. Groups listed nowhere are absent."""
    found: dict[int, set[str]] = {}
    for group, *regions in _REGIONS_LISTED.rows(groups=list(price_group_ids), on=on):
        found.setdefault(group, set()).update(regions)
    return {group: frozenset(regions) for group, regions in found.items()}


def tradable_counts(*, platform_id: int, listing_ids: Iterable[int], on: date) -> dict[int, int]:
    """The number of specifications of each listing that may be traded on a platform on a day, in one query."""
    rows = tradable_specifications(platform_id=platform_id, on=on).filter(listing_id__in=list(listing_ids))
    return dict(rows.order_by().values_list("listing_id").annotate(count=Count("id")))


def tradable_codes(*, platform_id: int, listing_id: int, on: date) -> QuerySet[NationalCode]:
    """The specifications of a listing that may be traded on a platform on a day, by code."""
    specifications = tradable_specifications(platform_id=platform_id, on=on).filter(listing_id=listing_id)
    return NationalCode.objects.filter(id__in=specifications.values("national_code_id")).order_by("code")


def tradable_listing(
    *, platform_id: int, on: date, price_group_id: int | None = None, listing_id: int | None = None
) -> Listing:
    """The listing under which a price group (or a listing's) may be traded on a platform on a day. Raises NotThere for
    a product that was never listed, Refused naming what stands in the way."""
    if price_group_id is None:
        known = Listing.objects.filter(id=listing_id, listed_on__isnull=False)
        price_group_id = known.values_list("price_group_id", flat=True).first()
    found = tradable_listings(platform_id=platform_id, on=on).filter(price_group_id=price_group_id).first()
    if found is None:
        raise not_tradable(platform_id=platform_id, price_group_id=price_group_id, on=on)
    return found


def not_tradable(*, platform_id: int, price_group_id: int | None, on: date) -> Refused:
    """The refusal of a price group that may not be traded; NotThere where it was never listed."""
    found = obstacles_of_groups(platform_id=platform_id, price_group_ids=[price_group_id], on=on)
    if price_group_id not in found:
        return NotThere("该产品的挂网记录")
    obstacle, platform = found[price_group_id], Platform.objects.select_related("region").get(id=platform_id)
    law = scope.policy().law(region=platform.region.code, on=on, drafts=platform.drafts)
    return Refused("not_tradable", obstacle, field="price_group", basis=law.basis(obstacle.key))


def reasons_of(law: Law, obstacle: Obstacle, code: str = "not_tradable") -> list[dict]:
    """The reasons under which every face refuses what may not be traded."""
    return reasons_by(law.basis(obstacle.key), code, obstacle)


def obstacles_of_groups(*, platform_id: int, price_group_ids: Iterable[int], on: date) -> dict[int, Obstacle]:
    """Why each of these price groups, which may not be traded, may not be: a sentence with a way out. Groups that were
    never listed are absent."""
    rows = Listing.objects.filter(price_group_id__in=list(price_group_ids), listed_on__isnull=False)
    last = {row.price_group_id: row for row in _with_facts(rows).order_by("id")}
    return _obstacles(last, platform_id, on)


def obstacles_of_codes(*, platform_id: int, codes: Iterable[str], on: date) -> dict[str, Obstacle]:
    """Why those of these full codes that may not be traded may not be. Codes that were never listed are absent."""
    codes = set(codes)
    tradable = tradable_specifications(platform_id=platform_id, on=on).filter(national_code__code__in=codes)
    barred = codes - set(tradable.values_list("national_code__code", flat=True))
    covered = ListedSpecification.objects.filter(national_code__code__in=barred, listing__listed_on__isnull=False)
    last = {row.national_code: row.listing_id for row in covered.select_related("national_code").order_by("listing_id")}
    listings = {row.id: row for row in _with_facts(Listing.objects.filter(id__in=last.values()))}
    found = _obstacles({code: listings[listing] for code, listing in last.items()}, platform_id, on)
    return {code.code: retired(code) if code.is_retired else sentence for code, sentence in found.items()}


def retired(code: NationalCode) -> Obstacle:
    """The sentence that refuses a retired code."""
    way = f"请改用替代编码 {code.replaced_by}。" if code.replaced_by else "请改选其他规格。"
    return Obstacle(f"编码 {code.code} 已停用，{way}", _CODED)


def _with_facts(rows: QuerySet[Listing]) -> QuerySet[Listing]:
    return rows.select_related("price_group__certificate", "region")


def _obstacles(listings: dict[Any, Listing], platform_id: int, on: date) -> dict[Any, Obstacle]:
    opened = _open_here(platform_id, on).filter(listing_id__in={row.id for row in listings.values()})
    here = set(opened.values_list("listing_id", flat=True))
    return {key: Obstacle(*_obstacle(row, row.id in here, on)) for key, row in listings.items()}


def _obstacle(listing: Listing, is_open: bool, on: date) -> tuple[str, str]:
    name, certificate = listing.price_group.name, listing.price_group.certificate
    if listing.state != ListingState.LISTED:
        return f"{name}当前{listing.get_state_display()}，不能交易。请选择其他产品，或联系生产企业恢复挂网。", _LISTED
    if listing.region.code not in listing_regions(on):
        message = (
            f"{name}只在{listing.region.name}挂网，{on} 起算的交易以省级挂网为准，不能交易。"
            "请选择其他产品，或联系生产企业在省级平台挂网。"
        )
        return message, _LISTED
    if listing.listed_on > on:
        return f"{name}自 {listing.listed_on} 起挂网，此前不能交易。请选择其他产品。", _LISTED
    if certificate.valid_until is not None and certificate.valid_until < on:
        message = (
            f"{name}的注册证 {certificate.number} 已于 {certificate.valid_until} 到期，不能交易。"
            "请联系生产企业延续注册后恢复。"
        )
        return message, _REGISTERED
    if certificate.valid_from is not None and certificate.valid_from > on:
        message = (
            f"{name}的注册证 {certificate.number} 自 {certificate.valid_from} 起才有效，此前不能交易。请选择其他产品。"
        )
        return message, _REGISTERED
    if not is_open:
        return f"{name}未在本平台开通交易。请在已开通的平台采购，或联系生产企业开通。", _LISTED
    return f"{name}的全部规格编码已停用，不能交易。请联系生产企业维护编码。", _CODED
