"""Bargaining outside Shenzhen: Guangdong's listed price, Jiangsu's open trade from offer to order."""

from datetime import date

import pytest

from sunlight import scope
from sunlight.journal.models import Decision
from sunlight.journal.refusals import Refused
from sunlight.scope import Role
from tests.api_client import logged_in
from tests.factories import orders
from tests.factories.catalog import listed
from tests.factories.pricing import priced
from tests.files.test_files import browser
from tests.procurement.bargaining import counts, make, shanghai
from tests.procurement.conftest import AT
from tests.regional import elsewhere

SINCE = date(2019, 1, 1)


@pytest.mark.clause("GD25-2.2a", on="trade")
def test_guangdong_outside_shenzhen_is_bound_by_the_listed_price_and_no_line(db):
    guangdong = elsewhere("gd", "CN-GD")
    first, last, after = (shanghai(f"{day} 10:00") for day in ("2025-12-01", "2030-11-30", "2030-12-01"))
    listing = listed(guangdong, "120", listed_on=SINCE)
    priced(guangdong, listing, {}, at=shanghai("2025-11-03 10:00"), publish=False)
    for day in (first, last):
        before = counts(guangdong)
        with pytest.raises(Refused) as caught:
            make(guangdong, listing, "120.0001", day)
        assert (caught.value.clauses, counts(guangdong)) == (["GD25-2.2a"], before)
    for day in (shanghai("2025-11-30 10:00"), after):
        with pytest.raises(Refused) as caught:
            make(guangdong, listing, "100", day)
        assert caught.value.code == "bargaining_not_regulated"
    made = make(guangdong, listing, "120", first)
    with scope.opened(guangdong.system):
        kept = Decision.objects.get(rule="bargain.decide", subject_type="offer", subject_id=made.id)
    assert "不高于挂网价 120.00 元（等于上限，允许）" in kept.reasons[0]["message"]


@pytest.mark.clause("JS20-6", "JS20-11", on="page")
def test_jiangsu_bargains_in_the_open_from_offer_to_order(db, settings):
    settings.SANDBOX_CLOCKS = {"js": (AT, AT, 0)}
    nanjing = elsewhere("js", "CN-JS-NJ")
    listing = listed(nanjing, "120", region="CN-JS", listed_on=SINCE)
    priced(nanjing, listing, {}, at=AT, publish=False)
    buyer, seller = (
        logged_in(nanjing.actor("hospital", Role.HOSPITAL_BUYER)),
        browser(nanjing.actor("maker", Role.SUPPLIER_SELLER)),
    )
    approver = browser(nanjing.actor("hospital", Role.HOSPITAL_APPROVER))
    made = buyer.post(
        f"/products/{listing.price_group_id}/",
        {"price": "110", "quantity": "1000", "months": "12", "payment_days": "60"},
    )
    offer = made["Location"].rstrip("/").split("/")[-1]
    contract = seller.post("/desk/accept/", {"offers": [offer]})["Location"]
    text = seller.get(contract).content.decode()
    sha256 = text.split('name="text_sha256" value="')[1][:64]
    assert seller.post(f"{contract}sign/", {"text_sha256": sha256}).status_code == 302
    assert approver.post(f"{contract}sign/", {"text_sha256": sha256}).status_code == 302
    point = orders.point(nanjing)
    with scope.opened(nanjing.system):
        from procurement.contracts.models import PriceAgreement

        code = orders.line(PriceAgreement.objects.get())["code"]
    basket = {"code": code, "quantity": "100", "agreement": "", "plan_line": "", "delivery_point": str(point.id)}
    assert buyer.post("/orders/new/", basket).status_code == 302
    officer = logged_in(nanjing.actor("regulator", Role.REGULATOR_OFFICER))
    assert "110.00" in officer.get("/offers/").content.decode()
    with scope.opened(nanjing.system):
        kept = Decision.objects.filter(rule="bargain.decide").order_by("id")
        assert [(row.subject_type, [r["clause"] for r in row.reasons]) for row in kept] == [
            ("offer", ["JS20-11"]),
            ("order_line", ["JS20-11"]),
        ]
