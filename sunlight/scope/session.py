"""Opening and closing scopes on the database connection.

The application logs in as `sun_app`, which may read nothing. A scope takes one of four database roles for the rest of
the transaction and shows the row policies a ticket that says who is asking (`sunlight.scope.tickets`). Outside a scope every
query is refused by the database.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from django.db import OperationalError, connection, transaction

from sunlight.scope.actor import Actor
from sunlight.scope.principal import SYSTEM
from sunlight.scope.roles import OrganisationKind
from sunlight.scope.tickets import Claims, ticket

ROLE_HOSPITAL, ROLE_SUPPLIER, ROLE_PLATFORM, ROLE_LOGIN = "sun_hospital", "sun_supplier", "sun_platform", "sun_login"

# What a session keeps beyond a transaction, and an earlier statement may have left behind: cursors that were held, the
# session's role and settings, prepared statements, channels listened to, temporary tables, sequences' last values. As
# DISCARD ALL, but inside the transaction, and without throwing away plans, which know nothing of who asked, and locks,
# which nobody but the background takes for longer than a transaction (`scope/locks.py`).
_CLEAN = (
    "close all; set session authorization default; set role none; reset all; deallocate all; unlisten *; discard temp;"
    " discard sequences; "
)
_WHICH = "select public.sun_transaction()"
_SHOW = "select pg_catalog.set_config('role', %s, true), pg_catalog.set_config('sun.ticket', %s, true)"


class TicketRefused(OperationalError):
    """The database does not take the ticket: it was not told the process's key, or the transaction is another one by now."""


@dataclass
class _State:
    # The transaction of the outermost scope, as the database names it.
    transaction: str = ""
    grants: list[Claims] = field(default_factory=list)
    after: list[Callable[[], None]] = field(default_factory=list)


_state: ContextVar[_State | None] = ContextVar("sunlight_scope", default=None)


def _array(ids) -> str:
    return "{" + ",".join(str(int(i)) for i in ids) + "}"


def grant_of(actor: Actor) -> Claims:
    """The database role and claims of `actor`: parties see their own rows, operators, regulators and the
    system those of their platforms and regions, everybody else only what is public (as a party that is nobody)."""
    # A machine that several people answer for acts for one of them, said only where it acts (`Actor.acting_as`).
    people = {actor.for_person_id} if actor.for_person_id else {person for _, person in actor.answering}
    who = {
        "who": f"{actor.principal or ':'}:{actor.organisation_id or ''}",
        "people": _array(sorted(people or {0})),
    }
    if actor.is_party and not actor.on_behalf_of:
        role = ROLE_HOSPITAL if actor.kind is OrganisationKind.HOSPITAL else ROLE_SUPPLIER
        return Claims(role, actor.platform_id, actor.organisation_id, _array([actor.platform_id]), **who)
    if actor.kind is not None or actor.roles:
        platforms = actor.platform_ids or ((actor.platform_id,) if actor.platform_id else ())
        return Claims(ROLE_PLATFORM, actor.platform_id or 0, 0, _array(platforms), _array(actor.region_ids), **who)
    return Claims(ROLE_HOSPITAL, **who)


def _begin(claims: Claims, *, alone: bool) -> str:
    """Show the claims for the transaction that has begun; returns what the database calls it. `alone` where nothing came
    before in it. By the driver's own cursor: it is part of beginning. Raises TicketRefused."""
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        cursor.execute((_CLEAN if alone else "") + _WHICH)
        name = cursor.fetchone()[0]
        cursor.execute(f"{_SHOW}, public.sun_claims(%s) is not null", [claims.role, ticket(claims, name), claims.role])
        if not cursor.fetchone()[2]:
            raise TicketRefused(f"the database refuses the ticket of {claims.role}")
    return name


def _apply(claims: Claims, name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_SHOW, [claims.role, ticket(claims, name)])


def _leave() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_SHOW, ["none", ""])


@contextmanager
def _scope(grant: Claims) -> Iterator[None]:
    state = _state.get()
    outermost = state is None
    if outermost:
        state = _State()
        token = _state.set(state)
    foreign_transaction = connection.in_atomic_block
    # Within a scope of the same claims the ticket is right already, and a rollback to the savepoint leaves them so.
    changes = not state.grants or state.grants[-1] != grant
    try:
        with transaction.atomic():
            if outermost:
                state.transaction = _begin(grant, alone=not foreign_transaction)
            elif changes:
                _apply(grant, state.transaction)
            state.grants.append(grant)
            try:
                yield
            finally:
                state.grants.pop()
            # A rollback restores the ticket by itself; after success the enclosing scope's must come back.
            if connection.needs_rollback or not changes:
                pass
            elif state.grants:
                _apply(state.grants[-1], state.transaction)
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
    return _scope(Claims(ROLE_LOGIN))


def background_scope():
    """Context manager: the background itself, on no platform; it sees nothing and may hold locks for long."""
    return _scope(Claims(ROLE_PLATFORM, who=f"{SYSTEM}:"))


def acts_as(actor: Actor) -> None:
    """The innermost scope is `actor`'s from now on: a machine has said in whose name it acts, so its ticket says so too."""
    state, claims = _state.get(), grant_of(actor)
    if state is not None and state.grants and state.grants[-1] != claims:
        state.grants[-1] = claims
        _apply(claims, state.transaction)


def after_scope(call: Callable[[], None]) -> None:
    """Run `call` once the outermost scope's transaction has ended, committed or rolled back; at once outside a scope."""
    state = _state.get()
    if state is None:
        call()
    else:
        state.after.append(call)
