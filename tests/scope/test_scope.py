"""Actors, the one clock, duties. What the database makes of a scope is proved in tests/security."""

from dataclasses import FrozenInstanceError, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import override_settings

from sunlight import scope
from sunlight.kernel.machine import IllegalMove, Machine, Move
from sunlight.kernel.states import States
from sunlight.scope import Actor, Client, Role
from sunlight.scope.actor import ANONYMOUS
from sunlight.scope.clock import business_date
from sunlight.scope.duties import moved
from sunlight.scope.principal import person
from sunlight.scope.roles import ROLE_LABELS, OrganisationKind
from sunlight.scope.session import grant_of

HOSPITAL = Actor(
    kind=OrganisationKind.HOSPITAL,
    platform_id=1,
    organisation_id=7,
    principal=person(9),
    for_person_id=5,
    roles=frozenset({Role.HOSPITAL_BUYER}),
    platform_ids=(1,),
    region_ids=(3, 4),
)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 3, 2, 15, 59, 59, 999999, tzinfo=UTC), date(2026, 3, 2)),
        (datetime(2026, 3, 2, 16, 0, tzinfo=UTC), date(2026, 3, 3)),
        (datetime(2025, 12, 31, 16, 0, tzinfo=UTC), date(2026, 1, 1)),
    ],
)
def test_the_business_day_closes_at_midnight_in_shanghai(moment, day):
    assert business_date(moment) == day


def test_a_sandbox_runs_faster_and_no_other_platform_does(time_machine):
    real = datetime(2026, 3, 2, tzinfo=UTC)
    start = datetime(2025, 1, 1, tzinfo=UTC)
    with override_settings(SANDBOX_CLOCKS={"sandbox": (real, start, 1440)}):
        time_machine.move_to(real + timedelta(minutes=3), tick=False)
        assert scope.now("sandbox") == start + timedelta(days=3)
        assert scope.now("gd-sz") == scope.now() == real + timedelta(minutes=3)
        assert scope.today("sandbox") == date(2025, 1, 4)


def test_every_role_has_a_word_and_a_kind_of_its_own():
    assert set(ROLE_LABELS) == set(Role)
    assert len(set(ROLE_LABELS.values())) == len(Role)
    assert {role.kind for role in Role if role is not Role.SYSTEM} == set(OrganisationKind)
    assert Role.SYSTEM.kind is None


def test_a_party_is_bounded_by_itself_and_everybody_else_by_platform_and_region():
    grant = grant_of(HOSPITAL)
    assert (grant.role, grant.platform, grant.party) == ("sun_hospital", 1, 7)
    assert grant_of(replace(HOSPITAL, kind=OrganisationKind.SUPPLIER)).role == "sun_supplier"
    assert (grant.who, grant.people) == ("person:9:7", "{5}")
    operator = replace(HOSPITAL, kind=OrganisationKind.OPERATOR)
    grant = grant_of(operator)
    assert (grant.role, grant.party, grant.platforms, grant.regions) == ("sun_platform", 0, "{1}", "{3,4}")
    nobody = grant_of(ANONYMOUS)
    assert (nobody.who, nobody.people) == ("::", "{0}")
    assert (nobody.role, nobody.platform, nobody.party) == ("sun_hospital", 0, 0)


def test_acting_as_the_platform_keeps_who_asked():
    system = HOSPITAL.as_system()
    assert system.roles == {Role.SYSTEM}
    assert system.on_behalf_of == "organisation:7 person:9"
    assert (system.organisation_id, system.user_id, system.client) == (7, 9, HOSPITAL.client)
    assert grant_of(system).role == "sun_platform"


def test_an_actor_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        HOSPITAL.organisation_id = 8
    with pytest.raises(FrozenInstanceError):
        Client().address = "x"


class S(States):
    A = "A", "甲态"
    B = "B", "乙态"


MACHINE = Machine("thing", S.A, (Move("go", {S.A}, S.B, by={Role.HOSPITAL_BUYER, Role.SYSTEM}),))


def test_a_move_is_made_by_who_may_from_where_it_may():
    assert moved(MACHINE, "A", "go", HOSPITAL) is S.B
    both = replace(HOSPITAL, roles=frozenset({Role.HOSPITAL_ADMIN, Role.HOSPITAL_BUYER}))
    assert moved(MACHINE, "A", "go", both) is S.B
    assert moved(MACHINE, "A", "go", HOSPITAL.as_system()) is S.B


def test_a_move_refused_says_which_duty_or_state_stands_in_the_way():
    with pytest.raises(IllegalMove, match="不能“go”，需要：采购员。") as refused:
        moved(MACHINE, "A", "go", replace(HOSPITAL, roles=frozenset({Role.HOSPITAL_FINANCE})))
    assert refused.value.state == "A"
    with pytest.raises(IllegalMove, match="当前状态（乙态）不能“go”"):
        moved(MACHINE, "B", "go", HOSPITAL)
    with pytest.raises(KeyError):
        moved(MACHINE, "A", "fly", HOSPITAL)


def test_after_scope_waits_for_the_outermost_scope(world):
    said = []
    scope.after_scope(lambda: said.append("at once"))
    with scope.opened(world.system):
        with scope.elevated(world.system):
            scope.after_scope(lambda: said.append("later"))
        assert said == ["at once"]
    assert said == ["at once", "later"]
    with pytest.raises(ZeroDivisionError), scope.opened(world.system):
        scope.after_scope(lambda: said.append("after a rollback too"))
        raise ZeroDivisionError
    assert said == ["at once", "later", "after a rollback too"]
