"""A declaration's moves: each legal one once, every other (state, move, role) refused."""

import pytest

from pricing.workflows import DECLARATION, DeclarationState
from sunlight.kernel.machine import IllegalMove
from sunlight.scope.roles import Role

S = DeclarationState
LEGAL = {
    (S.SUBMITTED, "confirm", Role.OPERATOR_CONFIRMER): S.CONFIRMED,
    (S.SUBMITTED, "reject", Role.OPERATOR_CONFIRMER): S.REJECTED,
}
EVERY = [(state, move, role) for state in S for move in ("confirm", "reject") for role in Role]


@pytest.mark.clause("SZ24-3.2a", on="rule")
@pytest.mark.parametrize("step", EVERY, ids=lambda step: "-".join(map(str, step)))
def test_a_declaration_moves_only_as_its_table_says(step):
    state, move, role = step
    if step in LEGAL:
        assert DECLARATION.apply(state, move, role) == LEGAL[step]
    else:
        with pytest.raises(IllegalMove):
            DECLARATION.apply(state, move, role)


def test_the_table_holds_no_other_move():
    assert {move.name for move in DECLARATION.table} == {"confirm", "reject"}
