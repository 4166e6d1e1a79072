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
from datetime import date, datetime

from sunlight.acts import current_policy
from sunlight.kernel.policy import Law, Policy, Status, Value
from sunlight.kernel.rule import DRAFT_MARK, Effect, Reason
from sunlight.scope.actor import Actor
from sunlight.scope.clock import business_date

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


def basis(actor: Actor, at: datetime, key: str) -> tuple[Value, ...]:
    """What a refusal may rest on where `actor` acts: the values of a parameter that are in force there on that day and bind;
    empty where no text states it, or nobody knows the region."""
    return law(actor, business_date(at)).basis(key) if actor.region_code else ()


def reason_by(clause: str, code: str, message: str) -> Reason:
    """Why, by a clause that is kept with a row (a restriction, a publication): its status is its act's."""
    found = policy().clauses.get(clause)
    status = policy().acts[found.act].status if found else Status.IN_FORCE
    mark = f"，{DRAFT_MARK}" if status is Status.DRAFT else ""
    return Reason(clause, Effect.REFUSE, code, status, f"{message}（依据 {clause}{mark}）")


def law(actor: Actor, on: date, *, region: str = "") -> Law:
    """The law for `actor` on a day: in `region` (a code; by default that of the platform, which for a hospital of a city may
    lie above its own), with the switch for drafts of the actor's platform (A1). Raises UnknownRegion."""
    return policy().law(region=region or actor.region_code, on=on, drafts=actor.drafts)
