"""Declarations of other provinces' prices: submitted with commitment, confirmed or returned by the operator."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from catalog.models import PriceGroup
from pricing.events import DECLARATION_CONFIRMED, DECLARATION_REJECTED, DECLARATION_SUBMITTED
from pricing.models import Declaration, DeclaredPrice, ProvincePrice
from pricing.queries.declared import declared_rows, lock_declaration, own_price_group, units_of
from pricing.rules.commitment import COMMITMENTS, CURRENT_VERSION, commitment_text
from pricing.rules.comparison import DeclaredRow, RowRefused, compared_row
from pricing.rules.provinces import PROVINCES, province_of_region
from pricing.services.publication import price_information_publish
from pricing.workflows import DECLARATION, DeclarationState
from sunlight import scope
from sunlight.journal.declared import EventType
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, same_version
from sunlight.journal.services import record_all, service
from sunlight.kernel import reading
from sunlight.numbering import platform_numbers
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.scope.duties import moved
from sunlight.tenancy.models import Platform

# Who declares what; in Shenzhen a draft asks for it, in Jiangsu the rules in force.
REQUIRED = "declaration.required"
MOST_ROWS = len(PROVINCES)
S = DeclarationState


@service
def declaration_submit(
    *,
    actor: Actor,
    at: datetime,
    price_group_id: int,
    rows: Sequence[Mapping[str, object]],
    commits: bool,
    commitment_version: str = CURRENT_VERSION,
) -> Declaration:
    """A manufacturer declares the prices of one of its price groups on other provinces' platforms (SZ24-3.2a), one row a
    province with the keys of `rules.comparison.FIELDS`, under its commitment of truth (SZ24-3.2b).

    Raises Forbidden without the lister's role, NotThere for another maker's group, Invalid with one item for each fault
    (`prices[2].price`) or without the commitment, Conflict where every row stands already.
    """
    check_lister(actor, at)
    version = check_commitment(actor, at, commits, commitment_version)
    group = own_price_group(actor, price_group_id)
    if not rows:
        raise Invalid("no_prices", "请至少填写一个省份的价格。", field="prices")
    if len(rows) > MOST_ROWS:
        raise Invalid("too_many_rows", f"一次申报最多 {MOST_ROWS} 个省份，请删除多余的行。", field="prices")
    units = units_of([group])[group.id]
    own, today = province_of_region(actor.region_code), business_date(at)
    taken: list[DeclaredRow] = []
    faults: list[dict] = []
    is_of_law = False
    for index, typed in enumerate(rows):
        try:
            row = compared_row(typed, units=units, own_province=own, today=today)
        except RowRefused as refused:
            faults += [
                {"field": f"prices[{index}].{f.field}", "code": f.code, "message": f.message} for f in refused.faults
            ]
            is_of_law = is_of_law or any(fault.is_of_law for fault in refused.faults)
            continue
        if any(row.province == other.province for other in taken):
            message = f"{PROVINCES[row.province]}填写了不止一次，一个省份只能填一行"
            faults.append({"field": f"prices[{index}].province", "code": "province_twice", "message": message})
        taken.append(row)
    if faults:
        first = faults[0]
        more = f"（共 {len(faults)} 处，见各行提示）" if len(faults) > 1 else ""
        basis = scope.basis(actor, at, REQUIRED) if is_of_law else ()
        raise Invalid(first["code"], f"{first['message']}{more}。", field=first["field"], basis=basis, items=faults)
    if not (new := unlike_standing(actor, {group.id: taken})[group.id]):
        raise Conflict("already_declared", "所填价格与待确认或现行的申报完全相同，无需重复申报。")
    return keep_declarations(actor, at, [(group, new)], version)[0]


@service
def declaration_confirm(
    *, actor: Actor, at: datetime, declaration_id: int, note: str = "", version: int | None = None
) -> Declaration:
    """The operator confirms that the prices can be compared (SZ24-3.2a): they take the place of those before, and the
    group's price information is published at once.

    Raises NotThere, Conflict where it is decided already or has changed since `version`, or where a later declaration of
    the same group is.
    """
    row = lock_declaration(actor, declaration_id)
    same_version(row.version, version)
    state = moved(DECLARATION, row.state, "confirm", actor)
    prices = declared_rows([row.id])[row.id]
    current = (
        ProvincePrice.objects.select_for_update(of=("self",))
        .select_related("declared_price")
        .filter(
            region_id=row.region_id,
            price_group_id=row.price_group_id,
            province__in=[price.province for price in prices],
            superseded_at=None,
        )
    )
    if any(price.declared_price.declaration_id > row.id for price in current):
        raise Conflict(
            "later_declaration_confirmed",
            "同一计价组更晚的申报已经确认，本申报不能再替代它。请退回本申报。",
            subject=("declaration", row.id),
        )
    ProvincePrice.objects.filter(id__in=[price.id for price in current]).update(superseded_at=at)
    ProvincePrice.objects.bulk_create(
        ProvincePrice(
            region_id=row.region_id,
            price_group_id=row.price_group_id,
            province=price.province,
            price=price.price,
            valid_from=price.valid_from,
            valid_to=price.valid_to,
            declared_price=price,
            confirmed_at=at,
        )
        for price in prices
    )
    _decide(row, state, DECLARATION_CONFIRMED, actor, at, reading.text(note, "note", "备注", most=500, required=False))
    price_information_publish(actor=actor, at=at, region=row.region.code, price_group_ids=[row.price_group_id])
    return row


@service
def declaration_reject(
    *, actor: Actor, at: datetime, declaration_id: int, reason: str, version: int | None = None
) -> Declaration:
    """The operator returns a declaration with the reason; nothing of it counts. Raises NotThere, Conflict, Invalid
    without a reason."""
    row = lock_declaration(actor, declaration_id)
    same_version(row.version, version)
    state = moved(DECLARATION, row.state, "reject", actor)
    reason = reading.reason(reason, label="退回理由", way_out="，写明需要更正的省份与内容")
    return _decide(row, state, DECLARATION_REJECTED, actor, at, reason)


def check_lister(actor: Actor, at: datetime) -> None:
    """Raises Forbidden: prices are declared by the manufacturer's lister."""
    if not actor.has(Role.SUPPLIER_LISTER):
        message = "省外价格由生产企业的挂网专员申报。请联系本企业管理员开通该岗位。"
        raise Forbidden("role_missing", message, basis=scope.basis(actor, at, REQUIRED))


