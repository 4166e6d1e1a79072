"""Net deliveries and sales (A16): an invoice makes them count, its voiding and the return of all its goods take the day back.
Each runs in the transaction of the invoice; the rule's answer is kept with it."""

from datetime import datetime

from catalog.services.turnover import turnover_raise, turnover_set
from settlement.models.payment import Invoice
from settlement.queries.turnover import counted_back, listings_of, net_days
from settlement.rules.turnover import delivery_net
from sunlight import scope
from sunlight.journal.services import decide_all
from sunlight.scope import Actor
from sunlight.scope.clock import business_date


def turnover_counted(actor: Actor, at: datetime, invoice: Invoice) -> None:
    """The goods of an invoice that was just matched count as delivered and sold; the days of their listings can only rise."""
    # Whoever ships may not read the agreement, nor what else was sold under its listing.
    with scope.elevated(actor):
        listings = listings_of(invoice)
        arrived = max(invoice.lines.values_list("acceptance_line__acceptance__arrived_on", flat=True))
    _keep(actor, at, invoice)
    for listing in listings:
        turnover_raise(actor=actor, at=at, listing_id=listing, delivered_on=arrived, sold_on=business_date(at))


def turnover_taken_back(actor: Actor, at: datetime, invoice: Invoice) -> None:
    """Of an invoice that was voided or reddened: the days of its goods' listings are derived again, and can fall."""
    with scope.elevated(actor):
        found = net_days(listings_of(invoice))
    _keep(actor, at, invoice)
    for listing, (delivered_on, sold_on) in found.items():
        turnover_set(actor=actor, at=at, listing_id=listing, delivered_on=delivered_on, sold_on=sold_on)


def _keep(actor: Actor, at: datetime, invoice: Invoice) -> None:
    law = scope.law(actor, business_date(at), region=invoice.region.code)
    invoiced_on = None if invoice.voided_at else business_date(invoice.submitted_at)
    parties = [invoice.buyer_id, invoice.seller_id, invoice.distributor_id]
    decisions = [
        delivery_net(law, accepted_on=accepted_on, invoiced_on=invoiced_on, returned_on=returned_on)
        for accepted_on, returned_on in counted_back(invoice)
    ]
    decide_all([(each, ("invoice", invoice.id), parties, None) for each in decisions], actor=actor, at=at)
