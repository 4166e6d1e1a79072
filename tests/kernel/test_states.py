"""A state's word carries the colour of its badge."""

import copy
import pickle

import pytest

from procurement.bargaining.models.offers import Offer
from procurement.ordering.models import Order
from sunlight.kernel.states import PLAIN, States, Word
from sunlight.web.templatetags.sunlight import state
from supervision.models import Finding


class Weather(States):
    FINE = "FINE", "晴", "green"
    DULL = "DULL", "阴"


class Mood(States):
    """The same value as `Weather`, of another colour."""

    FINE = "FINE", "好", "blue"


def test_a_colour_belongs_to_the_member_not_to_the_value():
    assert [each.colour for each in (Weather.FINE, Weather.DULL, Mood.FINE)] == ["green", PLAIN, "blue"]


@pytest.mark.parametrize(
    ("row", "badge"),
    [
        (Offer(state="LAPSED"), {"label": "逾期失效", "colour": "red"}),
        (Offer(state="OPEN"), {"label": "待答复", "colour": "blue"}),
        (Order(state="ACCEPTED"), {"label": "已确认", "colour": "green"}),
        (Order(state="CLOSED"), {"label": "已关闭", "colour": PLAIN}),
        (Finding(state="PROPOSED"), {"label": "待负责人决定", "colour": "blue"}),
        (Order(state="SNOW"), {"label": "SNOW", "colour": PLAIN}),
    ],
)
def test_a_badge_has_the_word_and_the_colour_of_its_state(row, badge):
    """The row has the database's bare string; what is no state is shown as it is."""
    assert state(row) == badge


def test_a_word_is_a_string_and_survives_copies():
    word = Weather.FINE.label
    assert (word, Weather.FINE.colour) == ("晴", "green")
    for copied in (copy.deepcopy(word), pickle.loads(pickle.dumps(word))):
        assert (copied, type(copied), copied.colour) == ("晴", Word, "green")