def check_commitment(actor: Actor, at: datetime, commits: bool, version: str) -> str:
    """The version of the commitment that was given; empty for none, which goes where no text asks for it (SZ24-3.2b,
    JS20-34). Raises Refused without it, Invalid for a wording no longer in use."""
    if not commits:
        asked = scope.basis(actor, at, "catalog.commitment")
        if not asked:
            return ""
        message = "申报前须承诺产品与价格信息真实、有效、合法，请勾选承诺书后再提交。"
        raise Invalid("commitment_missing", message, field="commitment", basis=asked)
    if version not in COMMITMENTS or version != CURRENT_VERSION:
        message = f"承诺书版本应为 {CURRENT_VERSION}，请重新打开页面阅读现行承诺书。"
        raise Invalid("commitment_outdated", message, field="commitment_version")
    return version


def unlike_standing(actor: Actor, wanted: Mapping[int, Sequence[DeclaredRow]]) -> dict[int, list[DeclaredRow]]:
    """Of rows by group those that no declaration of the maker awaiting confirmation, and no confirmed price in force,
    states already word for word. Two queries."""
    standing = set()
    pending = DeclaredPrice.objects.filter(
        declaration__platform_id=actor.platform_id,
        declaration__manufacturer_id=actor.organisation_id,
        declaration__price_group_id__in=list(wanted),
        declaration__state=S.SUBMITTED,
    ).select_related("declaration")
    current = ProvincePrice.objects.filter(
        region__code=actor.region_code, price_group_id__in=list(wanted), superseded_at=None
    ).select_related("declared_price__declaration")
    for stated in (*pending, *(price.declared_price for price in current)):
        standing.add((stated.declaration.price_group_id, _words(stated)))
    return {group: [row for row in rows if (group, _words(row)) not in standing] for group, rows in wanted.items()}


