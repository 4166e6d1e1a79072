"""The original of an invoice: what the XML of a digital invoice (数电票) or the data of an OFD says. A PDF is only kept.

Signatures are not checked here: whether the tax office knows the invoice is what the verifier asks. There is no published
schema; these are the elements that public readers agree on, and what else stands there is left alone.
"""

import io
import re
import zipfile
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException, ElementTree

from settlement.rules.matching import Face
from sunlight.files.filetypes import FileType
from sunlight.journal.refusals import Invalid
from sunlight.kernel.money import MoneyError, fen_from_yuan

# A digital invoice of five hundred lines stays below both.
MOST_XML_BYTES = 2 << 20
MOST_NODES = 50_000
ACCEPTED = frozenset({FileType.XML, FileType.OFD, FileType.PDF})
_ROOT = "EInvoice"
_FACE = {
    "number": ("TaxSupervisionInfo/InvoiceNumber", "Header/EIid"),
    "issued_on": ("EInvoiceData/BasicInformation/RequestTime", "TaxSupervisionInfo/IssueTime"),
    "net_fen": ("EInvoiceData/BasicInformation/TotalAmWithoutTax",),
    "tax_fen": ("EInvoiceData/BasicInformation/TotalTaxAm",),
    # The line's own field differs only in spelling (TotaltaxIncludedAmount): read by the whole path.
    "total_fen": ("EInvoiceData/BasicInformation/TotalTax-includedAmount",),
    "seller": ("EInvoiceData/SellerInformation/SellerIdNum",),
    "buyer": ("EInvoiceData/BuyerInformation/BuyerIdNum",),
}
_DEMANDED = ("number", "issued_on", "total_fen")
_OFD = {
    "code": "发票代码",
    "number": "发票号码",
    "issued_on": "开票日期",
    "net_fen": "合计金额",
    "tax_fen": "合计税额",
    "total_fen": "价税合计",
    "seller": "销售方纳税人识别号",
    "buyer": "购买方纳税人识别号",
}
_AMOUNT = re.compile(r"-?[0-9]{1,14}(\.[0-9]{1,13})?")
_NO_TAX = {"", "*", "**", "***", "免税", "不征税"}


@dataclass(frozen=True, slots=True)
class Original:
    """`face` is what it says, None where nothing was read."""

    face: Face | None
    is_red: bool = False


def read_original(content: bytes, kind: FileType) -> Original:
    """What the original says. Raises Invalid for an XML that is no digital invoice or holds several."""
    if kind == FileType.XML:
        return _of_xml(_parsed(content))
    if kind == FileType.OFD:
        return _of_ofd(content)
    return Original(None)


def _unreadable(why: str) -> Invalid:
    return Invalid(
        "original_unreadable",
        f"发票原件{why}。请从税务数字账户重新下载数电票的 XML、OFD 或 PDF 后提交。",
        field="original",
    )


def _parsed(content: bytes) -> Element:
    if len(content) > MOST_XML_BYTES:
        raise _unreadable(f" XML 超过 {MOST_XML_BYTES >> 20} MB")
    try:
        root = ElementTree.fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as wrong:
        raise _unreadable("不是完整的 XML，或含有外部实体") from wrong
    if sum(1 for _ in root.iter()) > MOST_NODES:
        raise _unreadable(" XML 的内容过多")
    return root


def _local(tag: object) -> str:
    return str(tag).rpartition("}")[2]


def _of_xml(root: Element) -> Original:
    found = [each for each in root.iter() if _local(each.tag) == _ROOT]
    if len(found) != 1:
        raise _unreadable("不是一张数电票的 XML" if not found else " XML 中有多张发票，请逐张提交")
    texts = {
        name: next((text for path in paths if (text := _text(found[0], path))), None) for name, paths in _FACE.items()
    }
    face, is_red = _face(texts, demanded=_DEMANDED)
    label = _text(found[0], "Header/InherentLabel/InIssuType/LabelCode")
    return Original(face, is_red or label == "N")


def _text(node: Element, path: str) -> str:
    for name in path.split("/"):
        # Signatures repeat names: only the invoice's own children are looked at, step by step.
        node = next((child for child in node if _local(child.tag) == name), None)
        if node is None:
            return ""
    return (node.text or "").strip()


def _of_ofd(content: bytes) -> Original:
    """The custom data of OFD.xml, where there are any; the picture itself is not read."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open("OFD.xml") as part:
        root = _parsed(part.read(MOST_XML_BYTES + 1))
    said = {each.get("Name", ""): (each.text or "").strip() for each in root.iter() if _local(each.tag) == "CustomData"}
    texts = {name: said.get(label) for name, label in _OFD.items()}
    if not texts["number"]:
        return Original(None)
    return Original(*_face(texts))


def _face(texts: dict[str, str | None], *, demanded: tuple[str, ...] = ()) -> tuple[Face, bool]:
    """The face, and whether an amount is negative. Raises Invalid for what cannot be read or is missing."""
    values: dict[str, object] = {}
    is_red = False
    for name, text in texts.items():
        if text is None or (not text and name != "tax_fen"):
            if name in demanded:
                raise _unreadable("缺少号码、日期或价税合计")
            continue
        try:
            values[name] = _value(name, text)
        except (ValueError, MoneyError) as wrong:
            raise _unreadable(f"中“{text[:40]}”无法识别") from wrong
        is_red = is_red or (name.endswith("_fen") and values[name] < 0)
    return Face(**values), is_red


def _value(name: str, text: str) -> object:
    if name.endswith("_fen"):
        if name == "tax_fen" and text in _NO_TAX:
            return 0
        plain = text.lstrip("¥￥").replace(",", "")
        if not _AMOUNT.fullmatch(plain):
            raise ValueError(name)
        return fen_from_yuan(Decimal(plain))
    if name == "issued_on":
        digits = "".join(c for c in text[:11] if c.isdigit())[:8]
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    return text
