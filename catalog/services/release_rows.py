"""Reading the national release: its sheets, and their rows as checked values.

Nothing here touches the database. A bad row raises `Invalid`, whose field names the column.
"""

import functools
from dataclasses import dataclass
from itertools import chain

from pypinyin import Style, lazy_pinyin

from catalog.queries.codes import pairs_of
from catalog.rules import code_parse
from sunlight.journal.refusals import Invalid
from sunlight.sheets.reading import Layout, Row, narrow

FULL = Layout(
    "catalog.full",
    "全量规格型号信息（21 列）",
    (
        "GOODS_ID",
        "UDI",
        "原27位码",
        "原码状态",
        "27位码",
        "类型",
        "20位码",
        "一级分类",
        "二级分类",
        "三级分类",
        "医保通用名分类",
        "材质",
        "特征",
        "注册备案号",
        "单件产品名称",
        "耗材企业",
        "规格型号数",
        "规格",
        "型号",
        "医保通用名编号",
        "医保通用名",
    ),
)
DISABLED = Layout("catalog.disabled", "停用表（27位码、原码状态）", ("27位码", "原码状态"))
TRANSCODE = Layout(
    "catalog.transcode", "转码表（原27位码、原码状态、27位码、类型）", ("原27位码", "原码状态", "27位码", "类型")
)
LAYOUTS = (FULL, DISABLED, TRANSCODE)

RETIRED = "停用"
OLD_STATES = frozenset({"", "保留", RETIRED})
CHANGES = frozenset({"", "保留", "新增", "变更", "映射"})
_DASHES = str.maketrans(dict.fromkeys("－—–‐‑−", "-"))
# Search reaches this far into a specification; some run to tens of thousands of characters.
SEARCHED_CHARACTERS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseRow:
    """A good row of a release. The field names are the columns of the staging table, and those from `code` on are the
    catalogue's too; `release_sql` takes its lists of columns from here."""

    row_number: int
    # The older code that this one replaces, if any.
    old_code: str = ""
    code: str
    is_retired: bool = False
    generic_code: str = ""
    kind: str = ""
    goods_id: str = ""
    udi_di: str = ""
    category_1: str = ""
    category_2: str = ""
    category_3: str = ""
    common_name_class: str = ""
    common_name_code: str = ""
    common_name: str = ""
    material: str = ""
    feature: str = ""
    registration_number: str = ""
    product_name: str = ""
    producer_name: str = ""
    specification: str = ""
    model: str = ""
    search_text: str = ""
    search_pairs: tuple[int, ...] = ()
    initials: str = ""


# heading: (field, longest)
_TEXTS = {
    "一级分类": ("category_1", 60),
    "二级分类": ("category_2", 60),
    "三级分类": ("category_3", 60),
    "医保通用名分类": ("common_name_class", 80),
    "医保通用名编号": ("common_name_code", 40),
    "医保通用名": ("common_name", 200),
    "材质": ("material", 80),
    "特征": ("feature", 120),
    "注册备案号": ("registration_number", 200),
    "单件产品名称": ("product_name", 500),
    "耗材企业": ("producer_name", 300),
    "规格": ("specification", None),
    "型号": ("model", None),
    "GOODS_ID": ("goods_id", 40),
    "UDI": ("udi_di", 60),
}
# Names stand as published; what is compared or sorted is narrowed.
_NARROWED = frozenset(
    {
        "category_1",
        "category_2",
        "category_3",
        "common_name_class",
        "common_name_code",
        "material",
        "feature",
        "registration_number",
        "goods_id",
        "udi_di",
    }
)


def full_code(typed: str, heading: str, law) -> tuple[str, str]:
    """(normalised code, kind) of a 27-digit consumable or 22-digit reagent code, by rule `code.parse`.

    Raises Invalid for an empty, malformed or short code, by the clauses in force where some are.
    """
    if not typed:
        raise Invalid("code_missing", f"“{heading}”为空。请填写 27 位全码。", field=heading)
    outcome = code_parse(law, code=typed).outcome
    if outcome["full"]:
        return outcome["normalised"], outcome["kind"]
    shown = outcome["normalised"][:40]
    if outcome["kind"] == "generic":
        raise Invalid(
            "code_not_full",
            f"编码 {shown} 只有 20 位，是通用码。各环节须使用 27 位全码（试剂 22 位），请补全末 7 位规格型号流水。",
            field=heading,
            basis=law.basis("catalog.full_code_required"),
        )
    raise Invalid(
        "code_malformed",
        f"编码“{shown}”共 {len(outcome['normalised'])} 位，不是有效的国家医保编码：耗材为 C 加 26 位数字，"
        "试剂为 CJ 加 20 位数字或字母。请对照国家编码数据库改正（编码须存为文本，数字格式会丢失末位）。",
        field=heading,
        basis=law.basis("catalog.national_codes"),
    )


