"""A sheet's lines with their verdicts: what each would meet if it were sent now. Nothing here writes, and there are as
many queries for three hundred lines as for one."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from catalog.models import Listing
from catalog.queries import trading
from catalog.queries.categories import closed_groups
from pricing.queries.declared import units_of
from pricing.queries.view import Position, PriceView, boundaries_of, position_in, price_views
from procurement.bargaining.models.offers import Offer
from procurement.bargaining.models.sheets import OfferSheet, OfferSheetRow
from procurement.bargaining.queries import offers as bargaining
from procurement.bargaining.queries import sheets as queries
from procurement.bargaining.rules.pasting import COLUMNS, plain_number
from procurement.bargaining.rules.suggesting import Suggestion, suggested_price
from procurement.bargaining.services.judgement import Judgement, Wanted, judge
from procurement.bargaining.services.offers import read_quantity
from procurement.channels.services.channels import channel_refusal, channels
from sunlight import scope
from sunlight.journal.refusals import Refused, marked
from sunlight.kernel import reading
from sunlight.kernel.money import amount_fen
from sunlight.kernel.policy import Law
from sunlight.kernel.rule import Decision, Effect
from sunlight.kernel.units import Units
from sunlight.scope import Actor
from sunlight.scope.clock import business_date
from sunlight.tenancy.queries.restrictions import Permissions, permissions_of
from sunlight.tenancy.standing import TradeAct

_NO_UNITS = Units("—")


class Verdict(StrEnum):
    """BLANK nothing typed · FAULTY a cell cannot be read or is missing · BARRED the rule or the trade's state refuses ·
    WARNED may be sent, with a warning · READY may be sent · SENT is an offer."""

    BLANK = "BLANK"
    FAULTY = "FAULTY"
    BARRED = "BARRED"
    WARNED = "WARNED"
    READY = "READY"
    SENT = "SENT"


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing said of a line: the text, the clause it rests on ("" for a state), the cell it belongs to ("")."""

    text: str
    clause: str = ""
    is_draft: bool = False
    column: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it stands and what it would meet; prices in CNY a pricing unit. `row` is None where nobody wrote."""

    position: int
    row: OfferSheetRow | None
    verdict: Verdict
    remarks: tuple[Remark, ...] = ()
    listing: Listing | None = None
    units: Units | None = None
    quantity: Decimal | None = None
    price: Decimal | None = None
    judged: Judgement | None = None
    view: PriceView | None = None
    standing: Position | None = None
    suggestion: Suggestion | None = None

    @property
    def version(self) -> int:
        return self.row.version if self.row else 0

    @property
    def cells(self) -> list[tuple[str, str, bool]]:
        """Each column with its text and whether something is wrong with it."""
        wrong = {remark.column for remark in self.remarks}
        return [(column, getattr(self.row, column) if self.row else "", column in wrong) for column in COLUMNS]

    @property
    def offer(self) -> Offer | None:
        return self.row.offer if self.row else None

    @property
    def amount_fen(self) -> int | None:
        known = self.price is not None and self.quantity is not None
        return amount_fen(self.price, self.quantity) if known else None

    @property
    def described(self) -> str:
        """The quantity in packs and in the pricing unit."""
        return self.units.describe(self.quantity) if self.units and self.quantity is not None else ""


@dataclass(frozen=True, slots=True)
class _Known:
    """What the lines' products are known by, each by price group, and what the parties may do."""

    law: Law
    listings: Mapping[int, Listing]
    obstacles: Mapping[int, trading.Obstacle]
    units: Mapping[int, Units]
    views: Mapping[int, PriceView]
    open_offers: Mapping[int, Offer]
    permissions: Permissions
    named: Mapping[str, set[int]]
    again: Mapping[int, list[int]]
    channels: Mapping[int, Decision]
    closed: Mapping[int, Refused]
    buyer_id: int


