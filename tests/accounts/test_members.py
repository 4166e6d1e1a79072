"""本单位人员: who may add, change and help whom, in pages and over the API; nothing changed after a refusal."""

from dataclasses import replace

import pytest
import time_machine
from django.test import Client

from sunlight import scope
from sunlight.journal import relay
from sunlight.journal.models import Event
from sunlight.journal.refusals import Forbidden, Refused
from sunlight.messages.models import Message
from sunlight.scope import Role
from sunlight.scope.principal import person
from sunlight.tenancy.models import Factor, Membership, Session, User
from sunlight.tenancy.queries.changes import access_change
from sunlight.tenancy.services import members
from sunlight.tenancy.services.admission import membership_grant
from tests.api_client import ApiClient
from tests.browsing import client_of
from tests.confirming import confirmed, second_admin
from tests.machines import actor_of
from tests.world import PASSWORD

# Valid by its check character, and nobody's.
DOCUMENT = "11010119900307109X"
NEW = {"username": "new.person", "name": "新人", "roles": ["HOSPITAL_BUYER"], "phone": "13900000001"}


@pytest.fixture
def clock():
    with time_machine.travel("2026-06-01T02:00:00Z", tick=False) as traveller:
        yield traveller


@pytest.fixture
def admin(clock, world):
    return world.actor("hospital", Role.HOSPITAL_ADMIN)


@pytest.fixture
def second(admin, world):
    return second_admin(world)


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


def test_a_new_person_chooses_a_password_by_their_own_link_and_works(admin, second, letters):
    page = client_of(admin)
    assert "本单位人员" in page.get("/members/").content.decode()
    roles = ["HOSPITAL_BUYER", "HOSPITAL_RECEIVER"]
    new = {"username": "li.si", "name": "李四", "roles": roles, "phone": "139 0000 0002", "document": DOCUMENT}
    asked = page.post("/members/add/", new)
    assert asked.status_code == 302 and asked.headers["Location"].startswith("/changes/")
    shown = page.get(asked.headers["Location"]).content.decode()
    assert "等待平台的另一位管理员确认" not in shown and "等待本单位另一位管理员确认" in shown and DOCUMENT not in shown
    with scope.login_scope():
        assert not User.objects.filter(username="li.si").exists() and letters.sent() == []
    other = client_of(second)
    assert "待您确认的权限变更" in other.get("/").content.decode()
    assert other.post(f"{asked.headers['Location']}confirm/").status_code == 302
    (text,) = letters.sent()
    assert "13900000002" in text["to"].replace(" ", "")
    assert log_in("li.si", "anything at all")[1].status_code == 422
    client = Client()
    opened = client.post("/account/link/", {"code": letters.code(text)})
    assert opened.headers["Cache-Control"].count("no-store") and "li.si" in opened.content.decode()
    typed = {"code": letters.code(text), "step": "password", "new": "quite another one", "again": "quite another one"}
    assert "密码已设置" in client.post("/account/link/", typed).content.decode()
    client, answer = log_in("li.si", "quite another one")
    assert answer.headers["Location"] == "/" and client.get("/orders/").status_code == 200
    with scope.opened(admin):
        payload = Event.objects.get(name="member_added").payload
        kept = str(list(Event.objects.values_list("payload", flat=True)))
    assert payload["roles"] == roles and DOCUMENT not in kept and "13900000002" not in kept


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
        ({"phone": ""}, "identity_missing"),
        ({"phone": "0755-26000001"}, "phone_unfit"),
        ({"phone": "1390000"}, "phone_unfit"),
        ({"document": "440303199001011234"}, "document_unfit"),
        ({"document": "44030319901301123X"}, "document_unfit"),
        ({"document": "440303900101123"}, "document_unfit"),
        ({"document": "张三"}, "document_unfit"),
        ({"phone": "", "document": "E12345678"}, "no_way_to_the_owner"),
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
        (members.member_password_reset, {"membership_id": membership_id}),
        (members.member_contact_change, {"membership_id": membership_id, "phone": "13900000009", "email": ""}),
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


def test_the_last_admin_stays(admin, second):
    does(admin, members.member_switch, membership_id=of(second).pk, is_active=False)
    keeper = replace(admin, principal=person(10**9), for_person_id=10**9)
    for service, facts in moves(of(admin).pk)[:2]:
        facts = facts | {"roles": ["HOSPITAL_BUYER"]} if "roles" in facts else facts
        assert refused(keeper, service, **facts) == "last_admin"
    assert of(admin).is_active and of(admin).roles == ["HOSPITAL_ADMIN"]


def test_roles_taken_and_harmless_ones_given_count_at_once(admin, buyer):
    client = client_of(buyer)
    roles = ["HOSPITAL_BUYER", "HOSPITAL_REQUESTER"]
    assert does(admin, members.member_roles_set, membership_id=of(buyer).pk, roles=roles) is None
    assert of(buyer).roles == roles
    assert does(admin, members.member_roles_set, membership_id=of(buyer).pk, roles=roles[1:]) is None
    assert client.get("/settlement/runs/").status_code == 403
    with scope.opened(admin):
        payload = Event.objects.filter(name="member_roles_set").latest("id").payload
    assert (payload["before"], payload["roles"]) == (roles, roles[1:])