def full_row(row: Row, law) -> ReleaseRow:
    """A row of the 21-column sheet. Raises Invalid."""
    old_state, change = _one_of(row, "原码状态", OLD_STATES), _one_of(row, "类型", CHANGES)
    retired = old_state == RETIRED
    old_typed = row["原27位码"]
    code, kind = full_code(row["27位码"] or (old_typed if retired else ""), "27位码", law)
    if old_typed in ("", row["27位码"]):
        old_code = code if old_typed else ""
    else:
        old_code = full_code(old_typed, "原27位码", law)[0]
    stated = narrow(row["20位码"]).upper()
    if stated and stated != code[: len(stated)]:
        raise Invalid(
            "generic_code_differs",
            f"20 位码 {stated[:30]} 与 27 位码的前 20 位 {code[:20]} 不一致。请核对后改正其一。",
            field="20位码",
            basis=law.basis("catalog.national_codes"),
        )
    values = {name: _cell(row, heading, name, longest) for heading, (name, longest) in _TEXTS.items()}
    values["product_name"] = values["product_name"] or values["common_name"]
    for heading, name in (("单件产品名称", "product_name"), ("耗材企业", "producer_name")):
        if not values[name]:
            raise Invalid("value_missing", f"“{heading}”为空。请补充后重新上传。", field=heading)
    replaces_old = old_code != code and (retired or change in ("变更", "映射"))
    searched = _search_parts(values)
    return ReleaseRow(
        row_number=row.number,
        code=code,
        generic_code=code[:20] if kind == "consumable" else "",
        kind=kind,
        is_retired=retired and old_code in ("", code),
        old_code=old_code if replaces_old else "",
        search_text=" ".join(searched),
        search_pairs=tuple(chain.from_iterable(map(_pairs, searched))),
        initials=initials(values["product_name"]),
        **values,
    )


def disabled_row(row: Row, law) -> ReleaseRow:
    """A row of 停用表: the code that ends. Raises Invalid."""
    _one_of(row, "原码状态", frozenset({RETIRED}))
    return ReleaseRow(row_number=row.number, code=full_code(row["27位码"], "27位码", law)[0], is_retired=True)


def transcoded_row(row: Row, law) -> ReleaseRow:
    """A row of 转码表: the old code ends, the new one replaces it. Raises Invalid."""
    _one_of(row, "原码状态", frozenset({RETIRED}))
    _one_of(row, "类型", frozenset({"变更", "映射"}))
    old, new = full_code(row["原27位码"], "原27位码", law)[0], full_code(row["27位码"], "27位码", law)[0]
    if old == new:
        raise Invalid(
            "code_replaces_itself", f"原码与新码相同（{old}）。请填写不同的新码，或改用停用表。", field="27位码"
        )
    return ReleaseRow(row_number=row.number, code=new, old_code=old, is_retired=True)


READERS = {FULL.key: full_row, DISABLED.key: disabled_row, TRANSCODE.key: transcoded_row}


def _one_of(row: Row, heading: str, known: frozenset[str]) -> str:
    value = narrow(row[heading])
    if value not in known:
        choices = "、".join(sorted(v for v in known if v))
        raise Invalid(
            "unknown_value", f"“{heading}”为“{value[:30]}”，只能是：{choices}。请改正后重新上传。", field=heading
        )
    return value


def _cell(row: Row, heading: str, name: str, longest: int | None) -> str:
    value = row[heading]
    if name in _NARROWED:
        value = narrow(value).translate(_DASHES)
    if longest is not None and len(value) > longest:
        raise Invalid(
            "value_too_long", f"“{heading}”有 {len(value)} 个字符，最多 {longest} 个。请缩短后重新上传。", field=heading
        )
    return value


@functools.lru_cache(maxsize=20_000)
def initials(text: str) -> str:
    """Pinyin initials in lower case, other characters as they are, blanks left out: 示范支架 A1 → sfzja1."""
    letters = lazy_pinyin(narrow(text), style=Style.FIRST_LETTER, errors=lambda rest: list(rest))
    return "".join("".join(letters).split()).lower()[:200]


def _search_parts(values: dict[str, str]) -> list[str]:
    """The texts that a search looks into: names, maker, certificate, specification and model, and the names' initials."""
    parts = (
        values["product_name"],
        values["common_name"],
        values["producer_name"],
        values["registration_number"],
        values["specification"][:SEARCHED_CHARACTERS],
        values["model"][:SEARCHED_CHARACTERS],
        initials(values["product_name"]),
        initials(values["producer_name"]),
    )
    return list(dict.fromkeys(narrow(part).lower() for part in parts if part))


@functools.lru_cache(maxsize=200_000)
def _pairs(part: str) -> list[int]:
    return sorted(pairs_of(part))
