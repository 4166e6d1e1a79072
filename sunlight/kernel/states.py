"""States of a workflow: a StrEnum whose members carry the Chinese word a user reads."""

from enum import StrEnum


class States(StrEnum):
    """`NAME = "NAME", "中文"`: the value stored, and `.label` for people."""

    label: str

    def __new__(cls, value: str, label: str = ""):
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label or value
        return member

    @classmethod
    def values(cls) -> list[str]:
        return [member.value for member in cls]

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        return [(member.value, member.label) for member in cls]
