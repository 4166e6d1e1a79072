"""The menu entry, and what is late: to do for whoever owes it, to urge for whoever waits."""

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from sunlight.deadlines import queries, readers
from sunlight.scope import Actor
from sunlight.scope.readers import WATCHING
from sunlight.web import figures, navigation
from sunlight.web.navigation import Todo

navigation.add("工作台", "时限", "deadlines:deadlines", *readers.DEADLINES, icon="clock", order=30)

figures.add(_("超过时限、尚未办理"), "deadlines.deadlines", {"late": "1"}, *WATCHING)


@navigation.todo_provider
def deadline_todos(actor: Actor, today: date) -> list[Todo]:
    """Steps past their day, of both sides."""
    if not actor.is_party or not readers.DEADLINES.admits(actor):
        return []
    todos = []
    for side, label in (("owes", "已超过时限、须立即办理的事项"), ("awaits", "对方已超过时限的事项，可催办")):
        count, due_on = queries.late_figures(actor, today, side=side)
        todos.append(Todo(label, count, f"{reverse('deadlines:deadlines')}?late=1&side={side}", due_on))
    return todos
