"""Where a secret is shown, neither browser nor proxy keeps the answer; the scheme of a token is taken in any case."""

import pytest
from django.test import Client

from sunlight import scope
from sunlight.journal.refusals import Invalid
from sunlight.scope import Role
from sunlight.tenancy.services.admission import user_create
from tests.api_client import ApiClient, logged_in


def test_pages_that_show_a_secret_are_not_kept(world):
    browser = logged_in(world.actor("hospital", Role.HOSPITAL_ADMIN))
    made = browser.post("/clients/new/", {"name": "HIS", "scopes": ["HOSPITAL_BUYER"]})
    assert made.headers["Cache-Control"] == browser.get("/clients/").headers["Cache-Control"] == "no-store"
    browser.post("/account/totp/begin/")
    assert browser.get("/account/totp/").headers["Cache-Control"] == "no-store"


def test_an_answer_of_the_api_that_tells_a_secret_is_not_kept(world):
    api = ApiClient(world, "hospital", Role.HOSPITAL_ADMIN, person=True)
    answer = api.client.get("/api/v1/webhooks/", headers=api.headers)
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_of_a_token_may_be_in_any_case(world, scheme):
    api = ApiClient(world, "hospital", Role.HOSPITAL_BUYER)
    token = api.headers["Authorization"].partition(" ")[2]
    assert Client().get("/api/v1/orders/", headers={"Authorization": f"{scheme} {token}"}).status_code == 200
    assert Client().get("/api/v1/orders/", headers={"Authorization": f"{scheme} x{token}"}).status_code == 401


@pytest.mark.parametrize("name", ["91440300MA5F000018", "91440300ma5f000018-gd", "H44030300099", "13800000000"])
def test_no_login_name_is_a_public_number(world, name):
    with scope.opened(world.system), pytest.raises(Invalid, match="公开的代码或编号") as refused:
        user_create(actor=world.system, at=scope.now(), username=name, name="某人", password="sunlight-test-2026")
    assert (refused.value.code, refused.value.field) == ("username_public", "username")