def _words(row: DeclaredRow | DeclaredPrice) -> tuple:
    return (
        row.province,
        row.stated_price,
        row.stated_unit,
        row.factor,
        row.valid_from,
        row.valid_to,
        row.platform_name,
        row.evidence,
    )


def keep_declarations(
    actor: Actor,
    at: datetime,
    wanted: Sequence[tuple[PriceGroup, Sequence[DeclaredRow]]],
    version: str,
    import_run_id: int | None = None,
) -> list[Declaration]:
    """Write declarations of checked rows, one per price group; for the services of this package. As many statements for
    many as for one."""
    on = business_date(at)
    platform = Platform.objects.select_related("region").get(id=actor.platform_id)
    made = []
    for number, (group, rows) in zip(platform_numbers(on, len(wanted)), wanted, strict=True):
        text = _commitment_of(group, rows, version, platform, on) if version else ""
        made.append(
            Declaration(
                number=number,
                platform=platform,
                region=platform.region,
                manufacturer_id=actor.organisation_id,
                price_group=group,
                state=S.SUBMITTED,
                commitment_version=version,
                commitment_text=text,
                commitment_sha256=hashlib.sha256(text.encode()).hexdigest() if text else "",
                submitted_at=at,
                **scope.by(actor, "submitted"),
                import_run_id=import_run_id,
            )
        )
    Declaration.objects.bulk_create(made)
    of_rows = [(declaration, rows) for declaration, (_, rows) in zip(made, wanted, strict=True)]
    DeclaredPrice.objects.bulk_create(
        DeclaredPrice(declaration=declaration, **_values(row)) for declaration, rows in of_rows for row in rows
    )
    happened = [_event(declaration, {"prices": [row.to_dict() for row in rows]}) for declaration, rows in of_rows]
    record_all(DECLARATION_SUBMITTED, happened, actor=actor, at=at)
    return made


def _commitment_of(group: PriceGroup, rows: Sequence[DeclaredRow], version: str, platform: Platform, on: date) -> str:
    return commitment_text(
        version,
        manufacturer=group.manufacturer.name,
        credit_code=group.manufacturer.credit_code,
        price_group=f"{group.name}（{group.generic_code}，注册备案号 {group.certificate.number}，计价单位 {group.pricing_unit}）",
        region=platform.region.name,
        on=on,
        rows=rows,
    )


def _values(row: DeclaredRow) -> dict:
    return {name: getattr(row, name) for name in DeclaredRow.__dataclass_fields__}


def _decide(row: Declaration, state: str, event: EventType, actor: Actor, at: datetime, note: str) -> Declaration:
    row.state, row.decided_at = state, at
    row.decision_note = note
    row.version += 1
    who = scope.stamp(row, "decided", actor)
    row.save(update_fields=["state", "decided_at", *who, "decision_note", "version"])
    record_all(event, [_event(row, {"note": row.decision_note})], actor=actor, at=at)
    return row


def _event(row: Declaration, more: dict) -> dict:
    return {
        "subject": row.id,
        "parties": [row.manufacturer_id],
        "version": row.version,
        "payload": {
            "number": row.number,
            "region_id": row.region_id,
            "manufacturer_id": row.manufacturer_id,
            "price_group_id": row.price_group_id,
            "state": row.state,
            "commitment_version": row.commitment_version,
            "commitment_sha256": row.commitment_sha256,
            "import_run_id": row.import_run_id,
            **more,
        },
    }
