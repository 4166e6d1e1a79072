"""One dishonest human against the accounts of an organisation: second accounts, resets to enter as another, roles for oneself,
links used twice or guessed. What an administrator cannot do alone."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from sunlight import scope
from sunlight.journal.refusals import Conflict, Forbidden
from sunlight.scope import Role
from sunlight.scope.duties import same_person
from sunlight.tenancy import identity, profile
from sunlight.tenancy.access import PersonIdentity
from sunlight.tenancy.models import Membership, User
from sunlight.tenancy.queries.identities import unidentified
from sunlight.tenancy.rules import ROLES_APART
from sunlight.tenancy.services import members
from sunlight.tenancy.services.admission import membership_grant, user_create
from tests.accounts.humans import (
    DOCUMENT,
    OTHER_PHONE,
    PHONE,
    actor_named,
    added,
    code_of,
    does,
    known_by,
    of,
    second_of,
)
from tests.browsing import client_of
from tests.confirming import confirmed

# Who somebody is


def test_a_second_account_of_one_human_is_the_same_person(admin, second, world):
    cashier = world.actor("hospital", Role.HOSPITAL_FINANCE)
    known_by(cashier, phone=PHONE, document=DOCUMENT)
    for username, who in (
        ("again.1", {"phone": "+86 139-0000-0001"}),
        ("again.2", {"phone": "１３９０００００００１"}),
        ("again.3", {"document": DOCUMENT.lower(), "email": "other@example.org"}),
    ):
        twin = added(admin, second, username, ["HOSPITAL_FINANCE"], **who)
        assert twin.for_person_id == cashier.for_person_id and same_person(twin, cashier.acting)
    with scope.login_scope():
        assert {each.digest for each in PersonIdentity.objects.all()}.isdisjoint({PHONE, DOCUMENT})
    assert "同一人多账号" in client_of(admin).get("/members/").content.decode()


def test_a_document_of_one_and_a_phone_of_another_are_refused(admin, world):
    known_by(world.actor("hospital", Role.HOSPITAL_FINANCE), phone=PHONE)
    known_by(world.actor("hospital", Role.HOSPITAL_BUYER), document=DOCUMENT)
    facts = {"username": "mixed", "name": "某人", "roles": ["HOSPITAL_AUDITOR"], "phone": PHONE, "document": DOCUMENT}
    assert code_of(admin, members.member_add, **facts) == "identity_of_two"


def test_no_administrator_makes_an_account_of_their_own(admin, second):
    known_by(admin, phone=PHONE)
    facts = {"username": "my.own", "name": "我", "roles": ["HOSPITAL_FINANCE"], "phone": PHONE}
    assert code_of(admin, members.member_add, **facts) == "not_oneself"
    # Nor is it confirmed by whose it is.
    change = does(second, members.member_add, **facts)
    with pytest.raises(Forbidden, match="涉及您本人"):
        confirmed(admin, change)


def test_nobody_gives_a_role_to_another_account_of_theirs(admin, second):
    known_by(admin, phone=PHONE)
    twin = of(added(second, second_of(second), "my.second", ["HOSPITAL_AUDITOR"], phone=PHONE))
    for roles in (["HOSPITAL_FINANCE"], ["HOSPITAL_REQUESTER"]):
        assert code_of(admin, members.member_roles_set, membership_id=twin.pk, roles=roles) == "not_oneself"
    assert code_of(admin, members.member_password_reset, membership_id=twin.pk) == "not_oneself"
    assert code_of(admin, members.member_switch, membership_id=twin.pk, is_active=True) == "not_oneself"


def test_two_administrators_who_are_one_human_are_one(admin, second, world, keeper):
    with scope.login_scope():
        User.objects.filter(pk=second.user_id).update(person_id=admin.for_person_id)
    second = actor_named(of(second).user.username)
    buyer = of(world.actor("hospital", Role.HOSPITAL_BUYER))
    change = does(admin, members.member_roles_set, membership_id=buyer.pk, roles=["HOSPITAL_FINANCE"])
    with pytest.raises(Forbidden, match="本人提出"):
        confirmed(second, change)
    confirmed(keeper, change)
    assert of(world.actor("hospital", Role.HOSPITAL_BUYER)).roles == ["HOSPITAL_FINANCE"]


def test_another_persons_phone_is_refused_with_a_way_out(admin, second, world):
    known_by(world.actor("maker", Role.SUPPLIER_SELLER), phone=PHONE)
    buyer = world.actor("hospital", Role.HOSPITAL_BUYER)
    known_by(buyer, phone=OTHER_PHONE)
    with pytest.raises(Conflict, match="登记在另一人名下.*联系平台安全管理员"):
        does(buyer, members.own_contact_change, phone=PHONE, email="")
    # Nor when it became another's while the change waited.
    change = does(buyer, members.own_contact_change, phone="13900000077", email="")
    added(admin, second, "quick.one", ["HOSPITAL_AUDITOR"], phone="13900000077")
    with pytest.raises(Conflict, match="另一人名下"):
        confirmed(admin, change)
    assert of(buyer).user.phone == OTHER_PHONE


def test_a_phone_given_up_yesterday_still_tells_who_it_is(admin, second, world, clock):
    buyer = world.actor("hospital", Role.HOSPITAL_BUYER)
    known_by(buyer, phone=PHONE)
    confirmed(admin, does(buyer, members.own_contact_change, phone=OTHER_PHONE, email=""))
    twin = added(admin, second, "old.phone", ["HOSPITAL_AUDITOR"], phone=PHONE)
    assert twin.for_person_id == buyer.for_person_id
    confirmed(admin, does(buyer, members.own_contact_change, phone="13900000055", email=""))
    clock.shift(profile.current().given_up_phone_for + timedelta(seconds=1))
    stranger = added(admin, second, "new.owner", ["HOSPITAL_AUDITOR"], phone=OTHER_PHONE)
    assert stranger.for_person_id != buyer.for_person_id


def test_an_earlier_key_still_finds_and_the_first_one_writes(admin, second, world, settings):
    settings.IDENTITY_KEYS = ["old"]
    known_by(world.actor("hospital", Role.HOSPITAL_BUYER), phone=PHONE)
    settings.IDENTITY_KEYS = ["new", "old"]
    twin = added(admin, second, "key.two", ["HOSPITAL_AUDITOR"], phone=PHONE)
    assert twin.for_person_id == world.actor("hospital", Role.HOSPITAL_BUYER).for_person_id
    with scope.login_scope():
        kept = PersonIdentity.objects.get(person_id=twin.for_person_id)
    assert (kept.key_name, kept.digest) == identity.phone(PHONE).hashes[0]


def test_only_the_system_makes_accounts_of_nobody_known_and_they_are_listed(world, keeper):
    support = world.actor("operator", Role.OPERATOR_SUPPORT)
    facts = {"username": "no.body", "name": "某人", "password": "x" * 12}
    assert code_of(support, user_create, **facts) == "identity_missing"
    assert code_of(support, user_create, **facts, phone="0755-1234567") == "phone_unfit"
    known_by(support, phone=PHONE)
    support = actor_named(of(support).user.username)
    assert code_of(support, user_create, **facts, phone=PHONE) == "not_oneself"
    user = does(world.system, user_create, **facts)
    place = {"organisation": world.hospital, "platform": world.platform, "roles": [Role.HOSPITAL_AUDITOR]}
    does(world.system, membership_grant, user=user, **place)
    with scope.opened(keeper):
        assert "no.body" in [each.user.username for each in unidentified(keeper)]
    # The operator admits the first administrator of an organisation, and nobody beside one.
    world.actor("hospital", Role.HOSPITAL_ADMIN)
    assert code_of(support, membership_grant, user=user, **place) == "has_administrators"


# Roles that do not go together


@pytest.mark.clause("SZ20-5.3.4", on="rule")
@pytest.mark.parametrize(
    ("first", "other"), [("HOSPITAL_FINANCE", "HOSPITAL_RECEIVER"), ("HOSPITAL_BUYER", "HOSPITAL_APPROVER")]
)
def test_roles_apart_are_not_held_over_two_accounts(admin, second, world, first, other):
    holder = world.actor("hospital", Role(first))
    known_by(holder, phone=PHONE)
    facts = {"username": "two.hats", "name": "某人", "roles": [other], "phone": PHONE}
    assert code_of(admin, members.member_add, **facts) == "roles_apart"
    assert code_of(admin, members.member_roles_set, membership_id=of(holder).pk, roles=[first, other]) == "roles_apart"
    twin = added(admin, second, "two.hats", ["HOSPITAL_AUDITOR"], phone=PHONE)
    assert code_of(admin, members.member_roles_set, membership_id=of(twin).pk, roles=[other]) == "roles_apart"
    # At another hospital they may.
    with scope.opened(world.system):
        user = of(twin).user
        facts = {"user": user, "organisation": world.other_hospital, "platform": world.platform, "roles": [Role(other)]}
    does(world.system, membership_grant, **facts)
    with pytest.raises(Forbidden):
        does(world.system, membership_grant, **(facts | {"organisation": world.hospital}))


def test_one_role_given_while_the_other_waits_is_found_at_the_confirmation(admin, second, world):
    holder = world.actor("hospital", Role.HOSPITAL_AUDITOR)
    known_by(holder, phone=PHONE)
    change = does(admin, members.member_roles_set, membership_id=of(holder).pk, roles=["HOSPITAL_FINANCE"])
    added(admin, second, "meanwhile", ["HOSPITAL_RECEIVER"], phone=PHONE)
    with pytest.raises(Forbidden, match="不相容"):
        confirmed(second, change)
    assert of(holder).roles == ["HOSPITAL_AUDITOR"]


@pytest.mark.parametrize("apart", ROLES_APART, ids=lambda each: f"{each.first}+{each.second}")
def test_sql_cannot_put_them_together_either(admin, world, apart):
    holder, twin = (world.actor("hospital", Role.HOSPITAL_AUDITOR, person=each) for each in "ab")
    with scope.opened(world.system):
        for actor, role in ((holder, apart.first), (twin, apart.second)):
            Membership.objects.filter(user_id=actor.user_id).update(roles=[str(role)])
        with pytest.raises(IntegrityError), transaction.atomic():
            Membership.objects.filter(user_id=holder.user_id).update(roles=[str(apart.first), str(apart.second)])
    with scope.login_scope(), pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=twin.user_id).update(person_id=holder.for_person_id)
    with scope.opened(world.system):
        Membership.objects.filter(user_id=twin.user_id).update(is_active=False)
    with scope.login_scope():
        User.objects.filter(pk=twin.user_id).update(person_id=holder.for_person_id)
    with scope.opened(world.system), pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.filter(user_id=twin.user_id).update(is_active=True)
