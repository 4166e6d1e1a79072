"""Registration, people, memberships, machines: what they keep, what they refuse, that a refusal leaves nothing."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from sunlight import scope
from sunlight.journal.models import Event, Refusal
from sunlight.journal.refusals import Conflict, Forbidden, Invalid
from sunlight.scope import Client, Role
from sunlight.scope.roles import OrganisationKind as Kind
from sunlight.tenancy.models import (
    ApiToken,
    BankAccount,
    Contact,
    LoginRecord,
    Membership,
    Organisation,
    ProducerName,
    Profile,
    Registration,
    Stake,
    User,
)
from sunlight.tenancy.queries.actors import actor_of_membership, actor_of_token, memberships_of, open_platform_actors
from sunlight.tenancy.queries.platforms import platform_by_code, regions_under
from sunlight.tenancy.services.admission import membership_grant, token_issue, user_create
from sunlight.tenancy.services.organisations import organisation_register
from tests.machines import answer

AT = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)  # 1 o'clock of the 3rd in Shanghai
NEW = {
    "kind": Kind.SUPPLIER,
    "name": "新登记器械有限公司",
    "credit_code": "91110000600037341L",
    "region_code": "CN-GD-SZ",
    "is_manufacturer": True,
}
DECLARED = {
    "profile": {
        "legal_representative": "王五",
        "legal_representative_id": "440300199001011234",
        "registered_address": "深圳市甲路 1 号",
        "business_address": "深圳市乙路 2 号",
        "phone": "0755-26000001",
        "email": "a@example.com",
    },
    "contacts": [{"name": "赵六", "duty": "销售", "phone": "13800000000", "address": "深圳市丙路 3 号"}],
    "stakes": [
        {"holder_name": "钱七", "holder_code": "X1", "share": "60.500", "is_controller": True},
        {"holder_name": "某投资公司", "share": "39.500"},
    ],
    "bank_account": {
        "bank_name": "某银行",
        "account_name": "新登记器械有限公司",
        "account_number": "6227000000000000001",
    },
}


def register(world, actor=None, **changes):
    actor = actor or world.system
    with scope.opened(actor):
        return organisation_register(actor=actor, at=AT, platform=world.platform, **{**NEW, **DECLARED, **changes})


def counts(world) -> tuple[int, ...]:
    with scope.opened(world.system):
        models = (Organisation, Registration, Profile, Contact, Stake, BankAccount, Membership, User)
        return tuple(model.objects.count() for model in models)


@pytest.mark.clause("SZ20-6.1b", on="rule")
def test_what_related_firms_are_found_by_is_kept_from_the_first_day(world):
    made = register(world)
    with scope.opened(world.system):
        whose = {"organisation": made, "platform": world.platform, "declared_on": date(2026, 3, 3)}
        profile = Profile.objects.get(**whose)
        assert {name: getattr(profile, name) for name in DECLARED["profile"]} == DECLARED["profile"]
        assert Contact.objects.get(**whose).phone == "13800000000"
        stakes = Stake.objects.filter(**whose).order_by("-share")
        assert [(s.holder_name, str(s.share), s.is_controller) for s in stakes] == [
            ("钱七", "60.500", True),
            ("某投资公司", "39.500", False),
        ]
        assert BankAccount.objects.get(**whose).account_number == "6227000000000000001"
        event = Event.objects.get(name="organisation_registered", subject_id=made.id)
        assert event.payload["profile"] == DECLARED["profile"]
        assert event.payload["stakes"] == DECLARED["stakes"]
        registration = Registration.objects.get(organisation=made)
    assert (registration.registered_on, registration.approved_at) == (date(2026, 3, 3), AT)
    assert made.name_initials == "xdjqxyxgs"


def test_an_organisation_known_elsewhere_is_recognised_by_its_code(world):
    [gd] = [actor for actor in open_platform_actors() if actor.platform_code == "gd"]
    first = register(world)
    with scope.opened(gd):
        second = organisation_register(
            actor=gd, at=AT, platform=platform_by_code("gd"), **{**NEW, **DECLARED, "name": "另一写法"}
        )
        assert second.id == first.id
        assert second.name == NEW["name"]
        # What it declared on the other platform stays there.
        assert Profile.objects.filter(organisation=first).count() == 1
        names = set(ProducerName.objects.filter(organisation=first).values_list("name", "is_agent"))
    assert (NEW["name"], False) in names


@pytest.mark.parametrize(
    ("code", "raised"), [("91110000600037341M", Invalid), ("", Invalid), (NEW["credit_code"].lower(), Invalid)]
)
def test_a_wrong_credit_code_is_refused(world, code, raised):
    before = counts(world)
    with pytest.raises(raised, match="校验位不正确") as refused:
        register(world, credit_code=code)
    assert refused.value.field == "credit_code"
    assert counts(world) == before


def test_a_second_registration_on_one_platform_is_refused(world):
    register(world)
    before = counts(world)
    with pytest.raises(Conflict, match="已在"):
        register(world)
    assert counts(world) == before
    with scope.opened(world.system):
        assert not Refusal.objects.exists()


PEOPLE = [
    ("hospital", Role.HOSPITAL_ADMIN),
    ("hospital", Role.HOSPITAL_BUYER),
    ("maker", Role.SUPPLIER_ADMIN),
    ("regulator", Role.REGULATOR_CHIEF),
    ("operator", Role.OPERATOR_SETTLER),
]


@pytest.mark.parametrize(("key", "role"), PEOPLE)
@pytest.mark.parametrize("what", ["organisation", "user", "membership", "token"])
def test_only_those_who_admit_may_admit(world, key, role, what):
    actor = world.actor(key, role)
    with scope.login_scope():
        user = User.objects.get(pk=actor.user_id)
    before = counts(world)
    with pytest.raises(Forbidden, match="您的岗位不能"), scope.opened(actor):
        if what == "organisation":
            organisation_register(actor=actor, at=AT, platform=world.platform, **NEW, profile={})
        elif what == "user":
            user_create(actor=actor, at=AT, username="x", name="x", password="x" * 12)
        elif what == "membership":
            membership_grant(
                actor=actor,
                at=AT,
                user=user,
                organisation=world.organisations[key],
                platform=world.platform,
                roles=[role],
            )
        else:
            token_issue(
                actor=actor,
                at=AT,
                organisation=world.organisations[key],
                platform=world.platform,
                name="x",
                roles=[role],
            )
    assert counts(world) == before
    with scope.opened(world.system):
        assert Refusal.objects.get().code == "not_your_duty"


def test_a_login_name_is_taken_once(world):
    with scope.opened(world.system):
        user_create(actor=world.system, at=AT, username="wang", name="王", password="a-long-secret-1")
        before = counts(world)
        with pytest.raises(Conflict, match="已被使用") as refused:
            user_create(actor=world.system, at=AT, username="wang", name="汪", password="a-long-secret-2")
        assert refused.value.field == "username"
        assert not Event.objects.filter(payload__has_key="password").exists()
    assert counts(world) == before


def grant(world, user, key, *roles):
    with scope.opened(world.system):
        return membership_grant(
            actor=world.system,
            at=AT,
            user=user,
            organisation=world.organisations[key],
            platform=world.platform,
            roles=list(roles),
        )


@pytest.fixture
def user(world):
    with scope.opened(world.system):
        return user_create(actor=world.system, at=AT, username="u", name="某", password="a-long-secret-1")


@pytest.mark.parametrize(
    ("key", "role"),
    [
        ("hospital", Role.SUPPLIER_SELLER),
        ("maker", Role.HOSPITAL_BUYER),
        ("operator", Role.REGULATOR_CHIEF),
        ("hospital", Role.SYSTEM),
        ("operator", Role.PLATFORM_SYSTEM_ADMIN),
    ],
)
def test_a_role_belongs_to_its_kind_of_organisation(world, user, key, role):
    with pytest.raises(Invalid, match="不属于") as refused:
        grant(world, user, key, role)
    assert refused.value.field == "roles"
    with scope.opened(world.system):
        assert not Membership.objects.filter(user=user).exists()


@pytest.mark.parametrize("role", [Role.HOSPITAL_FINANCE, Role.OPERATOR_SETTLER, Role.SYSTEM])
def test_a_machine_too_gets_roles_of_its_kind_only(world, role):
    with pytest.raises(Invalid, match="不属于"), scope.opened(world.system):
        token_issue(
            actor=world.system, at=AT, organisation=world.maker, platform=world.platform, name="x", roles=[role]
        )
    with scope.opened(world.system):
        assert not Event.objects.filter(name="token_issued").exists()


@pytest.fixture
def administration(world):
    """The platform's own organisation."""
    world.organisations["platform"] = register(
        world, kind=Kind.PLATFORM, name="平台管理中心", credit_code="114403004557550689", is_manufacturer=False
    )
    return world


