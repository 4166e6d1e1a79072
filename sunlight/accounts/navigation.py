from datetime import date

from django.urls import reverse

from sunlight.blocks.queries.messages import to_acknowledge
from sunlight.scope import Actor, Role
from sunlight.web import navigation
from sunlight.web.pages import EVERY_ROLE

navigation.add("工作台", "工作台", "accounts:workbench", *EVERY_ROLE, icon="home", order=0)
navigation.add("工作台", "后台任务", "jobs:jobs", *EVERY_ROLE, icon="refresh", order=80)
navigation.add("工作台", "单位文件", "accounts:files", *EVERY_ROLE, icon="file-text", order=30)
navigation.add("工作台", "消息中心", "messages:list", *EVERY_ROLE, icon="bell", order=10)
navigation.add("工作台", "通知公告", "messages:notices", Role.OPERATOR_SUPPORT, icon="message", order=20)


@navigation.todo_provider
def message_todos(actor: Actor, today: date) -> list[navigation.Todo]:
    """Messages to take note of."""
    return [navigation.Todo("须确认的消息", to_acknowledge(actor).count(), reverse("messages:list"))]
