"""What an invoice is held against before it is kept: the day and rate the law allows, the order and acceptance behind it,
its own original."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from settlement.originals import ACCEPTED, Original, read_original
from settlement.queries.acceptances import AcceptedLine, part_amounts_of
from settlement.rules.invoices import invoice_admit
from settlement.rules.matching import Difference, TakenLine, compare_faces, match
from settlement.services.invoice_reading import Sent, Typed
from sunlight import scope
from sunlight.files.filetypes import FileType
from sunlight.files.models import StoredFile, Visibility
from sunlight.files.services.files import file_store
from sunlight.journal.refusals import Invalid
from sunlight.kernel.rule import Decision
from sunlight.scope import Actor
from sunlight.scope.clock import business_date
from sunlight.tenancy.queries.organisations import credit_codes

MOST_ORIGINAL_BYTES = 5 << 20
FIELDS = {
    "invoice_before_the_goods": "issued_on",
    "invoice_from_the_future": "issued_on",
    "tax_rate_not_in_force": "tax_rate",
}
WAYS_OUT = {
    "invoice_before_the_goods": "请核对开票日期；发货前开具的发票请红冲后重开。",
    "invoice_from_the_future": "请核对开票日期。",
    "tax_rate_not_in_force": "请按发票票面改正税率。",
}


def admitted(actor: Actor, at: datetime, typed: Typed, taken: Sequence[AcceptedLine]) -> Decision:
    """What `invoice.admit` answers. Raises Invalid with every fault."""
    today = business_date(at)
    decision = invoice_admit(
        scope.law(actor, today),
        issued_on=typed.issued_on,
        dispatched_on=max(line.dispatched_on for line in taken),
        handed_in_on=today,
        tax_rate=typed.tax_rate,
    )
    if decision.refused:
        items = [
            {"field": FIELDS[r.code], "code": r.code, "message": f"{r.message}。{WAYS_OUT[r.code]}"}
            for r in decision.breaches
        ]
        answer = decision.record()
        raise Invalid(
            items[0]["code"],
            "".join(item["message"] for item in items),
            field=items[0]["field"],
            reasons=answer["reasons"],
            decision=answer,
            items=items,
        )
    return decision


@dataclass(frozen=True, slots=True)
class Kept:
    """The original as it is kept, and what it says."""

    file: StoredFile
    said: Original


def original_kept(actor: Actor, at: datetime, typed: Typed, taken: Sequence[AcceptedLine]) -> Kept | None:
    """The original of a blue invoice. Raises Invalid for a file that is none."""
    first = taken[0]
    kept = keep_file(actor, at, typed.original, [first.buyer_id, first.seller_id, first.distributor_id])
    if kept is not None and kept.said.is_red:
        raise Invalid(
            "original_is_red",
            "原件是红字发票。请打开它冲回的蓝字发票，在“提交红字发票”中办理。",
            field="original",
        )
    return kept


def keep_file(actor: Actor, at: datetime, sent: Sent | None, parties: Sequence[int | None]) -> Kept | None:
    """The original, which both sides of the trade may open from now on. Raises Invalid for a file that is none."""
    if sent is None:
        return None
    if len(sent.content) > MOST_ORIGINAL_BYTES:
        raise Invalid(
            "original_too_large",
            f"发票原件超过 {MOST_ORIGINAL_BYTES >> 20} MB。请提交从税务数字账户下载的 XML、OFD 或 PDF 原件。",
            field="original",
        )
    file = file_store(
        actor=actor,
        at=at,
        name=sent.name,
        content=sent.content,
        accept=ACCEPTED,
        visibility=Visibility.PARTIES,
        parties=[each for each in parties if each],
    )
    return Kept(file, read_original(sent.content, FileType(file.content_type)))


def differences_of(actor: Actor, typed: Typed, taken: Sequence[AcceptedLine], kept: Kept | None) -> list[Difference]:
    """Every difference from order and acceptance, and from the original where it was read."""
    due = part_amounts_of([(line, said.quantity) for said, line in zip(typed.lines, taken, strict=True)])
    differences = match(
        [
            (said, TakenLine(line.price, line.open_quantity, fen))
            for said, line, fen in zip(typed.lines, taken, due, strict=True)
        ],
        tax_rate=typed.tax_rate,
        net_fen=typed.net_fen,
        tax_fen=typed.tax_fen,
        total_fen=typed.total_fen,
        tolerance_fen=scope.law(actor, typed.issued_on).at("invoice.tax_tolerance_fen").value,
    )
    if kept is not None and kept.said.face is not None:
        codes = credit_codes([actor.organisation_id, taken[0].buyer_id])
        face = typed.face(seller=codes[actor.organisation_id], buyer=codes[taken[0].buyer_id])
        differences += compare_faces(typed=face, original=kept.said.face)
    return differences