@pytest.mark.parametrize("role", ["HOSPITAL_FINANCE", "HOSPITAL_APPROVER", "HOSPITAL_ADMIN"])
def test_a_role_that_pays_approves_or_administers_waits_for_a_second_person(admin, second, buyer, world, role):
    wanted = [role, "HOSPITAL_AUDITOR"]
    change = does(admin, members.member_roles_set, membership_id=of(buyer).pk, roles=wanted)
    assert of(buyer).roles == ["HOSPITAL_BUYER"] and change.told_roles == [role]
    # What is taken away meanwhile stays so.
    does(admin, members.member_roles_set, membership_id=of(buyer).pk, roles=["HOSPITAL_REQUESTER"])
    confirmed(second, change)
    assert of(buyer).roles == sorted([*wanted, "HOSPITAL_REQUESTER"])
    relay.deliver_pending(actor=world.system, at=scope.now())
    with scope.opened(admin):
        told = {m.kind: set(m.roles) for m in Message.objects.filter(organisation=world.hospital)}
    assert told == {
        "access_change_asked": {"HOSPITAL_ADMIN", "SUPPLIER_ADMIN"},
        "access_change_confirmed": {role, "HOSPITAL_ADMIN"},
    }


def test_who_is_disabled_is_out_at_once(admin, buyer):
    client = client_of(buyer)
    does(admin, members.member_switch, membership_id=of(buyer).pk, is_active=False)
    assert client.get("/").status_code == 302
    assert log_in(of(buyer).user.username, PASSWORD)[1].status_code == 422
    does(admin, members.member_switch, membership_id=of(buyer).pk, is_active=True)
    assert log_in(of(buyer).user.username, PASSWORD)[1].status_code == 302


def test_who_pays_is_let_in_again_by_two(admin, second, world):
    cashier = of(world.actor("hospital", Role.HOSPITAL_FINANCE))
    does(admin, members.member_switch, membership_id=cashier.pk, is_active=False)
    change = does(admin, members.member_switch, membership_id=cashier.pk, is_active=True)
    with scope.login_scope():
        assert not Membership.objects.get(pk=cashier.pk).is_active
    confirmed(second, change)
    with scope.login_scope():
        assert Membership.objects.get(pk=cashier.pk).is_active


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
    for service, facts in moves(own)[2:4]:
        assert refused(admin, service, **facts) == "belongs_elsewhere"


def test_changing_members_asks_a_person_for_the_password_again(admin, buyer, settings):
    settings.ACCOUNT_PROFILE = "standard"
    client, own = client_of(admin), of(buyer).pk
    posts = [
        "/members/add/",
        *(
            f"/members/{own}/{p}/"
            for p in ("roles", "switch", "sessions/end", "factors/reset", "password/reset", "contact", "link")
        ),
    ]
    for path in posts:
        assert client.post(path, {"roles": ["HOSPITAL_FINANCE"]}).headers["Location"].startswith("/account/confirm/")
    api = client.post(f"/api/v1/members/{own}/roles/", {"roles": ["HOSPITAL_FINANCE"]}, content_type="application/json")
    assert (api.status_code, api.json()["code"]) == (403, "confirm_again")
    assert of(buyer).roles == ["HOSPITAL_BUYER"]


def test_over_the_api(admin, second, world):
    client = ApiClient(world, "hospital", Role.HOSPITAL_ADMIN, person=True)
    status, made = client.post("/api/v1/members/", NEW)
    assert (status, made["state"], made["kind"]) == (202, "ASKED", "member_add")
    assert client.post(f"/api/v1/access-changes/{made['id']}/confirm/")[1]["code"] == "change_own"
    assert [each["id"] for each in client.get("/api/v1/access-changes/")[1]["results"]] == [made["id"]]
    confirmed(second, client_change(admin, made["id"]))
    assert client.get(f"/api/v1/access-changes/{made['id']}/")[1]["state"] == "CONFIRMED"
    status, answer = client.get("/api/v1/members/")
    found = next(m for m in answer["results"] if m["username"] == "new.person")
    assert status == 200 and "password" not in str(found)
    where = f"/api/v1/members/{found['id']}"
    assert client.post(f"{where}/sessions-end/")[1] == {"ended": 0}
    assert client.post(f"{where}/factors-reset/")[0] == client.post(f"{where}/password-reset/")[0] == 202
    assert client.post(f"{where}/roles/", {"roles": ["HOSPITAL_FINANCE"]})[0] == 202
    assert client.post(f"{where}/roles/", {"roles": ["HOSPITAL_REQUESTER"]})[0] == 200
    assert ApiClient(world, "hospital", Role.HOSPITAL_BUYER).get("/api/v1/members/")[0] == 403


def client_change(actor, change_id):
    with scope.opened(actor):
        return access_change(actor, change_id)


def test_no_machine_manages_people(admin, buyer, world):
    """None has the role; one that had it (a row that no constraint stopped) would be refused by the service."""
    machine = ApiClient(world, "hospital", Role.HOSPITAL_BUYER)
    own = of(buyer).pk
    forced = replace(actor_of(machine.secret), roles=frozenset({Role.HOSPITAL_ADMIN}))
    with scope.opened(forced), pytest.raises(Forbidden) as refused:
        members.member_roles_set(actor=forced, at=scope.now(), membership_id=own, roles=["HOSPITAL_REQUESTER"])
    assert refused.value.code == "people_only"
    for path, body in (
        ("members/", NEW),
        (f"members/{own}/roles/", {"roles": ["HOSPITAL_REQUESTER"]}),
        (f"members/{own}/state/", {"is_active": False}),
        (f"members/{own}/password-reset/", None),
    ):
        assert machine.post(f"/api/v1/{path}", body)[0] == 403
    assert of(buyer).is_active and of(buyer).roles == ["HOSPITAL_BUYER"]
