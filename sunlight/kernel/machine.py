"""State machines as one table each: move, from, to, roles, words, four eyes, incompatible duties.

    ORDER = Machine("order", S.DRAFT, (Move("place", {S.DRAFT}, S.PLACED, by={Role.BUYER}, words="下单"), ...))

Services make every move through `sunlight.scope.duties.moved`, which asks the table for the state, the role and the
duties. Roles are any hashables; states are members of one StrEnum, every one of which must be reachable.
"""

from collections.abc import Collection, Hashable
from dataclasses import dataclass
from enum import StrEnum


class IllegalMove(Exception):
    """A move this state or role does not allow; `message` is Chinese for the user."""

    def __init__(self, machine: str, state: object, move: str, role: object, message: str) -> None:
        super().__init__(message)
        self.machine = machine
        self.state = state
        self.move = move
        self.role = role
        self.message = message


@dataclass(frozen=True, slots=True)
class Duty:
    """An earlier act on the same matter whose doer may not make the move, and how the move is then refused: the code,
    the Chinese sentence for the user, and the parameter whose values in force it rests on (`basis`), where a text demands it."""

    act: str
    code: str
    message: str
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """One row of a machine's table; `words` is what a user reads for it.

    `four_eyes`: the earlier step of the same work, which another person must have taken. `incompatible`: duties which,
    on the same matter, the person must not have done. `sunlight.scope.duties.moved` enforces both.

    `in_person`: it ends something for good, so a person makes it, who has just given a second factor. `mandate`: a machine
    may make it all the same, under a mandate that two people gave it; without this it never may.
    """

    name: str
    from_states: Collection[StrEnum]
    to_state: StrEnum
    by: Collection[Hashable] = ()
    four_eyes: Duty | None = None
    incompatible: Collection[Duty] = ()
    in_person: bool = False
    mandate: bool = False
    words: str = ""

    def __post_init__(self) -> None:
        if self.mandate and not self.in_person:
            raise ValueError(f"the move {self.name} needs no mandate: a machine makes it anyhow")
        for name in ("from_states", "by"):
            object.__setattr__(self, name, frozenset(getattr(self, name)))
        object.__setattr__(self, "incompatible", tuple(self.incompatible))
        object.__setattr__(self, "words", self.words or self.name)

    @property
    def duties(self) -> tuple[Duty, ...]:
        """Every earlier act that bars from this move, in the order they are asked."""
        return (*((self.four_eyes,) if self.four_eyes else ()), *self.incompatible)


@dataclass(frozen=True, slots=True)
class Machine:
    """A named table of moves. Raises ValueError for a move named twice or a state nothing leads to."""

    name: str
    initial: StrEnum
    table: tuple[Move, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "table", tuple(self.table))
        names = [move.name for move in self.table]
        if len(set(names)) != len(names):
            raise ValueError(f"machine {self.name}: a move is named twice")
        if lost := self.unreachable():
            raise ValueError(f"machine {self.name}: nothing leads to {', '.join(lost)}")

    @property
    def states(self) -> tuple[StrEnum, ...]:
        """Every state, in the order the enum lists them."""
        return tuple(type(self.initial))

    @property
    def roles(self) -> frozenset[Hashable]:
        """Every role that may make some move."""
        return frozenset(role for move in self.table for role in move.by)

    def move(self, name: str) -> Move:
        """The row of this name. Raises KeyError."""
        for move in self.table:
            if move.name == name:
                return move
        raise KeyError(f"machine {self.name} has no move {name}")

    def moves_from(self, state: StrEnum | str, role: Hashable | None = None) -> tuple[Move, ...]:
        """The moves open in `state`, to `role` where one is given."""
        return tuple(move for move in self.table if state in move.from_states and (role is None or role in move.by))

    def may(self, state: StrEnum | str, name: str, role: Hashable) -> bool:
        """Whether `apply` would accept this."""
        return any(move.name == name and role in move.by for move in self.moves_from(state))

    def apply(self, state: StrEnum | str, name: str, role: Hashable) -> StrEnum:
        """The state after the move. Raises IllegalMove for every (state, move, role) the table does not hold."""
        move = next((move for move in self.table if move.name == name), None)
        if move is None:
            raise IllegalMove(self.name, state, name, role, f"没有“{name}”这个操作。")
        if state not in move.from_states:
            current = _label(next((each for each in self.states if each == state), state))
            message = f"当前状态（{current}）不能“{move.words}”。请刷新页面查看最新状态。"
            raise IllegalMove(self.name, state, name, role, message)
        if role not in move.by:
            raise IllegalMove(self.name, state, name, role, f"您的岗位（{_label(role)}）不能“{move.words}”。")
        return move.to_state

    def unreachable(self) -> tuple[StrEnum, ...]:
        """States no chain of moves leads to from the initial one."""
        reached = {self.initial}
        while new := {m.to_state for m in self.table if reached & m.from_states} - reached:
            reached |= new
        return tuple(state for state in self.states if state not in reached)

    def final_states(self) -> tuple[StrEnum, ...]:
        """States no move leaves."""
        return tuple(state for state in self.states if not self.moves_from(state))


def _label(value: object) -> str:
    """The word for a state or role, where it has one."""
    return str(getattr(value, "label", value))


def mermaid(machine: Machine) -> str:
    """The table as a mermaid state diagram for the documentation."""
    lines = ["stateDiagram-v2", f"    [*] --> {machine.initial}"]
    for move in machine.table:
        label = move.name + (" (four eyes)" if move.four_eyes else "")
        lines += [f"    {state} --> {move.to_state}: {label}" for state in sorted(move.from_states)]
    lines += [f"    {state} --> [*]" for state in machine.final_states()]
    return "\n".join(lines) + "\n"
