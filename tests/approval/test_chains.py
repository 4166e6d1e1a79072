"""Chains as values: which steps an amount goes through, who may take one, who never may."""

from datetime import date

import pytest

from sunlight.approval.chains import Delegation, Step, forbidden, principals, steps_for, steps_of
from sunlight.approval.workflows import APPROVAL
from sunlight.kernel.machine import IllegalMove
from sunlight.scope import Role
from sunlight.scope.principal import Principal, PrincipalKind, person

CHIEF, HEAD = "HOSPITAL_APPROVER", "HOSPITAL_ADMIN"
STEPS = [Step("科室", CHIEF), Step("院领导", HEAD, 5_000_000), Step("院长", HEAD, 10_000_000, user_id=9)]
DAY = date(2026, 3, 2)


def test_bands_begin_with_their_amount():
    assert [len(steps_for(STEPS, fen)) for fen in (0, 4_999_999, 5_000_000, 9_999_999, 10_000_000)] == [1, 1, 2, 2, 3]
    assert steps_for([], 10**12) == []
    assert steps_of([step.to_dict() for step in STEPS]) == STEPS


def may(step, user, roles, *, kind=PrincipalKind.PERSON, delegations=(), holders=None, on=DAY):
    who = Principal(kind, user)
    found = principals(step, who=who, roles=roles, holders=holders or {}, delegations=delegations, on=on)
    return [each.id for each in found if each.kind in (kind, PrincipalKind.PERSON)]


def test_a_role_or_a_named_person_takes_a_step():
    assert may(STEPS[0], 1, {CHIEF}) == [1]
    assert may(STEPS[0], 1, {HEAD}) == []
    assert may(STEPS[2], 9, {HEAD}) == [9]
    assert may(STEPS[2], 8, {HEAD}) == []
    # A machine may hold the role, and is no named person, nor anybody's delegate, whatever its number.
    standing = [Delegation(9, 2, DAY, DAY)]
    for kind in (PrincipalKind.TOKEN, PrincipalKind.CLIENT):
        assert may(STEPS[0], 1, {CHIEF}, kind=kind) == [1]
        assert may(STEPS[2], 9, {HEAD}, kind=kind) == []
        assert may(STEPS[2], 2, set(), kind=kind, delegations=standing, holders={9: {HEAD}}) == []


@pytest.mark.parametrize(
    ("on", "allowed"),
    [(date(2026, 2, 28), []), (date(2026, 3, 1), [9]), (date(2026, 3, 3), [9]), (date(2026, 3, 4), [])],
)
def test_a_delegate_counts_from_the_first_to_the_last_day(on, allowed):
    standing = [Delegation(9, 2, date(2026, 3, 1), date(2026, 3, 3))]
    assert may(STEPS[2], 2, {"HOSPITAL_BUYER"}, delegations=standing, holders={9: {HEAD}}, on=on) == allowed


def test_who_lost_the_role_delegates_nothing_and_delegates_do_not_delegate_on():
    standing = [Delegation(9, 2, DAY, DAY), Delegation(2, 3, DAY, DAY)]
    assert may(STEPS[2], 2, set(), delegations=standing, holders={9: {CHIEF}}) == []
    assert may(STEPS[2], 3, set(), delegations=standing, holders={9: {HEAD}, 2: {CHIEF}}) == []


def test_nobody_approves_their_own_and_nobody_twice():
    def why(*people: int, taken=()) -> str:
        return forbidden({*map(person, people)}, asked_by={person(5)}, taken={*map(person, taken)})

    assert why(5) == "own"
    assert why(5, 6) == "own"  # in the asker's name, or the asker as somebody's delegate
    assert why(6, taken=[6]) == "twice"
    assert why(7, 6, taken=[6]) == "twice"  # again, for another
    assert why(7, taken=[6, 7]) == "twice"  # after a delegate did it
    assert why(7, 8, taken=[6, 7]) == "twice"
    assert why(7, taken=[6]) == ""
    machine = {Principal(PrincipalKind.TOKEN, 5)}
    assert forbidden(machine, asked_by={person(5)}, taken={person(5)}) == ""
    assert forbidden(machine, asked_by=machine, taken=set()) == "own"


def test_every_other_state_move_and_role_is_refused():
    legal = {(s, m.name, r) for m in APPROVAL.table for s in m.from_states for r in m.by}
    for state in APPROVAL.states:
        for move in APPROVAL.table:
            for role in Role:
                if (state, move.name, role) not in legal:
                    with pytest.raises(IllegalMove):
                        APPROVAL.apply(state, move.name, role)
