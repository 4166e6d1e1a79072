"""Opening and closing scopes on the database connection.

The application logs in as `sun_app`, which may read nothing. A scope takes one of three database roles for the rest of
the transaction and tells the row policies who is asking. Outside a scope every query is refused by the database.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from django.db import connection, transaction

from sunlight.scope.actor import Actor

ROLE_PARTY, ROLE_PLATFORM, ROLE_LOGIN = "sun_party", "sun_platform", "sun_login"


@dataclass(frozen=True)
class _Grant:
    role: str
    platform: str = ""
    party: str = ""
    platforms: str = "{}"
    regions: str = "{}"


@dataclass
class _State:
    grants: list[_Grant] = field(default_factory=list)
    after: list[Callable[[], None]] = field(default_factory=list)


_state: ContextVar[_State | None] = ContextVar("sunlight_scope", default=None)


def _array(ids) -> str:
    return "{" + ",".join(str(int(i)) for i in ids) + "}"


def grant_of(actor: Actor) -> _Grant:
    """The database role and row-policy settings of `actor`: parties see their own rows, operators, regulators and the
    system those of their platforms and regions, everybody else only what is public (as a party that is nobody)."""
    if actor.is_party and not actor.on_behalf_of:
        return _Grant(ROLE_PARTY, str(actor.platform_id), str(actor.organisation_id), _array([actor.platform_id]))
    if actor.kind is not None or actor.roles:
        platforms = actor.platform_ids or ((actor.platform_id,) if actor.platform_id else ())
        return _Grant(ROLE_PLATFORM, str(actor.platform_id or 0), "0", _array(platforms), _array(actor.region_ids))
    return _Grant(ROLE_PARTY, "0", "0")


def _apply(grant: _Grant) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select set_config('role', %s, true), set_config('sun.platform', %s, true), set_config('sun.party', %s, true),"
            " set_config('sun.platforms', %s, true), set_config('sun.regions', %s, true)",
            [grant.role, grant.platform, grant.party, grant.platforms, grant.regions],
        )


def _leave() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select set_config('role', 'none', true), set_config('sun.platform', '', true),"
            " set_config('sun.party', '', true), set_config('sun.platforms', '', true),"
            " set_config('sun.regions', '', true)"
        )


@contextmanager
def _scope(grant: _Grant) -> Iterator[None]:
    state = _state.get()
    outermost = state is None
    if outermost:
        state = _State()
        token = _state.set(state)
    foreign_transaction = connection.in_atomic_block
    # Within a scope of the same grant the settings are right already, and a rollback to the savepoint leaves them so.
    changes = not state.grants or state.grants[-1] != grant
    try:
        with transaction.atomic():
            if changes:
                _apply(grant)
            state.grants.append(grant)
            try:
                yield
            finally:
                state.grants.pop()
            # A rollback restores the settings by itself; after success the enclosing scope's must come back.
            if connection.needs_rollback or not changes:
                pass
            elif state.grants:
                _apply(state.grants[-1])
            elif foreign_transaction:
                _leave()
    finally:
        if outermost:
            _state.reset(token)
            for call in state.after:
                call()


def opened(actor: Actor):
    """Context manager: a transaction in which the database shows what `actor` may see. Scopes nest."""
    return _scope(grant_of(actor))


def elevated(actor: Actor):
    """Context manager: act as the platform on behalf of `actor`, for what one party may cause but not see or write
    (moving money between two parties' accounts, publishing a line). Use it in services only, for as little as possible."""
    return _scope(grant_of(actor.as_system()))


def login_scope():
    """Context manager: what must be read before it is known who asks: sessions, users, memberships."""
    return _scope(_Grant(ROLE_LOGIN))


def after_scope(call: Callable[[], None]) -> None:
    """Run `call` once the outermost scope's transaction has ended, committed or rolled back; at once outside a scope."""
    state = _state.get()
    if state is None:
        call()
    else:
        state.after.append(call)
