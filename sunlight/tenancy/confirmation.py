"""How lately a person proved who they are in this session, for what moves money, signs or gives rights."""

from datetime import datetime, timedelta

from sunlight.tenancy import profile

# The moment of the last password or second factor in this session.
CONFIRMED_KEY = "confirmed_at"


def confirm(request, at: datetime) -> None:
    """The person has just given a password or second factor."""
    request.session[CONFIRMED_KEY] = at.isoformat()


def confirmed(request, at: datetime) -> bool:
    """Whether that was lately enough; always so for a machine, whose token's roles are its limit, and where the account
    profile asks for none."""
    within = profile.current().step_up_within
    if not within or request.actor.user_id is None:
        return True
    stamp = request.session.get(CONFIRMED_KEY)
    return stamp is not None and timedelta(0) <= at - datetime.fromisoformat(stamp) < within
