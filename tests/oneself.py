"""The ways in which one human being can seem to be two: what the tests ask of every pair of acts that needs two people.

Each way gives (who does the first act, who does the second): one human both times. Machines get the mandate they would wish
for; accounts whose password or factor is new are held, as those are that somebody reset or created."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from sunlight import scope
from sunlight.scope import Actor, Role
from sunlight.scope.principal import PrincipalKind
from sunlight.tenancy.models import ApiToken, Membership, User
from sunlight.tenancy.queries.actors import actor_of_membership
from tests.machines import actor_of, answer, token_of

Way = Callable[["Oneself", Role, Role], tuple[Actor, Actor]]


class Oneself:
    """One human being `me` of an organisation, and whatever they make."""

    def __init__(self, world, key: str):
        self.world, self.key, self._number = world, key, 0

    def _name(self) -> str:
        self._number += 1
        return f"way{self._number}"

    def person(self, role: Role) -> Actor:
        return self.world.actor(self.key, role, person=self._name())

    def again(self, actor: Actor, role: Role) -> Actor:
        """Another account of the same human being."""
        other = self.person(role)
        with scope.login_scope():
            User.objects.filter(pk=other.user_id).update(person_id=actor.for_person_id)
            return actor_of_membership(_rows().get(user_id=other.user_id), other.client)

    def machine(self, role: Role, *, answers: Actor | None = None, made_by: Actor | None = None) -> Actor:
        """A machine in this role that `answers` (else somebody else) answers for, and whose secret `made_by` knows. An
        administrator's role, which no machine can have, is forced upon it."""
        held = role if not role.endswith("_ADMIN") else _other(role)
        organisation = self.world.organisations[self.key]
        secret = token_of(self.world.system, organisation, self.world.platform, held, name=self._name(), answered=False)
        with scope.login_scope():
            token = ApiToken.objects.latest("id")
        mine = None
        if answers is not None:
            with scope.login_scope():
                mine = Membership.objects.get(user_id=answers.user_id)
            with scope.opened(self.world.system):
                Membership.objects.filter(pk=mine.pk).update(roles=sorted({*mine.roles, str(held)}))
        answer(self.world.system, token, held, mine)
        if made_by is not None:
            with scope.opened(self.world.system):
                ApiToken.objects.filter(pk=token.pk).update(**scope.by(made_by, "created"))
        found = actor_of(secret, held)
        return found if held == role else replace(found, roles=frozenset({role}))


def _rows():
    return Membership.objects.select_related("user", "organisation__region", "platform__region")


def _other(admin: Role) -> Role:
    return next(role for role in Role if role.kind == admin.kind and not role.endswith("_ADMIN"))


def _twice(me: Oneself, first: Role, second: Role):
    one = me.person(first)
    return one, replace(one, roles=frozenset({second}))


def _second_account(me: Oneself, first: Role, second: Role):
    one = me.person(first)
    return one, me.again(one, second)


def _answers_for_the_second(me: Oneself, first: Role, second: Role):
    one = me.person(first)
    return one, me.machine(second, answers=one)


def _answers_for_the_first(me: Oneself, first: Role, second: Role):
    one = me.person(second)
    return me.machine(first, answers=one), one


def _answers_for_both(me: Oneself, first: Role, second: Role):
    one = me.person(first)
    return me.machine(first, answers=one), me.machine(second, answers=one)


def _made_the_second(me: Oneself, first: Role, second: Role):
    one = me.person(first)
    return one, me.machine(second, made_by=one)


def _made_the_first(me: Oneself, first: Role, second: Role):
    one = me.person(second)
    return me.machine(first, made_by=one), one


def _made_both(me: Oneself, first: Role, second: Role):
    one = me.person(first)
    return me.machine(first, made_by=one), me.machine(second, made_by=one)


def _made_one_answers_for_the_other(me: Oneself, first: Role, second: Role):
    one = me.person(first)
    return me.machine(first, made_by=one), me.machine(second, answers=one)


def _second_account_made_it(me: Oneself, first: Role, second: Role):
    one = me.person(first)
    return one, me.machine(second, made_by=me.again(one, second))


def _entered(me: Oneself, first: Role, second: Role):
    """The account of somebody else whose password was just reset, or who was just created, by oneself."""
    one, other = me.person(first), me.person(second)
    return one, replace(other, held_until=scope.now() + timedelta(hours=1))


WAYS: dict[str, Way] = {
    each.__name__.strip("_"): each
    for each in (
        _twice,
        _second_account,
        _answers_for_the_second,
        _answers_for_the_first,
        _answers_for_both,
        _made_the_second,
        _made_the_first,
        _made_both,
        _made_one_answers_for_the_other,
        _second_account_made_it,
    )
}
# What ends something for good is refused besides to an account that is too new to be sure whose it is.
WAYS_FOR_GOOD = WAYS | {"entered": _entered}


def mandated(actor: Actor, machine: str, move: str) -> Actor:
    """A machine as if it held the mandate; people as they are."""
    return replace(actor, mandated=(machine, move)) if actor.principal.kind != PrincipalKind.PERSON else actor
