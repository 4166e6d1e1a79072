"""Sheets of draft offers: opened, written cell by cell or by a paste, closed. Two people who write at once learn of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from catalog.queries import trading
from procurement.bargaining.events import OFFER_SHEET_CLOSED, OFFER_SHEET_OPENED
from procurement.bargaining.models.sheets import OfferSheet, OfferSheetRow
from procurement.bargaining.queries import products
from procurement.bargaining.queries import sheets as queries
from procurement.bargaining.rules.pasting import COLUMNS, LONGEST_CELL, MOST_ROWS, PasteError, is_heading, pasted_cells
from procurement.bargaining.services.offers import longest_agreement, read_months
from procurement.bargaining.workflows import OFFER_SHEET, OfferSheetState
from sunlight import scope
from sunlight.journal.declared import EventType
from sunlight.journal.refusals import Conflict, Forbidden, Invalid
from sunlight.journal.services import record, service
from sunlight.kernel import reading
from sunlight.numbering import platform_number
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.scope.duties import moved
from sunlight.scope.principal import columns
from sunlight.tenancy.models import Organisation

COLUMN_LABELS = {"product": "产品", "quantity": "数量", "price": "单价", "remark": "备注"}


@dataclass(frozen=True, slots=True)
class Change:
    """What is to stand in one line: `cells` by column (those not named stay), as seen at `version` (0: a line nobody
    wrote yet). `price_group_id` names the product beyond doubt."""

    cells: Mapping[str, str]
    version: int
    price_group_id: int | str | None = None


@dataclass(frozen=True, slots=True)
class Clash:
    """A line that somebody else changed meanwhile, or that was sent: it stands as `row` says, `yours` was not written."""

    position: int
    row: OfferSheetRow
    yours: Mapping[str, str]

    @property
    def theirs(self) -> dict[str, str]:
        return {column: getattr(self.row, column) for column in self.yours}


@dataclass(slots=True)
class Written:
    """What a write did: the lines that stand as asked, the clashes, and how many pasted lines found no place."""

    rows: list[OfferSheetRow] = field(default_factory=list)
    clashes: list[Clash] = field(default_factory=list)
    left_out: int = 0


@service
def sheet_open(*, actor: Actor, at: datetime, name: str = "", months: object = 12) -> OfferSheet:
    """Begin a sheet of up to 300 offers whose agreements shall run `months`. Raises Forbidden, Invalid."""
    _only_buyers(actor)
    read = reading.Collected()
    name = read(reading.text, name, "name", "名称", most=60, required=False)
    buyer = Organisation.objects.select_related("region").get(id=actor.organisation_id)
    months = read(read_months, months, longest_agreement(actor, business_date(at), buyer))
    read.check()
    name = name or f"{business_date(at)} 议价表"
    sheet = OfferSheet.objects.create(
        platform_id=actor.platform_id,
        region_id=buyer.region_id,
        buyer=buyer,
        number=platform_number(business_date(at)),
        name=name,
        months=months,
        state=OfferSheetState.OPEN,
        created_at=at,
        **scope.by(actor, "created"),
        created_by_name=actor.user_name[:60],
        changed_at=at,
    )
    _record(OFFER_SHEET_OPENED, sheet, actor, at)
    return sheet


def _only_buyers(actor: Actor) -> None:
    if not actor.has(Role.HOSPITAL_BUYER):
        raise Forbidden("not_a_buyer", "只有医疗机构的采购员可以编制议价表。请由本单位采购员操作。")


def _record(event: EventType, sheet: OfferSheet, actor: Actor, at: datetime) -> None:
    record(
        event,
        subject=sheet.id,
        actor=actor,
        at=at,
        parties=[sheet.buyer_id],
        payload={"number": sheet.number, "name": sheet.name, "months": sheet.months, "state": str(sheet.state)},
        version=sheet.version,
    )


def open_sheet(actor: Actor, sheet_id: int) -> OfferSheet:
    """A sheet that may be written, locked. Raises Forbidden, NotThere, Conflict once it is closed."""
    _only_buyers(actor)
    sheet = queries.lock_sheet(actor, sheet_id)
    if sheet.state != OfferSheetState.OPEN:
        raise Conflict("sheet_closed", "这张议价表已结束，不能再修改。请新建一张议价表。")
    return sheet


@service
def sheet_row_write(*, actor: Actor, at: datetime, sheet_id: int, position: int, change: Change) -> OfferSheetRow:
    """Write cells of one line as they are left. A cell that cannot be read is kept as typed: the line's verdict marks it.

    Raises Conflict `row_changed` with what stands there and what was to be written (`facts`) where somebody else changed
    the line since `change.version`, `line_sent` for a line that is an offer already.
    """
    sheet = open_sheet(actor, sheet_id)
    written = _write(actor, at, sheet, {position: change})
    if written.clashes:
        raise _conflict(written.clashes[0])
    return written.rows[0]


def _conflict(clash: Clash) -> Conflict:
    row = clash.row
    if row.offer_id:
        return Conflict(
            "line_sent", f"第 {clash.position} 行已发送报价，不能修改。请在“我的议价”中查看，或先撤回该报价。"
        )
    told = "，".join(
        f"{COLUMN_LABELS[column]}现为“{clash.theirs[column]}”，您填的是“{mine}”" for column, mine in clash.yours.items()
    )
    return Conflict(
        "row_changed",
        f"第 {clash.position} 行刚由{row.changed_by_name or '他人'}修改：{told}。请选择保留哪一个。",
        facts={
            "position": clash.position,
            "version": row.version,
            "theirs": clash.theirs,
            "yours": dict(clash.yours),
            "changed_by": row.changed_by_name,
            "changed_at": row.changed_at,
        },
    )


@service
def sheet_lines_write(*, actor: Actor, at: datetime, sheet_id: int, changes: Mapping[int, Change]) -> Written:
    """As `sheet_row_write` for many lines by position; clashes are returned, not raised. In a fixed number of queries."""
    return _write(actor, at, open_sheet(actor, sheet_id), changes)


@service
def sheet_paste(
    *, actor: Actor, at: datetime, sheet_id: int, position: int, column: str, text: str, seen: Mapping[int, int]
) -> Written:
    """Lay what a spreadsheet put on the clipboard over the cells from `position` and `column` on; headings are left
    out. `seen` holds the version of each line as the person saw it: lines changed since are left alone and returned as
    clashes."""
    sheet = open_sheet(actor, sheet_id)
    if column not in COLUMNS:
        raise Invalid("unknown_column", f"没有“{column[:20]}”这一列。", field="column")
    first = COLUMNS.index(column)
    try:
        cells = pasted_cells(text)
    except PasteError as error:
        raise Invalid("too_long", f"{error.message}。", field="text") from error
    if cells and is_heading(cells[0], first):
        cells = cells[1:]
    if not cells:
        raise Invalid("nothing_pasted", "剪贴板中没有单元格。请在 Excel 中选中行后复制。", field="text")
    position = reading.whole(position, "position", "行号", least=1, most=MOST_ROWS, code="no_such_line")
    changes = {
        at_row: Change(dict(zip(COLUMNS[first:], row, strict=False)), seen.get(at_row, 0))
        for at_row, row in enumerate(cells, start=position)
        if at_row <= MOST_ROWS and row
    }
    written = _write(actor, at, sheet, changes)
    written.left_out = max(0, position + len(cells) - 1 - MOST_ROWS)
    return written


def _in_range(position: int) -> None:
    if not 1 <= position <= MOST_ROWS:
        raise Invalid("no_such_line", f"一张议价表最多 {MOST_ROWS} 行。请另建一张议价表。", field="position")


def _write(actor: Actor, at: datetime, sheet: OfferSheet, changes: Mapping[int, Change]) -> Written:
    for position in changes:
        _in_range(position)
    changes = {position: _read(change) for position, change in changes.items()}
    stands = {row.position: row for row in OfferSheetRow.objects.filter(sheet=sheet, position__in=list(changes))}
    named = _named(actor, at, changes)
    written, new, changed = Written(), [], []
    for position, change in sorted(changes.items()):
        row = stands.get(position) or OfferSheetRow(sheet=sheet, position=position, version=0)
        cells = dict(change.cells)
        if change.price_group_id is not None:
            cells["product"] = named.names[change.price_group_id]
        if row.offer_id or row.version != change.version:
            if row.offer_id or any(getattr(row, column) != text for column, text in cells.items()):
                written.clashes.append(Clash(position, row, cells))
                continue
        elif _filled(row, cells, change.price_group_id or named.group(cells.get("product"))):
            row.version, row.changed_at = row.version + 1, at
            row.changed_by_name = actor.user_name[:60]
            scope.stamp(row, "changed", actor)
            row.answer = row.tried_at = None
            (changed if row.id else new).append(row)
        written.rows.append(row)
    OfferSheetRow.objects.bulk_create(row for row in new)
    OfferSheetRow.objects.bulk_update(changed, [*COLUMNS, *_MARKS])
    if new or changed:
        sheet.changed_at = at
        sheet.save(update_fields=["changed_at"])
    return written


_MARKS = ("price_group", "answer", "tried_at", "changed_at", *columns("changed_by"), "changed_by_name", "version")


def _read(change: Change) -> Change:
    read, cells = reading.Collected(), {}
    for column, text in change.cells.items():
        if column not in COLUMNS:
            raise Invalid("unknown_column", f"没有“{column[:20]}”这一列。", field=column[:20])
        label = COLUMN_LABELS[column]
        cells[column] = read(reading.text, text, column, label, most=LONGEST_CELL, required=False)
    group = read(reading.row_id, change.price_group_id, "price_group", "产品（计价组）", required=False)
    read.check()
    return replace(change, cells=cells, price_group_id=group)


@dataclass(frozen=True, slots=True)
class _Named:
    groups: Mapping[str, set[int]]
    names: Mapping[int, str]

    def group(self, text: str | None) -> int | None:
        """The one group a text names; None where it names none or several."""
        found = self.groups.get(text or "", set())
        return next(iter(found)) if len(found) == 1 else None


def _named(actor: Actor, at: datetime, changes: Mapping[int, Change]) -> _Named:
    on, chosen = business_date(at), [c.price_group_id for c in changes.values() if c.price_group_id is not None]
    texts = {c.cells["product"] for c in changes.values() if c.cells.get("product") and c.price_group_id is None}
    names = products.tradable_names(platform_id=actor.platform_id, price_group_ids=chosen, on=on) if chosen else {}
    if lost := sorted(set(chosen) - set(names)):
        obstacles = trading.obstacles_of_groups(platform_id=actor.platform_id, price_group_ids=lost[:1], on=on)
        raise Invalid("not_tradable", obstacles.get(lost[0], trading.NEVER_LISTED), field="price_group")
    groups = queries.products_named(platform_id=actor.platform_id, texts=texts, on=on) if texts else {}
    return _Named(groups, names)


def _filled(row: OfferSheetRow, cells: Mapping[str, str], group: int | None) -> bool:
    """Put the cells into the row; whether anything differs now."""
    differs = any(getattr(row, column) != text for column, text in cells.items())
    if "product" in cells and (row.product != cells["product"] or (group and group != row.price_group_id)):
        differs = True
        row.price_group_id = group
    for column, text in cells.items():
        setattr(row, column, text)
    return differs


@service
def sheet_close(*, actor: Actor, at: datetime, sheet_id: int) -> OfferSheet:
    """End a sheet: what was sent stays an offer, the rest stays to be read. Raises Conflict where it is closed already."""
    sheet = queries.lock_sheet(actor, sheet_id)
    sheet.state = moved(OFFER_SHEET, sheet.state, "close", actor)
    sheet.closed_at, sheet.sending_at, sheet.version = at, None, sheet.version + 1
    sheet.save(update_fields=["state", "closed_at", "sending_at", "version"])
    _record(OFFER_SHEET_CLOSED, sheet, actor, at)
    return sheet
