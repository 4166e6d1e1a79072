"""Every route, from the URLconf itself: its path with real ids filled in, and the roles its view declares per method."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.urls import URLPattern, URLResolver, get_resolver

from sunlight.api.permissions import ANYBODY
from sunlight.scope import Actor, Role
from sunlight.scope.roles import OrganisationKind as Kind
from tests.security.estate import BASE, Estate

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
PEOPLE = frozenset(Role) - {Role.SYSTEM}
# Not ours and open to everybody: the description of the API.
DESCRIPTION = {"api-schema"}
# What a path contains besides ids.
SAMPLES = {
    "subject_type": "order",
    "clause_id": "SZ24-3.3c",
    "name": "price.alert_line",
    "form": "xlsx",
    "code": "x",
    "sheet": "full",
    "clause": "SZ24-3.3c",
    "rule": "price.alert_line",
    "act_id": "SZ24",
    "figure": "ordered",
    "tag": "offers",
    "matter": "payments_late",
    "dimension": "clause",
}


@dataclass(frozen=True)
class Route:
    """`declared`: method → the roles that may call it; ANYBODY where anybody may; a method not in it is not offered."""

    pattern: str
    name: str
    path: str
    is_api: bool
    declared: dict

    def __str__(self) -> str:
        return f"/{self.pattern}"


def filled(pattern: str) -> str:
    return "/" + re.sub(
        r"<(?:(\w+):)?(\w+)>", lambda m: str(BASE) if m[1] == "int" else SAMPLES.get(m[2], str(BASE)), pattern
    )


def declaration(view) -> dict | None:
    """What a view says of itself, or None where it says nothing."""
    kind = getattr(view, "view_class", None) or getattr(view, "cls", None)
    roles = getattr(kind or view, "roles", "nothing")
    if roles == "nothing":
        return None
    if kind is not None:
        offered = {m for m in METHODS if hasattr(kind, m.lower())}
        return {method: roles.get(method) for method in offered} if offered == set(roles) else None
    return dict.fromkeys(view.methods, ANYBODY if roles is None else roles)


def walk(resolver=None, prefix: str = "", namespaces: tuple[str, ...] = ()) -> Iterator[tuple[str, str, object]]:
    for each in (resolver or get_resolver()).url_patterns:
        pattern = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from walk(each, pattern, (*namespaces, each.namespace) if each.namespace else namespaces)
        elif isinstance(each, URLPattern):
            yield pattern, ":".join((*namespaces, each.name or "")), each.callback


def routes() -> list[Route]:
    found = []
    for pattern, name, view in walk():
        declared = {"GET": ANYBODY} if name in DESCRIPTION else declaration(view)
        found.append(Route(pattern, name, filled(pattern), pattern.startswith("api/"), declared))
    return found


HOME = {
    Kind.HOSPITAL: "hospital",
    Kind.SUPPLIER: "maker",
    Kind.OPERATOR: "operator",
    Kind.REGULATOR: "regulator",
    Kind.PLATFORM: "operator",
}


def actor_in(estate: Estate, role: Role, key: str = "") -> Actor:
    """Somebody with just this role, of the organisation `key` (of gd-sz's own one of its kind)."""
    actor = estate.actors[key or HOME[role.kind]]
    return replace(actor, roles=frozenset({role}), kind=role.kind)


def one_of_each_kind(roles) -> list[Role]:
    """The declared roles; where everybody may, one of each kind of organisation."""
    if roles == ANYBODY or set(roles) == PEOPLE:
        return sorted({role.kind: role for role in sorted(PEOPLE)}.values())
    return sorted(roles)
