"""A move asks the table who must not have done what before; a service that does not say who did is a mistake."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from sunlight.journal.refusals import Conflict, Forbidden
from sunlight.journal.services import refusal_of
from sunlight.kernel.machine import Duty, IllegalMove, Machine, Move
from sunlight.kernel.states import States
from sunlight.scope import Actor, Role
from sunlight.scope.duties import Barred, Unanswered, barring, moved, same_person
from sunlight.scope.principal import SYSTEM, Acted, Principal, PrincipalKind, person
from sunlight.scope.roles import OrganisationKind
from supervision.management.commands.workflows import machines

RECEIVER = Actor(
    kind=OrganisationKind.HOSPITAL,
    platform_id=1,
    organisation_id=7,
    principal=person(9),
    for_person_id=90,
    roles=frozenset({Role.HOSPITAL_RECEIVER}),
)
IN_SHENZHEN, AT = replace(RECEIVER, region_code="CN-GD-SZ"), datetime(2026, 3, 2, 4, tzinfo=UTC)
ME, ANOTHER = Acted(person(9), 90), Acted(person(8), 80)
# A machine with my number.
TOKEN, CLIENT = (Acted(Principal(kind, 9)) for kind in (PrincipalKind.TOKEN, PrincipalKind.CLIENT))


class S(States):
    SENT = "SENT", "配送中"
    TAKEN = "TAKEN", "已验收"


ORDERED = Duty("order", "ordered_it", "下单人不能验收。", basis="settlement.supervised_account")
SIGNED = Duty("sign", "signed_it", "签署人不能验收。")
DELIVERY = Machine(
    "delivery",
    S.SENT,
    (
        Move(
            "take",
            {S.SENT},
            S.TAKEN,
            by={Role.HOSPITAL_RECEIVER},
            four_eyes=SIGNED,
            incompatible=[ORDERED],
            words="验收",
        ),
        Move("reopen", {S.TAKEN}, S.SENT, by={Role.HOSPITAL_RECEIVER}, words="恢复"),
    ),
)


@pytest.mark.parametrize("earlier", [{}, {"order": ANOTHER}, {"sign": None}, {"oder": ANOTHER, "sign": None}])
def test_a_service_that_does_not_say_who_did_it_fails_whoever_acts_and_wherever_the_row_stands(earlier):
    for state in S:
        with pytest.raises(Unanswered, match="take needs to know"):
            moved(DELIVERY, state, "take", RECEIVER, earlier=earlier)
    assert not issubclass(Unanswered, IllegalMove)


@pytest.mark.parametrize("who", [None, ANOTHER, (), {None, ANOTHER}, [TOKEN, CLIENT], Acted(SYSTEM)])
def test_others_and_nobody_bar_no_one(who):
    assert moved(DELIVERY, "SENT", "take", RECEIVER, earlier={"order": who, "sign": ANOTHER}) is S.TAKEN
    assert barring(DELIVERY.move("take"), RECEIVER, {"order": who, "sign": ANOTHER}) is None


@pytest.mark.parametrize(
    ("earlier", "duty"),
    [
        ({"order": ME, "sign": ANOTHER}, ORDERED),
        ({"order": {None, ANOTHER, ME}, "sign": None}, ORDERED),
        ({"order": ME, "sign": ME}, SIGNED),
    ],
)
def test_who_did_it_is_barred_with_the_words_of_the_table(earlier, duty):
    with pytest.raises(Barred) as barred:
        moved(DELIVERY, "SENT", "take", RECEIVER, earlier=earlier, subject=("delivery", 5))
    refusal = refusal_of(barred.value, IN_SHENZHEN, AT)
    assert (type(refusal), refusal.code, refusal.message) == (Forbidden, duty.code, duty.message)
    assert (refusal.subject, refusal.clauses) == (("delivery", 5), ["SZ20-5.3.4"] if duty.basis else [])


def test_state_and_role_are_refused_first():
    earlier = {"order": ME, "sign": ME}
    with pytest.raises(IllegalMove, match="当前状态（已验收）不能“验收”。") as refused:
        moved(DELIVERY, "TAKEN", "take", RECEIVER, earlier=earlier)
    assert type(refusal_of(refused.value, RECEIVER, AT)) is Conflict
    with pytest.raises(IllegalMove, match="您的岗位不能“验收”，需要：验收员。"):
        moved(DELIVERY, "SENT", "take", replace(RECEIVER, roles=frozenset({Role.HOSPITAL_BUYER})), earlier=earlier)


def test_the_system_is_nobody():
    system = replace(RECEIVER, principal=SYSTEM)
    assert moved(DELIVERY, "SENT", "take", system, earlier={"order": Acted(SYSTEM), "sign": None}) is S.TAKEN


@pytest.mark.parametrize("kind", PrincipalKind)
def test_a_machine_and_a_person_with_one_number_are_two(kind):
    if kind == PrincipalKind.SYSTEM:
        return
    # Nobody is known to stand behind it.
    actor = replace(RECEIVER, principal=Principal(kind, 9), for_person_id=None)
    assert [same_person(actor, who) for who in (ME, TOKEN, CLIENT)] == [
        kind == PrincipalKind.PERSON,
        kind == PrincipalKind.TOKEN,
        kind == PrincipalKind.CLIENT,
    ]
    assert not same_person(actor, ANOTHER) and not same_person(actor, None)
    assert not same_person(replace(actor, principal=None), Acted(Principal(kind, 9)))


def test_a_machine_is_the_person_it_stands_for():
    machine = replace(RECEIVER, principal=TOKEN.principal, for_person_id=80)
    assert same_person(machine, ANOTHER) and not same_person(machine, ME)
    assert same_person(RECEIVER, Acted(CLIENT.principal, for_person_id=90))
    # Two machines of one person are that person twice.
    assert same_person(machine, Acted(CLIENT.principal, for_person_id=80))


def test_two_accounts_of_one_human_being_are_one_person():
    assert same_person(RECEIVER, Acted(person(10), for_person_id=90))
    assert not same_person(RECEIVER, Acted(person(10), for_person_id=9))


BARRING = [(m, move, duty) for _, m in machines() for move in m.table for duty in move.duties]


@pytest.mark.parametrize(
    ("machine", "move", "duty"), BARRING, ids=[f"{m.name}.{v.name}:{d.act}" for m, v, d in BARRING]
)
def test_every_table_that_bars_does(machine, move, duty):
    actor = replace(RECEIVER, roles=frozenset(move.by))
    state = next(iter(move.from_states))
    with pytest.raises(Unanswered):
        moved(machine, state, move.name, actor)
    nobody = {each.act: None for each in move.duties}
    assert moved(machine, state, move.name, actor, earlier=nobody) is move.to_state
    with pytest.raises(Barred, match=duty.message):
        moved(machine, state, move.name, actor, earlier=nobody | {duty.act: ME})
