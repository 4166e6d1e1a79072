"""What the ticket costs beside the settings that it replaced, which any statement could set: in one database, by the
application's own way of asking, in turns. Prints milliseconds of processor, the backend's and this process's together: on a
shared machine the clock also measures the others. The goals are of issue 10.
"""

import os
import re
import time
from contextlib import contextmanager, nullcontext

import _kit
import orders
from django.db import connection
from django.test.utils import override_settings

from procurement.ordering.models import Order, OrderLine
from sunlight import scope
from sunlight.scope import Role, session
from tests import databases
from tests import world as worlds

TURNS, ROUNDS, ORDERS, WARM = 10, 300, 40, 20
# Milliseconds that the ticket may add, and how many times as long an order may take.
ADDED = {"opening": 0.12, "a page of 50": 0.06, "one row": 0.06, "three walled tables": 0.2}
ORDER = 1.10

# What policies asked before: four settings, which the planner put in the place of the functions that read them.
SETTINGS = "".join(
    f"create function was_{name}() returns {kind} language sql stable parallel safe"
    f" return nullif(current_setting('sun.{name}', true), '')::{kind};"
    for name, kind in (
        ("platform", "bigint"),
        ("party", "bigint"),
        ("platforms", "bigint[]"),
        ("regions", "bigint[]"),
        ("who", "text"),
        ("people", "bigint[]"),
    )
)
# A policy's text of today → of then, in this order.
AS_THEN = (
    (r"\( SELECT \(sun_claims\('\w+'::text\) IS NOT NULL\)\)", "true"),
    (
        r"\((\w+), (\w+)\) = \( SELECT \(claims\.claims\[3\].*?claims\(claims\)\)",
        r"\1 = (select was_platform()) and \2 = (select was_party())",
    ),
    (
        r"CASE \( SELECT \(\(sun_claims\('\w+'::text\)\)\[7\]\)::bigint AS sun_claims\)",
        "platform_id = (select was_platform()) and case (select was_party())",
    ),
    (r"\(\(platform_id \* '1099511627776'::bigint\) \+ (\w+)\)", r"\1"),
    *(
        (
            rf"\( SELECT \(+sun_claims\('\w+'::text\)\)\[{place}\]\)?(::bigint(\[\])?)?( AS sun_claims)?\)",
            f"(select was_{name}())",
        )
        for place, name in ((3, "platform"), (4, "party"), (5, "platforms"), (6, "regions"), (8, "who"), (9, "people"))
    ),
)


def _policies(cursor) -> tuple[str, str]:
    """(statements that make every policy as it was before, statements that make it as it is)."""
    cursor.execute("select tablename, policyname, qual, with_check from pg_policies where schemaname = 'public'")
    then, now = [], []
    for table, name, using, check in cursor.fetchall():
        for kept, how in ((now, lambda text: text), (then, _as_then)):
            parts = "".join(
                f" {word} ({how(text)})" for word, text in (("using", using), ("with check", check)) if text
            )
            kept.append(f"alter policy {name} on {table}{parts};")
    return "".join(then), "".join(now)


def _as_then(text: str) -> str:
    for pattern, written in AS_THEN:
        text = re.sub(pattern, written, text, flags=re.DOTALL)
    if "sun_claims" in text:
        raise SystemExit(f"a policy still asks the ticket: {text}")
    return text


def _apply(claims: session.Claims, _) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select set_config('role', %s, true), set_config('sun.platform', %s, true), set_config('sun.party', %s, true),"
            " set_config('sun.platforms', %s, true), set_config('sun.regions', %s, true), set_config('sun.who', %s, true), set_config('sun.people', %s, true)",
            [
                claims.role,
                str(claims.platform),
                str(claims.party),
                claims.platforms,
                claims.regions,
                claims.who,
                claims.people,
            ],
        )


@contextmanager
def settings_instead():
    """Scopes as they were opened before there were tickets."""
    kept = session._begin, session._apply
    session._begin, session._apply = (lambda claims, **_: _apply(claims, "")), _apply
    try:
        yield
    finally:
        session._begin, session._apply = kept


def _ask(sql: str, params) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        cursor.fetchall()


def _spent(call, rounds: int = ROUNDS) -> float:
    """Milliseconds of a call: processor of the backend and of this process."""
    for _ in range(WARM):
        call()
    connection.ensure_connection()
    pid = connection.connection.info.backend_pid
    server, client, clock = _kit.processor(pid), time.process_time(), time.perf_counter()
    for _ in range(rounds):
        call()
    taken = _kit.processor(pid) - server
    # Where the backend is on another machine, the clock has to do.
    whole = taken + time.process_time() - client if taken > 0 else time.perf_counter() - clock
    return whole * 1000 / rounds


def _questions(actor) -> dict[str, list]:
    """Name → statements: the newest page, one row, three walled tables joined."""
    page = Order.objects.visible_to(actor).order_by("-id")[:50]
    joined = OrderLine.objects.select_related("order", "agreement").order_by("-id")[:50]
    one = Order.objects.filter(id=page[0].id)
    return {
        "a page of 50": page.query.sql_with_params(),
        "one row": one.query.sql_with_params(),
        "three walled tables": joined.query.sql_with_params(),
    }


def _measure(hospital, actor) -> dict[str, float]:
    taken = {"opening": _spent(lambda: _open(actor))}
    with scope.opened(actor):
        for name, (sql, params) in _questions(actor).items():
            taken[name] = _spent(lambda sql=sql, params=params: _ask(sql, params))
    taken["an order of 5 lines"] = _spent(lambda: hospital.post(orders.ORDERS, hospital.basket(5)), ORDERS)
    return taken


def _open(actor) -> None:
    with scope.opened(actor):
        pass


def price() -> None:
    """Print the figures, from a database of their own."""
    with (
        databases.copy_of(databases.template(), f"sun_ticket_{os.getpid()}") as name,
        override_settings(ALLOWED_HOSTS=["*"], API_RATE_LIMITS={}),
        databases.owner(name) as owner,
        owner.cursor() as cursor,
    ):
        hospital = orders.Hospital(worlds.build())
        actor = hospital.world.actor("hospital", Role.HOSPITAL_BUYER)
        for _ in range(60):
            hospital.post(orders.ORDERS, hospital.basket(5))
        cursor.execute("analyze")
        cursor.execute(SETTINGS)
        then, now = _policies(cursor)
        taken: dict[str, tuple[list[float], list[float]]] = {}
        for turn in range(TURNS):
            by_settings = turn % 2 == 1
            cursor.execute(then if by_settings else now)
            # Plans kept by a connection would be of the other functions.
            connection.close()
            with settings_instead() if by_settings else nullcontext():
                for key, value in _measure(hospital, actor).items():
                    taken.setdefault(key, ([], []))[by_settings].append(value)
        for key, (tickets, settings) in taken.items():
            _tell(key, min(tickets), min(settings))


def _tell(key: str, now: float, before: float) -> None:
    if key not in ADDED:
        _kit.figure(f"ticket: {key}", f"{now:.2f} ms", f"settings {before:.2f} ms", ratio=now / before, goal=ORDER)
        return
    added = now - before
    _kit.figure(f"ticket: {key}, ms added", f"{now:.3f} ms", f"settings {before:.3f} ms", ratio=added, goal=ADDED[key])
