"""What the night finds is told to those who watch at once."""

from datetime import datetime

from sunlight.journal.subscriptions import subscribe
from sunlight.messages.kinds import message_kind
from sunlight.messages.services.messages import message_send
from sunlight.reconciliation.events import DISCREPANCIES_FOUND
from sunlight.scope import Actor, Role
from sunlight.scope.roles import OrganisationKind
from sunlight.tenancy.queries.organisations import registered_of_kinds

FOUND = message_kind(
    "discrepancies_found",
    "对账发现差异，付款已暂停",
    Role.PLATFORM_AUDIT_ADMIN,
    Role.REGULATOR_AUDITOR,
    Role.REGULATOR_CHIEF,
    url_name="reconciliation:discrepancies",
    takes_id=False,
    must_acknowledge=True,
)


@subscribe(DISCREPANCIES_FOUND, name="reconciliation.discrepancies_found")
def discrepancies_found(*, event, actor: Actor, at: datetime) -> None:
    """To the platform's audit and to every authority."""
    kinds = (OrganisationKind.PLATFORM, OrganisationKind.REGULATOR)
    numbers = event.payload["numbers"]
    message_send(
        actor=actor,
        at=at,
        kind=FOUND,
        to=registered_of_kinds(platform_id=actor.platform_id, kinds=kinds),
        event=event,
        title=f"夜间对账发现 {event.payload['count']} 处与封存事件不一致，本平台付款已暂停",
        body=f"事项 {'、'.join(numbers[:5])}{'等' if len(numbers) > 5 else ''}。须由平台审计管理员核查，并由另一人解除后才能付款。",
    )
