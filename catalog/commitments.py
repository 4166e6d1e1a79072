"""The commitment of truth a manufacturer signs with each application (SZ24-3.2b): fixed text, versioned, kept by hash."""

import hashlib
from dataclasses import dataclass

VERSION = "2025-01"
_TEXT = """产品与价格信息真实性承诺书（{version} 版）

承诺企业：{manufacturer}
挂网申请：{number}
产品：{product}，注册备案号 {certificate}
计价单位与申报价：每{unit} {price} 元
规格型号：共 {count} 个，编码依次为 {codes}

本企业郑重承诺：
一、所提交的产品资质、注册备案信息、规格型号及国家医保编码真实、有效、合法，且在有效期内；
二、所申报的挂网价格及其他省份价格真实、完整，价格变化时及时更新；
三、接受主管部门与运营机构核查，如有虚假，自愿承担撤网、信用评价等一切后果；
四、保障供应，按平台规则自主选择配送企业，不以任何形式给付回扣或不正当利益。
"""


@dataclass(frozen=True)
class Commitment:
    """A commitment as it is shown and signed."""

    text: str

    @property
    def sha256(self) -> str:
        """Hash of the UTF-8 text: what the signature binds."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def listing_commitment(
    *, manufacturer: str, number: str, product: str, certificate: str, unit: str, price: str, codes: list[str]
) -> Commitment:
    """The text for one application; `price` in CNY a pricing unit with 4 decimals."""
    text = _TEXT.format(
        version=VERSION,
        manufacturer=manufacturer,
        number=number,
        product=product,
        certificate=certificate,
        unit=unit,
        price=price,
        count=len(codes),
        codes="、".join(codes),
    )
    return Commitment(text)
