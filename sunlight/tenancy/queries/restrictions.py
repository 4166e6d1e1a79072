"""Who may list, bid, buy, sell and deliver: an organisation registered on the platform, unless a restriction in force on
the day bars the act. Every place that asks gets the same refusal."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q, QuerySet

from sunlight import scope
from sunlight.journal.refusals import Refused
from sunlight.scope.prepared import Given, Prepared
from sunlight.tenancy.models import Organisation, Platform, Registration
from sunlight.tenancy.standing import Restriction, Standing, TradeAct

# The code of the refusal, and what can be done about it.
_ANSWERS = {
    TradeAct.LIST: ("lister_barred", "请在限制期满或解除后再申报，如有异议请联系平台运营机构"),
    TradeAct.BID: ("bidder_barred", "请在限制期满或解除后再报价，如有异议请联系平台运营机构"),
    TradeAct.BUY: ("buyer_barred", "请联系平台运营机构"),
    TradeAct.SELL: ("seller_barred", "医疗机构请改选其他企业的产品，企业如有异议请联系平台运营机构"),
    TradeAct.DELIVER: ("distributor_barred", "请由生产企业改选其他已授权的配送企业"),
}

# What every order asks. The platform's region comes with the registrations, since it says which regions' restrictions count.
_REGISTERED = Prepared(
    lambda: Registration.objects.filter(
        platform_id=Given("platform"), organisation_id__in=Given("organisations"), approved_at__isnull=False
    ).values_list("organisation_id", "organisation__name", "platform__region__code")
)
_RESTRICTIONS = Prepared(
    lambda: _in_force(Given("on")).filter(
        Q(platform_id=Given("platform")) | Q(region__code__in=Given("regions")),
        organisation_id__in=Given("organisations"),
    )
)


def _in_force(on: date | Given) -> QuerySet[Restriction]:
    """The restrictions that hold on a day."""
    return Restriction.objects.filter(
        Q(to_date=None) | Q(to_date__gte=on), Q(lifted_on=None) | Q(lifted_on__gt=on), from_date__lte=on
    ).order_by("organisation_id", "id")


def _over(region_code: str) -> list[str]:
    """A region's code and those of all regions it lies in: CN, CN-GD, CN-GD-SZ."""
    parts = region_code.split("-")
    return ["-".join(parts[: end + 1]) for end in range(len(parts))]


