"""OAuth 2 client credentials: who may make a client, what a token opens, and that a disabled client opens nothing."""

import base64
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client as Browser

from sunlight import scope
from sunlight.journal.models import Event
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere
from sunlight.scope import Client, Role
from sunlight.scope.actor import Undecided
from sunlight.scope.principal import PrincipalKind
from sunlight.tenancy import confirmation
from sunlight.tenancy.models import (
    AccessChange,
    LoginRecord,
    MachineDuty,
    Membership,
    OAuthClient,
    OAuthSecret,
    OAuthToken,
)
from sunlight.tenancy.queries.actors import actor_again, actor_of_membership, actor_of_token
from sunlight.tenancy.queries.clients import oauth_secrets_of
from sunlight.tenancy.services import oauth as services
from sunlight.tenancy.services.changes import change_confirm
from tests.api_client import ApiClient, logged_in
from tests.machines import client_made, person_of

TOKEN = "/oauth2/token"


def do(actor, service, at=None, **facts):
    with scope.opened(actor):
        return service(actor=actor, at=at or scope.now(), **facts)


@pytest.fixture
def admin(world):
    return world.actor("hospital", Role.HOSPITAL_ADMIN)


@pytest.fixture
def made(world, admin):
    """A client, for each of whose roles somebody answers."""
    return client_made(world, admin, Role.HOSPITAL_BUYER, Role.HOSPITAL_RECEIVER)


def ask(client_id="", secret="", *, basic=False, **form):
    headers = {}
    form = {"grant_type": "client_credentials"} | form
    if basic:
        headers["Authorization"] = "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    elif client_id:
        form |= {"client_id": client_id, "client_secret": secret}
    answer = Browser().post(TOKEN, urlencode(form), "application/x-www-form-urlencoded", headers=headers)
    return answer.status_code, answer.json(), answer


def offers(token):
    return Browser().get("/api/v1/offers/", headers={"Authorization": f"Bearer {token}"}).status_code


def resolved(token, at=None):
    with scope.login_scope():
        return actor_of_token(token, Client(), at or scope.now())


@pytest.mark.parametrize("basic", [False, True])
def test_a_client_fetches_a_token_and_acts_for_its_organisation(world, made, basic):
    client, secret = made
    status, answer, response = ask(client.client_id, secret, basic=basic)
    assert (status, answer["token_type"], answer["expires_in"]) == (200, "Bearer", 1800)
    assert answer["scope"] == "HOSPITAL_BUYER HOSPITAL_RECEIVER"
    assert response["Cache-Control"] == "no-store"
    assert offers(answer["access_token"]) == 200
    actor = resolved(answer["access_token"])
    assert (actor.organisation_id, actor.platform_id) == (world.hospital.id, world.platform.id)
    assert actor.roles == {Role.HOSPITAL_BUYER, Role.HOSPITAL_RECEIVER}
    # One machine however many tokens: four eyes cannot be had by fetching twice.
    again = resolved(ask(client.client_id, secret)[1]["access_token"])
    assert again.principal == actor.principal and actor.user_id is None and actor.principal.kind == PrincipalKind.CLIENT
    token = ApiClient(world, "hospital", Role.HOSPITAL_BUYER)
    assert resolved(token.headers["Authorization"].split()[1]).principal != actor.principal


def test_a_token_may_be_narrower_never_wider(made):
    client, secret = made
    status, answer, _ = ask(client.client_id, secret, scope="HOSPITAL_RECEIVER")
    assert (status, answer["scope"]) == (200, "HOSPITAL_RECEIVER")
    assert resolved(answer["access_token"]).roles == {Role.HOSPITAL_RECEIVER}
    for wider in ("HOSPITAL_FINANCE", "HOSPITAL_BUYER SUPPLIER_SELLER", "nonsense"):
        status, answer, _ = ask(client.client_id, secret, scope=wider)
        assert (status, answer["error"]) == (400, "invalid_scope")


