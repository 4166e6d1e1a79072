"""本单位人员: who may add, change and help whom, in pages and over the API; nothing changed after a refusal."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from sunlight import scope
from sunlight.journal.models import Event
from sunlight.journal.refusals import Refused
from sunlight.scope import Role
from sunlight.tenancy.models import Factor, Membership, Session, User
from sunlight.tenancy.queries.people import factors_of
from sunlight.tenancy.services import members
from sunlight.tenancy.services.admission import membership_grant
from tests.api_client import ApiClient
from tests.browsing import client_of
from tests.world import PASSWORD

NEW = {"username": "new.person", "name": "新人", "roles": ["HOSPITAL_BUYER"], "password": "initial-password-1"}


@pytest.fixture
def clock():
    with time_machine.travel("2026-06-01T02:00:00Z", tick=False) as traveller:
        yield traveller


@pytest.fixture
def admin(clock, world):
    return world.actor("hospital", Role.HOSPITAL_ADMIN)


@pytest.fixture
def buyer(admin, world):
    return world.actor("hospital", Role.HOSPITAL_BUYER)


def of(actor) -> Membership:
    with scope.login_scope():
        return Membership.objects.select_related("user").get(user_id=actor.user_id)


def does(actor, service, **facts):
    with scope.opened(actor):
        return service(actor=actor, at=scope.now(), **facts)


def refused(actor, service, **facts) -> str:
    """The code of the refusal; nothing about anybody changed."""

    def image():
        with scope.login_scope():
            return [list(model.objects.order_by("pk").values()) for model in (User, Membership, Factor, Session)]

    before = image()
    with pytest.raises(Refused) as met:
        does(actor, service, **facts)
    assert image() == before
    return met.value.code


def log_in(username, password):
    client = Client()
    return client, client.post("/login/", {"username": username, "password": password})


def test_a_new_person_must_choose_a_password_and_then_works(admin, clock):
    page = client_of(admin)
    assert "本单位人员" in page.get("/members/").content.decode()
    made = page.post(
        "/members/add/", {"username": "li.si", "name": "李四", "roles": ["HOSPITAL_BUYER", "HOSPITAL_RECEIVER"]}
    )
    password = made.context["password"]
    assert made.status_code == 200 and len(password) == 16
    client, answer = log_in("li.si", password)
    assert answer.headers["Location"].startswith("/account/password/")
    assert client.get("/").status_code == 302
    new = {"old": password, "new": "quite another one", "again": "quite another one"}
    assert client.post("/account/password/", new).status_code == 302
    assert client.get("/orders/").status_code == 200
    with scope.opened(admin):
        payload = Event.objects.get(name="member_added").payload
    assert payload["roles"] == ["HOSPITAL_BUYER", "HOSPITAL_RECEIVER"] and password not in str(payload)


def test_an_initial_password_is_good_for_seven_days(admin, clock):
    does(admin, members.member_add, **NEW)
    clock.shift(timedelta(days=7) - timedelta(seconds=1))
    assert log_in(NEW["username"], NEW["password"])[1].status_code == 302
    clock.shift(timedelta(seconds=1))
    assert log_in(NEW["username"], NEW["password"])[1].status_code == 422


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"roles": []}, "roles_unfit"),
        ({"roles": ["SUPPLIER_SELLER"]}, "roles_unfit"),
        ({"roles": ["OPERATOR_SETTLER"]}, "roles_unfit"),
        ({"roles": ["SYSTEM"]}, "roles_unfit"),
        ({"roles": ["PLATFORM_SYSTEM_ADMIN"]}, "roles_unfit"),
        ({"username": "x"}, "username_unfit"),
        ({"username": "a b c"}, "username_unfit"),
        ({"username": "a\x00bc"}, "invalid"),
        ({"name": " "}, "name_missing"),
        ({"password": "short"}, "password_too_short"),
    ],
)
def test_an_unfit_person_is_not_added(admin, change, code):
    assert refused(admin, members.member_add, **(NEW | change)) == code


def test_a_name_that_anybody_has_is_taken(admin, world):
    stranger = of(world.actor("maker", Role.SUPPLIER_SELLER))
    assert refused(admin, members.member_add, **(NEW | {"username": stranger.user.username})) == "username_taken"


@pytest.mark.parametrize("role", [r for r in Role if r not in members.ADMINS and r.kind in ("HOSPITAL", "SUPPLIER")])
def test_nobody_but_an_admin_manages_people(world, clock, role):
    key = "hospital" if role.kind == "HOSPITAL" else "maker"
    actor = world.actor(key, role)
    own = of(actor).pk
    assert refused(actor, members.member_roles_set, membership_id=own, roles=[str(role)]) == "not_your_duty"
    assert refused(actor, members.member_add, **NEW) == "not_your_duty"


def moves(membership_id) -> list:
    return [
        (members.member_roles_set, {"membership_id": membership_id, "roles": ["HOSPITAL_ADMIN", "HOSPITAL_FINANCE"]}),
        (members.member_switch, {"membership_id": membership_id, "is_active": False}),
        (members.member_factors_reset, {"membership_id": membership_id}),
        (members.member_password_reset, {"membership_id": membership_id, "password": "initial-password-2"}),
    ]


def test_nobody_changes_their_own_rights(admin):
    for service, facts in moves(of(admin).pk):
        assert refused(admin, service, **facts) == "not_oneself"


def test_another_organisations_people_are_not_there(admin, world):
    stranger = of(world.actor("other_hospital", Role.HOSPITAL_BUYER))
    for service, facts in [*moves(stranger.pk), (members.member_sessions_end, {"membership_id": stranger.pk})]:
        assert refused(admin, service, **facts) == "not_found"
    page = client_of(admin)
    assert page.get(f"/members/{stranger.pk}/").status_code == 404
    assert stranger.user.username not in page.get("/members/").content.decode()


def test_the_last_admin_stays(admin, world):
    second = world.actor("hospital", Role.HOSPITAL_ADMIN, person="second")
    machine = ApiClient(world, "hospital", Role.HOSPITAL_ADMIN)
    does(admin, members.member_switch, membership_id=of(second).pk, is_active=False)
    for path, body in (("roles", {"roles": ["HOSPITAL_BUYER"]}), ("state", {"is_active": False})):
        status, answer = machine.post(f"/api/v1/members/{of(admin).pk}/{path}/", body)
        assert (status, answer["code"]) == (403, "last_admin")
    assert of(admin).is_active and of(admin).roles == ["HOSPITAL_ADMIN"]
    does(admin, members.member_switch, membership_id=of(second).pk, is_active=True)
    assert machine.post(f"/api/v1/members/{of(admin).pk}/state/", {"is_active": False})[0] == 200


def test_roles_given_and_taken_count_at_once(admin, buyer):
    client = client_of(buyer)
    assert client.get("/settlement/runs/").status_code == 403
    does(admin, members.member_roles_set, membership_id=of(buyer).pk, roles=["HOSPITAL_FINANCE"])
    assert (client.get("/settlement/runs/").status_code, client.get("/products/").status_code) == (200, 403)
    with scope.opened(admin):
        payload = Event.objects.get(name="member_roles_set").payload
    assert (payload["before"], payload["roles"]) == (["HOSPITAL_BUYER"], ["HOSPITAL_FINANCE"])


def test_who_is_disabled_is_out_at_once(admin, buyer):
    client = client_of(buyer)
    does(admin, members.member_switch, membership_id=of(buyer).pk, is_active=False)
    assert client.get("/").status_code == 302
    assert log_in(of(buyer).user.username, PASSWORD)[1].status_code == 422
    does(admin, members.member_switch, membership_id=of(buyer).pk, is_active=True)
    assert log_in(of(buyer).user.username, PASSWORD)[1].status_code == 302


def test_a_lost_factor_is_reset_and_a_lost_password_renewed(admin, buyer):
    with scope.login_scope():
        Factor.objects.create(
            user_id=buyer.user_id, kind="passkey", identifier="aa", added_at=scope.now(), confirmed_at=scope.now()
        )
    client = client_of(buyer)
    assert does(admin, members.member_factors_reset, membership_id=of(buyer).pk) == 1
    assert factors_of(buyer.user_id) == [] and client.get("/").status_code == 302
    page = client_of(admin).post(f"/members/{of(buyer).pk}/password/reset/")
    username = of(buyer).user.username
    assert log_in(username, PASSWORD)[1].status_code == 422
    assert log_in(username, page.context["password"])[1].headers["Location"].startswith("/account/password/")


def test_who_works_for_others_too_is_not_this_admins_to_reset(admin, buyer, world):
    with scope.opened(world.system):
        membership_grant(
            actor=world.system,
            at=scope.now(),
            user=of(buyer).user,
            organisation=world.other_hospital,
            platform=world.platform,
            roles=[Role.HOSPITAL_BUYER],
        )
        own = Membership.objects.get(user_id=buyer.user_id, organisation=world.hospital).pk
    for service, facts in moves(own)[2:]:
        assert refused(admin, service, **facts) == "belongs_elsewhere"


def test_changing_members_asks_a_person_for_the_password_again(admin, buyer, settings):
    settings.ACCOUNT_PROFILE = "standard"
    client, own = client_of(admin), of(buyer).pk
    posts = [
        "/members/add/",
        *(f"/members/{own}/{p}/" for p in ("roles", "switch", "sessions/end", "factors/reset", "password/reset")),
    ]
    for path in posts:
        assert client.post(path, {"roles": ["HOSPITAL_FINANCE"]}).headers["Location"].startswith("/account/confirm/")
    api = client.post(f"/api/v1/members/{own}/roles/", {"roles": ["HOSPITAL_FINANCE"]}, content_type="application/json")
    assert (api.status_code, api.json()["code"]) == (403, "confirm_again")
    assert of(buyer).roles == ["HOSPITAL_BUYER"]


def test_over_the_api(admin, world):
    machine = ApiClient(world, "hospital", Role.HOSPITAL_ADMIN)
    status, made = machine.post("/api/v1/members/", NEW)
    assert (status, made["username"], made["roles"], made["is_active"]) == (201, "new.person", ["HOSPITAL_BUYER"], True)
    assert "password" not in str(made)
    status, answer = machine.get("/api/v1/members/")
    assert status == 200 and "new.person" in [m["username"] for m in answer["results"]]
    assert machine.post(f"/api/v1/members/{made['id']}/sessions-end/")[1] == {"ended": 0}
    assert machine.post(f"/api/v1/members/{made['id']}/factors-reset/")[1] == {"ended": 0}
    assert ApiClient(world, "hospital", Role.HOSPITAL_BUYER).get("/api/v1/members/")[0] == 403
