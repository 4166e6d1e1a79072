"""What the tax office says of invoices: asked in the background, recorded once, and looked at before anything is paid."""

import logging
from collections.abc import Iterable
from datetime import datetime

from settlement.events import INVOICE_VERIFIED
from settlement.models.payment import Invoice, Payable
from settlement.queries.invoices import access_invoice, invoices_to_verify, paper_of
from settlement.verifying import Finding, Silent, Verifier
from settlement.workflows.paying import VERIFICATION
from settlement.workflows.states import VerificationState
from sunlight import scope
from sunlight.journal.refusals import Refused
from sunlight.journal.services import record, service
from sunlight.kernel.rule import cited
from sunlight.scope import Actor
from sunlight.scope.clock import business_date
from sunlight.scope.duties import moved

MOVES = {VerificationState.VERIFIED: "verify", VerificationState.FAILED: "fail"}
logger = logging.getLogger(__name__)


@service
def invoice_verification_record(
    *, actor: Actor, at: datetime, invoice_id: int, verifier: str, finding: Finding
) -> Invoice:
    """Keep what an adapter found about an invoice. By the system: nobody verifies an invoice by hand. The same finding
    again only says when it was asked last. Raises NotThere, IllegalMove for a person."""
    invoice = access_invoice(actor, invoice_id, lock=True)
    if invoice.verification != finding.state:
        invoice.verification = moved(VERIFICATION, invoice.verification, MOVES[finding.state], actor)
    invoice.verifier, invoice.verified_at, invoice.verification_note = verifier, at, finding.note
    invoice.verification_asked_at = at
    invoice.version += 1
    invoice.save(
        update_fields=[
            "verification",
            "verifier",
            "verified_at",
            "verification_note",
            "verification_asked_at",
            "version",
        ]
    )
    record(
        INVOICE_VERIFIED,
        subject=invoice.id,
        actor=actor,
        at=at,
        version=invoice.version,
        parties=[invoice.buyer_id, invoice.seller_id, invoice.distributor_id],
        payload={
            "number": invoice.number,
            "verification": invoice.verification,
            "verifier": verifier,
            "note": finding.note,
        },
    )
    return invoice


@service
def invoice_asked(*, actor: Actor, at: datetime, invoice_id: int) -> None:
    """Note that the gateway was asked and stayed silent, so that others come first next time."""
    Invoice.objects.filter(pk=invoice_id, platform_id=actor.platform_id).update(verification_asked_at=at)


def invoices_verify(*, actor: Actor, at: datetime, verifier: Verifier, limit: int = 50) -> int:
    """Ask about invoices that nobody asked about, each outside any transaction; how many were answered. By the system,
    outside any scope. Stops at the first silence: the gateway is away."""
    with scope.opened(actor):
        waiting = [(invoice.id, paper_of(invoice)) for invoice in invoices_to_verify(actor, limit=limit)]
    for done, (invoice_id, paper) in enumerate(waiting):
        try:
            finding = verifier.check(paper)
        except Silent as silence:
            logger.warning("the invoice gateway is silent: %s", silence)
            with scope.opened(actor):
                invoice_asked(actor=actor, at=at, invoice_id=invoice_id)
            return done
        with scope.opened(actor):
            invoice_verification_record(
                actor=actor, at=at, invoice_id=invoice_id, verifier=verifier.name, finding=finding
            )
    return len(waiting)


def require_verified(actor: Actor, at: datetime, payable_ids: Iterable[int]) -> None:
    """Before these are paid: none of their invoices failed, and all are verified where the region demands it. Raises
    Refused naming them."""
    law = scope.law(actor, business_date(at))
    demanded = next(iter(law.basis("invoice.verified_before_payment")), None)
    barred = {VerificationState.FAILED}
    if demanded is not None and demanded.value:
        barred.add(VerificationState.ENTERED)
    found = list(
        Invoice.objects.visible_to(actor)
        .filter(
            id__in=Payable.objects.filter(pk__in=list(payable_ids)).values("invoice_id"),
            verification__in=barred,
        )
        .order_by("id")
    )
    if not found:
        return
    failed = [invoice for invoice in found if invoice.verification == VerificationState.FAILED]
    named = "、".join(invoice.number for invoice in (failed or found)[:5])
    if failed:
        raise Refused(
            "invoice_failed_verification",
            f"有 {len(failed)} 张发票查验未通过（{named}），不能付款。请先去掉这些款项，并请开票方作废后重新开票。",
            field="payables",
            basis=law.basis("invoice.verified_before_payment"),
        )
    raise Refused(
        "invoice_not_verified",
        f"有 {len(found)} 张发票尚未查验通过（{named}），本地区规定查验通过后才付款{cited([demanded])}。"
        "请等待平台查验后再编制，或先去掉这些款项。",
        field="payables",
        basis=demanded,
    )
