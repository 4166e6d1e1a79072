from sunlight import scope
from sunlight.web.navigation import menu_of


def frame(request):
    """What the frame of every page shows: who one is, the menu, today."""
    actor = getattr(request, "actor", None)
    if actor is None or not actor.is_authenticated:
        return {"actor": None, "today": scope.today()}
    return {
        "actor": actor,
        "menu": menu_of(actor),
        "memberships": getattr(request, "memberships", []),
        "membership": getattr(request, "membership", None),
        "today": scope.today(actor.platform_code),
    }
