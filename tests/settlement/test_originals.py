"""The original of an invoice: read, compared, kept, refused."""

import base64
import io
import zipfile
from datetime import date

import pytest

from settlement.models.payment import Invoice, Payable
from settlement.originals import read_original
from settlement.services.invoices import invoice_submit
from sunlight import scope
from sunlight.demo.files.einvoice import Item, einvoice
from sunlight.files.filetypes import FileType
from sunlight.files.models import StoredFile
from sunlight.files.queries import access_file
from sunlight.journal.models import Event
from sunlight.journal.refusals import Invalid
from sunlight.scope import Role
from tests.api_client import ApiClient
from tests.factories.settlement import accepted, paper, stated
from tests.files.test_filetypes import PDF

DAY = date(2026, 3, 2)
SAID = {"number": "1" * 20, "issued_on": DAY, "net": "100.00", "tax": "13.00", "total": "113.00", "rate": "0.13"}


def xml(**changes) -> bytes:
    return einvoice(**{**SAID, "seller": ("甲", "S1"), "buyer": ("乙", "B1"), **changes})


def ofd(**said) -> bytes:
    data = "".join(f'<ofd:CustomData Name="{name}">{text}</ofd:CustomData>' for name, text in said.items())
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(
            "OFD.xml",
            f'<?xml version="1.0" encoding="UTF-8"?><ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016"><ofd:DocBody>'
            f"<ofd:DocInfo><ofd:CustomDatas>{data}</ofd:CustomDatas></ofd:DocInfo></ofd:DocBody></ofd:OFD>",
        )
    return content.getvalue()


@pytest.fixture
def issuer(world):
    return world.actor("distributor", Role.SUPPLIER_FINANCE)


def hand_in(world, issuer, line, original, name="发票.xml", **facts):
    with scope.opened(issuer):
        return invoice_submit(
            actor=issuer,
            at=scope.now(),
            original={"name": name, "content": encoded(original)},
            **paper([stated(line)], **facts),
        )


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def right(world, said: dict, **changes) -> bytes:
    return xml(
        number=said["number"],
        issued_on=said["issued_on"],
        net=said["net"],
        tax=said["tax"],
        total=said["amount"],
        seller=("配送", world.distributor.credit_code),
        buyer=("医院", world.hospital.credit_code),
        **changes,
    )


def test_the_xml_of_a_digital_invoice_is_read_by_full_path():
    content = xml(items=[Item("导丝", "根", "1", "100.00", "13.00")])
    face = read_original(content, FileType.XML).face
    assert (face.number, face.issued_on, face.net_fen, face.tax_fen, face.total_fen) == (
        "1" * 20,
        DAY,
        10_000,
        1_300,
        11_300,
    )
    assert (face.seller, face.buyer, face.code) == ("S1", "B1", None)
    assert read_original(xml(tax="***", total="100.00"), FileType.XML).face.tax_fen == 0
    assert read_original(xml(is_red=True), FileType.XML).is_red
    assert read_original(xml(net="-100.00", tax="-13.00", total="-113.00"), FileType.XML).is_red


@pytest.mark.parametrize(
    "content",
    [
        b"<?xml version='1.0'?><other/>",
        b"<?xml version='1.0'?><EInvoice>",
        b"<?xml version='1.0'?><all>" + xml().split(b"?>")[1] * 2 + b"</all>",
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><EInvoice>&e;</EInvoice>',
        b'<?xml version="1.0"?><EInvoice>' + b"<a/>" * 50_001 + b"</EInvoice>",
        b'<?xml version="1.0"?><EInvoice>' + b"x" * (2 << 20) + b"</EInvoice>",
        xml(total="NaN"),
        xml(total="1E+999999"),
        xml(net="100.001"),
        xml(total=""),
        xml(number=""),
        b'<?xml version="1.0" encoding="nonsense"?><EInvoice/>',
    ],
)
def test_what_is_no_invoice_or_dangerous_is_refused(content):
    with pytest.raises(Invalid) as refused:
        read_original(content, FileType.XML)
    assert refused.value.code == "original_unreadable"


