"""What the reconciliation gives people to do. The pages stand in the menu of supervision."""

from datetime import date

from django.urls import reverse

from sunlight.reconciliation.queries.discrepancies import to_look_into, to_release
from sunlight.reconciliation.workflows import AUDIT, DiscrepancyState
from sunlight.scope import Actor, Role
from sunlight.web import navigation
from sunlight.web.navigation import Todo


@navigation.todo_provider
def discrepancy_todos(actor: Actor, today: date) -> list[Todo]:
    """Differences that stop payments: to look into, and to release as another person."""
    page, todos = reverse("reconciliation:discrepancies"), []
    if actor.has(Role.PLATFORM_AUDIT_ADMIN):
        url = f"{page}?state={DiscrepancyState.OPEN}"
        todos.append(Todo("对账差异已暂停付款，须核查", to_look_into(actor), url, today))
    if actor.has(*AUDIT):
        url = f"{page}?state={DiscrepancyState.LOOKED}"
        todos.append(Todo("已核查的对账差异，须另一人解除", to_release(actor), url, today))
    return todos