@dataclass(frozen=True, slots=True)
class Permissions:
    """What some organisations may do on a platform on a day. `may_…` raise the one refusal there is of each act; the price
    groups are those the act is about, none of them asks for the act at all."""

    names: Mapping[int, str] = field(default_factory=dict)
    registered: Collection[int] = frozenset()
    restrictions: Mapping[int, list[Restriction]] = field(default_factory=dict)

    def may_list(self, organisation_id: int, price_group_ids: Collection[int] = (), **place) -> None:
        """Apply for a listing. Raises Refused `lister_barred`."""
        self._require(TradeAct.LIST, organisation_id, price_group_ids, **place)

    def may_bid(self, organisation_id: int, price_group_ids: Collection[int] = (), **place) -> None:
        """Take part in a round of volume-based procurement. Raises Refused `bidder_barred`."""
        self._require(TradeAct.BID, organisation_id, price_group_ids, **place)

    def may_buy(self, organisation_id: int, price_group_ids: Collection[int] = (), **place) -> None:
        """Offer and order. Raises Refused `buyer_barred`."""
        self._require(TradeAct.BUY, organisation_id, price_group_ids, **place)

    def may_sell(self, organisation_id: int, price_group_ids: Collection[int] = (), **place) -> None:
        """Take offers and orders. Raises Refused `seller_barred`."""
        self._require(TradeAct.SELL, organisation_id, price_group_ids, **place)

    def may_deliver(self, organisation_id: int, price_group_ids: Collection[int] = (), **place) -> None:
        """Be authorised, be given orders and dispatch. Raises Refused `distributor_barred`."""
        self._require(TradeAct.DELIVER, organisation_id, price_group_ids, **place)

    def _require(self, act: TradeAct, organisation_id: int, price_group_ids: Collection[int], **place) -> None:
        refusal = self.refusal(act, organisation_id, price_group_ids, **place)
        if refusal is not None:
            raise refusal

    def refusal(
        self,
        act: TradeAct,
        organisation_id: int,
        price_group_ids: Collection[int] = (),
        *,
        field: str = "",
        subject: tuple[str, int] | None = None,
    ) -> Refused | None:
        """The refusal of an act, None where it is allowed. `field` and `subject` say where the asker stands."""
        code, way_out = _ANSWERS[act]
        name = self.names.get(organisation_id, "该机构")
        place = {"field": field, "subject": subject}
        if organisation_id not in self.registered:
            return Refused(
                code,
                f"{name}未在本平台登记，不得{act.label}，{way_out}。",
                facts={"organisation": organisation_id, "act": act.value},
                **place,
            )
        barring = [
            each
            for each in self.restrictions.get(organisation_id, ())
            if each.act == act and each.covers(price_group_ids)
        ]
        if not barring:
            return None
        longest = max(barring, key=lambda each: (each.last_day or date.max, each.id))
        return Refused(
            code,
            f"{name}{_bar(longest)}（依据 {longest.clause}），{way_out}。",
            facts={
                "organisation": organisation_id,
                "act": act.value,
                "from": longest.from_date.isoformat(),
                "to": longest.last_day.isoformat() if longest.last_day else None,
                "restrictions": [each.id for each in barring],
            },
            basis=[scope.reason_by(e.clause, code, f"{name}{_bar(e)}") for e in barring],
            **place,
        )


def _bar(each: Restriction) -> str:
    until = f"至 {each.last_day} " if each.last_day else ""
    products = "所涉产品" if each.price_group_ids is not None else ""
    return f"自 {each.from_date} 起{until}不得{TradeAct(each.act).label}{products}"


def permissions_of(*, platform_id: int, organisation_ids: Iterable[int], on: date) -> Permissions:
    """What these organisations may do on a platform on a day, in two statements however many they are."""
    asked = set(organisation_ids)
    rows = _REGISTERED.rows(platform=platform_id, organisations=asked)
    names = {organisation: name for organisation, name, _ in rows}
    restrictions: dict[int, list[Restriction]] = defaultdict(list)
    if rows:
        known = {"platform": platform_id, "regions": _over(rows[0][2]), "organisations": list(names)}
        for each in _RESTRICTIONS.rows(**known, on=on):
            restrictions[each.organisation_id].append(each)
    registered = frozenset(names)
    if strangers := asked - registered:
        names |= dict(Organisation.objects.filter(id__in=strangers).values_list("id", "name"))
    return Permissions(names, registered, restrictions)


def restrictions_in_force(
    *, platform_id: int, organisation_ids: Collection[int], on: date, acts: Collection[TradeAct] = tuple(TradeAct)
) -> list[Restriction]:
    """The restrictions of organisations that hold on a platform on a day: its own and those of the regions it lies in."""
    rows = _in_force(on).filter(_on_platform(platform_id), organisation_id__in=organisation_ids, act__in=acts)
    return list(rows.select_related("organisation", "platform", "region"))


def standing_of(*, platform_id: int, organisation_id: int, on: date) -> Standing | None:
    """The credit grade that holds for an organisation on a platform on a day: the latest begun there or in a region it
    lies in; None where it was never graded."""
    rows = Standing.objects.filter(_on_platform(platform_id), organisation_id=organisation_id, from_date__lte=on)
    return rows.order_by("-from_date", "-id").first()


def _on_platform(platform_id: int) -> Q:
    code = Platform.objects.values_list("region__code", flat=True).get(id=platform_id)
    return Q(platform_id=platform_id) | Q(region__code__in=_over(code))
