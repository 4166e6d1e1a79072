"""The password once more before a payment run is approved and a contract signed: in pages and over the API with a session;
before it nothing happens, and a machine's token is enough by itself."""

from datetime import date, timedelta

import pytest
import time_machine

from procurement.contracts.models import SupplyContract
from settlement.models.payment import PaymentRun
from sunlight import scope
from sunlight.journal.models import Event
from sunlight.scope import Role
from sunlight.tenancy.models import OAuthClient, User
from sunlight.webhooks.models import Webhook
from tests.api_client import ApiClient
from tests.factories.catalog import listed
from tests.factories.procurement import agreed
from tests.factories.settlement import funded, owed, prepared
from tests.machines import actor_of, mandate, person_of
from tests.world import PASSWORD


@pytest.fixture(autouse=True)
def _strict(settings):
    settings.ACCOUNT_PROFILE = "standard"


@pytest.fixture
def clock():
    with time_machine.travel("2026-06-01T02:00:00Z", tick=False) as traveller:
        yield traveller


def logged_in(actor):
    from django.test import Client

    with scope.login_scope():
        username = User.objects.get(pk=actor.user_id).username
    client = Client()
    assert client.post("/login/", {"username": username, "password": PASSWORD}).status_code == 302
    return client


@pytest.fixture
def run(world, clock):
    funded(world, 500_000)
    return prepared(world, [owed(world)])


@pytest.fixture
def contract(world, clock):
    made = agreed(world, listed(world, "90", listed_on=date(2019, 1, 1))).contract
    with scope.opened(world.system):
        SupplyContract.objects.filter(id=made.id).update(state="SIGNING", buyer_signed_at=None)
        return SupplyContract.objects.get(id=made.id)


def state_of(world, row) -> tuple:
    with scope.opened(world.system):
        fresh = type(row).objects.get(id=row.id)
        return fresh.state, fresh.version, Event.objects.count()


def confirmed(client, next_page: str) -> None:
    answer = client.post("/account/confirm/", {"old": PASSWORD, "next": next_page})
    assert answer.headers["Location"] == next_page


def test_a_stale_approval_asks_first_and_pays_nothing(world, run, clock):
    second = logged_in(world.actor("hospital", Role.HOSPITAL_FINANCE, person="second"))
    clock.shift(timedelta(minutes=10))
    before, path = state_of(world, run), f"/settlement/runs/{run.id}/"
    asked = second.post(f"{path}approve/", headers={"Referer": f"http://testserver{path}"})
    assert asked.headers["Location"] == f"/account/confirm/?next=%2Fsettlement%2Fruns%2F{run.id}%2F"
    over_api = second.post(f"/api/v1/payment-runs/{run.id}/approve/", {}, content_type="application/json")
    assert (over_api.status_code, over_api.json()["code"]) == (403, "confirm_again")
    assert state_of(world, run) == before
    confirmed(second, path)
    assert second.post(f"{path}approve/").status_code == 302
    with scope.opened(world.system):
        assert PaymentRun.objects.get(id=run.id).state in ("APPROVED", "DONE")


def test_looking_rejecting_and_preparing_ask_for_nothing(world, run, clock):
    second = logged_in(world.actor("hospital", Role.HOSPITAL_FINANCE, person="second"))
    clock.shift(timedelta(minutes=10))
    assert second.get(f"/settlement/runs/{run.id}/").status_code == 200
    assert second.post(f"/settlement/runs/{run.id}/reject/", {"reason": "票据不清"}).status_code == 302
    assert state_of(world, run)[0] == "REJECTED"


def test_a_machine_approves_by_a_mandate_alone(world, run):
    machine, path = ApiClient(world, "hospital", Role.HOSPITAL_FINANCE), f"/api/v1/payment-runs/{run.id}/approve/"
    status, refused = machine.post(path)
    assert (status, refused["code"]) == (403, "in_person")
    mandate(world, actor_of(machine.secret), "payment_run", "approve")
    status, approved = machine.post(path)
    assert (status, approved["state"]) == (202, "APPROVED")


def test_a_stale_signature_asks_first_and_signs_nothing(world, contract, clock):
    approver = logged_in(world.actor("hospital", Role.HOSPITAL_APPROVER))
    clock.shift(timedelta(minutes=10))
    before, path = state_of(world, contract), f"/contracts/{contract.id}/"
    text = {"text_sha256": contract.text_sha256}
    asked = approver.post(f"{path}sign/", text, headers={"Referer": f"http://testserver{path}"})
    assert asked.headers["Location"] == f"/account/confirm/?next=%2Fcontracts%2F{contract.id}%2F"
    over_api = approver.post(f"/api/v1{path}sign/", text, content_type="application/json")
    assert (over_api.status_code, over_api.json()["code"]) == (403, "confirm_again")
    assert state_of(world, contract) == before
    confirmed(approver, path)
    assert approver.post(f"{path}sign/", text).status_code == 302
    assert state_of(world, contract)[0] == "IN_FORCE"


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/clients/new/", {"name": "院内系统", "scopes": ["HOSPITAL_BUYER"]}),
        ("/webhooks/", {"name": "院内系统", "url": "https://example.org/in"}),
    ],
)
def test_a_secret_is_shown_to_who_has_just_said_who_they_are(world, clock, path, form):
    """Opening the page asks for nothing; making a secret does, and before it there is none."""
    admin, more = world.actor("hospital", Role.HOSPITAL_ADMIN), {}
    if path == "/clients/new/":
        more = {"answers_HOSPITAL_BUYER": person_of(world.system, admin, Role.HOSPITAL_BUYER).pk}
    admin = logged_in(admin)
    clock.shift(timedelta(minutes=10))
    page = path.removesuffix("new/")
    assert admin.get(page).status_code == 200
    asked = admin.post(path, form, headers={"Referer": f"http://testserver{page}"})
    assert asked.headers["Location"] == f"/account/confirm/?next=%2F{page.strip('/')}%2F"
    with scope.opened(world.system):
        assert not Webhook.objects.exists()
    with scope.login_scope():
        assert not OAuthClient.objects.exists()
    confirmed(admin, page)
    # A client has no secret before a second administrator has confirmed it.
    assert admin.post(path, form | more).status_code == (302 if more else 200)


def test_a_webhook_over_the_api_asks_a_person_too(world, clock):
    admin = logged_in(world.actor("hospital", Role.HOSPITAL_ADMIN))
    clock.shift(timedelta(minutes=10))
    body = {"name": "院内系统", "url": "https://example.org/in"}
    asked = admin.post("/api/v1/webhooks/", body, content_type="application/json")
    assert (asked.status_code, asked.json()["code"]) == (403, "confirm_again")
    confirmed(admin, "/webhooks/")
    made = admin.post("/api/v1/webhooks/", body, content_type="application/json")
    assert made.status_code == 201 and made.json()["secret"]
