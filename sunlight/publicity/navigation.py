from datetime import date

from django.urls import reverse

from sunlight.publicity import readers
from sunlight.publicity.queries import objections_to_answer
from sunlight.scope import Actor, Role
from sunlight.web import navigation
from sunlight.web.navigation import Todo

navigation.add("目录与挂网", "公示与异议", "publicity:publications", *readers.PUBLICATIONS, icon="world", order=50)


@navigation.todo_provider
def objection_todos(actor: Actor, today: date) -> list[Todo]:
    """Objections to answer, for those who did not publish the matter themselves."""
    if not actor.has(Role.OPERATOR_SUPPORT, Role.OPERATOR_REVIEWER):
        return []
    return [Todo("待答复的公示异议", objections_to_answer(actor).count(), reverse("publicity:publications"))]
