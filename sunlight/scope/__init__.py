"""Who is asking, where and when: the tenant wall's key and the only clock.

`Actor` says who; `opened(actor)` opens a transaction in which the database shows that actor's rows and no others;
`elevated(actor)` lets a service act as the platform on the actor's behalf; `alone(name, …)` keeps everybody else from doing
the same until the transaction ends; `law(actor, day)` is the law they are under; `now(platform)` is the clock; `by` and `stamp` write who acts into the columns of a row.
"""

from sunlight.scope.actor import Actor, Client
from sunlight.scope.clock import now, today
from sunlight.scope.law import basis, law, policy, reason_by, under
from sunlight.scope.locks import alone, alone_across_transactions
from sunlight.scope.principal import by, stamp
from sunlight.scope.roles import Role
from sunlight.scope.session import acts_as, after_scope, elevated, login_scope, opened

__all__ = [
    "Actor",
    "Client",
    "Role",
    "acts_as",
    "after_scope",
    "alone",
    "alone_across_transactions",
    "basis",
    "by",
    "elevated",
    "law",
    "login_scope",
    "now",
    "opened",
    "policy",
    "reason_by",
    "stamp",
    "today",
    "under",
]
