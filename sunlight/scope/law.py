"""The law that whoever acts is under: policy, region, day and what drafts do there.

    law = scope.law(actor, business_date(at))                  # of the platform's region
    law = scope.law(actor, order.law_date, region=order.region.code)   # of a city's hospital: its own
    with scope.under(changed_policy):                         # a draft tried, a sandbox, a test
        order_trial(actor=actor, at=at, lines=lines)

No other module asks which policy is loaded, so that another one can be handed to everything below.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date

from sunlight.acts import current_policy
from sunlight.kernel.policy import Law, Policy
from sunlight.scope.actor import Actor

_policy: ContextVar[Policy | None] = ContextVar("sunlight_policy", default=None)


def policy() -> Policy:
    """The policy of this request, task or run: the one handed in by `under`, else the one loaded."""
    return _policy.get() or current_policy()


@contextmanager
def under(given: Policy) -> Iterator[Policy]:
    """Everything inside acts under another policy."""
    token = _policy.set(given)
    try:
        yield given
    finally:
        _policy.reset(token)


def law(actor: Actor, on: date, *, region: str = "") -> Law:
    """The law for `actor` on a day: in `region` (a code; by default that of the platform, which for a hospital of a city may
    lie above its own), with the switch for drafts of the actor's platform (A1). Raises UnknownRegion."""
    return policy().law(region=region or actor.region_code, on=on, drafts=actor.drafts)
