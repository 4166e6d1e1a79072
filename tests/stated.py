"""Values of the shipped law, for tests that raise a refusal themselves: `Refused(…, basis=stated("SZ24-3.3c"))`."""

from sunlight.acts import current_policy
from sunlight.kernel.policy import Value


def stated(clause: str, key: str = "") -> Value:
    """A value that rests on this clause, of the parameter `key` where one is given."""
    return next(
        value
        for parameter in current_policy().parameters.values()
        if key in ("", parameter.key)
        for value in parameter.values
        if value.clause == clause
    )
