from enum import StrEnum

import pytest

from sunlight.kernel.machine import IllegalMove, Machine, Move, mermaid


class State(StrEnum):
    DRAFT = "DRAFT"
    PLACED = "PLACED"
    ACCEPTED = "ACCEPTED"


MACHINE = Machine(
    "order",
    State.DRAFT,
    (
        Move("place", {State.DRAFT}, State.PLACED, by={"BUYER"}),
        Move("accept", {State.PLACED}, State.ACCEPTED, by={"SELLER"}, four_eyes=True, incompatible={"order"}),
        Move("withdraw", {State.PLACED}, State.DRAFT, by={"BUYER"}),
    ),
)


def test_every_other_state_move_and_role_is_refused():
    legal = {
        (State.DRAFT, "place", "BUYER"): State.PLACED,
        (State.PLACED, "accept", "SELLER"): State.ACCEPTED,
        (State.PLACED, "withdraw", "BUYER"): State.DRAFT,
    }
    for state in State:
        for move in ("place", "accept", "withdraw", "explode"):
            for role in ("BUYER", "SELLER", None):
                assert MACHINE.may(state, move, role) == ((state, move, role) in legal)
                if (state, move, role) in legal:
                    assert MACHINE.apply(state, move, role) is legal[state, move, role]
                else:
                    with pytest.raises(IllegalMove) as refused:
                        MACHINE.apply(state, move, role)
                    assert refused.value.message


def test_states_as_text_from_the_database():
    assert MACHINE.apply("DRAFT", "place", "BUYER") is State.PLACED


def test_the_table_can_be_read():
    assert MACHINE.states == (State.DRAFT, State.PLACED, State.ACCEPTED)
    assert [move.name for move in MACHINE.moves_from(State.PLACED)] == ["accept", "withdraw"]
    assert [move.name for move in MACHINE.moves_from(State.PLACED, "BUYER")] == ["withdraw"]
    assert MACHINE.move("accept").four_eyes
    assert MACHINE.move("accept").incompatible == {"order"}
    assert MACHINE.final_states() == (State.ACCEPTED,)
    assert MACHINE.roles == {"BUYER", "SELLER"}
    with pytest.raises(KeyError):
        MACHINE.move("explode")


def test_a_state_nothing_leads_to_is_refused():
    with pytest.raises(ValueError, match="nothing leads to ACCEPTED"):
        Machine("order", State.DRAFT, (Move("place", {State.DRAFT}, State.PLACED, by={"BUYER"}),))


def test_a_move_named_twice_is_refused():
    moves = (Move("place", {State.DRAFT}, State.PLACED), Move("place", {State.PLACED}, State.ACCEPTED))
    with pytest.raises(ValueError, match="named twice"):
        Machine("order", State.DRAFT, moves)


def test_diagram():
    assert mermaid(MACHINE) == (
        "stateDiagram-v2\n"
        "    [*] --> DRAFT\n"
        "    DRAFT --> PLACED: place\n"
        "    PLACED --> ACCEPTED: accept (four eyes)\n"
        "    PLACED --> DRAFT: withdraw\n"
        "    ACCEPTED --> [*]\n"
    )