def test_errors_are_those_of_the_standard(made):
    client, secret = made
    assert ask(client.client_id, secret, grant_type="password")[:2][1]["error"] == "unsupported_grant_type"
    assert ask(client.client_id, secret, grant_type="")[1]["error"] == "invalid_request"
    for client_id, given in (
        (client.client_id, "wrong"),
        ("sc_" + "x" * 24, secret),
        ("", ""),
        ("x\x00y", secret),
        (client.client_id, ""),
    ):
        status, answer, response = ask(client_id, given)
        assert (status, answer["error"]) == (401, "invalid_client")
        assert response["WWW-Authenticate"].startswith("Basic")
    for header in (
        "Basic !!!",
        "Basic " + base64.b64encode(b"\xff").decode(),
        "Basic " + base64.b64encode(b"x").decode(),
    ):
        answer = Browser().post(
            TOKEN,
            "grant_type=client_credentials",
            "application/x-www-form-urlencoded",
            headers={"Authorization": header},
        )
        assert answer.json()["error"] == "invalid_client"
    status, answer, _ = ask(client.client_id, secret, basic=True, client_secret=secret)
    assert (status, answer["error"]) == (400, "invalid_request")
    twice = f"grant_type=client_credentials&scope=a&scope=b&client_id={client.client_id}&client_secret={secret}"
    answer = Browser().post(TOKEN, twice, "application/x-www-form-urlencoded")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    with scope.login_scope():
        assert not OAuthToken.objects.exists()


def test_a_stale_secret_locks_nobody_out(made):
    client, secret = made
    for _ in range(12):
        ask(client.client_id, "wrong")
    assert ask(client.client_id, secret)[0] == 200
    with scope.login_scope():
        assert not LoginRecord.objects.filter(succeeded=False).exists()


def test_a_disabled_clients_tokens_open_nothing_at_once(world, admin, made):
    client, secret = made
    token = ask(client.client_id, secret)[1]["access_token"]
    do(admin, services.oauth_client_disable, client_pk=client.id)
    assert offers(token) == 401
    assert ask(client.client_id, secret)[1]["error"] == "invalid_client"
    with pytest.raises(Conflict):
        do(admin, services.oauth_client_disable, client_pk=client.id)
    do(admin, services.oauth_client_enable, client_pk=client.id)
    assert offers(token) == 200
    machine = resolved(token)
    with pytest.raises(Undecided):
        scope.by(machine, "placed")
    buys = machine.acting_as({Role.HOSPITAL_BUYER})
    again = actor_again(
        platform_id=world.platform.id,
        organisation_id=world.hospital.id,
        who=buys.acting,
        client=Client(),
        at=scope.now(),
    )
    assert again.roles == buys.roles == {Role.HOSPITAL_BUYER} and again.for_person_id == buys.for_person_id


def test_a_token_ends_and_is_cleared(made):
    client, secret = made
    now = scope.now()
    token = ask(client.client_id, secret)[1]["access_token"]
    assert resolved(token, now + timedelta(minutes=29)) is not None
    assert resolved(token, now + timedelta(minutes=31)) is None
    assert services.oauth_tokens_clear(at=now + timedelta(hours=1)) == 0
    assert services.oauth_tokens_clear(at=now + timedelta(hours=25)) == 1


def test_a_rotated_secret_overlaps_for_a_week(admin, made):
    client, secret = made
    now = scope.now()
    _, new = do(admin, services.oauth_client_rotate, client_pk=client.id, at=now)
    assert ask(client.client_id, secret)[0] == ask(client.client_id, new)[0] == 200
    with scope.login_scope():
        held = oauth_secrets_of(client, now + timedelta(days=8))
        assert len(held) == 1
        stored = {row.secret_hash for row in OAuthSecret.objects.all()}
    assert not stored & {secret, new}