@pytest.mark.parametrize(
    "roles",
    [
        (Role.PLATFORM_SYSTEM_ADMIN, Role.PLATFORM_SECURITY_ADMIN),
        (Role.PLATFORM_SYSTEM_ADMIN, Role.PLATFORM_AUDIT_ADMIN),
        (Role.PLATFORM_SECURITY_ADMIN, Role.PLATFORM_AUDIT_ADMIN),
    ],
)
def test_the_three_administrators_never_meet_in_one_person(administration, user, roles):
    with pytest.raises(Forbidden, match="须由不同人担任"):
        grant(administration, user, "platform", *roles)
    grant(administration, user, "platform", roles[0])
    with scope.opened(administration.system):
        held = Membership.objects.get(user=user)
        assert held.roles == [roles[0]]


def test_granting_again_replaces_the_roles(world, user):
    grant(world, user, "hospital", Role.HOSPITAL_BUYER, Role.HOSPITAL_RECEIVER)
    membership = grant(world, user, "hospital", Role.HOSPITAL_FINANCE)
    assert membership.roles == ["HOSPITAL_FINANCE"]
    with scope.opened(world.system):
        assert Membership.objects.filter(user=user).count() == 1
        assert Event.objects.filter(name="membership_granted", subject_id=membership.id).count() == 2


