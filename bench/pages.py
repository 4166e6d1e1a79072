"""Queries a page and an API read takes with the demonstration's rows and with ten times as many; the catalogue's search over
the API beside a look-up by key.

    python bench/pages.py         the search among as many specifications as SIZE says: S 50 000, M 1 million

Every page that somebody's links lead to, from the workbench on, as one person for each role, and every GET of the API that
the URLconf has, with keys from the answers of its lists. A page whose count moves with the rows is named; the goal is none.
"""

import logging
import math
import os
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlencode

import _kit
import django

django.setup()

import _catalogue
import _clones
from django.db import connection, reset_queries
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import Resolver404, resolve

from sunlight import scope
from sunlight.demo.cast import actors_by_username
from sunlight.demo.people import ORGANISATIONS
from sunlight.scope import Role
from sunlight.tenancy.queries.actors import open_platform_actors
from sunlight.tenancy.queries.platforms import platform_by_code
from tests import databases
from tests.browsing import client_of
from tests.security.routes import SAMPLES, Route, one_of_each_kind, routes

TIMES = 10
SEARCH_GOAL = 5.0
LINK = re.compile(r'(?:href|hx-get)="(/[^"]*)"')
# Downloads of one thing, sign-in by another's keys, what is not a page of ours.
NOT_OPENED = re.compile(r"^/(static|api|logout|language)/")


@dataclass(frozen=True)
class Read:
    """A GET by somebody."""

    username: str
    path: str

    def __str__(self) -> str:
        return f"{self.path} as {self.username}"


def shape(path: str) -> str:
    """Pages that differ only in whose row they show are one page; a sheet of a list is another."""
    path, _, asked = path.partition("#")[0].partition("?")
    with suppress(Resolver404):
        path = resolve(path).route
    return path + ("?sheet" if "sheet=" in asked else "")


def platform():
    system = next(actor for actor in open_platform_actors() if actor.platform_code == "gd-sz")
    with scope.opened(system):
        return platform_by_code("gd-sz")


class House:
    """The demonstration's people, by name and by role, each with their own browser."""

    def __init__(self):
        self.actors = actors_by_username(platform())
        self.browsers: dict[str, Client] = {}
        self.by_role: dict[Role, str] = {}
        for organisation in ORGANISATIONS:
            for username, _, roles in organisation.team:
                for role in roles:
                    self.by_role.setdefault(role, username)

    def get(self, read: Read):
        if read.username not in self.browsers:
            self.browsers[read.username] = client_of(self.actors[read.username], raise_request_exception=False)
        answer = self.browsers[read.username].get(read.path)
        answer.whole = b"".join(answer.streaming_content) if answer.streaming else answer.content
        answer.close()
        return answer


def opened(house: House) -> Iterator[Read]:
    """Every page that links lead to: their own menu by one person of each role, what is behind it by the first of a kind
    of organisation that comes there."""
    known: dict[object, set[str]] = {}
    for role, username in sorted(house.by_role.items()):
        seen, waiting = {"/"}, ["/"]
        behind = known.setdefault(role.kind, set())
        while waiting:
            path = waiting.pop(0)
            answer = house.get(Read(username, path))
            if answer.status_code >= 500:
                raise SystemExit(f"{path} as {username}: {answer.status_code}")
            if answer.status_code != 200:
                continue
            yield Read(username, path)
            if "text/html" not in answer.headers["content-type"]:
                continue
            for link in LINK.findall(answer.whole.decode()):
                link = link.replace("&amp;", "&").partition("#")[0]
                if NOT_OPENED.match(link) or shape(link) in seen or (path != "/" and shape(link) in behind):
                    continue
                seen.add(shape(link))
                waiting.append(link)
        behind |= seen
        print(f"  {role}: {len(seen)} pages as {username}", flush=True)


def keys_in(answer) -> dict[str, str]:
    """What the first row of a list is called by."""
    if answer.status_code != 200 or "json" not in answer.headers["content-type"]:
        return {}
    body = answer.json()
    first = body["results"] if isinstance(body, dict) and "results" in body else body
    first = first[0] if isinstance(first, list) and first else {}
    return {name: str(value) for name, value in first.items() if isinstance(value, int | str)} if first else {}


def read_over_the_api(house: House) -> Iterator[Read]:
    """Every GET of the API as one person of each role that may; lists first, whose answers give the keys."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    reads = [route for route in routes() if route.is_api and "GET" in (route.declared or {})]
    for route in sorted(reads, key=lambda each: each.pattern.count("<")):
        for role in roles_of(house, route):
            username = house.by_role[role]
            if path := addressed(route, found, username):
                answer = house.get(Read(username, path))
                if answer.status_code >= 500:
                    raise SystemExit(f"{path} as {username}: {answer.status_code}")
                if answer.status_code == 200:
                    found[username, route.pattern] = keys_in(answer)
                    yield Read(username, path)


def roles_of(house: House, route: Route) -> list[Role]:
    return [role for role in one_of_each_kind(route.declared["GET"]) if role in house.by_role]


def addressed(route: Route, found: dict, username: str) -> str:
    """The path with keys that this person's lists gave, "" where they gave none."""
    above, _, _ = route.pattern.partition("<")
    keys = found.get((username, above), {})

    def filled(place: re.Match) -> str:
        return keys.get(place[2]) or keys.get("id") or SAMPLES.get(place[2], "") or ""

    path = "/" + re.sub(r"<(?:(\w+):)?(\w+)>", filled, route.pattern)
    return "" if "//" in path else path


