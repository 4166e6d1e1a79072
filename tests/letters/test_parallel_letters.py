"""At the same moment: two letters of one series get the next two numbers, one letter is sent once."""

from sunlight.letters.services.sending import letter_send
from sunlight.scope import Role
from tests import world as worlds
from tests.letters.writing import chief, kept, submitted
from tests.settlement.test_parallel_payments import as_, together


def test_two_heads_send_at_once_without_gap_or_double(own_database):
    world = worlds.build()
    leader = world.actor("regulator", Role.REGULATOR_LEADER)
    heads = [chief(world), leader]
    letters = [submitted(world) for _ in heads]
    calls = [as_(head, letter_send, letter_id=letter.id) for head, letter in zip(heads, letters, strict=True)]
    sent = together(calls)
    assert sorted(letter.serial for letter in sent) == [1, 2]
    again = submitted(world)
    outcomes = together([as_(head, letter_send, letter_id=again.id) for head in heads])
    assert [each for each in outcomes if isinstance(each, str)] == ["illegal_move"]
    assert kept(world, again).serial == 3
