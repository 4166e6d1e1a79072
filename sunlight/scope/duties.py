"""Who may make a move: roles, four eyes, incompatible duties."""

from sunlight.kernel.machine import IllegalMove, Machine
from sunlight.scope.actor import Actor
from sunlight.scope.roles import ROLE_LABELS, Role


def moved(machine: Machine, state, name: str, actor: Actor):
    """The state after `actor`'s move `name`. Raises IllegalMove with a message for the user."""
    for role in sorted(actor.roles):
        if machine.may(state, name, role):
            return machine.apply(state, name, role)
    allowed = machine.move(name)
    if not actor.has(*allowed.by):
        needed = "、".join(ROLE_LABELS[Role(role)] for role in sorted(allowed.by) if role != Role.SYSTEM)
        message = f"您的岗位不能执行此操作，需要：{needed or '系统'}。请联系本单位管理员。"
    else:
        current = type(machine.initial)(state)
        message = f"当前状态为“{getattr(current, 'label', current)}”，不能执行此操作。请刷新页面查看最新状态。"
    raise IllegalMove(machine.name, state, name, ",".join(sorted(actor.roles)), message)


def same_person(actor: Actor, user_id: int | None) -> bool:
    """Whether `actor` is who did the earlier step. A machine counts as a person of its own (its token's number, negative);
    the system is nobody."""
    return actor.user_id is not None and actor.user_id == user_id