def counted(house: House, reads: list[Read]) -> dict[Read, tuple[int, int]]:
    """(queries, bytes of the answer) of each read."""
    counts: dict[Read, tuple[int, int]] = {}
    for read in reads:
        reset_queries()
        with CaptureQueriesContext(connection) as captured:
            answer = house.get(read)
        counts[read] = len(captured), len(answer.whole)
        if answer.status_code != 200:
            print(f"  {read}: {answer.status_code} with more rows")
    return counts


def lower(first: dict, second: dict) -> dict:
    """Of two counts of the same reads: what is written once a minute (a token was used) is not a query of the page."""
    return first | {read: min(first[read], found) for read, found in second.items()}


def pages() -> None:
    house = House()
    reads = list(dict.fromkeys([*opened(house), *read_over_the_api(house)]))
    before = lower(counted(house, reads), counted(house, reads))
    added = _clones.multiply(TIMES)
    after = counted(house, reads)
    after = lower(after, counted(house, [read for read in reads if before[read][0] != after[read][0]]))
    grown = [read for read in reads if before[read][0] != after[read][0]]
    more = sum(1 for read in reads if after[read][1] > before[read][1] * 1.2)
    print(f"{len(reads)} reads, {more} of which show more with {added} more rows")
    for read in grown:
        print(f"  {read}: {before[read][0]} queries, {after[read][0]} with more rows")
    highest = max(reads, key=lambda read: after[read][0])
    _kit.figure("pages whose queries move with the rows", f"{len(grown)} of {len(reads)}", ratio=len(grown), goal=0)
    _kit.figure("most queries of a page", f"{after[highest][0]}", str(highest))


# Words of two and more characters, a code's beginning, initials; with many answers, few and none.
SEARCHED = ("支架", "晶状体", "散光", "药物洗脱", "示范 球囊", "C0201", "C02010100100", "ywxtg", "无此产品")
ROUNDS = 12


def p95(house: House, words: list[str]) -> tuple[float, float]:
    """The 95th percentile of the processor milliseconds and of the clock's, of asking for each word `ROUNDS` times."""
    username = house.by_role[Role.HOSPITAL_BUYER]
    cpu, clock = [], []
    connection.ensure_connection()
    backend = connection.connection.info.backend_pid
    for word in words:
        read = Read(username, f"{CODES}?{urlencode({'q': word, 'limit': 20})}")
        for turn in range(ROUNDS + 1):
            taken, answer = _kit.measured(lambda read=read: house.get(read), backend)
            assert answer.status_code == 200, answer.content
            if turn:
                cpu.append((taken.client + taken.server) * 1000)
                clock.append(taken.clock * 1000)
    return tuple(sorted(each)[math.ceil(0.95 * len(each)) - 1] for each in (cpu, clock))


CODES = "/api/v1/national-codes/"


def search(rows: int) -> None:
    _catalogue.fill(rows)
    house = House()
    answer = house.get(Read(house.by_role[Role.HOSPITAL_BUYER], f"{CODES}?q=C0201&limit=500"))
    codes = [row["code"] for row in answer.json()["results"][:: -(-500 // len(SEARCHED))]]
    by_key = p95(house, codes)
    for word in SEARCHED:
        print(f"  {word:14} p95 {p95(house, [word])[1]:7.1f} ms", flush=True)
    searched = p95(house, list(SEARCHED))
    for name, place, goal in (("CPU", 0, SEARCH_GOAL), ("clock", 1, None)):
        _kit.figure(
            f"search among {rows} over the API, p95, {name}",
            f"{searched[place]:.0f} ms",
            f"a code looked up whole {by_key[place]:.0f} ms",
            ratio=searched[place] / by_key[place],
            goal=goal,
        )


def main() -> int:
    size = _kit.size_asked()
    logging.disable(logging.WARNING)
    print(_kit.load_text(), flush=True)
    with override_settings(ALLOWED_HOSTS=["*"], API_RATE_LIMITS={}):
        with databases.copy_of(databases.demo_template(), f"sun_bench_{os.getpid()}"):
            pages()
        with databases.copy_of(databases.demo_template(), f"sun_bench_{os.getpid()}"):
            search(size.rows)
    return _kit.outcome()


if __name__ == "__main__":
    sys.exit(main())
