"""年度采购预算 on its page and over the API: stated by one, confirmed by another; how much of the year's share is used."""

from datetime import UTC, date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from procurement.filing.models import YearBase
from sunlight import scope
from sunlight.scope import Role
from tests.api_client import ApiClient
from tests.browsing import client_of
from tests.factories import orders
from tests.factories.catalog import listed
from tests.factories.filing import PDF, budget
from tests.factories.pricing import priced
from tests.factories.procurement import agreed
from tests.regional import at


@pytest.fixture
def in_2024(settings):
    settings.SANDBOX_CLOCKS = {"gd-sz": (datetime.now(UTC), at("2024-03-04"), 0)}


def sent() -> SimpleUploadedFile:
    return SimpleUploadedFile("预算批复.pdf", PDF, "application/pdf")


def typed(**more) -> dict:
    return {"year": "2024", "amount": "1000000.00", "document": "深卫财〔2024〕1号", "file": sent()} | more


@pytest.mark.clause("SZ20-5.2.1d", on="page")
def test_one_states_another_confirms_and_the_page_shows_the_share(world, in_2024):
    finance = client_of(world.actor("hospital", Role.HOSPITAL_FINANCE))
    approver = client_of(world.actor("hospital", Role.HOSPITAL_APPROVER))
    assert "2024 年度尚无采购总额" in finance.get("/year-bases/").content.decode()
    wrong = finance.post("/year-bases/new/", typed(amount="百万"))
    assert (wrong.status_code, "is-invalid" in wrong.content.decode()) == (422, True)
    assert approver.post("/year-bases/new/", typed()).status_code == 403
    assert finance.post("/year-bases/new/", typed()).status_code == 302
    with scope.opened(world.system):
        base = YearBase.objects.get()
    assert finance.post(f"/year-bases/{base.id}/", {"move": "confirm"}).status_code == 403
    unsaid = approver.post(f"/year-bases/{base.id}/", {"move": "refuse", "reason": ""})
    assert unsaid.status_code == 422
    assert approver.post(f"/year-bases/{base.id}/", {"move": "confirm"}).status_code == 302
    shown = finance.get("/year-bases/").content.decode()
    assert "2024 年无参考价产品采购 0.00 元，上限 150000.00 元" in shown and "SZ20-5.2.1d" in shown
    assert finance.get(f"/files/{base.file_id}/").status_code == 200
    watching = client_of(world.actor("regulator", Role.REGULATOR_OFFICER))
    assert "深卫财〔2024〕1号" in watching.get("/year-bases/").content.decode()
    assert watching.get(f"/files/{base.file_id}/for/year_base/{base.id}/").status_code == 200


@pytest.mark.clause("SZ24-3.5c", on="page")
def test_the_page_says_when_and_by_what_the_cap_ended(world, settings):
    """To 2024-12-31 it stands; the day after nothing is capped, and the page names the clause."""
    finance = client_of(world.actor("hospital", Role.HOSPITAL_FINANCE))
    settings.SANDBOX_CLOCKS = {"gd-sz": (datetime.now(UTC), at("2024-12-31"), 0)}
    assert "占比上限至" not in finance.get("/year-bases/").content.decode()
    settings.SANDBOX_CLOCKS = {"gd-sz": (datetime.now(UTC), at("2025-01-01"), 0)}
    shown = finance.get("/year-bases/").content.decode()
    assert "占比上限至 2024-12-31 止，今天不再限制" in shown and "SZ24-3.5c" in shown


def test_the_basket_shows_the_share_as_it_is_filled(world, in_2024):
    listing = listed(world, "100", region="CN-GD", listed_on=date(2019, 1, 1))
    priced(world, listing, {}, listed="100", at=at("2019-01-02"), publish=False)
    agreement = agreed(world, listing, price="100", quantity="100000", at=at("2024-03-04"))
    with scope.opened(world.system):
        code = orders.codes(agreement)[0]
    buyer = client_of(world.actor("hospital", Role.HOSPITAL_BUYER))
    row = {"code": code, "agreement": str(agreement.id), "quantity": "750", "plan_line": ""}
    assert "2024 年度尚无采购总额" in buyer.post("/orders/new/preview/", row).content.decode()
    budget(world, "1000000")
    shown = buyer.post("/orders/new/preview/", row).content.decode()
    assert "2024 年无参考价产品采购 75000.00 元，上限 150000.00 元" in shown and 'value="50"' in shown


@pytest.mark.clause("SZ20-5.2.1d", on="page")
def test_the_api_states_confirms_and_says_what_is_used(world, in_2024):
    finance = ApiClient(world, "hospital", Role.HOSPITAL_FINANCE, person=True)
    approver = ApiClient(world, "hospital", Role.HOSPITAL_APPROVER, person=True)
    made = finance.client.post("/api/v1/year-bases/", typed(), headers=finance.headers)
    assert made.status_code == 201 and made.json()["state"] == "STATED"
    status, answer = finance.get("/api/v1/year-bases/usage/")
    assert (status, answer["year_total_fen"], answer["is_capped"]) == (200, None, True)
    status, answer = approver.post(f"/api/v1/year-bases/{made.json()['id']}/confirm/")
    assert (status, answer["state"]) == (200, "CONFIRMED")
    status, answer = finance.get("/api/v1/year-bases/usage/")
    assert (answer["year_total_fen"], answer["used_fen"], answer["cap"]) == (100_000_000, 0, "150000.00")
    status, page = finance.get("/api/v1/year-bases/", year="2024")
    assert [row["amount_fen"] for row in page["results"]] == [100_000_000]
