"""The XML of a digital invoice (数电票), with the elements that public readers agree on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from xml.sax.saxutils import escape


@dataclass(frozen=True, slots=True)
class Item:
    """A line; amounts in yuan as text, without tax and the tax on it."""

    name: str
    unit: str
    quantity: str
    amount: str
    tax: str


def einvoice(
    *,
    number: str,
    issued_on: date,
    seller: tuple[str, str],
    buyer: tuple[str, str],
    net: str,
    tax: str,
    total: str,
    rate: str,
    items: Sequence[Item] = (),
    is_red: bool = False,
) -> bytes:
    """An invoice of `seller` to `buyer` (name, tax number each); amounts in yuan as text."""
    lines = "".join(
        "<IssuItemInformation>"
        f"<ItemName>*医疗仪器器械*{escape(item.name)}</ItemName><MeaUnits>{escape(item.unit)}</MeaUnits>"
        f"<Quantity>{item.quantity}</Quantity><Amount>{item.amount}</Amount><TaxRate>{rate}</TaxRate>"
        f"<ComTaxAm>{item.tax}</ComTaxAm></IssuItemInformation>"
        for item in items
    )
    kind = "N" if is_red else "Y"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f"<EInvoice><Header><EIid>{number}</EIid><Version>0.2</Version><InherentLabel>"
        f"<InIssuType><LabelCode>{kind}</LabelCode></InIssuType>"
        "<GeneralOrSpecialVAT><LabelCode>02</LabelCode><LabelName>普通发票</LabelName></GeneralOrSpecialVAT>"
        "</InherentLabel></Header><EInvoiceData>"
        f"<SellerInformation><SellerIdNum>{seller[1]}</SellerIdNum><SellerName>{escape(seller[0])}</SellerName>"
        "</SellerInformation>"
        f"<BuyerInformation><BuyerIdNum>{buyer[1]}</BuyerIdNum><BuyerName>{escape(buyer[0])}</BuyerName>"
        "</BuyerInformation>"
        f"<BasicInformation><TotalAmWithoutTax>{net}</TotalAmWithoutTax><TotalTaxAm>{tax}</TotalTaxAm>"
        f"<TotalTax-includedAmount>{total}</TotalTax-includedAmount><RequestTime>{issued_on}</RequestTime>"
        f"</BasicInformation>{lines}</EInvoiceData>"
        f"<TaxSupervisionInfo><InvoiceNumber>{number}</InvoiceNumber><IssueTime>{issued_on} 10:00:00</IssueTime>"
        "</TaxSupervisionInfo></EInvoice>"
    ).encode()
