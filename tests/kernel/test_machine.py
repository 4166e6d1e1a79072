import pytest

from sunlight.kernel.machine import Duty, IllegalMove, Machine, Move, mermaid
from sunlight.kernel.states import States


class State(States):
    DRAFT = "DRAFT", "草稿"
    PLACED = "PLACED", "已下单"
    ACCEPTED = "ACCEPTED", "已确认"


PREPARED = Duty("prepare", "four_eyes", "编制人不能确认。")
ORDERED = Duty("order", "ordered", "下单人不能确认。", basis="settlement.supervised_account")

MACHINE = Machine(
    "order",
    State.DRAFT,
    (
        Move("place", {State.DRAFT}, State.PLACED, by={"BUYER"}),
        Move("accept", {State.PLACED}, State.ACCEPTED, by={"SELLER"}, four_eyes=PREPARED, incompatible=[ORDERED]),
        Move("withdraw", {State.PLACED}, State.DRAFT, by={"BUYER"}, words="撤回"),
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


def test_a_refusal_speaks_in_the_words_of_states_and_moves():
    with pytest.raises(IllegalMove, match="^当前状态（草稿）不能“撤回”。"):
        MACHINE.apply("DRAFT", "withdraw", "BUYER")
    with pytest.raises(IllegalMove, match="^您的岗位（SELLER）不能“撤回”。"):
        MACHINE.apply("PLACED", "withdraw", "SELLER")


def test_states_as_text_from_the_database():
    assert MACHINE.apply("DRAFT", "place", "BUYER") is State.PLACED


def test_the_table_can_be_read():
    assert MACHINE.states == (State.DRAFT, State.PLACED, State.ACCEPTED)
    assert [move.name for move in MACHINE.moves_from(State.PLACED)] == ["accept", "withdraw"]
    assert [move.name for move in MACHINE.moves_from(State.PLACED, "BUYER")] == ["withdraw"]
    assert MACHINE.move("accept").duties == (PREPARED, ORDERED)
    assert MACHINE.move("place").duties == ()
    assert (MACHINE.move("withdraw").words, MACHINE.move("accept").words) == ("撤回", "accept")
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
