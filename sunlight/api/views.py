"""The kit endpoints are made of."""

from rest_framework.pagination import CursorPagination
from rest_framework.views import APIView

from sunlight import scope
from sunlight.api.idempotency import idempotent
from sunlight.api.permissions import ANYBODY
from sunlight.scope import Actor


class Endpoint(APIView):
    """An endpoint of the API. `roles` says, per method, who may call it. Each handler parses, reads the clock, makes
    one service or query call and renders; a `post` answers a repeated Idempotency-Key with its first answer."""

    roles: dict[str, frozenset] = {}

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if "post" in cls.__dict__ and cls.roles.get("POST") != ANYBODY:
            cls.post = idempotent(cls.post)

    @property
    def actor(self) -> Actor:
        return self.request._request.actor

    @property
    def now(self):
        return scope.now(self.actor.platform_code)


class Paging(CursorPagination):
    """Newest first by id; `?cursor=` from the answer's `next`."""

    ordering = "-id"
    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 500


def paged(view: APIView, request, rows, render):
    """One page of `rows` (a queryset), each rendered by `render(row) -> dict`."""
    paginator = Paging()
    page = paginator.paginate_queryset(rows, request, view=view)
    return paginator.get_paginated_response([render(row) for row in page])
