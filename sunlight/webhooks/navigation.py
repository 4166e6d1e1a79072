from datetime import date

from django.urls import reverse

from sunlight.scope import Actor
from sunlight.web import navigation
from sunlight.web.navigation import Todo
from sunlight.webhooks import readers
from sunlight.webhooks.queries import webhooks_cut_off

navigation.add("系统", "事件推送", "webhooks:webhooks", *readers.WEBHOOKS, icon="bell", order=10)


@navigation.todo_provider
def webhook_todos(actor: Actor, today: date) -> list[Todo]:
    """Where an organisation's own systems are cut off: webhooks that were disabled because nothing arrived."""
    if not actor.has(*readers.WEBHOOKS):
        return []
    cut_off = webhooks_cut_off(actor).count()
    return [Todo("被停用的事件推送，须检查接收系统", cut_off, reverse("webhooks:webhooks"))]
