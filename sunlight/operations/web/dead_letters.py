"""Events that did not reach a subscriber after all attempts: what, why, and a retry."""

from django.shortcuts import redirect

from sunlight.journal import relay
from sunlight.operations import readers
from sunlight.operations.web.lists import DEAD_LETTERS
from sunlight.scope import Role
from sunlight.web.lists import list_page
from sunlight.web.pages import attempt, clock, page


@page(readers.DEAD_LETTERS)
def dead_letters(request):
    return _list(request)


@page(Role.PLATFORM_SYSTEM_ADMIN, methods=("POST",))
def retry(request, delivery_id: int):
    _, refusal = attempt(
        request,
        lambda: relay.delivery_retry(actor=request.actor, at=clock(request), delivery_id=delivery_id),
        done="已重新排队，约一秒内再次送达；若仍失败会回到此页。",
    )
    return _list(request, refusal) if refusal else redirect("operations:dead_letters")


def _list(request, refusal=None):
    context, status = {"refusal": refusal}, 404 if refusal else 200
    return list_page(request, DEAD_LETTERS, "operations/dead_letters.html", context=context, status=status)