def sheet_lines(
    *, actor: Actor, at: datetime, sheet: OfferSheet, positions: Collection[int] | None = None, upto: int = 0
) -> list[Line]:
    """The lines of a sheet (those at `positions`, where given) by position, blank ones up to `upto` among them."""
    rows = queries.rows_of(sheet.id)
    shown = rows if positions is None else [row for row in rows if row.position in positions]
    on = business_date(at)
    alive = [row for row in shown if not row.offer_id]
    known = _known(actor, on, sheet, alive, rows)
    read = [_read(row, known) for row in alive]
    wanted = [each for each in read if each.listing is not None]
    judged = judge(
        actor=actor,
        at=at,
        buyer=sheet.buyer,
        wanted=[Wanted(each.listing, each.price, each.quantity) for each in wanted],
    )
    answers = {each.row.position: answer for each, answer in zip(wanted, judged, strict=True)}
    lines = {each.row.position: _line(each, answers.get(each.row.position), known, actor) for each in read}
    lines |= {row.position: Line(row.position, row, Verdict.SENT) for row in shown if row.offer_id}
    asked = positions or ()
    for position in {*range(1, upto + 1), *asked} - set(lines):
        lines[position] = Line(position, None, Verdict.BLANK)
    return [lines[position] for position in sorted(lines)]


def _known(actor: Actor, on: date, sheet: OfferSheet, shown: Iterable[OfferSheetRow], rows) -> _Known:
    groups = {row.price_group_id: row.price_group for row in shown if row.price_group_id}
    listings = {
        listing.price_group_id: listing
        for listing in trading.tradable_listings(platform_id=actor.platform_id, on=on)
        .filter(price_group_id__in=list(groups))
        .order_by("id")
    }
    obstacles: Mapping[int, trading.Obstacle] = {}
    if barred := groups.keys() - listings.keys():
        obstacles = trading.obstacles_of_groups(platform_id=actor.platform_id, price_group_ids=barred, on=on)
    parties = {listing.manufacturer_id for listing in listings.values()} | {sheet.buyer_id}
    again: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        if row.price_group_id and not row.offer_id:
            again[row.price_group_id].append(row.position)
    law = scope.law(actor, on, region=sheet.region.code)
    unnamed = {row.product for row in shown if row.product and not row.price_group_id}
    return _Known(
        law=scope.law(actor, on),
        listings=listings,
        obstacles=obstacles,
        units=units_of(groups.values()),
        views=price_views(region=sheet.region.code, price_group_ids=list(groups), on=on, drafts=actor.drafts),
        open_offers=bargaining.open_offers_of(actor, list(groups)),
        permissions=permissions_of(platform_id=actor.platform_id, organisation_ids=parties, on=on),
        named=queries.products_named(platform_id=actor.platform_id, texts=unnamed, on=on),
        again=again,
        channels=channels(
            law,
            buyer=sheet.buyer,
            platform_code=actor.platform_code,
            price_group_ids=list(listings),
        ),
        closed=closed_groups(law, list(listings)),
        buyer_id=sheet.buyer_id,
    )


@dataclass(slots=True)
class _Read:
    """A line's cells as understood."""

    row: OfferSheetRow
    faults: list[Remark]
    listing: Listing | None = None
    quantity: Decimal | None = None
    price: Decimal | None = None


def _remark_of(law: Law, obstacle: trading.Obstacle) -> Remark:
    basis = law.basis(obstacle.key)
    return Remark(
        marked(obstacle, basis), basis[0].clause if basis else "", bool(basis) and basis[0].is_draft, "product"
    )


def _read(row: OfferSheetRow, known: _Known) -> _Read:
    read = _Read(row, [])
    if row.is_blank:
        return read
    if row.price_group_id is not None:
        read.listing = known.listings.get(row.price_group_id)
        if read.listing is None:
            obstacle = known.obstacles.get(row.price_group_id, trading.NEVER_LISTED)
            read.faults.append(_remark_of(known.law, obstacle))
    else:
        read.faults.append(_unnamed(row.product, len(known.named.get(row.product, ()))))
    try:
        read.price = reading.price(plain_number(row.price))
    except reading.Unreadable as fault:
        read.faults.append(Remark(fault.message if row.price else "请填写单价。", column="price"))
    units = known.units.get(row.price_group_id)
    try:
        # Without a product nobody knows its packs.
        if units or not row.quantity:
            read.quantity = read_quantity(units or _NO_UNITS, plain_number(row.quantity), read.price)
    except reading.Unreadable as fault:
        read.faults.append(Remark(fault.message if row.quantity else "请填写数量。", column="quantity"))
    return read