def test_an_actor_is_what_the_membership_says(world, user):
    membership = grant(world, user, "hospital", Role.HOSPITAL_BUYER)
    with scope.login_scope():
        assert [m.id for m in memberships_of(user.pk)] == [membership.id]
        actor = actor_of_membership(memberships_of(user.pk)[0], Client(address="10.0.0.1"))
    assert (actor.kind, actor.organisation_id, actor.user_id) == (Kind.HOSPITAL, world.hospital.id, user.pk)
    assert (actor.platform_code, actor.region_code, actor.roles) == ("gd-sz", "CN-GD-SZ", {Role.HOSPITAL_BUYER})
    assert actor.client.address == "10.0.0.1"


@pytest.mark.parametrize("ended", ["user", "membership", "platform"])
def test_what_has_ended_opens_nothing(world, user, ended):
    membership = grant(world, user, "hospital", Role.HOSPITAL_BUYER)
    with scope.opened(world.system):
        if ended == "user":
            with scope.login_scope():
                User.objects.filter(pk=user.pk).update(is_active=False)
        elif ended == "membership":
            Membership.objects.filter(pk=membership.pk).update(is_active=False)
        else:
            type(world.platform).objects.filter(pk=world.platform.pk).update(is_open=False)
    with scope.login_scope():
        assert memberships_of(user.pk) == []


@pytest.mark.parametrize(
    ("code", "inside", "outside"),
    [
        ("CN-JS", {"CN-JS", "CN-JS-SZ", "CN-JS-LYG"}, {"CN", "CN-GD", "CN-GD-SZ"}),
        ("CN-GD-SZ", {"CN-GD-SZ"}, {"CN-GD"}),
        ("CN", {"CN", "CN-GD-SZ", "CN-JS"}, set()),
    ],
)
def test_a_region_subtree_is_itself_and_what_lies_below(world, code, inside, outside):
    from sunlight.tenancy.models import Region

    with scope.opened(world.system):
        found = set(Region.objects.filter(id__in=regions_under(code)).values_list("code", flat=True))
    assert inside <= found
    assert not outside & found


def test_a_token_is_kept_only_as_its_hash_and_says_who_it_is(world):
    with scope.opened(world.system):
        secret = token_issue(
            actor=world.system,
            at=scope.now(),
            organisation=world.maker,
            platform=world.platform,
            name="ERP",
            roles=[Role.SUPPLIER_SELLER],
        )
        issued = Event.objects.get(name="token_issued")
        assert secret not in str(issued.payload)
        token = ApiToken.objects.defer("token_hash").get(name="ERP")
    assert len(secret) > 40
    with scope.login_scope():
        assert actor_of_token(secret, Client(), scope.now()).roles == set()
    answer(world.system, token, Role.SUPPLIER_SELLER)
    with scope.login_scope():
        actor = actor_of_token(secret, Client(), scope.now())
        assert actor_of_token(secret + "x", Client(), scope.now()) is None
        assert actor_of_token("", Client(), scope.now()) is None
    assert (actor.organisation_id, actor.roles) == (world.maker.id, {Role.SUPPLIER_SELLER})
    assert "ERP" in actor.user_name


@pytest.mark.clause("SZ20-6.1b", on="rule")
@pytest.mark.parametrize(("password", "succeeded"), [("sunlight-test-2026", True), ("wrong", False)])
def test_every_login_is_kept_with_time_address_and_client(world, client, password, succeeded):
    actor = world.actor("hospital", Role.HOSPITAL_BUYER)
    with scope.login_scope():
        name = User.objects.get(pk=actor.user_id).username
    moment = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
    with time_machine.travel(moment, tick=False):
        client.post(
            "/login/", {"username": name, "password": password}, REMOTE_ADDR="10.1.2.3", headers={"User-Agent": "IE6"}
        )
    with scope.login_scope():
        kept = LoginRecord.objects.get(username=name)
    assert (kept.succeeded, kept.address, kept.agent) == (succeeded, "10.1.2.3", "IE6")
    assert abs(kept.at - moment) < timedelta(seconds=1)
    assert kept.user_id == (actor.user_id if succeeded else None)
