"""Taking in a fifteen-province price list: a sheet of one row for each product and province (SZ24-3.2a)."""

import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from catalog.models import NationalCode, PriceGroup
from catalog.rules import code_parse
from pricing.queries.declared import PRICE_LIST, units_of
from pricing.rules.commitment import CURRENT_VERSION
from pricing.rules.comparison import DeclaredRow, RowRefused, compared_row
from pricing.rules.provinces import PROVINCES, province_of_region
from pricing.services.declarations import REQUIRED, check_commitment, check_lister, keep_declarations, unlike_standing
from sunlight import scope
from sunlight.files.services.files import file_store
from sunlight.journal.refusals import Invalid
from sunlight.journal.services import service
from sunlight.kernel.policy import Law
from sunlight.kernel.units import Units
from sunlight.scope import Actor
from sunlight.scope.clock import business_date
from sunlight.sheets.models import ImportRun
from sunlight.sheets.reading import Layout, Row, read_sheet
from sunlight.sheets.services import BadRow, import_run_finish, import_run_start

MOST_ROWS = 20_000
LAYOUT = Layout(
    PRICE_LIST,
    "外省平台价格表",
    ("省份", "注册备案号", "计价单位", "挂网价", "生效日期", "依据"),
    ("27位码", "20位码", "平台名称", "换算系数", "截止日期", "产品名称"),
)
COLUMNS = {
    "province": "省份",
    "price": "挂网价",
    "unit": "计价单位",
    "factor": "换算系数",
    "valid_from": "生效日期",
    "valid_to": "截止日期",
    "platform_name": "平台名称",
    "evidence": "依据",
}


@service
def price_list_import(
    *,
    actor: Actor,
    at: datetime,
    name: str,
    content: bytes,
    commits: bool,
    commitment_version: str = CURRENT_VERSION,
    whole: bool = False,
) -> ImportRun:
    """Import a price list (CSV or xlsx, docs/formats.md) of the actor's products: good rows become declarations
    awaiting confirmation, one per price group, under the maker's commitment (SZ24-3.2b); every other row is kept with
    its reason; rows that are known already count as unchanged, so that a file sent twice declares nothing twice. With
    `whole` nothing is declared unless every row is good.

    Raises Forbidden, Invalid without the commitment or for a file that is no such sheet; then nothing is kept.
    """
    check_lister(actor, at)
    version = check_commitment(actor, at, commits, commitment_version)
    rows = list(read_sheet(content, [LAYOUT], most_rows=MOST_ROWS).rows)
    file = file_store(actor=actor, at=at, name=name, content=content)
    run = import_run_start(actor=actor, at=at, kind=PRICE_LIST, file=file, whole=whole)
    reading = _Reading.of(actor, rows, business_date(at))
    for row in rows:
        reading.take(row)
    if whole and reading.bad:
        held = sum(map(len, reading.taken.values()))
        return import_run_finish(actor=actor, at=at, run=run, taken=0, refused=reading.bad, held=held)
    new = {group: kept for group, kept in unlike_standing(actor, reading.taken).items() if kept}
    made = keep_declarations(actor, at, [(reading.groups[group], kept) for group, kept in new.items()], version, run.id)
    taken = sum(map(len, new.values()))
    unchanged = sum(map(len, reading.taken.values())) - taken
    return import_run_finish(
        actor=actor,
        at=at,
        run=run,
        taken=taken,
        unchanged=unchanged,
        refused=reading.bad,
        facts={"declarations": [declaration.number for declaration in made]},
    )


