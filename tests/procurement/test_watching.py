"""Long without bargaining (JS20-12, A5, A32): the hospital's product page, the authority's list, and the SQL twin."""

from datetime import date

import pytest

from procurement.bargaining.queries import watching
from sunlight import scope
from sunlight.scope import Role
from tests.api_client import logged_in
from tests.factories.catalog import listed
from tests.factories.pricing import deal, priced
from tests.procurement.bargaining import shanghai
from tests.procurement.conftest import AT
from tests.regional import elsewhere

ON = date(2026, 3, 2)


@pytest.fixture
def nanjing(db, settings):
    settings.SANDBOX_CLOCKS = {"js": (shanghai("2026-03-02 10:00"), AT, 0)}
    return elsewhere("js", "CN-JS-NJ")


def _product(world, *deals):
    listing = listed(world, "100", region="CN-JS", listed_on=date(2019, 1, 1))
    priced(world, listing, {}, at=shanghai("2024-01-02 10:00"), publish=False)
    for buyer, price, on in deals:
        deal(world, listing, buyer=buyer, price=price, on=on)
    return listing


CASES = [
    # A bargain 181 days ago, bought at the listed price since.
    ([("hospital", "95", date(2025, 9, 2)), ("hospital", "100", date(2026, 1, 12))], True),
    # 180 days exactly, and the day after it would be 179.
    ([("hospital", "95", date(2025, 9, 3)), ("hospital", "100", date(2026, 1, 12))], True),
    ([("hospital", "95", date(2025, 9, 4)), ("hospital", "100", date(2026, 1, 12))], False),
    # Never bargained: counted from the first deal.
    ([("hospital", "100", date(2025, 6, 2)), ("hospital", "100", date(2026, 1, 12))], True),
    # Buys no more.
    ([("hospital", "100", date(2025, 6, 2)), ("hospital", "100", date(2025, 9, 3))], False),
    # Bargained since.
    ([("hospital", "100", date(2025, 6, 2)), ("hospital", "99.99", date(2026, 1, 12))], False),
    # Another hospital's bargain is not one's own.
    (
        [("hospital", "100", date(2025, 6, 2)), ("hospital", "100", date(2026, 1, 12)), ("other_hospital", "90", ON)],
        True,
    ),
    ([], False),
]


@pytest.mark.clause("JS20-12", "ASSUMPTION-A5", "ASSUMPTION-A32", on="page")
@pytest.mark.parametrize(("deals", "due"), CASES)
def test_the_authority_s_list_the_rule_and_the_hospital_s_page_agree(nanjing, deals, due):
    listing = _product(nanjing, *deals)
    officer, buyer = nanjing.actor("regulator", Role.REGULATOR_OFFICER), nanjing.actor("hospital", Role.HOSPITAL_BUYER)
    with scope.opened(officer):
        rows = watching.watch_rows(officer, watching.long_without(officer, ON), ON)
    assert [row.deal.buyer_id for row in rows] == ([nanjing.hospital.id] if due else [])
    assert all(row.answer.outcome["interview_due"] for row in rows)
    page = logged_in(buyer).get(f"/products/{listing.price_group_id}/").content.decode()
    assert ("长期不议价" in page) is due
    shown = logged_in(officer).get("/bargain-watch/").content.decode()
    assert ("南京" in shown and "测试支架" in shown) is due


def test_outside_jiangsu_nobody_is_watched(world, product, at):
    deal(world, product, price="120", on=date(2025, 6, 2))
    deal(world, product, price="120", on=date(2026, 1, 12))
    officer = world.actor("regulator", Role.REGULATOR_OFFICER)
    with scope.opened(officer):
        assert not watching.long_without(officer, ON).exists()
    page = logged_in(world.actor("hospital", Role.HOSPITAL_BUYER)).get(f"/products/{product.price_group_id}/")
    assert "长期不议价" not in page.content.decode()
