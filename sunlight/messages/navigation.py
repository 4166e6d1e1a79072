from datetime import date

from django.urls import reverse

from sunlight.messages import readers
from sunlight.messages.queries import to_acknowledge, unread_count
from sunlight.scope import Actor
from sunlight.web import navigation
from sunlight.web.context import frame_fact
from sunlight.web.navigation import Todo

navigation.add("工作台", "消息中心", "messages:list", *readers.MESSAGES, icon="bell", order=10)
navigation.add("工作台", "通知公告", "messages:notices", *readers.NOTICES, icon="message", order=20)
# The bell in the top bar.
frame_fact("unread_messages", unread_count)


@navigation.todo_provider
def message_todos(actor: Actor, today: date) -> list[Todo]:
    """Messages to take note of."""
    return [Todo("须确认的消息", to_acknowledge(actor).count(), reverse("messages:list"))]
