"""Who may make a move: roles, four eyes, incompatible duties. The one way to move anything from state to state."""

from collections.abc import Callable, Collection, Iterable, Mapping

from sunlight.kernel.machine import Duty, IllegalMove, Machine, Move
from sunlight.scope.actor import Actor
from sunlight.scope.clock import SHANGHAI, now
from sunlight.scope.principal import SYSTEM, Acted, Human
from sunlight.scope.roles import Role

# Who did an earlier act: one, several, or None where nobody did.
Who = Acted | None | Iterable[Acted | None]
# The people behind acts of machines besides those who answer for them: whoever knows their secret, whoever gave the
# mandate they were done under. `tenancy` says how to find them.
_behind: list[Callable[[Collection[Acted]], frozenset[int]]] = []


def people_behind_are(find: Callable[[Collection[Acted]], frozenset[int]]) -> None:
    """Say how the people behind machines are found, once at start-up."""
    _behind[:] = [find]


class Unanswered(Exception):
    """A service made a move without saying who did an earlier act that bars from it: a mistake in the program."""


class Barred(IllegalMove):
    """A person may not make this move because of what they did earlier; `service` turns it into a refusal."""

    def __init__(self, machine: str, state: object, move: str, duty: Duty, subject: tuple[str, int] | None) -> None:
        super().__init__(machine, state, move, None, duty.message)
        self.duty = duty
        self.subject = subject


class WrongPost(IllegalMove):
    """None of the person's posts may make this move; `service` turns it into a refusal."""


class InPersonOnly(IllegalMove):
    """A machine may not make this move without a mandate, or never; `service` turns it into a refusal."""

    def __init__(self, machine: str, state: object, move: Move, subject: tuple[str, int] | None) -> None:
        way = (
            "如需由系统自动办理，请由本单位两人先办理授权书（系统—接口授权书）。"
            if move.mandate
            else "此操作不能授权给接口。"
        )
        super().__init__(
            machine, state, move.name, None, f"“{move.words}”须由本人登录并再次验证后办理，接口不能代办。{way}"
        )
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
    `actor` did such an act, InPersonOnly for a machine that no mandate allows it, Unanswered where `earlier` leaves one
    out."""
    move = machine.move(name)
    duty = barring(move, actor, earlier or {})
    role = next((role for role in sorted(actor.roles) if role in move.by), None)
    if role is None:
        needed = "、".join(Role(each).label for each in sorted(move.by) if each != Role.SYSTEM) or Role.SYSTEM.label
        message = f"您的岗位不能“{move.words}”，需要：{needed}。请联系本单位管理员。"
        raise WrongPost(machine.name, state, name, ",".join(sorted(actor.roles)), message)
    after = machine.apply(state, name, role)
    if move.in_person and is_held(actor):
        raise Held(machine.name, state, move, actor, subject)
    if duty is not None:
        raise Barred(machine.name, state, name, duty, subject)
    if move.in_person and actor.is_machine and not (move.mandate and actor.mandated == (machine.name, name)):
        raise InPersonOnly(machine.name, state, move, subject)
    return after


def is_held(actor: Actor) -> bool:
    """Whether the account is too new, or too newly reset, to approve, sign or release, or to let another do so for it."""
    return actor.held_until is not None and now(actor.platform_code) < actor.held_until


def barring(move: Move, actor: Actor, earlier: Mapping[str, Who]) -> Duty | None:
    """The first duty of `move` that bars `actor` from it; None where they may make it. Raises Unanswered."""
    if unanswered := [duty.act for duty in move.duties if duty.act not in earlier]:
        raise Unanswered(f"the move {move.name} needs to know who did: {', '.join(unanswered)}")
    return next((duty for duty in move.duties if _did(actor, earlier[duty.act], move.in_person)), None)


def _did(actor: Actor, who: Who, for_good: bool) -> bool:
    return same_person(actor, *(who if isinstance(who, Iterable) else (who,)), for_good=for_good)


def same_person(actor: Actor, *who: Acted | None, for_good: bool = False) -> bool:
    """Whether `actor` is one of those who did the earlier acts: the same human being, whatever account, machine or mandate
    is between. The system is nobody.

    Behind a machine stand whoever answers for it in the role it acts in, whoever knows its secret, and whoever gave it its
    mandate. Two acts of one machine are told apart by who answers for them, so that a hospital with one connector can keep
    its duties apart; where the act ends something for good (`for_good`) whoever knows the secret could have done both."""
    did = [each for each in who if each is not None and each.people]
    if not did or actor.principal in (None, SYSTEM):
        return False
    own = [each for each in did if each.principal.is_machine and each.principal == actor.principal]
    if any(for_good or each.for_person_id is None or not actor.people.isdisjoint(each.people) for each in own):
        return True
    others = [each for each in did if each not in own]
    mine = actor.people | {Human(each) for each in actor.makers}
    if any(not mine.isdisjoint(each.people) for each in others):
        return True
    machines = [each for each in others if each.principal.is_machine]
    known = frozenset().union(*(find(machines) for find in _behind)) if machines else frozenset()
    return not mine.isdisjoint({Human(each) for each in known})
