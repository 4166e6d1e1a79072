"""The outermost knowledge of a request: who asks, and a transaction in which the database shows that and no more."""

import re
import uuid
from functools import cache

from django.conf import settings
from django.contrib.auth import SESSION_KEY, get_user
from django.db import connection, transaction
from django.urls import get_resolver

from sunlight import scope
from sunlight.scope import Client
from sunlight.scope.actor import ANONYMOUS
from sunlight.tenancy import devices
from sunlight.tenancy.queries.actors import actor_of_membership, actor_of_token, bearer_of, memberships_of
from sunlight.web import proxy

MEMBERSHIP_KEY = "membership"
# What a person who has given the password must still do; until then the session opens nothing else.
PENDING_KEY = "pending"
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


def client_of(request) -> Client:
    """Address, agent and id of a request. `X-Forwarded-For` counts only as far as our own proxies wrote it
    (`SUNLIGHT_PROXY_COUNT`): the entry that the outermost of them added is the client's address."""
    address = request.META.get("REMOTE_ADDR", "")
    if not settings.PROXY_COUNT and "X-Forwarded-For" in request.headers:
        proxy.came_through_one()
    if settings.PROXY_COUNT:
        seen = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
        address = seen[-settings.PROXY_COUNT] if len(seen) >= settings.PROXY_COUNT else address
    given = request.headers.get("X-Request-ID", "")
    return Client(
        address=address[:64],
        agent=request.headers.get("User-Agent", "")[:300],
        request_id=given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex,
        device=request.COOKIES.get(devices.COOKIE, "")[:1000],
    )


def _opens_own_scopes(request) -> bool:
    """Whether the view asks to run outside a scope and opens one for each thing it does (a batch); until it does, the
    database shows it nothing."""
    return request.method == "POST" and request.path_info in paths_with_own_scopes(settings.ROOT_URLCONF)


@cache
def paths_with_own_scopes(urlconf: str) -> frozenset[str]:
    """Found once: to resolve every request's path here, as the handler does again, costs as much as a query. Raises
    ValueError for such a view under a path with parts that vary."""
    return frozenset(_own_scopes_under(get_resolver(urlconf), "/"))


def _own_scopes_under(resolver, above: str):
    for each in resolver.url_patterns:
        if hasattr(each, "url_patterns"):
            yield from _own_scopes_under(each, above + str(each.pattern))
        elif getattr(getattr(each.callback, "cls", None), "opens_own_scopes", False):
            path = above + str(each.pattern)
            if "<" in path or "^" in path:
                raise ValueError(f"a view that opens its own scopes has one path, not {path}")
            yield path


class ActorMiddleware:
    """Sets `request.actor` from the session and runs the view in that actor's scope; GET, HEAD and OPTIONS run in a
    transaction in which the database refuses to write. API requests bring a token and are resolved by the same class,
    so that a view never runs unscoped."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.user, request.actor = self._resolve(request)
        if _opens_own_scopes(request):
            return self.get_response(request)
        with scope.opened(request.actor):
            if request.method in SAFE_METHODS:
                self._read_only()
            response = self.get_response(request)
            if hasattr(response, "render") and not getattr(response, "is_rendered", True):
                response = response.render()
            if response.status_code >= 500:
                transaction.set_rollback(True)
        return response

    def process_exception(self, request, exception):
        if connection.in_atomic_block:
            transaction.set_rollback(True)

    def _resolve(self, request):
        secret = request.headers.get("Authorization", "")
        with scope.login_scope():
            if (token := bearer_of(secret)) is not None:
                actor = actor_of_token(token, request.client, scope.now())
                request.token_refused = actor is None
                return None, actor or ANONYMOUS
            if SESSION_KEY not in request.session:
                return None, ANONYMOUS
            user = get_user(request)
            if not user.is_authenticated:
                return None, ANONYMOUS
            memberships = memberships_of(user.pk)
            request.memberships = memberships
            chosen = request.session.get(MEMBERSHIP_KEY)
            membership = next((m for m in memberships if m.id == chosen), memberships[0] if memberships else None)
            if membership is None:
                return user, ANONYMOUS
            request.session.touch()
            actor = actor_of_membership(membership, request.client)
            if request.session.get(PENDING_KEY):
                request.pending_actor = actor
                return user, ANONYMOUS
            request.membership = membership
            return user, actor

    def _read_only(self):
        # Inside a surrounding transaction (tests) the mark would outlive the request, so only a transaction of our own.
        if connection.savepoint_ids and any(connection.savepoint_ids):
            return
        with connection.cursor() as cursor:
            cursor.execute("set transaction read only")
