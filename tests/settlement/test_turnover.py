"""Net deliveries and sales (A16): accepted, invoiced and not returned within 60 days; the listing's days rise and fall."""

from datetime import date, timedelta

import pytest

from catalog.models import Listing
from catalog.queries.listings import access_listing, zone_of
from catalog.queries.zones import zone_counts
from procurement.receiving.models import Acceptance
from settlement.models.payment import Invoice, Payable
from settlement.queries.turnover import net_days
from settlement.rules.turnover import delivery_net
from settlement.services.invoices import invoice_submit, invoice_void
from sunlight import scope
from sunlight.acts import current_policy
from sunlight.journal.models import Decision
from sunlight.scope import Role
from tests.factories import catalog
from tests.factories.reds import reddened
from tests.factories.settlement import accepted, paper, stated

TODAY = scope.today()


@pytest.fixture
def listing(world) -> Listing:
    return catalog.listed(world, listed_on=TODAY - timedelta(days=1200))


def days(world, listing) -> tuple[date | None, date | None]:
    with scope.opened(world.system):
        row = Listing.objects.get(id=listing.id)
        derived = net_days([listing.id])[listing.id]
    assert (row.last_delivered_on, row.last_sold_on) == derived
    return derived


def said(world) -> list[tuple[bool, str]]:
    with scope.opened(world.system):
        rows = Decision.objects.filter(rule="delivery.net").order_by("id")
        return [(row.outcome["counts"], row.reasons[0]["code"]) for row in rows]


def invoiced(world, line) -> Payable:
    issuer = world.actor("distributor", Role.SUPPLIER_FINANCE)
    with scope.opened(issuer):
        invoice = invoice_submit(actor=issuer, at=scope.now(), **paper([stated(line)]))
        return Payable.objects.get(invoice=invoice)


def void(world, payable: Payable) -> None:
    issuer = world.actor("distributor", Role.SUPPLIER_FINANCE)
    with scope.opened(issuer):
        invoice_void(actor=issuer, at=scope.now(), invoice_id=payable.invoice_id, reason="开错")


def taken(world, listing, back: int):
    """Accepted some days ago, arrived the day before."""
    return accepted(world, listing, accepted_on=TODAY - timedelta(days=back))


@pytest.mark.clause("ASSUMPTION-A16", on="trade")
def test_what_is_accepted_counts_once_it_is_invoiced_and_a_void_takes_it_back(world, listing):
    line = taken(world, listing, 10)
    assert days(world, listing) == (None, None)
    payable = invoiced(world, line)
    assert days(world, listing) == (TODAY - timedelta(days=11), TODAY)
    void(world, payable)
    assert days(world, listing) == (None, None)
    assert said(world) == [(True, "counts"), (False, "not_invoiced")]


@pytest.mark.clause("ASSUMPTION-A16", on="trade")
@pytest.mark.parametrize(("back", "counts"), [(60, False), (61, True)])
def test_a_return_of_all_takes_the_day_back_within_sixty_days(world, listing, back, counts):
    payable = invoiced(world, taken(world, listing, back))
    reddened(world, payable, payable.amount_fen)
    assert days(world, listing) == ((TODAY - timedelta(days=back + 1), TODAY) if counts else (None, None))
    assert said(world)[-1] == (counts, "returned_later" if counts else "returned")


@pytest.mark.clause("ASSUMPTION-A16", on="trade")
def test_a_return_of_a_part_leaves_the_day_and_that_of_the_rest_takes_it(world, listing):
    payable = invoiced(world, taken(world, listing, 10))
    reddened(world, payable, payable.amount_fen - 100)
    assert days(world, listing) == (TODAY - timedelta(days=11), TODAY)
    reddened(world, payable, 100)
    assert days(world, listing) == (None, None)
    assert said(world) == [(True, "counts"), (True, "counts"), (False, "returned")]


def test_an_allowance_returns_no_goods(world, listing):
    payable = invoiced(world, taken(world, listing, 10))
    reddened(world, payable, payable.amount_fen, reason="ALLOWANCE")
    assert days(world, listing) == (TODAY - timedelta(days=11), TODAY)


@pytest.mark.clause("ASSUMPTION-A16", "SZ24-3.5a", on="rule")
def test_the_day_falls_to_the_one_before_and_the_zone_with_it(world, listing):
    with scope.opened(world.system):
        platform = listing.platform_id

    def zone() -> tuple[str, dict[str, int]]:
        with scope.opened(world.system):
            row = access_listing(world.system, listing.id)
            found = zone_of(row, on=TODAY).outcome["zone"]
            return found, zone_counts(platform_id=platform, region="CN-GD-SZ", on=TODAY)

    invoiced(world, taken(world, listing, 800))
    assert zone() == ("inactive", {"inactive": 1})
    later = invoiced(world, taken(world, listing, 5))
    assert (days(world, listing)[0], zone()) == (TODAY - timedelta(days=6), ("active", {"active": 1}))
    void(world, later)
    assert (days(world, listing)[0], zone()) == (TODAY - timedelta(days=801), ("inactive", {"inactive": 1}))


@pytest.mark.clause("ASSUMPTION-A16", on="rule")
@pytest.mark.parametrize("reversed_too", [False, True])
@pytest.mark.parametrize("after", [None, 0, 59, 60, 61])
@pytest.mark.parametrize("whole", [False, True])
def test_of_any_invoice_sql_says_what_the_rule_says(world, listing, after, whole, reversed_too):
    accepted_on = TODAY - timedelta(days=200)
    payable = invoiced(world, taken(world, listing, 200))
    returned_on = None if after is None else accepted_on + timedelta(days=after)
    if returned_on:
        red = reddened(world, payable, payable.amount_fen if whole else 100)
    with scope.opened(world.system):
        if returned_on:
            Invoice.objects.filter(id=red.id).update(issued_on=returned_on)
        if reversed_too:
            Acceptance.objects.update(state="REVERSED", reversed_at=scope.now(), reversal_reason="错")
        derived = net_days([listing.id])[listing.id]
    rule = delivery_net(
        current_policy().law(region="CN-GD-SZ", on=TODAY),
        accepted_on=accepted_on,
        invoiced_on=TODAY,
        returned_on=returned_on if whole else None,
    )
    assert (derived != (None, None)) == (rule.outcome["counts"] and not reversed_too)