@dataclass
class _Reading:
    """The maker's products that a list names, and what became of its rows."""

    law: Law
    today: date
    own_province: str
    groups: dict[int, PriceGroup]
    by_code: Mapping[str, Sequence[PriceGroup]]
    units: Mapping[int, Units]
    codes: Mapping[str, NationalCode]
    taken: dict[int, list[DeclaredRow]] = field(default_factory=lambda: defaultdict(list))
    bad: list[BadRow] = field(default_factory=list)

    @classmethod
    def of(cls, actor: Actor, rows: Sequence[Row], today: date) -> "_Reading":
        law = scope.law(actor, today)
        parsed = [parsed for row in rows if (parsed := _parsed(law, row))["valid"]]
        generic = {_generic(outcome) for outcome in parsed}
        full = {outcome["normalised"] for outcome in parsed if outcome["full"]}
        groups = {
            group.id: group
            for group in PriceGroup.objects.select_related("certificate", "manufacturer")
            .filter(manufacturer_id=actor.organisation_id, generic_code__in=generic)
            .order_by("id")
        }
        by_code: dict[str, list[PriceGroup]] = defaultdict(list)
        for group in groups.values():
            by_code[group.generic_code].append(group)
        codes = NationalCode.objects.only("code", "is_retired", "replaced_by").filter(code__in=full)
        return cls(
            law,
            today,
            province_of_region(actor.region_code),
            groups,
            by_code,
            units_of(groups.values()),
            {code.code: code for code in codes},
        )

    def take(self, row: Row) -> None:
        """Keep a row as a declared price, or as refused."""
        if row.fault:
            self.bad.append(BadRow.broken(row))
            return
        found = self._group(row)
        if isinstance(found, tuple):
            self._refuse(row, *found)
            return
        try:
            typed = {key: row[column] for key, column in COLUMNS.items()}
            price = compared_row(typed, units=self.units[found.id], own_province=self.own_province, today=self.today)
        except RowRefused as refused:
            first = refused.faults[0]
            key = REQUIRED if any(fault.is_of_law for fault in refused.faults) else ""
            self._refuse(row, COLUMNS[first.field], first.code, str(refused) + "。", key)
            return
        if any(price.province == other.province for other in self.taken[found.id]):
            message = f"本文件中该产品的{PROVINCES[price.province]}价格已出现过一次，请只保留一行。"
            self._refuse(row, "省份", "province_twice", message)
            return
        self.taken[found.id].append(price)

    def _refuse(self, row: Row, column: str, code: str, message: str, key: str = "") -> None:
        """`key` names the parameter that a refusal rests on."""
        basis = self.law.basis(key) if key else ()
        self.bad.append(BadRow.of(row, Invalid(code, message, field=column, basis=basis)))

    def _group(self, row: Row) -> PriceGroup | tuple[str, ...]:
        """The maker's price group that a row means, or (column, code, message, key)."""
        outcome = _parsed(self.law, row)
        column = "27位码" if row["27位码"] else "20位码"
        if not outcome["valid"]:
            typed = row["27位码"] or row["20位码"]
            what = f"编码“{typed[:30]}”不是医保编码" if typed else "未填写编码"
            return column, "bad_code", f"{what}，请填写 27 位码（试剂 22 位）或 20 位码。"
        if outcome["full"]:
            known = self.codes.get(outcome["normalised"])
            if known is None:
                return column, "unknown_code", "国家医保编码表中没有这个编码，请核对。", "catalog.national_codes"
            if known.is_retired:
                other = f"，请改用 {known.replaced_by}" if known.replaced_by else ""
                return column, "retired_code", f"该编码已停用{other}。", "catalog.national_codes"
        number = _number(row["注册备案号"])
        of_code = self.by_code.get(_generic(outcome), ())
        of_both = [group for group in of_code if _number(group.certificate.number) == number]
        if not of_code:
            return column, "not_your_product", "本企业没有这个编码的计价组，请先申请挂网，或核对编码。"
        if not of_both:
            message = f"注册备案号“{row['注册备案号'][:60]}”与本企业该编码的产品不符，请核对注册证。"
            return "注册备案号", "other_certificate", message
        unit = unicodedata.normalize("NFKC", row["计价单位"]).strip()
        priced_so = [group for group in of_both if group.pricing_unit == unit]
        packed_so = [group for group in of_both if any(pack.name == unit for pack in self.units[group.id].packs)]
        # A unit that neither is one's own: the first group's reading of the row says which units there are.
        return (priced_so or packed_so or of_both)[0]


def _parsed(law: Law, row: Row) -> Mapping[str, object]:
    return code_parse(law, code=row["27位码"] or row["20位码"]).outcome


def _generic(outcome: Mapping[str, object]) -> str:
    """The code of price groups: the first 20 characters of a consumable's, all of a reagent's."""
    return outcome["generic"] or outcome["normalised"]


def _number(typed: str) -> str:
    return "".join(unicodedata.normalize("NFKC", typed).split())
