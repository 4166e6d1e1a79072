from datetime import date

from django.urls import reverse

from sunlight.accounts import readers
from sunlight.scope import Actor
from sunlight.scope.clock import business_date
from sunlight.scope.fields import done_by
from sunlight.scope.readers import ADMINS, EVERY_ROLE
from sunlight.tenancy import profile
from sunlight.tenancy.queries.changes import changes_to_decide
from sunlight.tenancy.queries.identities import unidentified
from sunlight.tenancy.queries.machines import duties_shown, mandates_visible_to
from sunlight.tenancy.queries.people import members_to_look_after
from sunlight.tenancy.services import members
from sunlight.tenancy.workflows import DutyState, MandateState
from sunlight.web import navigation
from sunlight.web.navigation import Todo

navigation.add("工作台", "工作台", "accounts:workbench", *EVERY_ROLE, icon="home", order=0)
navigation.add("系统", "本单位人员", "accounts:members", *ADMINS, icon="users", order=20)
navigation.add("系统", "人员管理", "accounts:members", *(readers.MEMBERS - ADMINS), icon="users", order=20)
navigation.add("系统", "权限变更", "accounts:changes", *readers.CHANGES, icon="key", order=21)
navigation.add("系统", "接口客户端", "accounts:clients", *readers.CLIENTS, icon="settings", order=5)
navigation.add("系统", "接口职责", "accounts:machine_duties", *readers.MACHINE_DUTIES, icon="users", order=6)
navigation.add("系统", "接口授权书", "accounts:mandates", *readers.MANDATES, icon="file-text", order=7)


@navigation.todo_provider
def machine_todos(actor: Actor, today: date) -> list[Todo]:
    """Machines one is asked to answer for; mandates that wait for a second person."""
    if actor.user_id is None or not actor.has(*readers.MACHINE_DUTIES):
        return []
    asked = sum(each.is_own and each.duty.state == DutyState.ASKED for each in duties_shown(actor))
    found = [Todo("待您确认负责的接口职责", asked, reverse("accounts:machine_duties"))]
    if actor.has(*ADMINS):
        waiting = mandates_visible_to(actor).filter(state=MandateState.GIVEN).exclude(done_by(actor, "given_by"))
        found.append(Todo("待第二人确认的接口授权书", waiting.count(), reverse("accounts:mandates")))
    return found


@navigation.todo_provider
def member_todos(actor: Actor, today: date) -> list[Todo]:
    """Changes of rights that wait for the actor; people in one's care who have no password of their own yet, or lack a
    second factor in a trusted role; accounts of nobody known."""
    if not actor.has(*members.CARING):
        return []
    page = reverse("accounts:members")
    initial, unarmed = members_to_look_after(actor)
    changes = changes_to_decide(actor)
    ends = [business_date(each.expires_at) for each in changes]
    unknown = unidentified(actor) if actor.has(members.KEEPER) else []
    days = profile.current().initial_password_for
    lapses = [business_date(each.user.password_set_at + days) for each in initial if each.user.password_set_at]
    return [
        Todo("待您确认的权限变更", len(changes), reverse("accounts:changes"), min(ends, default=None)),
        Todo("尚未设置密码的人员", len(initial), f"{page}?show=initial", min(lapses, default=None)),
        Todo("未设第二重验证的关键岗位人员", len(unarmed), f"{page}?show=unarmed"),
        Todo("身份未登记的账号", len(unknown), f"{page}?show=unidentified"),
    ]
