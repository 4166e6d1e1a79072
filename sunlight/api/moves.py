"""The endpoint of a move: most services that move a row take its id and a body, and answer with the row."""

from collections.abc import Callable, Collection

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from sunlight.api.serializers import StrictSerializer
from sunlight.api.views import Endpoint


def move_endpoint(
    service: Callable,
    by: Collection,
    summary: str,
    *,
    body: type[StrictSerializer],
    schema: type,
    answer: Callable[[Endpoint, object], dict],
    lock: Callable | None = None,
    step_up: bool = False,
    about: str = "",
) -> type[Endpoint]:
    """An endpoint whose POST calls `service(actor=…, at=…, <id of the path>, **body)` and answers with what `answer(view,
    row)` says of the row that it returned. `about` is its description, `lock(actor, id)` gives the row for `If-Match`."""

    class Move(Endpoint):
        __doc__ = about or None
        locked = staticmethod(lock) if lock else None
        roles = {"POST": frozenset(by)}

        @extend_schema(summary=summary, request=body, responses={200: schema})
        def post(self, request, **row):
            return Response(answer(self, service(actor=self.actor, at=self.now, **row, **body.read(request))))

    if step_up:
        Move.step_up = frozenset({"POST"})
    Move.__name__ = f"{service.__name__}_endpoint"
    return Move