def test_the_data_of_an_ofd_is_read_and_a_picture_is_not():
    face = read_original(ofd(发票号码="1" * 20, 价税合计="113.00", 合计税额="13.00"), FileType.OFD).face
    assert (face.number, face.total_fen, face.tax_fen, face.net_fen, face.seller) == (
        "1" * 20,
        11_300,
        1_300,
        None,
        None,
    )
    assert read_original(ofd(), FileType.OFD).face is None
    assert read_original(PDF, FileType.PDF).face is None


def test_an_original_that_agrees_is_kept_for_both_sides(world, issuer):
    line = accepted(world)
    said = paper([stated(line)])
    invoice = hand_in(world, issuer, line, right(world, said), number=said["number"])
    assert (invoice.state, invoice.original_read, invoice.differences) == ("MATCHED", True, [])
    for who, role in (("hospital", Role.HOSPITAL_FINANCE), ("distributor", Role.SUPPLIER_FINANCE)):
        actor = world.actor(who, role)
        with scope.opened(actor):
            assert access_file(actor, invoice.original_id).content_type == "application/xml"
    outsider = world.actor("other_hospital", Role.HOSPITAL_FINANCE)
    with scope.opened(outsider):
        assert not StoredFile.objects.filter(id=invoice.original_id).exists()
    with scope.opened(world.system):
        payload = Event.objects.get(name="invoice_submitted").payload
        assert payload["original_sha256"] == StoredFile.objects.get(id=invoice.original_id).sha256


def test_what_was_typed_otherwise_than_the_original_says_is_a_difference_and_owes_nothing(world, issuer):
    line = accepted(world)
    said = paper([stated(line)])
    wrong = right(world, said | {"net": "1.00", "amount": "1.13", "tax": "0.13"})
    invoice = hand_in(world, issuer, line, wrong, number=said["number"])
    assert invoice.state == "MISMATCHED"
    assert [d["field"] for d in invoice.differences] == ["original.net", "original.tax", "original.total"]
    assert invoice.differences[2]["message"] == "价税合计与发票原件不符：原件为 1.13，填写为 1250.00"
    # Somebody else's invoice, however right its sums.
    other = right(
        world,
        said,
    ).replace(world.hospital.credit_code.encode(), b"91440300MA5DA0000X")
    assert hand_in(world, issuer, line, other).differences[0]["field"] == "original.number"
    with scope.opened(world.system):
        assert not Payable.objects.exists()


def test_a_pdf_is_only_kept_and_the_invoice_says_so(world, issuer):
    invoice = hand_in(world, issuer, accepted(world), PDF, "发票.pdf")
    assert (invoice.state, invoice.original_read, invoice.original.content_type) == (
        "MATCHED",
        False,
        "application/pdf",
    )


def test_a_red_original_or_another_file_leaves_nothing(world, issuer):
    line = accepted(world)
    for content, name, code in (
        (xml(is_red=True), "红.xml", "original_is_red"),
        (b"a,b", "x.csv", "file_type_refused"),
        (xml(), "x.pdf", "file_ending_differs"),
        (b"x" * (6 << 20), "x.pdf", "original_too_large"),
        (XXE, "x.xml", "file_polyglot"),
    ):
        with pytest.raises(Invalid) as refused:
            hand_in(world, issuer, line, content, name)
        assert refused.value.code == code
    with scope.opened(world.system):
        assert not Invoice.objects.exists() and not StoredFile.objects.exists()


XXE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><EInvoice>&e;</EInvoice>'


def test_the_api_takes_an_original_in_base64(world):
    line = accepted(world)
    supplier = ApiClient(world, "distributor", Role.SUPPLIER_FINANCE)
    said = paper([stated(line)])
    content = right(world, said)
    body = said | {"issued_on": str(said["issued_on"]), "original": {"name": "发票.xml", "content": "???"}}
    status, refused = supplier.post("/api/v1/invoices/", body)
    assert (status, refused["code"], refused["field"]) == (422, "original_not_base64", "original.content")
    body["original"]["content"] = encoded(content)
    status, made = supplier.post("/api/v1/invoices/", body)
    assert (status, made["state"], made["original_read"], made["verification"]) == (201, "MATCHED", True, "ENTERED")
