"""States of a workflow: a StrEnum whose members carry the Chinese word a user reads and the colour of its badge."""

from enum import StrEnum

# The colour of a state that calls for no attention.
PLAIN = "secondary"


class Word(str):
    """The word of a state, with its colour, so that whoever shows the word knows the colour too."""

    colour: str

    def __new__(cls, text: str, colour: str = PLAIN):
        word = super().__new__(cls, text)
        word.colour = colour
        return word


class States(StrEnum):
    """`NAME = "NAME", "中文", "green"`: the value stored, `.label` for people, and the badge's colour (grey where none is
    given)."""

    label: Word

    def __new__(cls, value: str, label: str = "", colour: str = PLAIN):
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = Word(label or value, colour)
        return member

    @property
    def colour(self) -> str:
        return self.label.colour

    @classmethod
    def values(cls) -> list[str]:
        return [member.value for member in cls]

    @classmethod
    def words(cls) -> dict[str, Word]:
        return dict(cls.choices())

    @classmethod
    def choices(cls) -> list[tuple[str, Word]]:
        return [(member.value, member.label) for member in cls]
