"""Who may make a move: roles, four eyes, incompatible duties. The one way to move anything from state to state."""

from collections.abc import Iterable, Mapping

from sunlight.kernel.machine import Duty, IllegalMove, Machine, Move
from sunlight.scope.actor import Actor
from sunlight.scope.clock import SHANGHAI, now
from sunlight.scope.principal import Acted
from sunlight.scope.roles import Role

# Who did an earlier act: one, several, or None where nobody did.
Who = Acted | None | Iterable[Acted | None]


class Unanswered(Exception):
    """A service made a move without saying who did an earlier act that bars from it: a mistake in the program."""


class Barred(IllegalMove):
    """A person may not make this move because of what they did earlier; `service` turns it into a refusal."""

    def __init__(self, machine: str, state: object, move: str, duty: Duty, subject: tuple[str, int] | None) -> None:
        super().__init__(machine, state, move, None, duty.message)
        self.duty = duty
        self.subject = subject


def held_message(actor: Actor, words: str) -> str:
    """Why a held account may not do what `words` name, and until when."""
    until = f"{actor.held_until.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    return (
        f"您的密码、第二重验证、手机或邮箱刚刚变更，{until} 之前不能“{words}”。"
        "请届时办理，或请其他有权人员办理；不是您本人变更的，请立即联系本单位管理员停用账号。"
    )


class Held(IllegalMove):
    """The account's password, second factor, phone or mail is new, so it makes no move in person for a while; `service`
    turns it into a refusal."""

    def __init__(self, machine: str, state: object, move: Move, actor: Actor, subject: tuple[str, int] | None) -> None:
        super().__init__(machine, state, move.name, None, held_message(actor, move.words))
        self.subject = subject


def moved(
    machine: Machine,
    state,
    name: str,
    actor: Actor,
    *,
    earlier: Mapping[str, Who] | None = None,
    subject: tuple[str, int] | None = None,
):
    """The state after `actor`'s move `name`. `earlier` says who did each act that the move's duties name
    (`{"order": order.placed_by}`); `subject` is what a refusal is kept under.

    Raises IllegalMove with a message for the user, Held where the account is too new for a move in person, Barred where
    `actor` did such an act, Unanswered where `earlier` leaves one out."""
    move = machine.move(name)
    duty = barring(move, actor, earlier or {})
    role = next((role for role in sorted(actor.roles) if role in move.by), None)
    if role is None:
        needed = "、".join(Role(each).label for each in sorted(move.by) if each != Role.SYSTEM) or Role.SYSTEM.label
        message = f"您的岗位不能“{move.words}”，需要：{needed}。请联系本单位管理员。"
        raise IllegalMove(machine.name, state, name, ",".join(sorted(actor.roles)), message)
    after = machine.apply(state, name, role)
    if move.in_person and is_held(actor):
        raise Held(machine.name, state, move, actor, subject)
    if duty is not None:
        raise Barred(machine.name, state, name, duty, subject)
    return after


def is_held(actor: Actor) -> bool:
    """Whether the account is too new, or too newly reset, to approve, sign or release, or to let another do so for it."""
    return actor.held_until is not None and now(actor.platform_code) < actor.held_until


def barring(move: Move, actor: Actor, earlier: Mapping[str, Who]) -> Duty | None:
    """The first duty of `move` that bars `actor` from it; None where they may make it. Raises Unanswered."""
    if unanswered := [duty.act for duty in move.duties if duty.act not in earlier]:
        raise Unanswered(f"the move {move.name} needs to know who did: {', '.join(unanswered)}")
    return next((duty for duty in move.duties if _did(actor, earlier[duty.act])), None)


def _did(actor: Actor, who: Who) -> bool:
    return any(same_person(actor, each) for each in (who if isinstance(who, Iterable) else (who,)))


def same_person(actor: Actor, who: Acted | None) -> bool:
    """Whether `actor` is who did the earlier act: the same principal, or the same human being behind another account or a
    machine. The system is nobody."""
    return who is not None and actor.acting is not None and not actor.acting.people.isdisjoint(who.people)
