"""News of rights: who must confirm a change, and who holds what was given."""

from datetime import datetime

from sunlight.journal.subscriptions import subscribe
from sunlight.messages.kinds import message_kind
from sunlight.messages.services.messages import message_send
from sunlight.scope import Actor, Role
from sunlight.scope.roles import ADMINS
from sunlight.tenancy.changes import KINDS
from sunlight.tenancy.events import ACCESS_CHANGE_ASKED, ACCESS_CHANGE_CONFIRMED
from sunlight.tenancy.queries.changes import KEEPERS, PARTIES, WATCHER, change_of_event, has_own_second, offices

TO_CONFIRM = message_kind("access_change_asked", "权限变更待确认", *ADMINS, url_name="accounts:change")
TO_KEEPERS = message_kind("access_change_for_platform", "权限变更待平台确认", *KEEPERS, url_name="accounts:change")
TO_HOLDERS = message_kind("access_change_confirmed", "权限变更已生效", url_name="", takes_id=False)
TO_WATCHER = message_kind("access_change_watched", "平台侧权限变更", WATCHER, url_name="accounts:change")


@subscribe(ACCESS_CHANGE_ASKED, name="accounts.access_change_asked")
def access_change_asked(*, event, actor: Actor, at: datetime) -> None:
    """Those who may confirm it learn of it: the organisation's administrators, or the platform's where it has no other."""
    change = change_of_event(event)
    own = has_own_second(change)
    message_send(
        actor=actor,
        at=at,
        kind=TO_CONFIRM if own else TO_KEEPERS,
        to=[change.organisation_id] if own else offices(change.platform_id),
        title=f"待确认：{change.title}",
        body=f"{change.asked_by_name}提出“{KINDS[change.kind].label}”。请核实后确认或填写理由不同意，逾期自动失效。",
        subject=(event.subject_type, event.subject_id),
        event=event,
    )


@subscribe(ACCESS_CHANGE_CONFIRMED, name="accounts.access_change_confirmed")
def access_change_confirmed(*, event, actor: Actor, at: datetime) -> None:
    """All who hold what was given, and the organisation's administrators, learn of it; of what the platform's own people
    decided, the audit administrator."""
    change = change_of_event(event)
    text = f"{change.asked_by_name}提出、{change.decided_by_name}确认：{change.title}。如有疑问，请立即向本单位管理员核实。"
    facts = {"actor": actor, "at": at, "title": f"已生效：{change.title}", "body": text, "event": event}
    administering = {role for role in ADMINS if role.kind == change.organisation.kind}
    told = {Role(role) for role in change.told_roles} | administering
    if told:
        message_send(kind=TO_HOLDERS, to=[change.organisation_id], roles=told, **facts)
    if event.actor_organisation_id != change.organisation_id or change.organisation.kind not in PARTIES:
        message_send(
            kind=TO_WATCHER,
            to=offices(change.platform_id),
            subject=(event.subject_type, event.subject_id),
            **facts,
        )
