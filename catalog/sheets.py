"""The empty sheets of the national release."""

from catalog.services.release_rows import DISABLED, FULL, TRANSCODE
from sunlight.sheets.templates import Hint, Template

_CODE = "27 位全码（C 加 26 位数字；试剂 CJ 加 20 位），须存为文本。"
_OLD = Hint("原27位码", _CODE + "没有变更时与 27位码 相同。", width=30)
_STATES = ("保留", "停用")
_WANTED = {
    "GOODS_ID": Hint("GOODS_ID", "国家编码库的记录号，最多 40 个字符。"),
    "UDI": Hint("UDI", "产品标识 UDI-DI，最多 60 个字符。"),
    "原27位码": _OLD,
    "原码状态": Hint("原码状态", "原码是否继续使用。", choices=_STATES, width=10),
    "27位码": Hint("27位码", _CODE, must=True, width=30),
    "类型": Hint("类型", "本行对原码作何处理。", choices=("保留", "新增", "变更", "映射"), width=10),
    "20位码": Hint("20位码", "与 27 位码的前 20 位一致。", width=24),
    "注册备案号": Hint("注册备案号", "注册证或备案凭证编号，最多 200 个字符。", width=24),
    "单件产品名称": Hint("单件产品名称", "最多 500 个字符；为空时取医保通用名。", must=True, width=30),
    "耗材企业": Hint("耗材企业", "注册人或备案人名称，最多 300 个字符。", must=True, width=30),
}
_FULL = Template(
    FULL, [_WANTED.get(heading, Hint(heading, "按国家医保局公布的内容填写。")) for heading in FULL.headings]
)
_DISABLED = Template(
    DISABLED,
    (Hint("27位码", _CODE, must=True, width=30), Hint("原码状态", "只能是停用。", must=True, choices=("停用",))),
)
_TRANSCODE = Template(
    TRANSCODE,
    (
        Hint("原27位码", _CODE, must=True, width=30),
        Hint("原码状态", "只能是停用。", must=True, choices=("停用",)),
        Hint("27位码", "取代它的新码，须已在目录中。" + _CODE, must=True, width=30),
        Hint("类型", "变更或映射。", must=True, choices=("变更", "映射")),
    ),
)
TEMPLATES = {"full": _FULL, "disabled": _DISABLED, "transcode": _TRANSCODE}
