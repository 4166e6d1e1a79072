"""The empty price list of other provinces."""

from collections.abc import Sequence

from pricing.services.price_lists import LAYOUT
from sunlight.sheets.templates import Hint, Template


def price_list_template(provinces: Sequence[str]) -> Template:
    """The price list's columns, with the provinces to choose from."""
    return Template(
        LAYOUT,
        (
            Hint("省份", "另一省份的名称或国标六位代码，每个产品每个省份一行。", must=True, choices=provinces),
            Hint("平台名称", "该省采购平台，最多 100 个字符。"),
            Hint("27位码", "27 位全码（试剂 22 位），与 20位码 填一个即可。", width=30),
            Hint("20位码", "20 位通用码，与 27位码 填一个即可。", width=24),
            Hint("注册备案号", "本企业该产品的注册证或备案编号。", must=True, width=24),
            Hint("计价单位", "计价单位或已登记的包装，按包装填的价格会折算。", must=True, width=10),
            Hint("换算系数", "填写时须与已登记的包装一致。", width=10),
            Hint("挂网价", "大于 0，最多 4 位小数，只填数字。", must=True, width=14),
            Hint("生效日期", "如 2026-03-01，不晚于今天。", must=True, width=14),
            Hint("截止日期", "长期有效不填。", width=14),
            Hint("依据", "公告文号或网址，最多 300 个字符。", must=True, width=40),
        ),
    )
