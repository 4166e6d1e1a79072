"""人员管理: the platform's security administrator looks after the people of operators and authorities, and of nobody else; whom
to look after stands on the workbench and goes away by being done."""

from dataclasses import replace

import pytest

from sunlight import scope
from sunlight.journal.models import Event
from sunlight.journal.refusals import Refused
from sunlight.scope import Role
from sunlight.scope.principal import person
from sunlight.scope.roles import OrganisationKind
from sunlight.tenancy.models import Factor, Membership, User
from sunlight.tenancy.queries.people import cared_for, members_of
from sunlight.tenancy.services import members
from sunlight.tenancy.services.changes import change_confirm
from sunlight.web.navigation import todos_of
from tests.confirming import confirmed

INITIAL, UNARMED, WAITS = "尚未设置密码的人员", "未设第二重验证的关键岗位人员", "待您确认的权限变更"


@pytest.fixture
def keeper(world):
    """A security administrator; the small world has no organisation of the platform's own."""
    actor = world.actor("operator", Role.OPERATOR_SUPPORT, person="keeper")
    return replace(actor, kind=OrganisationKind.PLATFORM, roles=frozenset({Role.PLATFORM_SECURITY_ADMIN}))


def does(actor, service, **facts):
    with scope.opened(actor):
        return service(actor=actor, at=scope.now(), **facts)


def code_of(actor, service, **facts) -> str:
    with pytest.raises(Refused) as met:
        does(actor, service, **facts)
    return met.value.code


def another(actor, *roles):
    """A further person of the platform's own."""
    return replace(actor, principal=person(10**9), for_person_id=10**9, roles=frozenset(roles or actor.roles))


def added(keeper, world, **facts) -> Membership:
    new = {"username": "new.officer", "name": "新监管人员", "roles": ["REGULATOR_OFFICER"], "phone": "13900000001"}
    place = {"organisation_id": world.organisations["regulator"].id}
    confirmed(another(keeper), does(keeper, members.member_add, **(new | place | facts)))
    with scope.login_scope():
        return Membership.objects.get(user__username="new.officer")


def todos(actor) -> dict[str, tuple]:
    with scope.opened(actor):
        return {t.label: (t.count, t.due_on) for t in todos_of(actor, scope.today())}


def test_operators_and_authorities_are_in_care_and_nobody_else(world, keeper):
    with scope.opened(keeper):
        kinds = {each.kind for each in cared_for(keeper)}
        people = members_of(keeper)
    assert kinds == {"OPERATOR", "REGULATOR"} == {each.organisation.kind for each in people} | {"REGULATOR"}
    buyer = world.actor("hospital", Role.HOSPITAL_BUYER)
    with scope.login_scope():
        stranger = Membership.objects.get(user_id=buyer.user_id)
    assert code_of(keeper, members.member_switch, membership_id=stranger.pk, is_active=False) == "not_found"
    hospital = world.organisations["hospital"].id
    assert (
        code_of(
            keeper,
            members.member_add,
            username="x.y.z",
            name="人",
            roles=["HOSPITAL_BUYER"],
            phone="13900000002",
            organisation_id=hospital,
        )
        == "not_found"
    )
    admin = world.actor("hospital", Role.HOSPITAL_ADMIN)
    other = world.organisations["other_hospital"].id
    assert (
        code_of(
            admin,
            members.member_add,
            username="x.y.z",
            name="人",
            roles=["HOSPITAL_BUYER"],
            phone="13900000002",
            organisation_id=other,
        )
        == "not_found"
    )
    assert (
        code_of(
            replace(keeper, roles=frozenset({Role.PLATFORM_SYSTEM_ADMIN})),
            members.member_switch,
            membership_id=stranger.pk,
            is_active=False,
        )
        == "not_found"
    )


def test_a_role_is_one_of_the_organisations_kind(world, keeper):
    made = added(keeper, world)
    assert made.organisation_id == world.organisations["regulator"].id
    for roles in (["OPERATOR_SETTLER"], ["HOSPITAL_ADMIN"], ["PLATFORM_SECURITY_ADMIN"], []):
        assert code_of(keeper, members.member_roles_set, membership_id=made.pk, roles=roles) == "roles_unfit"
    change = does(keeper, members.member_roles_set, membership_id=made.pk, roles=["REGULATOR_CHIEF"])
    assert code_of(keeper, change_confirm, change_id=change.pk) == "change_own"
    confirmed(another(keeper, Role.PLATFORM_SYSTEM_ADMIN), change)
    does(keeper, members.member_switch, membership_id=made.pk, is_active=False)
    with scope.opened(world.system):
        names = set(Event.objects.filter(subject_type="membership", subject_id=made.pk).values_list("name", flat=True))
    assert names == {"member_added", "member_roles_set", "member_disabled"}


def test_whom_to_look_after_goes_away_by_being_done(world, keeper):
    before = todos(keeper)[UNARMED][0]
    made = added(keeper, world)
    found = todos(keeper)
    assert found[INITIAL] == (1, None) and found[UNARMED][0] == before + 1
    with scope.login_scope():
        User.objects.filter(pk=made.user_id).update(must_change_password=False)
        Factor.objects.create(user_id=made.user_id, kind="totp", added_at=scope.now(), confirmed_at=scope.now())
    found = todos(keeper)
    assert INITIAL not in found and found[UNARMED][0] == before


def test_a_hospitals_administrator_has_the_same(world, keeper):
    admin = world.actor("private_hospital", Role.HOSPITAL_ADMIN)
    assert INITIAL not in todos(admin) and UNARMED not in todos(admin)
    new = {"username": "new.cashier", "name": "新出纳", "roles": ["HOSPITAL_FINANCE"], "phone": "13900000003"}
    change = does(admin, members.member_add, **new)
    # The hospital has no second administrator.
    assert todos(keeper)[WAITS][0] == 1 and WAITS not in todos(admin)
    confirmed(keeper, change)
    with scope.login_scope():
        made = Membership.objects.get(user__username="new.cashier")
    found = todos(admin)
    assert found[INITIAL][0] == found[UNARMED][0] == 1 and WAITS not in todos(keeper)
    does(admin, members.member_switch, membership_id=made.pk, is_active=False)
    assert INITIAL not in todos(admin) and UNARMED not in todos(admin)
