from datetime import date

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from sunlight.journal import relay
from sunlight.operations.readers import DEAD_LETTERS
from sunlight.scope import Actor, Role
from sunlight.web import figures, navigation

navigation.add("系统", "未送达事件", "operations:dead_letters", *DEAD_LETTERS, icon="alert-triangle", order=10)

figures.add(_("未送达事件"), "operations.dead_letters", {}, *DEAD_LETTERS)


@navigation.todo_provider
def dead_letters(actor: Actor, today: date) -> list[navigation.Todo]:
    if not actor.has(Role.PLATFORM_SYSTEM_ADMIN):
        return []
    count = relay.given_up_visible_to(actor).count()
    return [navigation.Todo("事件未能送达，需查明原因后重试", count, reverse("operations:dead_letters"))]
