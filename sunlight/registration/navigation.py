from datetime import date

from django.urls import reverse

from sunlight.registration import queries, readers
from sunlight.registration.workflows import QualificationState, RegistrationState
from sunlight.scope import Actor, Role
from sunlight.scope.readers import ADMINS
from sunlight.web import navigation
from sunlight.web.navigation import Todo

navigation.add("工作台", "单位资质", "registration:qualifications", *ADMINS, icon="id-badge", order=40)
navigation.add("系统", "机构登记", "registration:registrations", *readers.REGISTRATIONS, icon="building", order=10)
navigation.add("系统", "机构资质", "registration:qualifications", *readers.REGISTRATIONS, icon="id-badge", order=20)


@navigation.todo_provider
def registration_todos(actor: Actor, today: date) -> list[Todo]:
    """Applications and qualifications to decide on; qualifications of your own that end soon or have ended."""
    page = reverse("registration:qualifications")
    if actor.has(Role.OPERATOR_REVIEWER):
        waiting = queries.applications_visible_to(actor, RegistrationState.SUBMITTED).count()
        declared = queries.qualifications_visible_to(actor).filter(state=QualificationState.DECLARED).count()
        return [
            Todo(
                "待审核的机构登记申请",
                waiting,
                f"{reverse('registration:registrations')}?state={RegistrationState.SUBMITTED}",
            ),
            Todo("待确认的单位资质", declared, f"{page}?state={QualificationState.DECLARED}"),
        ]
    if actor.has(*ADMINS):
        ending = list(queries.expiring(actor, today).values_list("valid_until", flat=True))
        until = queries.warned_until(actor, today)
        where = f"{page}?state={QualificationState.CONFIRMED}&until={until}"
        return [Todo("即将到期或已到期、待换新的资质", len(ending), where, ending[0] if ending else None)]
    return []
