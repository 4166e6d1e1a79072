"""What the frame of every page shows."""

from collections.abc import Callable
from functools import partial
from typing import Any

from sunlight import scope
from sunlight.scope import Actor
from sunlight.web.navigation import menu_of

_facts: dict[str, Callable[[Actor], Any]] = {}


def frame_fact(name: str, of: Callable[[Actor], Any]) -> None:
    """Let the frame's templates ask for `name`: a feature above offers it at start-up. Computed only where a template
    draws it."""
    _facts[name] = of


def _here(path: str, menu) -> str:
    """The menu's address that the page lies under: a detail belongs to its list, the longest match wins."""
    urls = [item.url for _, items in menu for item in items]
    return max((url for url in urls if path == url or (url != "/" and path.startswith(url))), key=len, default="")


def frame(request):
    """What the frame of every page shows: who one is, the menu, today."""
    actor = getattr(request, "actor", None)
    if actor is None or not actor.is_authenticated:
        return {"actor": None, "today": scope.today()}
    menu = menu_of(actor)
    return {
        "actor": actor,
        "menu": menu,
        "here": _here(request.path, menu),
        "memberships": getattr(request, "memberships", []),
        "membership": getattr(request, "membership", None),
        "today": scope.today(actor.platform_code),
        **{name: partial(of, actor) for name, of in _facts.items()},
    }