def _unnamed(text: str, found: int) -> Remark:
    if not text:
        return Remark("请填写产品：名称、27 位码、20 位码、挂网编号或注册证号。", column="product")
    if found > 1:
        return Remark(f"“{text}”对应 {found} 个挂网产品，请改填挂网编号或 27 位码，或从候选中选择。", column="product")
    return Remark(f"没有找到可交易的产品“{text}”，请核对编码或从候选中选择。", column="product")


def _line(read: _Read, judged: Judgement | None, known: _Known, actor: Actor) -> Line:
    row = read.row
    view = known.views.get(row.price_group_id)
    boundaries = boundaries_of(view) if view else []
    median = next((level.median for level in view.levels if level.level == "all"), None) if view else None
    verdict, remarks = _verdict(read, judged, known)
    return Line(
        position=row.position,
        row=row,
        verdict=verdict,
        remarks=tuple(remarks),
        listing=read.listing,
        units=known.units.get(row.price_group_id),
        quantity=read.quantity,
        price=read.price,
        judged=judged,
        view=view,
        standing=position_in(view, read.price) if view and read.price is not None else None,
        suggestion=suggested_price(ceiling=judged.ceiling, boundaries=boundaries, median=median) if judged else None,
    )


def _verdict(read: _Read, judged: Judgement | None, known: _Known) -> tuple[Verdict, list[Remark]]:
    if read.row.is_blank:
        return Verdict.BLANK, []
    barred = _barred(read, known) if read.listing else []
    if judged is not None and read.price is not None:
        if not judged.decision.regulated:
            barred.append(Remark("本地区今天没有允许在本平台议价采购的规定。"))
        barred += [Remark(r.message, r.clause, r.status == "draft", "price") for r in judged.breaches]
    warned = [Remark(r.message, r.clause, r.status == "draft") for r in judged.warnings] if judged else []
    if read.row.answer and not (barred or read.faults):
        barred.append(Remark(f"上次发送未成：{read.row.answer['message']}"))
    if read.faults:
        return Verdict.FAULTY, [*read.faults, *barred]
    if barred:
        return Verdict.BARRED, [*barred, *warned]
    serious = judged is not None and any(reason.effect is Effect.WARN for reason in judged.warnings)
    return (Verdict.WARNED if serious else Verdict.READY), warned


def _barred(read: _Read, known: _Known) -> list[Remark]:
    """Obstacles other than the price."""
    group, found = read.row.price_group_id, []
    offer = known.open_offers.get(group)
    if offer is not None:
        found.append(Remark(f"本机构对该产品已有待答复的报价 {offer.number}，请等待答复或先撤回。", column="product"))
    first = known.again[group][0]
    if first != read.row.position:
        found.append(Remark(f"与第 {first} 行是同一产品，一个产品一次只能有一个报价。", column="product"))
    seller = known.permissions.refusal(TradeAct.SELL, read.listing.manufacturer_id, [group])
    if seller is not None:
        found.append(Remark(seller.message, column="product"))
    if group in known.closed:
        refusal = known.closed[group]
        found.append(Remark(refusal.message, next(iter(refusal.clauses), ""), column="product"))
    channel = known.channels[group]
    refused = channel_refusal(channel, group)
    if refused is not None:
        found += [Remark(r.message, r.clause, r.status == "draft", "product") for r in channel.breaches] or [
            Remark(refused.message, column="product")
        ]
    buyer = known.permissions.refusal(TradeAct.BUY, known.buyer_id, [group])
    if buyer is not None:
        found.append(Remark(buyer.message))
    return found
