"""The clause that a figure or a matter rests on where somebody watches."""

from collections.abc import Iterable
from datetime import date

from sunlight import scope
from sunlight.scope import Actor


def clause_of(actor: Actor, keys: Iterable[str], on: date) -> str:
    """The clause of the first of these parameters that is stated in the actor's region on a day; "" where none is."""
    law = scope.law(actor, on)
    return next((value.clause for key in keys for value in law.basis(key)), "")
