"""What a figure or a matter rests on where somebody watches."""

from collections.abc import Iterable
from datetime import date

from sunlight import scope
from sunlight.kernel.policy import Value
from sunlight.scope import Actor


def basis_of(actor: Actor, keys: Iterable[str], on: date) -> tuple[Value, ...]:
    """The values in force of the first of these parameters that is stated in the actor's region on a day; () where none is."""
    law = scope.law(actor, on)
    return next((found for key in keys if (found := law.basis(key))), ())