def test_only_an_administrator_in_person_for_its_own_organisation(world, admin, made):
    client, _ = made
    buyer = world.actor("hospital", Role.HOSPITAL_BUYER)
    stranger = world.actor("other_hospital", Role.HOSPITAL_ADMIN)
    robot = replace(resolved(ApiClient(world, "hospital", Role.HOSPITAL_BUYER).secret), roles=admin.roles)
    for actor in (buyer, robot):
        with pytest.raises(Forbidden):
            do(actor, services.oauth_client_create, name="x", scopes=["HOSPITAL_BUYER"])
        with pytest.raises(Forbidden):
            do(actor, services.oauth_client_rotate, client_pk=client.id)
    for service in (services.oauth_client_rotate, services.oauth_client_disable, services.oauth_client_enable):
        with pytest.raises(NotThere):
            do(stranger, service, client_pk=client.id)
    for scopes in ([], ["SUPPLIER_SELLER"], ["SYSTEM"], ["HOSPITAL_BUYER", "x"], ["HOSPITAL_ADMIN"]):
        with pytest.raises(Invalid):
            do(admin, services.oauth_client_create, name="x", scopes=scopes)
    with scope.opened(stranger):
        assert not OAuthClient.objects.exists()
        assert not OAuthSecret.objects.exists()
    with scope.opened(world.system):
        events = Event.objects.filter(subject_type="oauth_client")
        assert [e.name for e in events] == ["oauth_client_created", "oauth_secret_rotated"]
        assert "secret" not in str(events[0].payload)


def test_on_the_page(world, admin):
    answers = person_of(world.system, admin, Role.HOSPITAL_BUYER)
    page = confirmed(admin)
    typed = {"name": "HIS", "scopes": ["HOSPITAL_BUYER"], "answers_HOSPITAL_BUYER": answers.pk}
    assert page.post("/clients/new/", typed).status_code == 302
    with scope.opened(world.system):
        assert not OAuthClient.objects.exists()
        change = AccessChange.objects.get()
    second = world.actor("hospital", Role.HOSPITAL_ADMIN, person="second")
    do(second, change_confirm, change_id=change.pk)
    with scope.opened(world.system):
        client = OAuthClient.objects.get()
        assert client.created_by == admin.acting
        duty = MachineDuty.objects.get()
    assert "待本人确认" in page.get("/clients/").content.decode()
    shown = page.post(f"/clients/{client.id}/", {"act": "rotate"}).content.decode()
    secret = "scs_" + shown.split("scs_")[1].split("<")[0]
    token = ask(client.client_id, secret)[1]["access_token"]
    assert offers(token) == 403
    mine = confirmed(actor_of_user(answers))
    assert "HIS" in mine.get("/machine-duties/").content.decode()
    assert mine.post(f"/machine-duties/{duty.pk}/", {"act": "confirm"}).status_code == 302
    assert offers(token) == 200
    assert "scs_" not in page.get("/clients/").content.decode()
    more = {"role": "HOSPITAL_RECEIVER", "membership": answers.pk}
    assert page.post(f"/clients/{client.id}/roles/", more).status_code == 422
    receives = person_of(world.system, admin, Role.HOSPITAL_RECEIVER)
    assert page.post(f"/clients/{client.id}/roles/", more | {"membership": receives.pk}).status_code == 302
    with scope.opened(world.system):
        change = AccessChange.objects.latest("id")
    with pytest.raises(Forbidden):
        do(admin, change_confirm, change_id=change.pk)
    do(second, change_confirm, change_id=change.pk)
    with scope.opened(world.system):
        assert OAuthClient.objects.get().scopes == ["HOSPITAL_BUYER", "HOSPITAL_RECEIVER"]
    # Another person is asked instead: nothing until they have confirmed it.
    other = person_of(world.system, admin, Role.HOSPITAL_BUYER)
    asked = {"role": "HOSPITAL_BUYER", "membership": other.pk}
    assert page.post(f"/clients/{client.id}/duties/", asked).status_code == 302
    assert offers(token) == 403
    assert page.post(f"/clients/{client.id}/", {"act": "disable"}).status_code == 302
    assert "已停用" in page.get("/clients/").content.decode()
    refused = page.post("/clients/new/", {"name": "", "scopes": []})
    assert refused.status_code == 422


def actor_of_user(membership):
    with scope.login_scope():
        rows = Membership.objects.select_related("user", "organisation__region", "platform__region")
        return actor_of_membership(rows.get(pk=membership.pk), Client())


def confirmed(actor):
    """A browser of somebody who has just confirmed who they are."""
    page = logged_in(actor)
    session = page.session
    session[confirmation.CONFIRMED_KEY] = scope.now().isoformat()
    session.save()
    return page
