from datetime import date

from django.urls import reverse

from sunlight.accounts import readers
from sunlight.scope import Actor
from sunlight.scope.clock import business_date
from sunlight.scope.readers import ADMINS, EVERY_ROLE
from sunlight.tenancy import profile
from sunlight.tenancy.queries.people import members_to_look_after
from sunlight.tenancy.services import members
from sunlight.web import navigation
from sunlight.web.navigation import Todo

navigation.add("工作台", "工作台", "accounts:workbench", *EVERY_ROLE, icon="home", order=0)
navigation.add("系统", "本单位人员", "accounts:members", *ADMINS, icon="users", order=20)
navigation.add("系统", "人员管理", "accounts:members", *(readers.MEMBERS - ADMINS), icon="users", order=20)
navigation.add("系统", "接口客户端", "accounts:clients", *readers.CLIENTS, icon="settings", order=5)


@navigation.todo_provider
def member_todos(actor: Actor, today: date) -> list[Todo]:
    """People in one's care who still have the password somebody set for them, or lack a second factor in a trusted role."""
    if not actor.has(*members.ADMINS, members.KEEPER):
        return []
    page = reverse("accounts:members")
    initial, unarmed = members_to_look_after(actor)
    days = profile.current().initial_password_for
    lapses = [business_date(each.user.password_set_at + days) for each in initial if each.user.password_set_at]
    return [
        Todo("初始密码未改的人员", len(initial), f"{page}?show=initial", min(lapses, default=None)),
        Todo("未设第二重验证的关键岗位人员", len(unarmed), f"{page}?show=unarmed"),
    ]
