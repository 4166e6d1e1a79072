"""The commitment a manufacturer gives before its price data are taken (SZ24-3.2b): versioned text, hashed as signed."""

import hashlib
import json
from collections.abc import Sequence
from datetime import date

from pricing.rules.comparison import DeclaredRow

CURRENT_VERSION = "2025-01"
COMMITMENTS = {
    "2025-01": (
        "本企业承诺：所申报的外省医药集中采购平台价格及相关产品信息真实、有效、合法，与申报当日各省平台公布的价格一致，"
        "计价单位与包装换算准确，依据可供查验；价格发生变化的，及时更新申报。"
        "如有虚假申报，自愿承担撤网、限期不得恢复挂网及信用评价等后果。"
    ),
}


def commitment_text(
    version: str,
    *,
    manufacturer: str,
    credit_code: str,
    price_group: str,
    region: str,
    on: date,
    rows: Sequence[DeclaredRow],
) -> str:
    """The text as given: the version's wording, who gives it, for what, on which day, and the hash of the data declared."""
    return "\n".join(
        (
            f"省外价格申报承诺书（版本 {version}）",
            COMMITMENTS[version],
            f"申报企业：{manufacturer}（统一社会信用代码 {credit_code}）",
            f"计价组：{price_group}",
            f"适用地区：{region}",
            f"申报日期：{on.isoformat()}",
            f"申报数据摘要（SHA-256）：{rows_sha256(rows)}",
        )
    )


def rows_sha256(rows: Sequence[DeclaredRow]) -> str:
    """SHA-256 of the declared rows in canonical JSON, in the order of their provinces."""
    canonical = json.dumps(
        [row.to_dict() for row in sorted(rows, key=lambda row: row.province)],
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )
    return hashlib.sha256(canonical.encode()).hexdigest()
