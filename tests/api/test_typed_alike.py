"""Fields of the catalogue, of pricing and of the features that stand on a page and in the API are refused alike by both."""

from datetime import date

import pytest

from sunlight.scope import Role
from tests import alike
from tests.api_client import ApiClient, logged_in
from tests.factories.catalog import listed
from tests.registering import submitted

V1 = "/api/v1/"


def both(world, key: str, role: Role, url: str, path: str, *, form=None, body=None) -> alike.Both:
    browser = logged_in(world.actor(key, role))
    return alike.Both(browser, url, ApiClient(world, key, role), V1 + path, form or {}, body or {})


def test_why_a_listing_is_sent_back(world):
    listing = listed(world, "110", state="SUBMITTED", listed_on=None, reviewed_at=None, open_on_platform=False)
    faces = both(
        world,
        "operator",
        Role.OPERATOR_REVIEWER,
        f"/catalog/review/{listing.id}/",
        f"listings/{listing.id}/reject/",
        form={"decision": "reject", "version": listing.version},
    )
    alike.refused_alike(faces, "note", "note", alike.reasons(500))


def test_a_notice_and_its_withdrawal(world):
    right = {"title": "通知", "body": "正文", "audience": ["HOSPITAL"]}
    faces = both(world, "operator", Role.OPERATOR_SUPPORT, "/notices/new/", "notices/", form=right, body=right)
    for name, most in (("title", 200), ("body", 5000)):
        alike.refused_alike(faces, name, name, alike.reasons(most))
        alike.nul_is_refused(faces, name, name)
    status, notice = faces.api.post(V1 + "notices/", right)
    assert status == 201
    faces = both(
        world, "operator", Role.OPERATOR_SUPPORT, f"/notices/{notice['id']}/", f"notices/{notice['id']}/withdraw/"
    )
    alike.refused_alike(faces, "reason", "reason", alike.reasons(300))


@pytest.mark.parametrize("move", ["return", "refuse"])
def test_why_a_registration_is_not_taken(world, move):
    application = submitted()
    path = f"registrations/{application.id}/"
    faces = both(world, "operator", Role.OPERATOR_REVIEWER, f"/{path}", f"{path}{move}/", form={"move": move})
    alike.refused_alike(faces, "note", "note", alike.reasons(500))
    alike.nul_is_refused(faces, "note", "note")


def test_the_price_elsewhere(world):
    from pricing.rules.commitment import CURRENT_VERSION

    listing = listed(world)
    row = {"price": "100", "unit": "个", "valid_from": str(date(2026, 1, 1)), "evidence": "公告 1 号"}
    form = {"commits": "on", "commitment_version": CURRENT_VERSION} | {f"{k}_320000": v for k, v in row.items()}
    body = {
        "price_group": listing.price_group_id,
        "commitment": {"version": CURRENT_VERSION, "accepted": True},
        "prices": [row | {"province": "320000"}],
    }
    url = f"/pricing/products/{listing.price_group_id}/declare/"
    browser, api = (
        logged_in(world.actor("maker", Role.SUPPLIER_LISTER)),
        ApiClient(world, "maker", Role.SUPPLIER_LISTER),
    )
    for name, values in (
        ("valid_from", ["", "2026-02-30", "昨天"]),
        ("valid_to", ["2026-02-30", "x"]),
        ("price", ["x", "-1", "1.00001"]),
        ("evidence", ["", "长" * 301, "a\x07b"]),
        ("platform_name", ["长" * 101, "a\x07b"]),
        ("unit", ["没有", "x" * 50]),
    ):
        for value in values:
            page = browser.post(url, form | {f"{name}_320000": value})
            status, problem = api.post(V1 + "declarations/", body | {"prices": [body["prices"][0] | {name: value}]})
            refusal = page.context["refusal"]
            assert (page.status_code, status) == (422, 422), (name, value)
            assert (refusal.code, refusal.field, refusal.message) == (
                problem["code"],
                problem.get("field", ""),
                problem["detail"],
            ), (name, value)
