from datetime import date, timedelta

from django.urls import reverse

from sunlight.approval.audiences import APPROVING
from sunlight.registration.audiences import OWNERS, WATCHING
from sunlight.registration import queries as registration
from sunlight.jobs.queries import failed_jobs
from sunlight.messages.queries import to_acknowledge
from sunlight.publicity.queries import objections_to_answer
from sunlight.webhooks.queries import webhooks_cut_off
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.tenancy import profile
from sunlight.tenancy.queries import members_to_look_after
from sunlight.tenancy.services import members
from sunlight.web import navigation
from sunlight.web.navigation import Todo
from sunlight.web.pages import EVERY_ROLE

navigation.add("工作台", "工作台", "accounts:workbench", *EVERY_ROLE, icon="home", order=0)
navigation.add("工作台", "后台任务", "jobs:jobs", *EVERY_ROLE, icon="refresh", order=80)
navigation.add("工作台", "单位文件", "files:files", *EVERY_ROLE, icon="file-text", order=30)
navigation.add("工作台", "消息中心", "messages:list", *EVERY_ROLE, icon="bell", order=10)
navigation.add("工作台", "通知公告", "messages:notices", Role.OPERATOR_SUPPORT, icon="message", order=20)
navigation.add("工作台", "单位资质", "registration:qualifications", *OWNERS, icon="id-badge", order=40)
navigation.add("工作台", "审批流程", "approval:flow", *APPROVING, icon="sitemap", order=50)
navigation.add("系统", "机构登记", "registration:registrations", *WATCHING, icon="building", order=10)
navigation.add("系统", "机构资质", "registration:qualifications", *WATCHING, icon="id-badge", order=20)
navigation.add(
    "系统", "本单位人员", "accounts:members", Role.HOSPITAL_ADMIN, Role.SUPPLIER_ADMIN, icon="users", order=20
)
navigation.add("系统", "人员管理", "accounts:members", Role.PLATFORM_SECURITY_ADMIN, icon="users", order=20)
navigation.add("系统", "事件推送", "webhooks:webhooks", Role.HOSPITAL_ADMIN, Role.SUPPLIER_ADMIN, icon="bell", order=10)
navigation.add(
    "系统", "接口客户端", "accounts:clients", Role.HOSPITAL_ADMIN, Role.SUPPLIER_ADMIN, icon="settings", order=5
)

navigation.add(
    "目录与挂网", "公示与异议", "publicity:publications", Role.OPERATOR_SUPPORT, Role.OPERATOR_REVIEWER,
    Role.REGULATOR_OFFICER, Role.REGULATOR_CHIEF, Role.REGULATOR_AUDITOR, icon="world", order=50,
)  # fmt: skip


@navigation.todo_provider
def objection_todos(actor: Actor, today: date) -> list[navigation.Todo]:
    """Objections to answer, for those who did not publish the matter themselves."""
    if not actor.has(Role.OPERATOR_SUPPORT, Role.OPERATOR_REVIEWER):
        return []
    return [navigation.Todo("待答复的公示异议", objections_to_answer(actor).count(), reverse("publicity:publications"))]


@navigation.todo_provider
def message_todos(actor: Actor, today: date) -> list[navigation.Todo]:
    """Messages to take note of."""
    return [navigation.Todo("须确认的消息", to_acknowledge(actor).count(), reverse("messages:list"))]


@navigation.todo_provider
def registration_todos(actor: Actor, today: date) -> list[Todo]:
    """Applications and qualifications to decide on; qualifications of one's own that end soon or have ended."""
    page = reverse("registration:qualifications")
    if actor.has(Role.OPERATOR_REVIEWER):
        waiting = registration.applications_visible_to(actor, "SUBMITTED").count()
        declared = registration.qualifications_visible_to(actor).filter(state="DECLARED").count()
        return [
            Todo("待审核的机构登记申请", waiting, reverse("registration:registrations") + "?state=SUBMITTED"),
            Todo("待确认的单位资质", declared, f"{page}?state=DECLARED"),
        ]
    if actor.has(*OWNERS):
        ending = list(registration.expiring(actor, today).values_list("valid_until", flat=True))
        until = today + timedelta(days=registration.NOTICE_DAYS)
        where = f"{page}?state=CONFIRMED&until={until}"
        return [Todo("即将到期或已到期、待换新的资质", len(ending), where, ending[0] if ending else None)]
    return []


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


@navigation.todo_provider
def system_todos(actor: Actor, today: date) -> list[Todo]:
    """Where an organisation's own systems are cut off: webhooks that were disabled because nothing arrived; for the
    platform's administrator, and for who began them, jobs that stand still."""
    todos = []
    if actor.has(*OWNERS):
        todos.append(
            Todo("被停用的事件推送，须检查接收系统", webhooks_cut_off(actor).count(), reverse("webhooks:webhooks"))
        )
    failed = failed_jobs(actor).count()
    page = reverse("jobs:jobs") + ("?all=1&state=FAILED" if actor.has(Role.PLATFORM_SYSTEM_ADMIN) else "?state=FAILED")
    todos.append(Todo("未能完成的后台任务，须继续或放弃", failed, page))
    return todos
