"""Menu entries and to-dos of recalls."""

from datetime import date

from django.urls import reverse

from sunlight.scope import Actor, Role
from sunlight.web import navigation
from sunlight.web.navigation import Todo

navigation.add("召回", "召回产品", "recalls:products", Role.OPERATOR_REVIEWER, icon="list")


@navigation.todo_provider
def todos(actor: Actor, today: date) -> list[Todo]:
    return [Todo("待答复的召回", 2, reverse("recalls:products"))] if actor.has(Role.OPERATOR_REVIEWER) else []
