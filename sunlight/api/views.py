"""The kit endpoints are made of."""

from collections.abc import Callable

from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.permissions import SAFE_METHODS
from rest_framework.response import Response
from rest_framework.views import APIView

from sunlight import scope
from sunlight.api import limits, preconditions
from sunlight.api.idempotency import idempotent
from sunlight.api.permissions import ANYBODY
from sunlight.journal.refusals import Forbidden
from sunlight.kernel import reading
from sunlight.scope import Actor
from sunlight.tenancy.confirmation import confirmed

CHANGES = ("post", "put", "patch", "delete")


class Endpoint(APIView):
    """An endpoint of the API. `roles` says, per method, who may call it. Each handler parses, reads the clock, makes
    one service or query call and renders. What every endpoint does by itself: it counts the call against its client's
    limit, a `get` has an ETag, a change looks at `If-Match`, a `post` answers a repeated Idempotency-Key with its
    first answer. `locked(actor, id)` gives the row that the path names, locked, for `If-Match`."""

    roles: dict[str, frozenset] = {}
    locked: Callable | None = None
    # The methods before which a person, but no machine, must have given the password lately.
    step_up: frozenset[str] = frozenset()
    # Whether its answer contains a secret that is shown once; the answer stored for a repeated key is then sealed.
    tells_secret = False
    # Whether the view runs outside the request's transaction and opens a scope for each thing it does.
    opens_own_scopes = False

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        for name in CHANGES:
            if name in cls.__dict__:
                setattr(cls, name, preconditions.matched(cls.__dict__[name]))
        if "post" in cls.__dict__ and cls.roles.get("POST") != ANYBODY and not cls.opens_own_scopes:
            cls.post = idempotent(cls.post)

    @property
    def actor(self) -> Actor:
        return self.request._request.actor

    @property
    def now(self):
        return scope.now(self.actor.platform_code)

    def spend(self, cost: int = 1) -> None:
        """Count against the client's limit. Raises TooMany."""
        inner = self.request._request
        try:
            self.window = limits.spend(inner.actor, inner.client.address, cost)
        except limits.TooMany as refused:
            self.window = refused.window
            raise

    def initial(self, request, *args, **kwargs):
        self.spend()
        super().initial(request, *args, **kwargs)
        self._decide(request)
        if request.method in self.step_up and not confirmed(request._request, scope.now()):
            raise Forbidden(
                "confirm_again",
                "此操作须先再次输入密码。请在浏览器打开 /account/confirm/ 确认后重试；系统对接请使用机构接口令牌。",
            )

    def _decide(self, request) -> None:
        """A machine acts as one person: whoever answers for it in the first role that may call this."""
        inner, named = request._request, self.roles.get(request.method, frozenset())
        roles = inner.actor.roles if named == ANYBODY else named
        inner.actor = inner.actor.acting_as(roles, reads=request.method in SAFE_METHODS)
        scope.acts_as(inner.actor)

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        for name, value in (window.headers() if (window := getattr(self, "window", None)) else {}).items():
            response[name] = value
        if self.tells_secret:
            response["Cache-Control"] = "no-store"
        elif request.method in ("GET", "HEAD") and response.status_code == 200 and isinstance(response, Response):
            response.add_post_render_callback(lambda rendered: preconditions.tag(request, rendered))
        return response


class Paging(CursorPagination):
    """Newest first by id; `?cursor=` from the answer's `next`."""

    ordering = "-id"
    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 500

    def decode_cursor(self, request):
        """Raises NotFound, as for a text that is not a cursor, where its place is not an id: it did not come from us."""
        cursor = super().decode_cursor(request)
        place = None if cursor is None else cursor.position
        if place is not None and reading.whole_or(place, None) is None:
            raise NotFound(self.invalid_cursor_message)
        return cursor

    def get_page_size(self, request):
        """Raises Unreadable for anything but 1 to 500: a client that asks for more must learn that it did not get it."""
        asked = request.query_params.get(self.page_size_query_param)
        if asked is None:
            return self.page_size
        return reading.whole(asked, "limit", "limit", least=1, most=self.max_page_size, code="limit_invalid")


def paged(view: APIView, request, rows, render):
    """One page of `rows` (a queryset), each rendered by `render(row) -> dict`."""
    paginator = Paging()
    page = paginator.paginate_queryset(rows, request, view=view)
    return paginator.get_paginated_response([render(row) for row in page])
